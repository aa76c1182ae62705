/// A real Redis Cluster of three masters on 127.0.0.1 that serves all 16,384 slots.
public struct RedisCluster: Sendable {
  /// The masters, in the order of their slots.
  public let masters: [RedisServer]

  /// The slots of each master, from the first to the last.
  public static let slots = [0...5460, 5461...10_922, 10_923...16_383]

  /// Runs the body once every master says that the cluster is whole, some two seconds after their start, and ends them
  /// all afterwards.
  public static func withCluster<R>(
    _ configuration: RedisServer.Configuration = RedisServer.Configuration(),
    _ body: (RedisCluster) async throws -> R
  ) async throws -> R {
    var configuration = configuration
    configuration.mode = .clusterNode
    return try await RedisServer.withServers(slots.map { _ in configuration }) { masters in
      let cluster = RedisCluster(masters: masters)
      try await cluster.join()
      return try await body(cluster)
    }
  }

  private func join() async throws {
    for (index, (master, slots)) in zip(masters, Self.slots).enumerated() {
      try await ask(
        master,
        // Each its own epoch from the start: else the nodes have a conflict to settle first.
        "CLUSTER SET-CONFIG-EPOCH \(index + 1)",
        "CLUSTER ADDSLOTSRANGE \(slots.lowerBound) \(slots.upperBound)")
    }
    for other in masters.dropFirst() {
      try await ask(masters[0], "CLUSTER MEET 127.0.0.1 \(other.port) \(other.clusterBusPort ?? 0)")
    }
    try await wait(for: "the cluster is whole", within: .seconds(120)) {
      for master in masters {
        let state = try await master.replies(to: "CLUSTER INFO")
        guard state.contains("cluster_state:ok\r\n"), state.contains("cluster_known_nodes:\(masters.count)\r\n") else {
          return false
        }
      }
      return true
    }
  }

  private func ask(_ master: RedisServer, _ commands: String...) async throws {
    for command in commands {
      let reply = try await master.replies(to: command)
      guard reply == "+OK\r\n" else { throw ServerStartFailure("redis-server", "\(command): \(reply)") }
    }
  }
}
