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
}
