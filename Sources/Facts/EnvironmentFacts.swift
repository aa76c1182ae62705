/// The environment variables of one instance, without a single value.
public struct EnvironmentFacts: Sendable, Equatable {
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
  /// The names whose values were held against the sample secrets of `.env.example`; nil for none.
  public var samples: [String]?
  /// Which key the fingerprints were made under: fingerprints under different keys say nothing about each other. Nil
  /// for the key of the run.
  public var keyID: String?

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

/// The environments of an earlier deploy, as a snapshot holds them.
public struct EnvironmentBaseline: Codable, Sendable, Equatable {
  /// The snapshot's path.
  public var source: String
  /// When it was taken, RFC 3339 in UTC.
  public var takenAt: String
  /// The instances that were there.
  @InTable public var environments: [EnvironmentFacts]

  /// The content of a snapshot.
  public init(source: String, takenAt: String, environments: [EnvironmentFacts]) {
    self.source = source
    self.takenAt = takenAt
    self.environments = environments
  }
}

/// Which instances published their environments through Redis, beside what they published.
public struct PublishedFacts: Codable, Sendable, Equatable {
  /// An instance that published once, and whose environment has expired since.
  public struct Stale: Codable, Sendable, Equatable {
    /// The instance's name.
    public var instance: String
    /// When it last published, by its own clock, RFC 3339 in UTC.
    public var publishedAt: String

    /// An instance and its last time.
    public init(instance: String, publishedAt: String) {
      self.instance = instance
      self.publishedAt = publishedAt
    }
  }

  /// The deploy that the instances belong to.
  public var deploy: String
  /// How many instances there should be; nil where their names were given.
  public var expectedCount: Int?
  /// The names or patterns of the instances that there should be; nil where a number was given.
  public var expectedNames: [String]?
  /// Those that have expired.
  public var stale: [Stale]
  /// How long was waited, in milliseconds.
  public var waitedMilliseconds: Double
  /// The server.
  public var server: RedisEndpoint
  /// The key under which the instances' names are.
  public var indexKey: String?

  /// What was found on a server.
  public init(
    deploy: String, expectedCount: Int? = nil, expectedNames: [String]? = nil, stale: [Stale] = [],
    waitedMilliseconds: Double = 0, server: RedisEndpoint
  ) {
    self.deploy = deploy
    self.expectedCount = expectedCount
    self.expectedNames = expectedNames
    self.stale = stale
    self.waitedMilliseconds = waitedMilliseconds
    self.server = server
  }
}
