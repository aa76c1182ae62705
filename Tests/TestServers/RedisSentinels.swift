/// A real Redis master with a replica on 127.0.0.1, watched by three sentinels, two of whom must agree to replace it.
public struct RedisSentinels: Sendable {
  /// The name that the sentinels know the master by.
  public static let masterName = "mymaster"

  /// The two servers: at first the master, then its replica.
  public let servers: [RedisServer]
  /// The three sentinels.
  public let sentinels: [RedisServer]

  /// Runs the body once every sentinel knows the master, the replica and the other sentinels, and ends them all
  /// afterwards.
  ///
  /// - Parameters:
  ///   - servers: what master and replica are started with.
  ///   - sentinels: what the sentinels are started with.
  public static func withSentinels<R>(
    servers: RedisServer.Configuration = RedisServer.Configuration(),
    sentinels: RedisServer.Configuration = RedisServer.Configuration(), _ body: (RedisSentinels) async throws -> R
  ) async throws -> R {
    var server = servers
    // Each may be the other's replica.
    if let password = servers.password { server.extra.append("masterauth \(password)") }
    return try await RedisServer.withServer(server) { master in
      server.replicaOf = ("127.0.0.1", master.port)
      return try await RedisServer.withServer(server) { replica in
        try await waitUntilFollowing(replica)
        var sentinel = sentinels
        sentinel.mode = .sentinel
        sentinel.extra.append("sentinel monitor \(masterName) 127.0.0.1 \(master.port) 2")
        if let password = servers.password { sentinel.extra.append("sentinel auth-pass \(masterName) \(password)") }
        if let password = sentinels.password { sentinel.extra.append("sentinel sentinel-pass \(password)") }
        return try await RedisServer.withServers(Array(repeating: sentinel, count: 3)) { sentinels in
          let whole = RedisSentinels(servers: [master, replica], sentinels: sentinels)
          // In place of every 10 and 2 seconds. Nor is a pause of a busy machine taken for a clock gone wrong (TILT
          // mode), in which sentinels do nothing for half a minute.
          try await whole.debug("INFO-PERIOD 200 PUBLISH-PERIOD 200 TILT-TRIGGER 60000")
          try await whole.waitUntilKnown()
          // For four publish periods a sentinel lets a replica say that it is a master: if it has not heard of a failover
          // by then, it makes it a replica again.
          try await whole.debug("INFO-PERIOD 10000 PUBLISH-PERIOD 2000")
          return try await body(whole)
        }
      }
    }
  }

  /// The master that all sentinels name; nil while they disagree.
  public func master() async throws -> RedisServer? {
    var ports: Set<Int?> = []
    for sentinel in sentinels {
      let address = try await sentinel.replies(to: "SENTINEL GET-MASTER-ADDR-BY-NAME \(Self.masterName)")
      ports.insert(address.split(separator: "\r\n").last.flatMap { Int($0) })
    }
    return ports.count == 1 ? servers.first { ports.contains($0.port) } : nil
  }

  /// Makes the replica the master, with all that was written before, and gives it once all sentinels name it and the
  /// former master follows it, some ten seconds later.
  @discardableResult
  public func failover() async throws -> RedisServer {
    guard let former = try await master() else {
      throw StateNotReached(description: "failover: the sentinels do not agree on a master to replace")
    }
    let written = try await Self.replicationOffset(of: former)
    for server in servers {
      try await wait(for: "port \(server.port) has what was written") {
        try await Self.replicationOffset(of: server) >= written
      }
    }
    try await wait(for: "a sentinel starts the failover", within: .seconds(90)) {
      // Refused as long as the replica has not been heard lately, or another failover is going on.
      try await sentinels[0].replies(to: "SENTINEL FAILOVER \(Self.masterName)") == "+OK\r\n"
    }
    var new: RedisServer?
    try await wait(for: "all sentinels name a new master", within: .seconds(90)) {
      new = try await master()
      return new.map { $0.port != former.port } ?? false
    }
    guard let new else { throw StateNotReached(description: "failover: there is no new master") }
    try await Self.waitUntilFollowing(former)
    return new
  }

  private static func waitUntilFollowing(_ replica: RedisServer) async throws {
    try await wait(for: "port \(replica.port) follows its master", within: .seconds(90)) {
      try await replica.replies(to: "INFO replication").contains("master_link_status:up\r\n")
    }
  }

  /// How many bytes of the replication stream a master has written, or a replica has taken.
  private static func replicationOffset(of server: RedisServer) async throws -> Int {
    let information = try await server.replies(to: "INFO replication")
    guard let offset = information.firstMatch(of: /\r\nmaster_repl_offset:(\d+)/).flatMap({ Int($0.1) }) else {
      throw StateNotReached(description: "port \(server.port) says nothing of its replication: \(information)")
    }
    return offset
  }

  private func debug(_ settings: String) async throws {
    for sentinel in sentinels { _ = try await sentinel.replies(to: "SENTINEL DEBUG \(settings)") }
  }

  private func waitUntilKnown() async throws {
    for sentinel in sentinels {
      try await wait(for: "the sentinel on port \(sentinel.port) knows all servers", within: .seconds(90)) {
        let master = try await sentinel.replies(to: "SENTINEL MASTER \(Self.masterName)")
        let replicas = try await sentinel.replies(to: "SENTINEL REPLICAS \(Self.masterName)")
        return master.contains("\r\nflags\r\n$6\r\nmaster\r\n") && master.contains("\r\nnum-slaves\r\n$1\r\n1\r\n")
          && master.contains("\r\nnum-other-sentinels\r\n$1\r\n2\r\n")
          && replicas.contains("\r\nmaster-link-status\r\n$2\r\nok\r\n")
      }
    }
  }
}
