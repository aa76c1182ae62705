import Facts
import Foundation

/// The environment of this process.
public func processEnvironment() -> [String: EnvironmentVariable] {
  var variables: [String: EnvironmentVariable] = [:]
  for (name, value) in ProcessInfo.processInfo.environment {
    variables[name] = EnvironmentVariable(name: name, value: Secret(value))
  }
  return variables
}
