import Facts
import RedisProbe
import TestServers
import Testing

@Suite("How often the probe waits for an answer", .timeLimit(.minutes(5)))
struct RoundTripTests {
  @Test(
    "over a long way the main connection takes at most four round trips",
    arguments: [
      ("default", System.flowpanel, 3), ("app", .flowpanel, 3), ("narrow", .flowpanel, 1), ("default", .flock, 3),
      ("app", .redisStreams, 4),
    ])
  func roundTrips(_ user: String, _ system: System, _ count: Int) async throws {
    try await withRedis {
      $0.aclUsers = [
        "app on >sesame ~* allchannels +@all -@admin",
        "narrow on >sesame allchannels -@all +publish +subscribe +unsubscribe +ping +select",
      ]
    } _: { server in
      _ = try await server.replies(to: "SELECT 1", "XADD sse:news 1-1 f v")
      try await DelayingRelay.withRelay(to: server.port, delay: .milliseconds(20)) { relay in
        let userInfo = user == "default" ? "" : "\(user):sesame@"
        let facts = try await facts("redis://\(userInfo)127.0.0.1:\(relay.port)/1") { $0.system = system }
        #expect(facts.permissions?.value != nil)
        #expect(facts.roundTrip?.value?.samples == 24)
        // Each reply came a way and back after its PING.
        #expect((facts.roundTrip?.value?.minimum ?? 0) >= 40)
        // Who may not ask for a dry run is asked about on a connection that is closed after it.
        #expect(relay.connections.count == (user == "default" ? 2 : 3))
        let main = try #require(relay.connections.max { $0.bytesFromServer < $1.bytesFromServer })
        #expect(main.roundTrips == count, "\(relay.connections)")
      }
    }
  }
}
