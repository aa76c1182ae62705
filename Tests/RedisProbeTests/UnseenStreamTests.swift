import Facts
import TestServers
import Testing

@Suite("Streams that are not looked at", .timeLimit(.minutes(5)))
struct UnseenStreamTests {
  @Test("one that the user may not read leaves a reason beside the others")
  func refused() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~sse:a* allchannels +@all -@admin"]
    } _: { server in
      _ = try await server.replies(to: "XADD sse:abc 1-1 f v", "XADD sse:secret 1-1 f v")
      let facts = try await facts(server.url(user: "app", password: "sesame")) { $0.system = .redisStreams }
      #expect(facts.streams?.value?.map(\.key) == ["sse:abc"])
      #expect(facts.unseenStreams?.kind == .refused)
      #expect(facts.unseenStreams?.detail.contains("XINFO STREAM sse:secret was refused: NOPERM") == true)
    }
  }

  @Test("more than a hundred, of which the first are looked at")
  func many() async throws {
    try await withRedis { server in
      _ = try await server.replies(
        to: "EVAL \"for i = 1, 101 do redis.call('XADD', 'sse:' .. i, '1-1', 'f', 'v') end\" 0")
      let facts = try await facts(server.url()) { $0.system = .redisStreams }
      #expect(facts.streams?.value?.count == 100)
      #expect(facts.unseenStreams?.detail == "of 101 streams, the first 100 were looked at")
    }
  }

  @Test("those behind more keys than are gone through, where some were found before")
  func beyondTheBudget() async throws {
    try await withRedis { server in
      // The streams lie scattered among the keys: that all ninety are in one half, or in the other, does not happen.
      _ = try await server.replies(
        to: "EVAL \"for i = 1, 120000 do redis.call('SET', 'k' .. i, 1) end\" 0",
        "EVAL \"for i = 1, 90 do redis.call('XADD', 'sse:' .. i, '1-1', 'f', 'v') end\" 0")
      let facts = try await facts(server.url()) { $0.system = .redisStreams }
      let found = try #require(facts.streams?.value?.count)
      #expect((1..<90).contains(found))
      #expect(facts.unseenStreams?.detail == "SCAN went through some 50000 keys, and there are more")
    }
  }
}
