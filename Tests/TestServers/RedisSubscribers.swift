extension RedisServer {
  /// How many subscribe to a channel (PUBSUB NUMSUB).
  public func subscribers(of channel: String) async throws -> Int {
    let reply = try await replies(to: "PUBSUB NUMSUB \(channel)")
    guard let count = reply.split(separator: ":").last.flatMap({ Int($0.prefix { $0.isNumber }) }) else {
      throw StateNotReached(description: "PUBSUB NUMSUB \(channel) answered \(reply)")
    }
    return count
  }

  /// Waits until so many do.
  public func waitForSubscribers(_ count: Int, of channel: String) async throws {
    try await wait(for: "\(count) subscribers of \(channel)") { try await subscribers(of: channel) == count }
  }

  /// How many clients are connected, who asks among them.
  public func clients() async throws -> Int {
    let reply = try await replies(to: "INFO clients")
    let name = "connected_clients:"
    guard let count = reply.firstRange(of: name).flatMap({ Int(reply[$0.upperBound...].prefix { $0.isNumber }) }) else {
      throw StateNotReached(description: "INFO clients answered \(reply)")
    }
    return count
  }
}
