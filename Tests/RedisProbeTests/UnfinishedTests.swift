import Facts
import RedisProbe
import Synchronization
import TestServers
import Testing
import Transport

@Suite("What a probe knows before it has ended", .timeLimit(.minutes(5)))
struct UnfinishedTests {
  @Test("grows step by step, and what it has not come to is unseen for the reason that ended it")
  func progress() async throws {
    try await withRedis { server in
      let states = Mutex<[RedisFacts]>([])
      let whole = await RedisProbe(stepTimeout: .seconds(10), patience: .seconds(10))
        .facts(of: try redisTarget(Secret(server.url())), over: try Transport()) { facts in
          states.withLock { $0.append(facts) }
        }
      #expect(whole.isComplete)
      let shown = states.withLock { $0 }
      let reason = Unseen(.interrupted, "the run was interrupted first")

      let connected = try #require(shown.first).cut(short: reason)
      #expect(connected.steps.map(\.step) == [.nameLookup, .connect])
      #expect(connected.unfinished == reason)
      #expect(connected.server == .unseen(reason))
      #expect(connected.policy == .unseen(reason))
      #expect(connected.channels == .unseen(reason))
      #expect(connected.delivery == nil, "nobody asked for it")

      let answered = try #require(shown.first { $0.server.value != nil }).cut(short: reason)
      #expect(answered.policy == whole.policy)
      #expect(answered.settings == whole.settings)
      #expect(answered.permissions == .unseen(reason))
      #expect(answered.roundTrip == .unseen(reason))

      // Each state knows what the one before it knew.
      for (before, after) in zip(shown, shown.dropFirst()) {
        #expect(after.steps.starts(with: before.steps))
        #expect(before.server.value == nil || after.server == before.server)
        #expect(before.permissions?.value == nil || after.permissions == before.permissions)
        #expect(before.channels?.value == nil || after.channels == before.channels)
      }
      #expect(shown.last == whole)
    }
  }
}
