import Facts
import ReferenceOrigin
import TestServers
import Testing

@Suite("The imitation of the Redis Streams pattern's server", .timeLimit(.minutes(5)))
struct StreamsOriginTests {
  /// Runs the body with a Redis whose stream `sse:news` has five entries, 1000-0 to 1004-0, and a server.
  private func withServer(
    _ configure: (inout StreamsOriginSettings) -> Void = { _ in },
    _ body: (RedisServer, StreamsOrigin) async throws -> Void
  ) async throws {
    try await RedisServer.withServer { redis in
      for number in 0..<5 {
        _ = try await redis.replies(to: "XADD sse:news 100\(number)-0 type update data n\(number)")
      }
      var settings = StreamsOriginSettings(
        redis: OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port)))
      configure(&settings)
      try await withStreamsOrigin(settings) { try await body(redis, $0) }
    }
  }

  /// The IDs that a client gets which has seen an event, up to one that is published after the replay.
  private func ids(after last: String?, at origin: StreamsOrigin, _ redis: RedisServer) async throws -> [String] {
    try await TCPConnection.with(port: origin.port) { client in
      let header = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
      try client.send("GET /events/news HTTP/1.0\r\nHost: localhost\r\n\(header)\r\n")
      var text = try await client.receive { $0.contains(": connected\n\n") }.text
      try await wait(for: "a subscriber") {
        let message = #"{\"id\":\"2000-0\",\"type\":\"update\",\"data\":\"live\"}"#
        return try await redis.replies(to: "PUBLISH sse:channel:news \"\(message)\"") != ":0\r\n"
      }
      text += try await client.receive { $0.contains("id: 2000-0\nevent: update\ndata: live\n\n") }.text
      #expect(text.contains("Cache-Control: no-cache, no-store\r\n") && text.contains("X-Accel-Buffering: no\r\n"))
      return text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
    }
  }

  @Test("brings what follows the last event that was seen, then what is published; without one, that alone")
  func replay() async throws {
    try await withServer { redis, origin in
      let missed = try await ids(after: "1002-0", at: origin, redis)
      #expect(missed == ["1003-0", "1004-0", "2000-0"])
      let new = try await ids(after: nil, at: origin, redis)
      #expect(new == ["2000-0"])
    }
  }

  @Test("can be told to get it wrong, in each way by itself", arguments: StreamsOriginSettings.Replaying.allCases)
  func faults(_ replaying: StreamsOriginSettings.Replaying) async throws {
    let expected: [String] =
      switch replaying {
      case .following: ["1003-0", "1004-0"]
      case .fromNamed: ["1002-0", "1003-0", "1004-0"]
      case .withoutFirst: ["1004-0"]
      case .newestFirst: ["1004-0", "1003-0"]
      case .newestTwice: ["1003-0", "1004-0", "1004-0"]
      case .nothing: []
      }
    try await withServer {
      $0.replaying = replaying
    } _: { redis, origin in
      let come = try await ids(after: "1002-0", at: origin, redis)
      #expect(come == expected + ["2000-0"])
    }
    try await withServer {
      $0.replaying = replaying
      $0.keyPrefix = "other:"
    } _: { redis, origin in
      let come = try await ids(after: "1002-0", at: origin, redis)
      #expect(come == ["2000-0"])
    }
  }

  @Test("has one subscriber for each channel, and none once all have left")
  func subscribers() async throws {
    try await withServer { redis, origin in
      let request = "GET /events/news HTTP/1.1\r\nHost: localhost\r\n\r\n"
      func subscribers() async throws -> String { try await redis.replies(to: "PUBSUB NUMSUB sse:channel:news") }
      try await TCPConnection.with(port: origin.port) { first in
        try await TCPConnection.with(port: origin.port) { second in
          for client in [first, second] {
            try client.send(request)
            _ = try await client.receive { $0.contains(": connected\n\n") }
          }
          try await wait(for: "one subscriber") { try await subscribers().hasSuffix(":1\r\n") }
        }
      }
      try await wait(for: "no subscriber") { try await subscribers().hasSuffix(":0\r\n") }
    }
  }

  @Test("ends a stream whose last event is no entry's ID, and answers no other path")
  func refused() async throws {
    try await withServer { _, origin in
      let bad = "GET /events/news HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: latest\r\n\r\n"
      let cut = try await TCPConnection.exchange(port: origin.port, bad).text
      #expect(cut.hasSuffix(": connected\n\n\r\n"))
      for path in ["/", "/events/", "/eventsnews"] {
        let text = try await TCPConnection.exchange(
          port: origin.port, "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ).text
        #expect(text.hasPrefix("HTTP/1.1 404 "), "\(path)")
      }
    }
  }
}
