public import Facts

/// One environment variable of an instance, with the place that sets it.
public struct EnvironmentVariable: Sendable, Equatable {
  /// The variable's name.
  public var name: String
  /// The value, as the instance's own program would see it.
  public var value: Secret
  /// The line that sets it; nil where it comes from a process environment.
  public var location: Location?

  /// A variable by name and value.
  public init(name: String, value: Secret, location: Location? = nil) {
    self.name = name
    self.value = value
    self.location = location
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
