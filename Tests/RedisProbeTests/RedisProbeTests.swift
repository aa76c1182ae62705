import Facts
import RedisProbe
import TestServers
import Testing
import Transport

@Suite("The Redis probe against real servers", .timeLimit(.minutes(5)))
struct RedisProbeTests {
  @Test("a healthy server: every step has its time, and INFO and the policy are read")
  func healthy() async throws {
    try await withRedis { server in
      let facts = try await facts(server.url() + "/3")
      #expect(facts.steps.map(\.step) == [.nameLookup, .connect, .select, .ping, .info])
      #expect(facts.steps.allSatisfy { $0.failure == nil && $0.milliseconds >= 0 })
      #expect(facts.address == "127.0.0.1:\(server.port)")
      #expect(facts.server.value?.role == "master")
      #expect(facts.server.value?.runID.count == 40)
      #expect(facts.policy == .seen(RedisFacts.Policy("noeviction", source: "CONFIG GET maxmemory-policy")))
    }
  }

  @Test("passwords: right, wrong, missing, and one that the server does not want")
  func passwords() async throws {
    try await withRedis {
      $0.password = "sesame"
    } _: { server in
      let right = try await facts(server.url(password: "sesame"))
      #expect(right.failedStep == nil)
      let wrong = try await facts(server.url(password: "canary-word"))
      #expect(wrong.failedStep?.step == .authenticate)
      #expect(wrong.failedStep?.failure?.kind == .wrongCredentials)
      let missing = try await facts(server.url())
      #expect(missing.failedStep?.step == .ping)
      #expect(missing.failedStep?.failure?.kind == .credentialsRequired)
    }
    try await withRedis { server in
      let unwanted = try await facts(server.url(password: "unwanted"))
      #expect(unwanted.failedStep == nil)
    }
  }

  @Test("an ACL user who may not read INFO or CONFIG leaves both unseen, and says why")
  func aclUser() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame resetchannels &resource.* -@all +ping +publish +subscribe"]
    } _: { server in
      let facts = try await facts(server.url(user: "app", password: "sesame"))
      #expect(facts.steps.first { $0.step == .ping }?.failure == nil)
      #expect(facts.server.unseen?.kind == .refused)
      #expect(facts.policy.unseen?.kind == .refused)
      #expect(facts.policy.unseen?.detail.contains("NOPERM") == true)
    }
  }

  @Test("with CONFIG renamed away the policy comes from INFO")
  func configRenamed() async throws {
    try await withRedis {
      $0.renamedCommands = ["CONFIG": ""]
      $0.maxmemory = "64mb"
      $0.maxmemoryPolicy = "allkeys-lru"
    } _: { server in
      let facts = try await facts(server.url())
      #expect(facts.policy == .seen(RedisFacts.Policy("allkeys-lru", source: "INFO memory")))
      #expect(facts.server.value?.maxmemoryBytes == 64 * 1024 * 1024)
    }
  }

  @Test("with AUTH renamed away the server's echo of the arguments is cut off")
  func authRenamed() async throws {
    try await withRedis {
      $0.renamedCommands = ["AUTH": ""]
    } _: { server in
      let failed = try await facts(server.url(user: "canary-user", password: "canary-word")).failedStep
      #expect(failed?.step == .authenticate)
      #expect(failed?.failure?.kind == .commandRefused)
      #expect(failed?.failure?.detail.contains("canary") == false, "\(failed?.failure?.detail ?? "")")
    }
  }

  @Test("a replica names its master")
  func replica() async throws {
    try await withRedis { master in
      try await withRedis {
        $0.replicaOf = ("127.0.0.1", master.port)
      } _: { replica in
        let server = try await facts(replica.url()).server.value
        #expect(server?.role == "slave")
        #expect(server?.masterAddress == "127.0.0.1:\(master.port)")
        #expect(server?.masterLinkIsUp != nil)
      }
    }
  }

  @Test("TLS: the right side works, each wrong side is recognised by asking the other")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await withRedis {
        $0.tls = certificates
      } _: { server in
        let tlsURL = try #require(server.tlsURL())
        let right = try await facts(tlsURL, caFile: certificates.caFile)
        #expect(right.failedStep == nil)
        #expect(right.steps.map(\.step) == [.nameLookup, .connect, .tls, .ping, .info])

        let untrusted = try await facts(tlsURL)
        #expect(untrusted.failedStep?.step == .tls)
        #expect(untrusted.failedStep?.failure?.kind == .certificate)

        let plainToTLS = try await facts(tlsURL.replacing("rediss://", with: "redis://"))
        #expect(plainToTLS.failedStep?.step == .ping)
        #expect(plainToTLS.otherSide == .seen(.answers))

        let tlsToPlain = try await facts(
          server.url().replacing("redis://", with: "rediss://"), patience: .milliseconds(1500))
        #expect(tlsToPlain.failedStep?.step == .tls)
        #expect(tlsToPlain.steps.map(\.step).contains(.connect))
        #expect(tlsToPlain.otherSide == .seen(.answers))
      }
    }
  }

  @Test("certificates that no client accepts", arguments: [TestCertificates.Kind.expired, .wrongName, .selfSigned])
  func badCertificates(_ kind: TestCertificates.Kind) async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(kind, in: folder)
      try await withRedis {
        $0.tls = certificates
      } _: { server in
        let failed = try await facts(try #require(server.tlsURL()), caFile: certificates.caFile).failedStep
        // A self-signed certificate that is itself the trusted authority is accepted, as by every client.
        if kind == .selfSigned, failed == nil { return }
        #expect(failed?.failure?.kind == .certificate, "\(String(describing: failed))")
      }
    }
  }

  @Test("a closed port and a name that does not exist are told apart")
  func unreachable() async throws {
    let closed = try await facts("redis://127.0.0.1:\(closedPort())").failedStep
    #expect(closed?.step == .connect)
    #expect(closed?.failure?.kind == .connectionRefused)
    let unknown = try await facts("redis://nowhere.invalid").failedStep
    #expect(unknown?.step == .nameLookup)
    #expect(unknown?.failure?.kind == .nameNotFound)
  }
}

@Suite("The Redis probe against servers that mean no good", .timeLimit(.minutes(5)))
struct HostileRedisTests {
  /// The failure that a script leads to. Where the script itself ends the exchange, the deadline only bounds the test.
  private func failure(
    _ script: RawTCPServer.Script, within timeout: Duration = .seconds(20)
  ) async throws -> RedisFacts.StepFailure? {
    try await RawTCPServer.withServer(script) { server in
      let probe = RedisProbe(stepTimeout: timeout, patience: .milliseconds(500))
      let facts = await probe.facts(
        of: try redisTarget(Secret("redis://127.0.0.1:\(server.port)")), over: try Transport())
      #expect(facts.failedStep?.step == .ping)
      return facts.failedStep?.failure
    }
  }

  @Test(
    "what is not the protocol, announces too much or nests too deep is refused",
    arguments: [
      "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "*1000000000\r\n",
      String(repeating: "*1\r\n", count: 20) + ":1\r\n", "*-7\r\n", "$x\r\n", "\u{0}\u{0}\u{0}\r\n",
    ])
  func notRedis(_ text: String) async throws {
    let found = try await failure(RawTCPServer.Script(sends: Array(text.utf8), then: .staysSilent))
    #expect(found?.kind == .notRedis, "\(String(describing: found))")
  }

  @Test("a bulk string without end stops at the bound")
  func endlessBulk() async throws {
    let bytes = Array("$500000000\r\n".utf8) + [UInt8](repeating: 0x61, count: 5 * 1024 * 1024)
    let found = try await failure(RawTCPServer.Script(sends: bytes, then: .staysSilent))
    #expect(found?.kind == .notRedis)
    #expect(found?.detail.contains("4 MiB") == true)
  }

  @Test("half a reply and silence end at the deadline")
  func halfReply() async throws {
    let found = try await failure(
      RawTCPServer.Script(sends: Array("+PO".utf8), then: .staysSilent), within: .milliseconds(300))
    #expect(found?.kind == .timedOut)
  }

  @Test("closing in the middle is said so", arguments: 0...6)
  func closesAfter(_ count: Int) async throws {
    let bytes = Array("+PONG\r\n".utf8.prefix(count))
    let found = try await failure(RawTCPServer.Script(sends: bytes, then: .closes))
    #expect(found?.kind == .closed)
  }
}
