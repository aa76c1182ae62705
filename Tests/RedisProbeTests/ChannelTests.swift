import Facts
import RedisProbe
import TestServers
import Testing

@Suite("Channels in use", .timeLimit(.minutes(5)))
struct ChannelTests {
  @Test("subscribers under each of flowpanel's conventions are counted, and no others")
  func conventions() async throws {
    try await withRedis { server in
      let commands = [
        "SUBSCRIBE resource.posts", "SUBSCRIBE resource.posts", "SUBSCRIBE flowpanel:posts", "SUBSCRIBE fp:posts",
        "SUBSCRIBE other", "PSUBSCRIBE fp:*",
      ]
      try await withConnections(to: server, commands) {
        let channels = try await facts(server.url()).channels
        #expect(
          channels
            == .seen(
              .init(
                [
                  .init("flowpanel:posts", subscribers: 1), .init("fp:posts", subscribers: 1),
                  .init("resource.posts", subscribers: 2),
                ], patterns: ["resource.*", "flowpanel:*", "fp:*"], patternSubscriptions: 1)))
      }
    }
  }

  @Test("the config's own prefix is another convention")
  func keyPrefix() async throws {
    try await withRedis { server in
      try await withConnections(to: server, ["SUBSCRIBE acme:posts", "SUBSCRIBE flowpanel:posts"]) {
        let channels = try await facts(server.url()) { $0.keyPrefix = .seen("acme") }.channels?.value
        #expect(channels?.channels == [.init("acme:posts", subscribers: 1)])
        #expect(channels?.patterns == ["resource.*", "acme:*", "fp:*"])
      }
    }
  }

  @Test("a server without subscribers has none")
  func none() async throws {
    try await withRedis { server in
      let channels = try await facts(server.url()).channels
      #expect(channels == .seen(.init([], patterns: ["resource.*", "flowpanel:*", "fp:*"])))
    }
  }

  @Test("subscriptions to patterns are counted, whatever they are for")
  func patterns() async throws {
    try await withRedis { server in
      try await withConnections(to: server, ["PSUBSCRIBE flock:*", "PSUBSCRIBE *"]) {
        let channels = try await facts(server.url()) { $0.system = .flock }.channels?.value
        #expect(channels?.channels == [])
        #expect(channels?.patterns == ["flock:broadcast:*", "__keyevent@*__:expired"])
        #expect(channels?.patternSubscriptions == 2)
      }
    }
  }

  @Test("of more channels than are listed the first are, and it is said")
  func truncated() async throws {
    try await withRedis { server in
      let names = (1...1001).map { "resource.\(10_000 + $0)" }
      try await TCPConnection.with(port: server.port) { connection in
        try connection.send("SUBSCRIBE \(names.joined(separator: " "))\r\n")
        _ = try await connection.receive { $0.hasSuffix(":1001\r\n") }
        let channels = try #require(try await facts(server.url()).channels?.value)
        #expect(channels.channels == names.dropLast().map { .init($0, subscribers: 1) })
        #expect(channels.isTruncated)
      }
    }
  }

  @Test("a user who may not ask leaves the channels unseen", arguments: ["pubsub|channels", "pubsub|numsub"])
  func refused(_ command: String) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame allchannels +@all -\(command)"]
    } _: { server in
      let channels = try await facts(server.url(user: "app", password: "sesame")).channels
      #expect(channels?.unseen?.kind == .refused)
      #expect(channels?.unseen?.detail.contains("NOPERM") == true)
    }
  }
}
