import Facts
import RedisProbe
import TestServers
import Testing

@Suite("States that a server can be in", .timeLimit(.minutes(5)))
struct StateTests {
  @Test("a replica says whether its master is there")
  func replicas() async throws {
    try await withRedis { master in
      try await withRedis {
        $0.replicaOf = ("127.0.0.1", master.port)
      } _: { replica in
        try await wait(for: "the replica follows") {
          try await replica.replies(to: "INFO replication").contains("master_link_status:up\r\n")
        }
        let found = try await facts(replica.url())
        #expect(found.isComplete)
        #expect(found.server.value?.role == "slave")
        #expect(found.server.value?.masterAddress == "127.0.0.1:\(master.port)")
        #expect(found.server.value?.masterLinkIsUp == true)
        let clients = try await facts(master.url()).clients?.value
        #expect(clients?.map(\.kind) == [.replica])
      }
    }
    let port = try closedPort()
    try await withRedis {
      $0.replicaOf = ("127.0.0.1", port)
    } _: { orphan in
      let facts = try await facts(orphan.url())
      #expect(facts.isComplete)
      #expect(facts.server.value?.role == "slave")
      #expect(facts.server.value?.masterAddress == "127.0.0.1:\(port)")
      #expect(facts.server.value?.masterLinkIsUp == false)
    }
  }

  @Test("a replica that gives nothing without its master says so")
  func masterDown() async throws {
    let port = try closedPort()
    try await withRedis {
      $0.replicaOf = ("127.0.0.1", port)
      $0.extra = ["replica-serve-stale-data no"]
    } _: { replica in
      let failed = try await facts(replica.url()).failedStep
      #expect(failed?.step == .ping)
      #expect(failed?.failure?.kind == .serverError)
      #expect(failed?.failure?.detail.hasPrefix("MASTERDOWN") == true)
    }
  }

  @Test("with all connections taken the server's refusal is told, with and without a password")
  func maxclients() async throws {
    try await withRedis {
      $0.maxclients = 1
    } _: { server in
      try await withConnections(to: server, ["CLIENT SETNAME holder"]) {
        for (url, step) in [
          (server.url(), RedisFacts.Step.ping), (server.url() + "/2", .select),
          (server.url(password: "sesame"), .authenticate),
        ] {
          let failed = try await facts(url).failedStep
          #expect(failed?.step == step)
          #expect(failed?.failure?.kind == .serverError)
          #expect(failed?.failure?.detail == "ERR max number of clients reached")
        }
      }
    }
  }

  @Test("with one connection left the rest is seen, and what takes two is not")
  func oneConnectionLeft() async throws {
    try await withRedis {
      $0.maxclients = 2
    } _: { server in
      try await withConnections(to: server, ["CLIENT SETNAME holder"]) {
        let facts = try await facts(server.url()) {
          $0.system = .flock
          $0.isActive = true
          $0.isIntrusive = true
        }
        #expect(facts.failedStep == nil)
        #expect(facts.roundTrip?.unseen?.kind == .refused)
        #expect(facts.roundTrip?.unseen?.detail.contains("max number of clients") == true)
        #expect(facts.clients?.value?.map(\.name) == ["holder"])
        let lacking = Unseen(.notReachable, "there was no second connection to listen on")
        #expect(facts.delivery == .unseen(lacking))
        #expect(facts.expiryEvent == .unseen(lacking))
      }
    }
  }

  @Test("protected mode's refusal is told")
  func protectedMode() async throws {
    try await withRedis { server in
      try await DelayingRelay.withRelay(to: server.port, appearsForeign: true) { relay in
        let failed = try await facts("redis://127.0.0.1:\(relay.port)").failedStep
        #expect(failed?.step == .ping)
        #expect(failed?.failure?.kind == .serverError)
        #expect(failed?.failure?.detail.hasPrefix("DENIED Redis is running in protected mode") == true)
      }
    }
  }

  @Test("a server that loads its data says so")
  func loading() async throws {
    try await withRedis {
      $0.loadingTime = .seconds(600)
    } _: { server in
      let facts = try await facts(server.url())
      #expect(facts.failedStep?.step == .ping)
      #expect(facts.failedStep?.failure?.kind == .serverError)
      #expect(facts.failedStep?.failure?.detail.hasPrefix("LOADING") == true)
    }
  }

  @Test("the eviction policy", arguments: ["allkeys-lru", "volatile-ttl", "noeviction"])
  func policy(_ name: String) async throws {
    try await withRedis {
      $0.maxmemoryPolicy = name
    } _: { server in
      let policy = try await facts(server.url()).policy
      #expect(policy.value?.name == name)
    }
  }

  @Test("a database that the server does not have")
  func selectOutOfRange() async throws {
    try await withRedis { server in
      let failed = try await facts(server.url() + "/99").failedStep
      #expect(failed?.step == .select)
      #expect(failed?.failure?.kind == .serverError)
      #expect(failed?.failure?.detail == "ERR DB index is out of range")
    }
  }

  @Test("a wrong password leaves everything unseen")
  func wrongPassword() async throws {
    try await withRedis {
      $0.password = "sesame"
    } _: { server in
      let facts = try await facts(server.url(password: "canary-word"))
      #expect(facts.failedStep?.step == .authenticate)
      #expect(facts.failedStep?.failure?.kind == .wrongCredentials)
      #expect(facts.failedStep?.failure?.detail.contains("canary") == false)
      #expect(facts.server.unseen?.kind == .notAttempted)
      #expect(facts.permissions?.unseen?.kind == .notAttempted)
      #expect(facts.channels?.unseen?.kind == .notAttempted)
    }
  }

  @Test("a user without PING who may do the rest is looked at all the same")
  func pingRefused() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame allchannels +@all -ping"]
    } _: { server in
      let facts = try await facts(server.url(user: "app", password: "sesame"))
      #expect(facts.failedStep?.step == .ping)
      #expect(facts.failedStep?.failure?.kind == .commandRefused)
      #expect(facts.server.value?.role == "master")
      #expect(facts.permissions?.value?.answers.allSatisfy(\.isAllowed) == true)
      #expect(facts.roundTrip?.unseen?.kind == .refused)
    }
  }
}
