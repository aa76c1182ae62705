import Foundation
import TestServers
import Testing

@Suite("A real redis-server for tests", .timeLimit(.minutes(5)))
struct RedisServerTests {
  /// Sends commands, each answered with one line, then QUIT; gives the whole conversation's replies.
  private func replies(of server: RedisServer, to commands: String...) async throws -> String {
    try await TCPConnection.exchange(port: server.port, commands.map { $0 + "\r\n" }.joined() + "QUIT\r\n").text
  }

  @Test("A plain one answers PING, is gone afterwards and leaves its port free")
  func plain() async throws {
    let server = try await RedisServer.withServer { server in
      let replies = try await replies(of: server, to: "PING")
      #expect(replies == "+PONG\r\n+OK\r\n")
      #expect(server.url() == "redis://127.0.0.1:\(server.port)")
      #expect(server.tlsURL() == nil)
      return server
    }
    try await waitUntilFree(port: server.port)
    #expect(kill(server.pid, 0) == -1)
  }

  @Test("It ends also when the test's body throws")
  func endsAfterFailure() async throws {
    struct Failure: Error {}
    var seen: RedisServer?
    await #expect(throws: Failure.self) {
      try await RedisServer.withServer { server in
        seen = server
        throw Failure()
      }
    }
    #expect(kill(try #require(seen).pid, 0) == -1)
  }

  @Test("With a password it asks for it")
  func password() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "swordfish"
    try await RedisServer.withServer(configuration) { server in
      let refused = try await replies(of: server, to: "PING")
      #expect(refused.hasPrefix("-NOAUTH"))
      let answered = try await replies(of: server, to: "AUTH swordfish", "PING")
      #expect(answered == "+OK\r\n+PONG\r\n+OK\r\n")
      #expect(server.url(password: "sword:fish") == "redis://:sword%3Afish@127.0.0.1:\(server.port)")
    }
  }

  @Test("A user may do what its rules say")
  func aclUser() async throws {
    var configuration = RedisServer.Configuration()
    configuration.aclUsers = ["probe on >secret resetchannels -@all +ping"]
    try await RedisServer.withServer(configuration) { server in
      let replies = try await replies(of: server, to: "AUTH probe secret", "PING", "INFO")
      #expect(replies.hasPrefix("+OK\r\n+PONG\r\n-NOPERM"))
    }
  }

  @Test("A command can be taken away")
  func renamedCommand() async throws {
    var configuration = RedisServer.Configuration()
    configuration.renamedCommands = ["CONFIG": ""]
    try await RedisServer.withServer(configuration) { server in
      let replies = try await replies(of: server, to: "CONFIG GET maxmemory")
      #expect(replies.hasPrefix("-ERR unknown command"))
    }
  }

  @Test("Memory limit, policy, keyspace events and further lines are set")
  func settings() async throws {
    var configuration = RedisServer.Configuration()
    configuration.maxmemory = "16mb"
    configuration.maxmemoryPolicy = "allkeys-lru"
    configuration.notifyKeyspaceEvents = "Ex"
    configuration.extra = ["maxclients 77"]
    try await RedisServer.withServer(configuration) { server in
      let replies = try await replies(of: server, to: "CONFIG GET max*", "CONFIG GET notify-keyspace-events")
      let lines = replies.split(separator: "\r\n").filter { !$0.hasPrefix("$") && !$0.hasPrefix("*") }
      for (name, value) in [
        ("maxmemory", "16777216"), ("maxmemory-policy", "allkeys-lru"), ("maxclients", "77"),
        ("notify-keyspace-events", "xE"),
      ] {
        let index = try #require(lines.firstIndex(of: name[...]))
        #expect(lines[index + 1] == value)
      }
    }
  }

  @Test("With certificates there is a TLS port that a client with the authority can trust")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      var configuration = RedisServer.Configuration()
      configuration.tls = certificates
      try await RedisServer.withServer(configuration) { server in
        let tlsPort = try #require(server.tlsPort)
        #expect(server.tlsURL(user: "a", password: "b") == "rediss://a:b@127.0.0.1:\(tlsPort)")
        let result = try await runBinary(
          findProgram("openssl"),
          [
            "s_client", "-quiet", "-verify_return_error", "-verify_ip", "127.0.0.1", "-CAfile", certificates.caFile,
            "-connect", "127.0.0.1:\(tlsPort)",
          ], standardInput: Array("PING\r\nQUIT\r\n".utf8))
        #expect(result.standardOutput == "+PONG\r\n+OK\r\n", "\(result.standardError)")
      }
    }
  }

  @Test("A replica follows its primary")
  func replica() async throws {
    try await RedisServer.withServer { primary in
      var configuration = RedisServer.Configuration()
      configuration.replicaOf = ("127.0.0.1", primary.port)
      try await RedisServer.withServer(configuration) { replica in
        let replication = try await replies(of: replica, to: "INFO replication")
        #expect(replication.contains("role:slave\r\n"))
        try await wait(for: "the replica's link is up") {
          try await replies(of: replica, to: "INFO replication").contains("master_link_status:up\r\n")
        }
      }
    }
  }

  @Test("A server that cannot start says what it logged")
  func unusableConfiguration() async throws {
    var configuration = RedisServer.Configuration()
    configuration.extra = ["no-such-directive yes"]
    let failure = await #expect(throws: ServerStartFailure.self) {
      try await RedisServer.withServer(configuration) { _ in }
    }
    #expect(try #require(failure).description.contains("no-such-directive"))
  }
}
