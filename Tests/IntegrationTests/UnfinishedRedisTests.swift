import Checks
import Diagnosis
import Facts
import RedisProbe
import Synchronization
import TestServers
import Testing
import Transport

@Suite("A look at Redis that ends early", .timeLimit(.minutes(5)))
struct UnfinishedRedisTests {
  @Test("reaches no verdict at any moment that the whole look would not", arguments: System.allCases)
  func verdicts(_ system: System) async throws {
    var configuration = RedisServer.Configuration()
    configuration.extra = ["maxclients 6", "maxmemory 1mb", "maxmemory-policy allkeys-lru"]
    try await RedisServer.withServer(configuration) { server in
      _ = try await server.replies(
        to: "XADD sse:news 1-1 f v", "EVAL \"for i = 1, 5000 do redis.call('SET', i, string.rep('x', 100)) end\" 0",
        "SET last 1", "XADD sse:news 2-1 f v")
      try await TCPConnection.with(port: server.port) { connection in
        try connection.send("SUBSCRIBE resource.users __keyevent@0__:expired\r\n")
        _ = try await connection.receive { $0.hasSuffix(":2\r\n") }
        let whole = try await expectNoRashVerdict(RedisProbe.thorough(system), Secret(server.url()))
        #expect((whole.server.value?.evictedKeys ?? 0) > 0)
        #expect(whole.sample?.value != nil)
      }
    }
  }

  @Test("also of sentinels, and where the key prefix is not known")
  func sentinels() async throws {
    try await RedisServer.withServer { master in
      var configuration = RedisServer.Configuration()
      configuration.mode = .sentinel
      configuration.extra = ["sentinel monitor mymaster 127.0.0.1 \(master.port) 1"]
      try await RedisServer.withServer(configuration) { sentinel in
        var probe = RedisProbe.thorough(.testplanit)
        probe.keyPrefix = .unseen(Unseen(.notAttempted, "the key prefix may be a secret"))
        let sentinels = "redis+sentinel://127.0.0.1:\(sentinel.port),127.0.0.1:\(try closedPort())"
        try await expectNoRashVerdict(probe, Secret("\(sentinels)/mymaster"))
        try await expectNoRashVerdict(probe, Secret("\(sentinels)/nomaster"))
      }
    }
  }

  /// Cuts every state that the probe shows, and the one before any, short, and judges it.
  @discardableResult
  private func expectNoRashVerdict(_ probe: RedisProbe, _ url: Secret) async throws -> RedisFacts {
    let target = try redisTarget(url)
    let states = Mutex([probe.facts(beforeTrying: target)])
    let whole = await probe.facts(of: target, over: try Transport()) { facts in
      states.withLock { $0.append(facts) }
    }
    let final = try verdicts(on: whole, probe.system)
    let reason = Unseen(.interrupted, "the run was interrupted first")
    for state in states.withLock({ $0 }) {
      for verdict in try verdicts(on: state.cut(short: reason), probe.system) where verdict.kind != .undetermined {
        // Under sentinels it is not known yet which server it is.
        let later = final.filter { $0.check == verdict.check }
        #expect(
          later.contains { $0.kind == verdict.kind && $0.severity == verdict.severity },
          "\(verdict.check): \(verdict.kind) \(verdict.message); in the end \(later.map { "\($0.kind) \($0.message)" })"
        )
      }
    }
    return whole
  }

  private func verdicts(on redis: RedisFacts, _ system: System) throws -> [Verdict] {
    let deployment = Deployment(system: system, instances: [Deployment.Instance(name: "web-1")])
    let facts = Facts(deployment: .seen(deployment), redis: .seen([redis]))
    return try Catalogue.all.flatMap { check in
      check.card.needs.contains(.redis) ? try check.judge(facts) : []
    }
  }
}

extension RedisProbe {
  /// A probe that asks everything, and has time.
  fileprivate static func thorough(_ system: System) -> RedisProbe {
    var probe = RedisProbe(stepTimeout: .seconds(10), patience: .seconds(10))
    probe.system = system
    probe.isActive = true
    probe.isIntrusive = true
    return probe
  }
}
