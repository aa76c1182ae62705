/// Everything one run observed, as plain values: what checks judge, and what `--save-facts` writes for `judge` to read.
///
/// A topic is either seen or says why it was not. No secret is ever in here: values of environment variables appear as
/// keyed fingerprints, URLs without user-info.
public struct Facts: Codable, Sendable, Equatable {
  /// The version of the saved form that this build writes and reads.
  public static let currentSchemaVersion = 5

  /// The version of the form these facts were written in.
  public var schemaVersion = Facts.currentSchemaVersion
  /// When collecting began, RFC 3339 in UTC; empty where no clock was asked (scenarios).
  public var collectedAt = ""
  /// What the run was asked to look at.
  public var deployment: Observation<Deployment>
  /// What the admin config says, instance by instance.
  public var config: Observation<ConfigFacts>
  /// The environment of each instance, in the order of the manifest.
  @InTable public var environments: Observation<[EnvironmentFacts]>
  /// The environments of an earlier deploy; nil where none was named.
  public var baseline: EnvironmentBaseline?
  /// What the instances published of themselves; nil where that was not asked for.
  public var published: PublishedFacts?
  /// One entry for each distinct Redis URL that instances or the manifest name.
  public var redis: Observation<[RedisFacts]>
  /// Who would use a Redis that could not be looked at, because its URL is not known or leads nowhere.
  public var unknownRedis: [UnknownRedis] = []
  /// One entry for each stream URL that was opened.
  public var streams: Observation<[StreamFacts]>
  /// What was published for the streams to bring, or why nothing was; nil where that was not asked for.
  public var drive: Observation<StreamDrive>?
  /// What streams brought that were asked to go on after an event; nil where that was not asked for.
  public var replay: Observation<ReplayFacts>?
  /// What was seen while a deploy was watched; nil where none was.
  public var rollout: RolloutFacts?
  /// Who saw whom join a room of the run's own; nil where that was not asked for.
  public var rooms: Observation<RoomFacts>?

  /// Facts in which nothing but the given topics was asked about.
  public init(
    deployment: Observation<Deployment> = .unseen(.notAsked),
    config: Observation<ConfigFacts> = .unseen(.notAsked),
    environments: Observation<[EnvironmentFacts]> = .unseen(.notAsked),
    redis: Observation<[RedisFacts]> = .unseen(.notAsked),
    streams: Observation<[StreamFacts]> = .unseen(.notAsked)
  ) {
    self.deployment = deployment
    self.config = config
    self.environments = environments
    self.redis = redis
    self.streams = streams
  }

  /// The same facts with every topic outside `topics` withdrawn: a check is handed what its card declares and no more.
  public func only(_ topics: Set<FactTopic>) -> Facts {
    var narrowed = self
    if !topics.contains(.deployment) { narrowed.deployment = .unseen(.notAsked) }
    if !topics.contains(.config) { narrowed.config = .unseen(.notAsked) }
    if !topics.contains(.environment) {
      narrowed.environments = .unseen(.notAsked)
      narrowed.baseline = nil
      narrowed.published = nil
    }
    if !topics.contains(.redis) {
      narrowed.redis = .unseen(.notAsked)
      narrowed.unknownRedis = []
    }
    if !topics.contains(.stream) {
      narrowed.streams = .unseen(.notAsked)
      narrowed.drive = nil
      narrowed.replay = nil
      narrowed.rollout = nil
      narrowed.rooms = nil
    }
    return narrowed
  }
}

/// The topics that facts fall into; a check declares the ones it reads.
public enum FactTopic: String, Codable, Sendable, CaseIterable {
  case deployment, config, environment, redis, stream
}
