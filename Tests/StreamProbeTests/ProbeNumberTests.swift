import Facts
import ReferenceOrigin
import StreamProbe
import TestServers
import Testing
import Transport

@Suite("The run's own messages on a stream", .timeLimit(.minutes(5)))
struct ProbeNumberTests {
  @Test(
    "are known by their number, however a version passes them on and however long they are",
    arguments: OriginConvention.allCases)
  func numbers(_ convention: OriginConvention) async throws {
    let channel = DriveChannel(of: .flowpanel, nonce: "5f3a")
    let long = String(repeating: "flowpanel-doctor.5f3", count: 2000)
    try await RedisServer.withServer { redis in
      try await withOrigin {
        $0.convention = convention
        $0.fanOut = .redis(OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port)))
      } _: { origin in
        var target = StreamTarget(url: origin.url)
        target.channel = (channel, true)
        let probe = StreamProbe(watch: .seconds(120), stop: StreamStop(events: 6))
        async let watching = probe.facts(of: target, over: try Transport())
        let payloads = [
          "{\"id\":\"\(channel.name):7\"}", "{\"text\":\"\(long)\",\"id\":\"\(channel.name):123456789\"}",
          "{\"id\":\"\(channel.name):1234567890\"}", "{\"id\":\"\(channel.name)\"}", "{\"id\":\"\(channel.name):\"}",
        ]
        for payload in payloads {
          let words = payload.replacing("\"", with: "\\\"")
          try await wait(for: "a subscriber") {
            let counts = try await redis.replies(
              to: channel.redisNames(keyPrefix: nil).map { "PUBSUB NUMSUB \($0)" }.joined(separator: "\r\n"))
            return counts.contains(":1")
          }
          _ = try await redis.replies(
            to: channel.redisNames(keyPrefix: nil).map { "PUBLISH \($0) \"\(words)\"" }.joined(separator: "\r\n"))
        }
        let facts = try await watching
        #expect(facts.isDriven)
        #expect(facts.arrivals.map(\.probeNumber) == [nil, 7, 123_456_789, nil, nil, nil])
        #expect(facts.url == origin.url)
      }
    }
  }

  @Test("are nobody's where the stream listens to no channel of the run's own")
  func otherChannel() async throws {
    let block = """
      default_type text/event-stream; return 200 "data: flowpanel-doctor.5f3a:7\\n\\n";
      """
    try await NginxServer.withServer(serverBlock: block) { server in
      let facts = try await watch("\(server.origin)/s")
      #expect(facts.arrivals.map(\.probeNumber) == [nil])
      #expect(!facts.isDriven)
    }
  }
}
