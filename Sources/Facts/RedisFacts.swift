/// Where a Redis connection leads, without credentials.
public struct RedisEndpoint: Codable, Sendable, Hashable {
  /// The host name or address; for a Unix socket, its path; for a master that no sentinel has named yet, its name.
  public var host: String
  /// The TCP port; 0 for a Unix socket.
  public var port: Int
  /// The logical database index.
  public var database: Int
  /// Whether the connection is made over TLS.
  public var usesTLS: Bool
  /// Whether `host` is the path of a Unix socket.
  public var isUnixSocket: Bool
  /// Whether `host` is the name of a master that sentinels are asked for.
  public var isMasterName: Bool {
    get { namesMaster == true }
    set { namesMaster = newValue ? true : nil }
  }
  private var namesMaster: Bool?

  /// An endpoint; the port defaults to 6379 and the database to 0 as in every client.
  public init(host: String, port: Int = 6379, database: Int = 0, usesTLS: Bool = false, isUnixSocket: Bool = false) {
    self.host = host
    self.port = port
    self.database = database
    self.usesTLS = usesTLS
    self.isUnixSocket = isUnixSocket
  }
}

extension RedisEndpoint: CustomStringConvertible {
  /// The URL without credentials: `redis://cache:6379/0`, `rediss://[::1]:6380/2`, `unix:/run/redis.sock`,
  /// `redis+sentinel://mymaster/0`.
  public var description: String {
    if isMasterName { return "\(usesTLS ? "rediss" : "redis")+sentinel://\(host)/\(database)" }
    if isUnixSocket { return "unix:\(host)" + (database == 0 ? "" : "?db=\(database)") }
    let shownHost = host.contains(":") ? "[\(host)]" : host
    return "\(usesTLS ? "rediss" : "redis")://\(shownHost):\(port)/\(database)"
  }
}

/// A Redis that is used or named and could not be looked at.
public struct UnknownRedis: Codable, Sendable, Equatable {
  /// The instance that would use it; nil for one that the operator named.
  public var instance: String?
  /// Why it could not be looked at.
  public var reason: Unseen

  /// A Redis of an instance, and why it could not be looked at.
  public init(instance: String?, reason: Unseen) {
    self.instance = instance
    self.reason = reason
  }
}

/// What one connection to one Redis URL showed, step by step.
public struct RedisFacts: Codable, Sendable, Equatable {
  /// The steps of a connection, in order; each has its own clock and its own failure.
  public enum Step: String, Codable, Sendable, CaseIterable {
    case sentinels, nameLookup, connect, tls, authenticate, select, ping, info

    /// The step in words, as messages name it.
    public var title: String {
      switch self {
      case .sentinels: "sentinels"
      case .nameLookup: "name look-up"
      case .connect: "TCP connect"
      case .tls: "TLS handshake"
      case .authenticate: "AUTH"
      case .select: "SELECT"
      case .ping: "PING"
      case .info: "INFO"
      }
    }
  }

  /// How one step went.
  public struct StepResult: Codable, Sendable, Equatable {
    /// Which step it is.
    public var step: Step
    /// How long it took, in milliseconds.
    public var milliseconds: Double
    /// Why it failed; nil where it succeeded.
    public var failure: StepFailure?
    /// What the server said where clients go on all the same.
    public var note: String?

    /// A step that took so long, and its failure if it failed.
    public init(_ step: Step, milliseconds: Double, failure: StepFailure? = nil, note: String? = nil) {
      self.step = step
      self.milliseconds = milliseconds
      self.failure = failure
      self.note = note
    }
  }

  /// Why a step failed.
  public struct StepFailure: Codable, Sendable, Equatable {
    /// The failures that checks tell apart.
    public enum Kind: String, Codable, Sendable {
      /// The name does not exist or could not be looked up.
      case nameNotFound
      /// The port is closed.
      case connectionRefused
      /// No answer within the deadline.
      case timedOut
      /// The other side closed the connection.
      case closed
      /// The handshake failed: the other side does not speak TLS, or no common version or cipher.
      case tlsHandshake
      /// The proxy on the way could not be reached, or made no connection.
      case proxy
      /// The handshake worked and the certificate was not accepted.
      case certificate
      /// The user name or password is wrong (`WRONGPASS`, `ERR invalid password`).
      case wrongCredentials
      /// The server wants credentials and none were given (`NOAUTH`).
      case credentialsRequired
      /// The command was refused to this user (`NOPERM`), or does not exist (renamed away).
      case commandRefused
      /// The server answered with another error: `LOADING`, `MASTERDOWN`, `ERR DB index is out of range` …
      case serverError
      /// What came back is not the Redis protocol.
      case notRedis
      /// Anything else, named in the detail.
      case other
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// What came back, in a sentence; credentials are never part of it.
    public var detail: String

    /// A failure of a kind, in words.
    public init(_ kind: Kind, _ detail: String) {
      self.kind = kind
      self.detail = detail
    }
  }

  /// What the same port answers to the other kind of connection: TLS where the URL says plain, plain where it says TLS.
  public enum OtherSide: String, Codable, Sendable {
    /// It answers: the URL's scheme is the wrong one.
    case answers
    /// It does not answer either.
    case silent
  }

  /// What INFO says about the server.
  public struct Server: Codable, Sendable, Equatable {
    /// `redis` or `valkey`.
    public var product: String
    /// The server's version; empty where it is hidden.
    public var version: String
    /// The identity of the running process (`run_id`); empty where it is hidden.
    public var runID: String
    /// `standalone`, `cluster` or `sentinel`.
    public var mode: String
    /// `master` or `slave`, as INFO spells it; empty where it is hidden.
    public var role: String
    /// For a replica, `host:port` of its master.
    public var masterAddress: String?
    /// For a replica, whether the link to its master is up.
    public var masterLinkIsUp: Bool?
    /// `maxmemory` in bytes, 0 for no limit; nil where it is hidden.
    public var maxmemoryBytes: Int?
    /// Keys that were evicted since the server started; nil where it is hidden.
    public var evictedKeys: Int?
    /// What else INFO says, as whole numbers by INFO's own names: `uptime_in_seconds`, `used_memory`, `connected_clients`
    /// …; what is hidden is absent.
    public var numbers: [String: Int]?
    /// Whether the last snapshot could be saved (`rdb_last_bgsave_status`); nil where it is hidden.
    public var lastSaveWorked: Bool?

    /// What INFO says; everything that may be hidden defaults to hidden.
    public init(
      product: String = "redis", version: String = "", runID: String = "", mode: String = "standalone",
      role: String = "", masterAddress: String? = nil, masterLinkIsUp: Bool? = nil, maxmemoryBytes: Int? = nil,
      evictedKeys: Int? = nil
    ) {
      self.product = product
      self.version = version
      self.runID = runID
      self.mode = mode
      self.role = role
      self.masterAddress = masterAddress
      self.masterLinkIsUp = masterLinkIsUp
      self.maxmemoryBytes = maxmemoryBytes
      self.evictedKeys = evictedKeys
    }
  }

  /// The eviction policy, and which command told it.
  public struct Policy: Codable, Sendable, Equatable {
    /// The policy's name, `noeviction`, `allkeys-lru` …
    public var name: String
    /// `CONFIG GET maxmemory-policy` or `INFO memory`.
    public var source: String

    /// A policy as one of the two commands told it.
    public init(_ name: String, source: String) {
      self.name = name
      self.source = source
    }
  }

  /// Where the URL leads.
  public var endpoint: RedisEndpoint
  /// The URL's scheme as it is written, `redis`, `valkeys`; nil where it has none.
  public var scheme: String?
  /// The instances that would use this URL; empty when only the manifest or the command line names it.
  public var usedBy: [String]
  /// Where the URL was read.
  public var location: Location?
  /// The address that was connected to, if the connection came that far and no proxy knows it alone.
  public var address: String?
  /// The user who is connected, as the server says, else as the URL that it let in; nil where neither does.
  public var user: String?
  /// The SOCKS proxy that the connection goes through, `127.0.0.1:1080`; nil for none.
  public var proxy: String?
  /// The steps that were taken, in order. None at all means that the run ended first: `server` says why.
  public var steps: [StepResult]
  /// What the port answers to the other kind of connection; tried only after this kind failed.
  public var otherSide: Observation<OtherSide>
  /// What INFO says.
  public var server: Observation<Server>
  /// The eviction policy from CONFIG, else from INFO.
  public var policy: Observation<Policy>
  /// The TLS handshake; nil where the connection is not made over TLS or there was no handshake.
  public var tls: TLSFacts?
  /// The addresses that the host's name leads to; nil where nobody asked, or there is no name.
  public var addresses: [Address]?
  /// Why not every address of the name was asked; nil where all were, or there is none but the one.
  public var unaskedAddresses: Unseen?
  /// The times of PINGs; nil where nobody measured.
  public var roundTrip: Observation<RoundTrip>?
  /// The times from PUBLISH to the message on a channel of our own; nil where nobody published.
  public var delivery: Observation<RoundTrip>?
  /// Settings by their names in CONFIG GET; nil where nobody asked.
  public var settings: Observation<[String: String]>?
  /// Who is connected; nil where nobody asked.
  public var clients: Observation<[ClientGroup]>?
  /// What the user may do; nil where nobody asked.
  public var permissions: Observation<Permissions>?
  /// What was refused lately; nil where nobody asked.
  public var denials: Observation<[Denial]>?
  /// The channels in use; nil where nobody asked.
  public var channels: Observation<Channels>?
  /// The streams under the system's keys; nil where the system has none or nobody asked.
  public var streams: Observation<[Stream]>?
  /// Why there may be more streams than those; nil where there are none.
  public var unseenStreams: Unseen?
  /// How INFO's counters grew while they were watched; nil where there was no reason to watch them.
  public var sample: Observation<Sample>?
  /// Whether a key that expired was announced within the deadline; nil where nobody tried (`--intrusive`).
  public var expiryEvent: Observation<Bool>?
  /// What the sentinels say; nil where there are none.
  public var sentinel: Sentinel?
  /// The cluster that the server belongs to; nil where it belongs to none.
  public var cluster: Observation<Cluster>?
  /// What a client has to be told to connect over TLS as this one did; nil for nothing.
  public var tlsClient: TLSClient?
  /// Why the probe ended before all was asked; nil where it came to its end.
  public var unfinished: Unseen?

  /// One connection's facts.
  public init(
    endpoint: RedisEndpoint, usedBy: [String] = [], location: Location? = nil, address: String? = nil,
    steps: [StepResult], otherSide: Observation<OtherSide>, server: Observation<Server>, policy: Observation<Policy>
  ) {
    self.endpoint = endpoint
    self.usedBy = usedBy
    self.location = location
    self.address = address
    self.steps = steps
    self.otherSide = otherSide
    self.server = server
    self.policy = policy
  }

  /// The step that failed, if one did.
  public var failedStep: StepResult? { steps.first { $0.failure != nil } }

  /// The reason for what comes after a step that failed, or that was not taken yet.
  public static let notReached = Unseen(.notAttempted, "the connection did not come that far")

  /// The same facts of a probe that was ended before all was asked: what it had not come to is unseen for that reason.
  public func cut(short reason: Unseen) -> RedisFacts {
    func cut<Value>(_ observation: Observation<Value>) -> Observation<Value> {
      observation.unseen == Self.notReached ? .unseen(reason) : observation
    }
    var facts = self
    facts.unfinished = reason
    facts.server = cut(server)
    facts.policy = cut(policy)
    facts.roundTrip = roundTrip.map(cut)
    facts.delivery = delivery.map(cut)
    facts.settings = settings.map(cut)
    facts.clients = clients.map(cut)
    facts.permissions = permissions.map(cut)
    facts.denials = denials.map(cut)
    facts.channels = channels.map(cut)
    facts.streams = streams.map(cut)
    facts.expiryEvent = expiryEvent.map(cut)
    facts.sample = sample.map(cut)
    if unaskedAddresses == Self.notReached { facts.unaskedAddresses = reason }
    // Whether there is a reason to try the other kind of connection is known once this kind has answered or failed.
    if failedStep == nil, !steps.contains(where: { $0.step == .ping }) { facts.otherSide = .unseen(reason) }
    return facts
  }
}
