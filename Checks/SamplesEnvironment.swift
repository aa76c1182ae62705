// Environments that scenarios are told with. A letter stands for a value: equal letters, equal fingerprints.

import Facts

extension Samples {
  /// The environments of web-1 and web-2, each from a file of its own; nil for one that could not be read.
  static func environments(
    _ first: [String: String]?, _ second: [String: String]?, _ deployment: Observation<Deployment> = deployment(),
    config: [InstanceRealtime] = [], variables: [ConfigVariable] = []
  ) -> Facts {
    let config =
      config.isEmpty && variables.isEmpty
      ? nil : ConfigFacts(file: .seen(configFile), searched: [], instances: config, variables: variables)
    return Facts(
      deployment: deployment, config: config.map { .seen($0) } ?? .unseen(Unseen(.notGiven, "no config was given")),
      environments: .seen([environment("web-1", first), environment("web-2", second)]))
  }

  /// The environment of web-1 alone.
  static func environments(_ only: [String: String]) -> Facts {
    Facts(deployment: deployment(), environments: .seen([environment("web-1", only)]))
  }

  private static func environment(_ instance: String, _ values: [String: String]?) -> EnvironmentFacts {
    guard let values else {
      return EnvironmentFacts(
        instance: instance, source: "kubectl exec \(instance) -- env",
        variables: .unseen(Unseen(.timedOut, "kubectl exec \(instance) -- env gave no answer within 5000 ms")))
    }
    let lines = values.keys.sorted().enumerated().map { offset, name in
      let value = values[name] ?? ""
      let location = Location(file: "\(instance).env", line: offset + 1)
      return (name, VariableFacts(fingerprint: "hmac-of-\(value)", isEmpty: value.isEmpty, location: location))
    }
    return EnvironmentFacts(
      instance: instance, source: "\(instance).env",
      variables: .seen([String: VariableFacts](uniqueKeysWithValues: lines)))
  }

  /// Why a variable of a Kubernetes workload is not known.
  static let secretMissing = Unseen(
    .missing, "it comes from the secret web (key url), which is not among the files",
    at: Location(file: "deploy.yaml", line: 12))
}

extension Facts {
  /// The same with one instance's environment changed.
  func on(_ instance: String, _ change: (inout EnvironmentFacts) -> Void) -> Facts {
    var facts = self
    facts.environments = environments.map { environments in
      environments.map { environment in
        var environment = environment
        if environment.instance == instance { change(&environment) }
        return environment
      }
    }
    return facts
  }
}

extension EnvironmentFacts {
  /// Changes what is known of a variable.
  mutating func change(_ name: String, _ change: (inout VariableFacts) -> Void) {
    variables = variables.map { variables in
      var variables = variables
      if var variable = variables[name] {
        change(&variable)
        variables[name] = variable
      }
      return variables
    }
  }

  /// Says what a value was held against, and whether it is that.
  mutating func hold(_ name: String, to type: ValueType, isOfOtherType: Bool? = nil) {
    change(name) {
      $0.type = type
      $0.isOfOtherType = isOfOtherType
    }
  }
}
