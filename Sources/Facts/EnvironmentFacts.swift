/// The environment variables of one instance, without a single value.
public struct EnvironmentFacts: Codable, Sendable, Equatable {
  /// The instance's name.
  public var instance: String
  /// Where the environment was read from, in words: `web-1.env`, `the environment of this process`.
  public var source: String
  /// The variables by name, or why they could not be read.
  public var variables: Observation<[String: VariableFacts]>
  /// Variables that are set to what can't be known from what was given, and why; nil for none.
  public var unresolved: [String: Unseen]?
  /// Why there may be more variables; nil where these are all.
  public var mayHoldMore: Unseen?

  /// One instance's variables and where they were read.
  public init(instance: String, source: String, variables: Observation<[String: VariableFacts]>) {
    self.instance = instance
    self.source = source
    self.variables = variables
  }

  /// Why nothing can be said of a variable; nil where it is known to be set, or not to be.
  public func whyUnknown(_ name: String) -> Unseen? {
    switch variables {
    case .unseen(let reason): reason
    case .seen(let known): unresolved?[name] ?? (known[name] == nil ? mayHoldMore : nil)
    }
  }
}

/// What is kept of one variable: enough to compare, too little to learn the value.
public struct VariableFacts: Codable, Sendable, Equatable {
  /// HMAC-SHA-256 of the value under the run's key, in hexadecimal: equal fingerprints under one key mean equal values.
  public var fingerprint: String
  /// The same of a URL in its one canonical spelling: equal ones lead to the same place. Nil for what is no URL.
  public var meaning: String?
  /// What is wrong with the value's form; nil for nothing.
  public var flaws: [ValueFlaw]?
  /// Whether the value has no bytes: most programs take that as not set.
  public var isEmpty: Bool
  /// Where it is set.
  public var location: Location?

  /// A variable by its value's fingerprint.
  public init(
    fingerprint: String, meaning: String? = nil, flaws: [ValueFlaw] = [], isEmpty: Bool = false,
    location: Location? = nil
  ) {
    self.fingerprint = fingerprint
    self.meaning = meaning
    self.flaws = flaws.isEmpty ? nil : flaws
    self.isEmpty = isEmpty
    self.location = location
  }
}
