public import Facts

/// One environment variable of an instance, with the place that sets it.
public struct EnvironmentVariable: Sendable, Equatable {
  /// The variable's name.
  public var name: String
  /// The value, as the instance's own program would see it.
  public var value: Secret
  /// The line that sets it; nil where it comes from a process environment.
  public var location: Location?
  /// Whether a `#` without white space before it ended the value, so that what may have been meant as a part of it was
  /// taken as a comment: `PASSWORD=abc#def`, `COLOR=#ff0000`.
  public var isCutAtHash: Bool
  /// Whether the value stands in a manifest that people usually commit: in `environment` of a compose file, in `env` of a
  /// Kubernetes container or in a ConfigMap. One with references does where it is a URL whose password has none of them.
  public var isWrittenInManifest: Bool

  /// A variable by name and value.
  public init(
    name: String, value: Secret, location: Location? = nil, isCutAtHash: Bool = false, isWrittenInManifest: Bool = false
  ) {
    self.name = name
    self.value = value
    self.location = location
    self.isCutAtHash = isCutAtHash
    self.isWrittenInManifest = isWrittenInManifest
  }
}

/// The environment of one instance, and where it was read from.
public struct InstanceVariables: Sendable, Equatable {
  /// Where the environment was read from, in words: `web-1.env`, `the environment of this process`.
  public var source: String
  /// The variables by name.
  public var variables: [String: EnvironmentVariable]
  /// Variables that are set to what can't be known from what was given, by name, and why.
  public var unresolved: [String: Unseen]
  /// Why there may be more variables than these; nil where these are all.
  public var mayHoldMore: Unseen?

  /// An environment and where it comes from.
  public init(
    source: String, variables: [String: EnvironmentVariable], unresolved: [String: Unseen] = [:],
    mayHoldMore: Unseen? = nil
  ) {
    self.source = source
    self.variables = variables
    self.unresolved = unresolved
    self.mayHoldMore = mayHoldMore
  }
}
