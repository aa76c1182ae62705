import Facts
import TestServers
import Testing

@Suite("Counters that are looked at twice", .timeLimit(.minutes(5)))
struct CounterTests {
  @Test("evictions that stand still and evictions that go on are told apart")
  func evictions() async throws {
    try await withRedis {
      $0.extra = ["maxmemory 2mb", "maxmemory-policy allkeys-random"]
    } _: { server in
      #expect(try await facts(server.url()).sample == nil, "nothing was evicted yet")

      _ = try await server.replies(to: fill("first", 20_000), "SET one 1", "CONFIG SET maxmemory 1gb")
      let still = try #require(try await facts(server.url()).sample?.value)
      #expect(still.growth == ["evicted_keys": 0])
      #expect(still.milliseconds >= 1000)

      _ = try await server.replies(to: "CONFIG SET maxmemory 2mb")
      let writer = Task {
        var count = 0
        while !Task.isCancelled {
          count += 1
          _ = try await server.replies(to: fill("round-\(count)", 1000), "SET one \(count)")
        }
      }
      defer { writer.cancel() }
      let growing = try #require(try await facts(server.url()).sample?.value)
      #expect((growing.growth["evicted_keys"] ?? 0) > 0)
    }
  }

  /// A script that writes so many keys. No key is evicted while it runs: the next command has to make room.
  private func fill(_ prefix: String, _ count: Int) -> String {
    "EVAL \"for i = 1, \(count) do redis.call('SET', ARGV[1] .. i, string.rep('x', 100)) end\" 0 \(prefix)"
  }
}
