/// What the run was asked to look at: the system, its instances and its public side, as the manifest names them.
public struct Deployment: Codable, Sendable, Equatable {
  /// One running copy of the application.
  public struct Instance: Codable, Sendable, Equatable {
    /// The name that the operator gave it, `web-1`.
    public var name: String
    /// The stream URL that reaches this instance without a proxy, redacted; nil where none was given.
    public var directURL: String?
    /// Where the manifest names the instance.
    public var location: Location?

    /// An instance by name.
    public init(name: String, directURL: String? = nil, location: Location? = nil) {
      self.name = name
      self.directURL = directURL
      self.location = location
    }
  }

  /// What the file that starts Redis sets, as far as a running server can't tell it.
  public struct RedisStart: Codable, Sendable, Equatable {
    /// The flags of notify-keyspace-events, `Ex`; nil where the file does not name the setting; unseen where it takes them
    /// from elsewhere.
    public var keyspaceEvents: Observation<String?>
    /// The file, and the line that sets them.
    public var location: Location

    /// The settings of a file.
    public init(keyspaceEvents: Observation<String?>, location: Location) {
      self.keyspaceEvents = keyspaceEvents
      self.location = location
    }
  }

  /// The name of the one instance that a run looks at to which nobody named any: the process itself.
  public static let thisProcess = "this process"

  /// Which of the known systems runs here.
  public var system: System
  /// The manifest's path; nil where the run had none.
  public var manifest: String?
  /// The instances, in the order of the manifest.
  public var instances: [Instance]
  /// The stream URLs that browsers use, redacted.
  public var publicURLs: [String]
  /// The manifest's instances that are not among these, as others were named instead; nil for none.
  public var leftOut: [String]?
  /// What the operator says of environment variables.
  public var variables: VariableRules
  /// What starts Redis; nil where the manifest names no file.
  public var redisStart: RedisStart?

  /// A deployment of a system; everything else defaults to not given.
  public init(
    system: System = .flowpanel, manifest: String? = nil, instances: [Instance] = [], publicURLs: [String] = [],
    variables: VariableRules = VariableRules()
  ) {
    self.system = system
    self.manifest = manifest
    self.instances = instances
    self.publicURLs = publicURLs
    self.variables = variables
  }
}

/// The systems whose behaviour the tool knows, with the facts about each that more than one module needs.
public enum System: String, Codable, Sendable, CaseIterable {
  case flowpanel
  /// The Redis Streams with Pub/Sub pattern of server-sent-events.com.
  case redisStreams = "redis-streams"
  case testplanit
  /// @fluxstack/live-redis.
  case fluxstack
  case flock

  /// The first thing a healthy stream sends.
  public enum Handshake: Sendable, Equatable {
    /// An event of this type, whatever its data.
    case event(type: String)
    /// An event of the default type with this data.
    case message(data: String)
    /// A comment line with this text.
    case comment(String)
    /// The system speaks WebSocket, not event streams.
    case webSocket

    /// Whether this is what arrived.
    public func matches(_ content: StreamFacts.Arrival.Content) -> Bool {
      switch (self, content) {
      case (.event(let type), .event(let arrived, _)): type == arrived
      case (.message(let data), .event("message", let arrived)): data == arrived
      case (.comment(let text), .comment(let arrived)): text == arrived
      default: false
      }
    }
  }

  /// The first thing this system's stream sends when it is well.
  public var handshake: Handshake {
    switch self {
    case .flowpanel: .event(type: "ready")
    case .redisStreams: .comment("connected")
    case .testplanit: .message(data: #"{"event":"sync"}"#)
    case .fluxstack, .flock: .webSocket
    }
  }

  /// The comment that a stream sends while it has nothing else to send.
  public struct Heartbeat: Sendable, Equatable {
    /// The comment's text.
    public var comment: String
    /// How long after the heartbeat or event before it comes, in seconds: no sooner and no later.
    public var seconds: ClosedRange<Double>
  }

  /// This system's heartbeat; nil where it has none.
  public var heartbeat: Heartbeat? {
    switch self {
    case .flowpanel: Heartbeat(comment: "keep-alive", seconds: 15...15)
    // Every 25 s it sends one if no event came for 25 s.
    case .testplanit: Heartbeat(comment: "ping", seconds: 25...50)
    case .redisStreams, .fluxstack, .flock: nil
    }
  }

  /// The path that the system serves its stream on, where that is fixed.
  public var streamPath: String? {
    switch self {
    case .flowpanel: "/api/flowpanel/stream"
    case .testplanit: "/api/notifications/stream"
    case .redisStreams, .fluxstack, .flock: nil
    }
  }

  /// The variable that by convention or by code holds the Redis URL.
  public var redisVariable: String {
    switch self {
    case .flowpanel, .redisStreams, .fluxstack: "REDIS_URL"
    case .testplanit: "VALKEY_URL"
    case .flock: "FLOCK_REDIS_URL"
    }
  }

  /// Whether the system keeps keys in Redis that must not vanish (streams, queues, claims, presence), or uses it for
  /// pub/sub alone.
  public var keepsKeysInRedis: Bool { self != .flowpanel }
}
