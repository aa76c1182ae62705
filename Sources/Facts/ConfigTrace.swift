/// How one setting of the admin config came about under one instance's environment.
public struct ConfigTrace: Codable, Sendable, Equatable {
  /// The instance's name.
  public var instance: String
  /// The setting, from the config's root on: `realtime.url`.
  public var path: String
  /// The expressions that led to it, the setting's own first.
  public var expressions: [TracedExpression]

  /// A setting of an instance, and what led to it.
  public init(instance: String, path: String, expressions: [TracedExpression]) {
    self.instance = instance
    self.path = path
    self.expressions = expressions
  }
}

/// One of the expressions that led to a setting.
public struct TracedExpression: Codable, Sendable, Equatable {
  /// How many expressions lie between this one and the setting, counted from 0.
  public var depth: Int
  /// Where it stands.
  public var location: Location
  /// The line of source that it stands in; a password in a URL is masked.
  public var source: String
  /// What its value is, in a phrase; nil where that follows from what comes next.
  public var outcome: String?
  /// The environment variable that it reads, and how that stands for the instance.
  public var variable: VariableUse?

  /// An expression by its place and its line.
  public init(
    depth: Int, location: Location, source: String, outcome: String? = nil, variable: VariableUse? = nil
  ) {
    self.depth = depth
    self.location = location
    self.source = source
    self.outcome = outcome
    self.variable = variable
  }
}
