// What a Redis that answers says of itself beyond INFO's basics: how it is reached, who is connected, what is allowed,
// and which channels and streams are in use.

extension RedisFacts {
  /// What a client has to be told to connect over TLS as the probe did, beside the URL.
  public struct TLSClient: Codable, Sendable, Equatable {
    /// A PEM file with the authorities that are trusted; nil for the system's.
    public var caFile: String?
    /// A PEM file with the client's certificate; nil for none.
    public var certificateFile: String?
    /// A PEM file with that certificate's key; nil where it is in the same file.
    public var keyFile: String?
    /// The name that the server is asked for (SNI), instead of the host's.
    public var serverName: String?

    /// Files and a name; nil where there is none of them.
    public init?(caFile: String?, certificateFile: String?, keyFile: String?, serverName: String?) {
      if caFile == nil, certificateFile == nil, keyFile == nil, serverName == nil { return nil }
      self.caFile = caFile
      self.certificateFile = certificateFile
      self.keyFile = keyFile
      self.serverName = serverName
    }
  }

  /// One of the addresses that the host's name leads to, and what answers there.
  public struct Address: Codable, Sendable, Equatable {
    /// The address with the port, `10.0.0.5:6379`, `[::1]:6379`.
    public var address: String
    /// Why nothing could be asked there; nil where something answered.
    public var failure: StepFailure?
    /// The identity of the process that answers; empty where it is hidden or nothing answers.
    public var runID: String

    /// An address, and what answers there.
    public init(_ address: String, failure: StepFailure? = nil, runID: String = "") {
      self.address = address
      self.failure = failure
      self.runID = runID
    }
  }

  /// Times of round trips, in milliseconds.
  public struct RoundTrip: Codable, Sendable, Equatable {
    /// How many were measured.
    public var samples: Int
    /// The shortest.
    public var minimum: Double
    /// The median.
    public var median: Double
    /// The 95th percentile.
    public var p95: Double

    /// A summary of round trips.
    public init(samples: Int, minimum: Double, median: Double, p95: Double) {
      self.samples = samples
      self.minimum = minimum
      self.median = median
      self.p95 = p95
    }
  }

  /// Connections of one kind from one host under one name (CLIENT LIST).
  public struct ClientGroup: Codable, Sendable, Equatable {
    /// What a connection is used for.
    public enum Kind: String, Codable, Sendable {
      case normal, pubsub, replica
    }

    /// The host that they come from, without the port.
    public var host: String
    /// The name that CLIENT SETNAME gave them; empty for none.
    public var name: String
    /// What they are used for.
    public var kind: Kind
    /// How many there are.
    public var count: Int
    /// The most that is queued for one of them, in bytes (`omem`).
    public var largestOutputBytes: Int

    /// So many connections of a kind from one place.
    public init(host: String, name: String = "", kind: Kind, count: Int, largestOutputBytes: Int = 0) {
      self.host = host
      self.name = name
      self.kind = kind
      self.count = count
      self.largestOutputBytes = largestOutputBytes
    }
  }

  /// What the connected user may do of what the system needs.
  public struct Permissions: Codable, Sendable, Equatable {
    /// One thing that the system needs, and whether the user may do it.
    public struct Answer: Codable, Sendable, Equatable {
      /// What is needed.
      public enum Need: String, Codable, Sendable {
        /// A command, on names that need no permission of their own.
        case command
        /// SUBSCRIBE or PUBLISH on a channel.
        case channel
        /// Access to a key.
        case key
      }

      /// What is needed.
      public var need: Need
      /// The command in upper case, `PUBLISH`.
      public var command: String
      /// The pattern that the channel or key which was asked about stands for, `resource.*`; empty for a command.
      public var pattern: String
      /// Whether it is allowed.
      public var isAllowed: Bool
      /// What the server said; empty where it said OK.
      public var words: String

      /// An answer on one need.
      public init(_ need: Need, _ command: String, pattern: String = "", isAllowed: Bool, words: String = "") {
        self.need = need
        self.command = command
        self.pattern = pattern
        self.isAllowed = isAllowed
        self.words = words
      }
    }

    /// The user's name (ACL WHOAMI); `default` before Redis 6.
    public var user: String
    /// How it was asked: `ACL DRYRUN`; `MULTI … DISCARD`, by which nothing is run either; or `SUBSCRIBE` to channels of
    /// our own.
    public var source: String
    /// The answers, in the order of the needs.
    public var answers: [Answer]
    /// The commands about which nothing could be asked; nil for none.
    public var unanswered: [String]?
    /// Why not, in the server's words: `MULTI was refused: NOPERM …`; nil where it did not say.
    public var whyUnanswered: String?

    /// What a user may do, and how it was asked.
    public init(user: String, source: String, answers: [Answer], unanswered: [String] = []) {
      self.user = user
      self.source = source
      self.answers = answers
      self.unanswered = unanswered.isEmpty ? nil : unanswered
    }
  }

  /// What the server refused to somebody lately (ACL LOG).
  public struct Denial: Codable, Sendable, Equatable {
    /// `command`, `key`, `channel` or `auth`.
    public var reason: String
    /// The command, key or channel; empty for `auth`.
    public var object: String
    /// The user who was refused.
    public var user: String
    /// How often.
    public var count: Int
    /// How long ago it was last refused, in seconds.
    public var ageSeconds: Double

    /// A denial with its count.
    public init(reason: String, object: String, user: String, count: Int, ageSeconds: Double) {
      self.reason = reason
      self.object = object
      self.user = user
      self.count = count
      self.ageSeconds = ageSeconds
    }
  }

  /// The channels that somebody is subscribed to under the system's patterns (PUBSUB CHANNELS, NUMSUB, NUMPAT).
  public struct Channels: Codable, Sendable, Equatable {
    /// A channel and its subscribers.
    public struct Channel: Codable, Sendable, Equatable {
      /// The channel's name.
      public var name: String
      /// How many connections are subscribed to it by name.
      public var subscribers: Int

      /// A channel and its subscribers.
      public init(_ name: String, subscribers: Int) {
        self.name = name
        self.subscribers = subscribers
      }
    }

    /// The channels, sorted by name; at most `limit`.
    public var channels: [Channel]
    /// The patterns that were asked for.
    public var patterns: [String]
    /// How many patterns connections are subscribed to on the whole server.
    public var patternSubscriptions: Int
    /// Whether there are more channels than are listed.
    public var isTruncated: Bool

    /// How many channels are listed at most.
    public static let limit = 1000

    /// The channels under some patterns.
    public init(
      _ channels: [Channel], patterns: [String], patternSubscriptions: Int = 0, isTruncated: Bool = false
    ) {
      self.channels = channels
      self.patterns = patterns
      self.patternSubscriptions = patternSubscriptions
      self.isTruncated = isTruncated
    }
  }

  /// A stream of entries that readers replay (XINFO STREAM), and how it changed over a sample.
  public struct Stream: Codable, Sendable, Equatable {
    /// The key.
    public var key: String
    /// How many entries it holds.
    public var length: Int
    /// How many were ever added; nil before Redis 7.
    public var entriesAdded: Int?
    /// The id of its first entry, `<ms>-<seq>`; empty where there is none.
    public var firstID: String
    /// The id of its last entry; empty where there is none.
    public var lastID: String
    /// Seconds until the key expires; nil where it does not.
    public var ttlSeconds: Int?
    /// How many entries were added during the sample, before Redis 7 at least; nil where none was taken.
    public var addedInSample: Int?
    /// How many entries it grew by during the sample; nil where none was taken.
    public var growthInSample: Int?
    /// How many connections are subscribed to the channel beside it.
    public var subscribers: Int?

    /// A stream as it stands.
    public init(
      _ key: String, length: Int, entriesAdded: Int? = nil, firstID: String = "", lastID: String = "",
      ttlSeconds: Int? = nil, addedInSample: Int? = nil, growthInSample: Int? = nil, subscribers: Int? = nil
    ) {
      self.key = key
      self.length = length
      self.entriesAdded = entriesAdded
      self.firstID = firstID
      self.lastID = lastID
      self.ttlSeconds = ttlSeconds
      self.addedInSample = addedInSample
      self.growthInSample = growthInSample
      self.subscribers = subscribers
    }

    /// The milliseconds since 1970 in an entry's id.
    public static func milliseconds(of id: String) -> Int? { Int(id.prefix { $0 != "-" }) }
  }

  /// By how much INFO's counters grew over a time.
  public struct Sample: Codable, Sendable, Equatable {
    /// How long they were watched, in milliseconds.
    public var milliseconds: Double
    /// The growth of each by INFO's name, `evicted_keys`, `rejected_connections`.
    public var growth: [String: Int]

    /// The growth of some counters over a time.
    public init(milliseconds: Double, growth: [String: Int]) {
      self.milliseconds = milliseconds
      self.growth = growth
    }
  }

  /// What the sentinels say of a master.
  public struct Sentinel: Codable, Sendable, Equatable {
    /// One sentinel's answer.
    public struct Answer: Codable, Sendable, Equatable {
      /// The sentinel, `host:port`.
      public var address: String
      /// The master's `host:port`; nil where it knows none of that name, or did not answer.
      public var master: String?
      /// Why it did not answer; nil where it did.
      public var failure: StepFailure?

      /// A sentinel and what it said.
      public init(_ address: String, master: String? = nil, failure: StepFailure? = nil) {
        self.address = address
        self.master = master
        self.failure = failure
      }
    }

    /// The master's name.
    public var masterName: String
    /// The sentinels' answers, in the order in which they are named.
    public var answers: [Answer]

    /// A master by name with what each sentinel says of it.
    public init(masterName: String, answers: [Answer]) {
      self.masterName = masterName
      self.answers = answers
    }
  }

  /// A cluster as one of its nodes sees it (CLUSTER INFO, CLUSTER NODES).
  public struct Cluster: Codable, Sendable, Equatable {
    /// A node as the one that was asked knows it.
    public struct Node: Codable, Sendable, Equatable {
      /// The node's id, which lasts as long as its file of nodes.
      public var id: String
      /// Where it says that it is, `10.0.0.5:6379`; empty where that is not known.
      public var address: String
      /// Whether it is a replica.
      public var isReplica: Bool
      /// Whether it can't be reached from the node that was asked (`fail`, `fail?`, `noaddr`).
      public var isFailing: Bool
      /// How many of the 16,384 slots it serves.
      public var slots: Int

      /// A node by its line.
      public init(_ id: String, address: String, isReplica: Bool = false, isFailing: Bool = false, slots: Int) {
        self.id = id
        self.address = address
        self.isReplica = isReplica
        self.isFailing = isFailing
        self.slots = slots
      }
    }

    /// `ok` or `fail`.
    public var state: String
    /// How many of the 16,384 slots are assigned.
    public var assignedSlots: Int
    /// The nodes' ids, sorted; none where they were not told. Two nodes that know one another belong to one cluster.
    public var nodeIDs: [String]
    /// The nodes in the same order; nil where they were not told.
    public var nodes: [Node]?

    /// A cluster's state.
    public init(state: String, assignedSlots: Int, nodes: [Node]?) {
      self.state = state
      self.assignedSlots = assignedSlots
      nodeIDs = (nodes ?? []).map(\.id)
      self.nodes = nodes
    }
  }
}
