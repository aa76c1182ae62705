import TestServers
import Testing

@Suite("The servers that the tests start", .timeLimit(.minutes(5)))
struct TestServersTests {
  @Test("a server that loads refuses, and answers when it is done")
  func loading() async throws {
    var configuration = RedisServer.Configuration()
    configuration.loadingTime = .seconds(600)
    try await RedisServer.withServer(configuration) { server in
      let replies = try await server.replies(to: "PING", "INFO persistence")
      #expect(replies.hasPrefix("-LOADING"))
      #expect(replies.contains("loading:1\r\n"))
    }
    configuration.loadingTime = .seconds(1)
    try await RedisServer.withServer(configuration) { server in
      try await wait(for: "the data is loaded") { try await server.replies(to: "DBSIZE") == ":100\r\n" }
    }
  }

  @Test("with one client connected, the limit of one refuses the next")
  func maxclients() async throws {
    var configuration = RedisServer.Configuration()
    configuration.maxclients = 1
    try await RedisServer.withServer(configuration) { server in
      try await TCPConnection.with(port: server.port) { connection in
        try connection.send("PING\r\n")
        _ = try await connection.receive { $0 == "+PONG\r\n" }
        let refused = try await TCPConnection.with(port: server.port) { try await $0.receive() }
        #expect(refused.text == "-ERR max number of clients reached\r\n")
      }
    }
  }

  @Test("protected mode lets its own machine in, and nobody who seems to come from elsewhere")
  func protectedMode() async throws {
    try await RedisServer.withServer { server in
      let own = try await server.replies(to: "PING")
      #expect(own == "+PONG\r\n")
      try await DelayingRelay.withRelay(to: server.port, appearsForeign: true) { relay in
        let foreign = try await TCPConnection.exchange(port: relay.port, "PING\r\n")
        #expect(foreign.text.hasPrefix("-DENIED Redis is running in protected mode"))
      }
    }
  }

  @Test("a server answers on its Unix socket")
  func unixSocket() async throws {
    var configuration = RedisServer.Configuration()
    configuration.hasUnixSocket = true
    try await RedisServer.withServer(configuration) { server in
      let result = try await runBinary(findProgram("redis-cli"), ["-s", try #require(server.unixSocket), "PING"])
      #expect(result.standardOutput == "PONG\n")
    }
  }

  @Test("where client certificates are required, one of the authority's is let in and none is not")
  func clientCertificates() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      var configuration = RedisServer.Configuration()
      configuration.tls = certificates
      configuration.requiresClientCertificate = true
      try await RedisServer.withServer(configuration) { server in
        let client = ["-p", "\(try #require(server.tlsPort))", "--tls", "--cacert", certificates.caFile]
        let own = ["--cert", certificates.clientCertificateFile, "--key", certificates.clientKeyFile]
        let with = try await runBinary(findProgram("redis-cli"), client + own + ["PING"])
        #expect(with.standardOutput == "PONG\n", "\(with.standardError)")
        let without = try await runBinary(findProgram("redis-cli"), client + ["PING"])
        #expect(without.status != 0)
      }
    }
  }

  @Test("a replica of a master that is gone says so")
  func deadMaster() async throws {
    var configuration = RedisServer.Configuration()
    configuration.replicaOf = ("127.0.0.1", try closedPort())
    try await RedisServer.withServer(configuration) { replica in
      let replication = try await replica.replies(to: "INFO replication")
      #expect(replication.contains("master_link_status:down\r\n"))
    }
  }

  @Test("three masters serve all slots, and each sends a client to the one that has the key")
  func cluster() async throws {
    try await RedisCluster.withCluster { cluster in
      for master in cluster.masters {
        let state = try await master.replies(to: "CLUSTER INFO")
        #expect(state.contains("cluster_slots_ok:16384\r\n"))
      }
      // CLUSTER KEYSLOT foo is 12182.
      let moved = try await cluster.masters[0].replies(to: "GET foo")
      #expect(moved == "-MOVED 12182 127.0.0.1:\(cluster.masters[2].port)\r\n")
      let served = try await cluster.masters[2].replies(to: "GET foo")
      #expect(served == "$-1\r\n")
    }
  }

  @Test("sentinels agree on the master, before and after each failover", arguments: [nil, "sesame"] as [String?])
  func sentinels(password: String?) async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = password
    try await RedisSentinels.withSentinels(servers: configuration, sentinels: configuration) { group in
      #expect(try await group.master()?.port == group.servers[0].port)
      for expected in [group.servers[1], group.servers[0]] {
        let new = try await group.failover()
        #expect(new.port == expected.port)
        #expect(try await new.replies(to: "ROLE").hasPrefix("*3\r\n$6\r\nmaster\r\n"))
      }
    }
  }
}

@Suite("The relay that makes the way long", .timeLimit(.minutes(5)))
struct DelayingRelayTests {
  @Test("a round trip takes twice the delay, and three in a row count as three")
  func roundTrips() async throws {
    try await RedisServer.withServer { server in
      try await DelayingRelay.withRelay(to: server.port, delay: .milliseconds(50)) { relay in
        try await TCPConnection.with(port: relay.port) { connection in
          for count in 1...3 {
            let started = ContinuousClock.now
            try connection.send("PING\r\nPING\r\n")
            _ = try await connection.receive { $0 == "+PONG\r\n+PONG\r\n" }
            #expect(started.duration(to: .now) >= .milliseconds(100))
            #expect(relay.connections.map(\.roundTrips) == [count])
          }
        }
        #expect(relay.connections.map(\.bytesFromClient) == [36])
        #expect(relay.connections.map(\.bytesFromServer) == [42])
      }
    }
  }

  @Test("what is sent before the answer comes belongs to the same round trip")
  func pipelined() async throws {
    try await RawTCPServer.withServer(HostileRedis.silence.script) { server in
      try await DelayingRelay.withRelay(to: server.port) { relay in
        try await TCPConnection.with(port: relay.port) { connection in
          for count in 1...2 {
            try connection.send("PING\r\n")
            try await wait(for: "it is with the relay") { relay.connections.first?.bytesFromClient == 6 * count }
          }
          #expect(relay.connections.map(\.roundTrips) == [1])
        }
      }
    }
  }

  @Test("megabytes arrive whole, in order, none waiting for the former")
  func throughput() async throws {
    let bytes = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    try await RawTCPServer.withServer(.init(sends: bytes, then: .closes)) { server in
      try await DelayingRelay.withRelay(to: server.port, delay: .milliseconds(200)) { relay in
        // It must be there in ten seconds. Each 64 KiB waiting for the former ones would take 128 × 200 ms.
        let received = try await TCPConnection.exchange(port: relay.port, "x")
        #expect(received.bytes == bytes)
        #expect(received.ended)
      }
    }
  }

  @Test("the dialogue can break off at every byte")
  func cut() async throws {
    try await RedisServer.withServer { server in
      for count in 0...8 {
        try await DelayingRelay.withRelay(to: server.port, cutAfter: count) { relay in
          try await TCPConnection.with(port: relay.port) { connection in
            try connection.send("PING\r\n")
            let received = try await connection.receive { $0 == "+PONG\r\n" }
            #expect(received.text == String(decoding: "+PONG\r\n".utf8.prefix(count), as: UTF8.self))
            #expect(received.ended == (count < 7))
          }
        }
      }
    }
  }

  @Test("each client has a connection of its own, and one to nowhere is closed")
  func connections() async throws {
    try await DelayingRelay.withRelay(to: try closedPort()) { relay in
      let received = try await TCPConnection.exchange(port: relay.port, "x")
      #expect(received.ended)
      #expect(relay.connections.isEmpty)
    }
    try await RedisServer.withServer { server in
      try await DelayingRelay.withRelay(to: server.port) { relay in
        for _ in 1...2 { _ = try await TCPConnection.exchange(port: relay.port, "PING\r\n", thenEnds: true) }
        #expect(relay.connections.map(\.roundTrips) == [1, 1])
      }
    }
  }
}

@Suite("What answers in Redis' place", .timeLimit(.minutes(5)))
struct HostileRedisServerTests {
  @Test("each says its first words, or nothing, and ends as it is told to", arguments: HostileRedis.allCases)
  func firstWords(_ hostile: HostileRedis) async throws {
    let script = hostile.script
    try await RawTCPServer.withServer(script) { server in
      try await TCPConnection.with(port: server.port) { connection in
        if script.waitsForFirstBytes { try connection.send("PING\r\n") }
        let words = String(decoding: script.bytes.prefix(64), as: UTF8.self)
        switch script.ending {
        case .closes, .endsSending, .resets:
          let received = try await connection.receive()
          #expect(received.bytes == script.bytes)
          #expect(received.ended)
        case .staysSilent:
          let received = try await connection.receive { $0.utf8.count >= words.utf8.count }
          #expect(received.text.hasPrefix(words))
          #expect(!received.ended)
        case .repeats:
          // One byte after the other takes ten milliseconds each: a few of them will do.
          let count = words.utf8.count + (script.pause == nil ? 100_000 : 5)
          let received = try await connection.receive { $0.utf8.count >= count }
          #expect(received.text.hasPrefix(words))
          #expect(!received.ended)
        }
      }
    }
  }

  @Test("with a pause, each byte comes by itself")
  func dripping() async throws {
    let script = RawTCPServer.Script(sends: Array("+PONG\r\n".utf8), pausing: .milliseconds(20), then: .closes)
    try await RawTCPServer.withServer(script) { server in
      let started = ContinuousClock.now
      let received = try await TCPConnection.exchange(port: server.port, "PING\r\n")
      #expect(received.text == "+PONG\r\n")
      #expect(started.duration(to: .now) >= .milliseconds(140))
    }
  }
}
