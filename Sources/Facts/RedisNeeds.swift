/// What a system needs of Redis: commands, and access to keys and channels (the patterns of ACL SETUSER).
public struct RedisNeeds: Sendable, Equatable {
  /// The commands in upper case.
  public var commands: [String]
  /// The patterns of its keys, `sse:*`.
  public var keys: [String]
  /// The patterns of its channels, `resource.*`.
  public var channels: [String]
  /// Whether any one of the channel patterns will do, as each belongs to another version of the system.
  public var anyChannelWillDo = false
  /// The categories of commands that its scripts run, where these can't be listed.
  public var categories: [String] = []

  /// The least that an ACL user needs: `resetchannels &resource.* -@all +publish …`.
  public var rules: String {
    (["resetkeys"] + keys.map { "~\($0)" } + ["resetchannels"] + channels.map { "&\($0)" } + ["-@all"]
      + categories.map { "+@\($0)" } + (categories.isEmpty ? [] : ["-@dangerous"])
      + commands.map { "+\($0.lowercased())" }).joined(separator: " ")
  }

  /// Whether a key or channel is one of the system's.
  public func concern(_ name: String) -> Bool { (keys + channels).contains { isName(name, under: $0) } }
}

/// Whether a name is under a pattern with at most one star, which all patterns of the systems are.
public func isName(_ name: String, under pattern: String) -> Bool {
  guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
  let tail = pattern[pattern.index(after: star)...]
  return name.utf8.count >= pattern.utf8.count - 1 && name.hasPrefix(pattern[..<star]) && name.hasSuffix(tail)
}

extension System {
  /// What the system needs of Redis.
  ///
  /// - Parameter keyPrefix: the key prefix that the config gives (flowpanel) or the environment (TestPlanIt's
  ///   `BULLMQ_PREFIX`); nil for the default.
  public func redisNeeds(keyPrefix: String? = nil) -> RedisNeeds {
    switch self {
    case .flowpanel:
      // Up to 0.2 channels have no prefix, and from 0.3 on they always have one.
      RedisNeeds(
        commands: ["PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"], keys: [],
        channels: ["resource.*", "\(keyPrefix ?? "flowpanel"):*"], anyChannelWillDo: true)
    case .redisStreams:
      RedisNeeds(
        commands: ["XADD", "XRANGE", "XLEN", "EXPIRE", "PUBLISH", "SUBSCRIBE"], keys: ["sse:*"],
        channels: ["sse:channel:*"])
    case .testplanit:
      RedisNeeds(
        commands: [
          "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "PING", "INFO", "EVAL", "EVALSHA", "HSET", "ZADD", "XADD", "BZPOPMIN",
        ],
        keys: ["\(keyPrefix ?? "bull"):*"], channels: ["notifications:tenant:*", "issue-updates:tenant:*"],
        // BullMQ's scripts, of which each command is held against the user's rules.
        categories: ["read", "write", "scripting", "transaction", "connection"])
    case .fluxstack:
      RedisNeeds(
        commands: ["SET", "GET", "DEL", "EXPIRE", "EVAL", "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"],
        keys: ["fluxstack:*"], channels: ["fluxstack:*"])
    case .flock:
      RedisNeeds(
        commands: [
          "MULTI", "EXEC", "HSET", "HGET", "EXPIRE", "SADD", "SREM", "DEL", "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE",
        ],
        keys: ["flock:*"], channels: ["flock:broadcast:*", "__keyevent@*__:expired"])
    }
  }

  /// The commands that the doctor asks Redis with, as ACL rules name them. None of them writes.
  public var doctorCommands: [String] {
    let all = [
      "ping", "info", "select", "config|get", "client|id", "client|setname", "client|list", "acl|whoami", "acl|log",
      "pubsub|channels", "pubsub|numsub", "pubsub|numpat", "cluster|info", "cluster|nodes",
    ]
    return switch self {
    // Only a dry run can ask about channels that are the server's own.
    case .flock: all + ["acl|dryrun"]
    case .redisStreams: all + ["multi", "discard", "scan", "xinfo|stream", "ttl", "xrevrange"]
    case .flowpanel, .testplanit, .fluxstack: all + ["multi", "discard"]
    }
  }

  /// The connections that one instance keeps open to Redis, and what they are, for the worst case; nil where it depends
  /// on how many streams are open.
  public var redisConnectionsPerInstance: (count: Int, what: String)? {
    switch self {
    case .flowpanel: (2, "one that publishes, one that subscribes")
    case .fluxstack: (3, "the application's own, and one for each of two adapters")
    case .flock: (3, "commands, expiry events, pub/sub")
    case .redisStreams, .testplanit: nil
    }
  }
}
