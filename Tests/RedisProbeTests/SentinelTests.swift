import Facts
import RedisProbe
import TestServers
import Testing
import Transport

@Suite("Sentinels", .timeLimit(.minutes(5)))
struct SentinelTests {
  @Test("the master that the sentinels name is found, also after a failover and while it happens")
  func failover() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "sesame"
    try await TestServers.RedisSentinels.withSentinels(servers: configuration) { group in
      let addresses = group.sentinels.map { "127.0.0.1:\($0.port)" }
      let url = "redis+sentinel://:sesame@\(addresses.joined(separator: ","))/mymaster"
      let former = "127.0.0.1:\(group.servers[0].port)"

      let before = try await facts(url)
      #expect(before.isComplete)
      #expect(before.endpoint.port == group.servers[0].port)
      #expect(before.server.value?.role == "master")
      #expect(
        before.sentinel == .init(masterName: "mymaster", answers: addresses.map { .init($0, master: former) }))
      #expect(before.clients?.value?.contains { $0.kind == .replica } == true)

      let unknown = try await facts(url.replacing("/mymaster", with: "/nomaster"))
      #expect(unknown.failedStep?.step == .sentinels)
      #expect(unknown.failedStep?.failure?.detail == "no sentinel knows a master named nomaster")
      #expect(unknown.sentinel == .init(masterName: "nomaster", answers: addresses.map { .init($0) }))

      let closed = "127.0.0.1:\(try closedPort())"
      let oneDown = try await facts(url.replacing(addresses[0], with: closed))
      #expect(oneDown.isComplete)
      #expect(oneDown.sentinel?.answers.map(\.master) == [nil, former, former])
      #expect(oneDown.sentinel?.answers.first?.address == closed)
      #expect(oneDown.sentinel?.answers.first?.failure?.kind == .connectionRefused)

      async let failover = group.failover()
      var during = before
      try await wait(for: "the probe finds the new master", within: .seconds(90)) {
        during = try await facts(url)
        return during.endpoint.port == group.servers[1].port && during.server.value?.role == "master"
      }
      #expect(during.failedStep == nil)
      let new = try await failover
      let after = try await facts(url)
      #expect(after.isComplete)
      #expect(after.endpoint.port == new.port)
      #expect(after.server.value?.role == "master")
      #expect(after.sentinel?.answers.map(\.master) == Array(repeating: "127.0.0.1:\(new.port)", count: 3))
    }
  }

  @Test("where no sentinel answers, that is said, with each one's reason")
  func none() async throws {
    let ports = try [closedPort(), closedPort()]
    let facts = try await facts("redis+sentinel://127.0.0.1:\(ports[0]),127.0.0.1:\(ports[1])/mymaster")
    #expect(facts.failedStep?.step == .sentinels)
    #expect(facts.failedStep?.failure?.kind == .nameNotFound)
    #expect(facts.failedStep?.failure?.detail == "no sentinel answers")
    #expect(facts.sentinel?.answers.map(\.failure?.kind) == [.connectionRefused, .connectionRefused])
    #expect(facts.server.unseen != nil)
  }

  @Test("a sentinel's own password: right, wrong and missing")
  func password() async throws {
    try await withRedis { master in
      try await withRedis {
        $0.mode = .sentinel
        $0.password = "sesame"
        $0.extra = ["sentinel monitor mymaster 127.0.0.1 \(master.port) 1"]
      } _: { sentinel in
        func answer(_ password: Secret?) async throws -> RedisFacts {
          var target = try redisTarget(Secret("redis+sentinel://127.0.0.1:\(sentinel.port)/mymaster"))
          target.sentinels?.password = password
          return await RedisProbe(stepTimeout: .seconds(10), patience: .seconds(10))
            .facts(of: target, over: try Transport())
        }
        #expect(try await answer(Secret("sesame")).endpoint.port == master.port)
        let wrong = try await answer(Secret("canary-word"))
        #expect(wrong.sentinel?.answers.first?.failure?.kind == .wrongCredentials)
        #expect(wrong.sentinel?.answers.first?.failure?.detail.contains("canary") == false)
        #expect(try await answer(nil).sentinel?.answers.first?.failure?.kind == .credentialsRequired)
      }
    }
  }

  @Test("a server that is no sentinel is told from one that does not know the master")
  func notSentinel() async throws {
    try await withRedis { server in
      let facts = try await facts("redis+sentinel://127.0.0.1:\(server.port)/mymaster")
      #expect(facts.failedStep?.failure?.detail == "no sentinel answers")
      #expect(facts.sentinel?.answers.first?.failure?.kind == .commandRefused)
    }
  }
}
