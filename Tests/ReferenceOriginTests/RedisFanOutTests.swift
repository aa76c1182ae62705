import Facts
import ReferenceOrigin
import TestServers
import Testing

@Suite("The reference origin's fan-out over Redis", .timeLimit(.minutes(5)))
struct RedisFanOutTests {
  static func fanOut(
    port: Int, user: String? = nil, password: String? = nil, triesPerCommand: Int? = 20
  ) -> OriginFanOut {
    var redis = OriginRedis(
      endpoint: RedisEndpoint(host: "127.0.0.1", port: port), username: user.map { Secret($0) },
      password: password.map { Secret($0) })
    redis.triesPerCommand = triesPerCommand
    return .redis(redis)
  }

  @Test("What is published at one instance reaches the streams of the other; each counts once")
  func instances() async throws {
    try await RedisServer.withServer { server in
      let configure: (inout OriginSettings) -> Void = { $0.fanOut = Self.fanOut(port: server.port) }
      try await withOrigin(configure) { first in
        try await withOrigin(configure) { second in
          let name = "flowpanel:resource.users"
          try await listening(to: "resource.users", at: first) { _ in
            try await listening(to: "resource.users", at: first) { one in
              try await server.waitForSubscribers(1, of: name)
              try await listening(to: "resource.users", at: second) { other in
                try await server.waitForSubscribers(2, of: name)
                let answer = try await publish("7", on: "resource.users", at: first)
                #expect(answer.hasSuffix("{\"receivers\":2}"))
                for connection in [one, other] {
                  let received = try await connection.receive { $0.hasSuffix("\n\n") }
                  #expect(received.text.hasSuffix("\"payload\":7}\n\n"))
                }
              }
              // Its client has gone.
              try await server.waitForSubscribers(1, of: name)
            }
            let left = try await server.subscribers(of: name)
            #expect(left == 1)
          }
          try await server.waitForSubscribers(0, of: name)
        }
      }
    }
  }

  @Test("Nothing is connected before the first stream with a channel, and then two are")
  func connections() async throws {
    try await RedisServer.withServer { server in
      try await withOrigin {
        $0.fanOut = Self.fanOut(port: server.port)
      } _: { origin in
        try await listening(at: origin) { _ in
          // What asked whether the server is up may have to be counted out first.
          try await wait(for: "the question alone") {
            try await server.replies(to: "INFO clients").contains("connected_clients:1\r\n")
          }
        }
        try await listening(to: "a", at: origin) { _ in
          try await listening(to: "b", at: origin) { _ in
            try await server.waitForSubscribers(1, of: "flowpanel:b")
            try await wait(for: "both connections") {
              try await server.replies(to: "INFO clients").contains("connected_clients:3\r\n")
            }
          }
        }
      }
    }
  }

  @Test(
    "Each convention has its names",
    arguments: [
      (OriginConvention.verbatim, String?.none, ["resource.users", "jobs"]),
      (.verbatim, "ignored", ["resource.users", "jobs"]),
      (.prefixed, nil, ["flowpanel:resource.users", "flowpanel:jobs"]),
      (.prefixed, "fp", ["fp:resource.users", "fp:jobs"]),
      (.documented, nil, ["fp:resource:users", "fp:custom:jobs"]),
      (.documented, "admin", ["admin:resource:users", "admin:custom:jobs"]),
    ])
  func names(convention: OriginConvention, prefix: String?, names: [String]) async throws {
    try await RedisServer.withServer { server in
      try await withOrigin {
        $0.fanOut = Self.fanOut(port: server.port)
        $0.convention = convention
        $0.keyPrefix = prefix
      } _: { origin in
        try await listening(to: "resource.users", "jobs", at: origin) { connection in
          for name in names { try await server.waitForSubscribers(1, of: name) }
          _ = try await server.replies(to: "PUBLISH \(names[1]) [1]")
          let received = try await connection.receive { $0.hasSuffix("\n\n") }
          let data = convention == .prefixed ? "{\"channel\":\"jobs\",\"payload\":[1]}" : "[1]"
          #expect(received.text == "event: message\ndata: \(data)\n\n")
        }
      }
    }
  }

  @Test("With Redis down the stream says ready all the same, and follows once it is up")
  func down() async throws {
    let port = try freePort()
    let lines = LoggedLines()
    try await withOrigin(log: lines.add) {
      // Starting a Redis may take as long as twenty tries do.
      $0.fanOut = Self.fanOut(port: port, triesPerCommand: nil)
      $0.heartbeatInterval = .milliseconds(100)
    } _: { origin in
      try await listening(to: "a", at: origin) { connection in
        try await wait(for: "the error") { !lines.all.isEmpty }
        // Several tries later it has still been said once.
        _ = try await connection.receive { $0.contains(": keep-alive\n\n: keep-alive\n\n: keep-alive\n\n") }
        #expect(
          lines.all == [
            "[flowpanel] realtime redis connection error (ECONNREFUSED): connect ECONNREFUSED 127.0.0.1:\(port)"
          ])
        var configuration = RedisServer.Configuration()
        configuration.port = port
        try await RedisServer.withServer(configuration) { server in
          try await server.waitForSubscribers(1, of: "flowpanel:a")
          _ = try await publish("1", on: "a", at: origin)
          _ = try await connection.receive { $0.contains("\"payload\":1}\n\n") }
        }
        // It is down again; what then waits is no failure of Redis' when the origin stops.
        try await listening(to: "b", at: origin) { _ in }
      }
    }
    #expect(!lines.all.contains { $0.contains("subscribe failed") })
  }

  @Test("As it was first published, ioredis prints every error, and without a URL connects to this machine")
  func unhandledErrors() async throws {
    #expect(OriginRedis().endpoint == RedisEndpoint(host: "127.0.0.1", port: 6379))
    let lines = LoggedLines()
    let port = try freePort()
    try await withOrigin(log: lines.add) {
      $0.fanOut = Self.fanOut(port: port)
      $0.convention = .verbatim
    } _: { origin in
      try await listening(to: "a", at: origin) { _ in
        // Two connections, and each tries again.
        try await wait(for: "the second tries") { lines.all.count > 2 }
        let error = "[ioredis] Unhandled error event: Error: connect ECONNREFUSED 127.0.0.1:\(port)"
        #expect(lines.all.prefix(3).allSatisfy { $0 == error }, "\(lines.all)")
      }
    }
  }

  @Test("After twenty tries in vain what waits fails, in ioredis' words")
  func givesUp() async throws {
    let lines = LoggedLines()
    let port = try freePort()
    let began = ContinuousClock.now
    try await withOrigin(log: lines.add) {
      $0.fanOut = Self.fanOut(port: port)
    } _: { origin in
      try await listening(to: "a", at: origin) { _ in
        let answer = try await publish("1", on: "a", at: origin)
        #expect(answer.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(answer.contains("MaxRetriesPerRequestError: Reached the max retries per request limit (which is 20)."))
        #expect(began.duration(to: .now) > .seconds(9))
        // The connection that subscribes counts its own tries.
        try await wait(for: "the subscription's failure") {
          lines.all.contains { $0.hasPrefix("[flowpanel] redis subscribe failed: MaxRetriesPerRequestError") }
        }
      }
    }
  }

  @Test("What waits for a Redis that does not answer is bounded")
  func boundedWaiting() async throws {
    let lines = LoggedLines()
    try await RawTCPServer.withServer(.init(then: .staysSilent)) { server in
      try await withOrigin(log: lines.add) {
        $0.fanOut = Self.fanOut(port: server.port)
        $0.convention = .verbatim
      } _: { origin in
        for beginning in ["a", "b"] {
          try await listening(to: (1...5500).map { "\(beginning)\($0)" }.joined(separator: "&channel="), at: origin) {
            _ in
          }
        }
        try await wait(for: "a refusal") {
          lines.all.last == "[flowpanel] redis subscribe failed: too many commands wait for Redis"
        }
      }
    }
  }

  @Test("A wrong password is told once, without it, and the stream stays")
  func wrongPassword() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "right"
    try await RedisServer.withServer(configuration) { server in
      for (user, password) in [(nil, "c4n4ry"), ("u53r", "c4n4ry"), (String?.none, String?.none)] {
        let lines = LoggedLines()
        try await withOrigin(log: lines.add) {
          $0.fanOut = Self.fanOut(port: server.port, user: user, password: password)
          $0.heartbeatInterval = .milliseconds(200)
        } _: { origin in
          try await listening(to: "a", at: origin) { connection in
            _ = try await connection.receive { $0.contains(": keep-alive\n\n: keep-alive\n\n") }
            try await wait(for: "both lines") { lines.all.count == 2 }
            let kind = password == nil ? "NOAUTH" : "WRONGPASS"
            #expect(lines.all.allSatisfy { $0.contains(kind) && !$0.contains("c4n4ry") && !$0.contains("u53r") })
            #expect(lines.all.contains { $0.hasPrefix("[flowpanel] realtime redis connection error (ReplyError): ") })
            #expect(lines.all.contains { $0.hasPrefix("[flowpanel] redis subscribe failed: ReplyError: ") })
          }
        }
      }
    }
  }

  @Test("A server that repeats what it was told does not get it shown")
  func repeatedSecrets() async throws {
    let lines = LoggedLines()
    let reply = "-WRONGPASS u53r c4n4ry \(String(repeating: "x", count: 1000))c4n4ry\r\n"
    try await RawTCPServer.withServer(.init(sends: Array(reply.utf8), then: .staysSilent)) { server in
      try await withOrigin(log: lines.add) {
        $0.fanOut = Self.fanOut(port: server.port, user: "u53r", password: "c4n4ry")
      } _: { origin in
        try await listening(to: "a", at: origin) { _ in
          try await wait(for: "both lines") { lines.all.count == 2 }
          #expect(lines.all.allSatisfy { $0.contains("WRONGPASS [redacted] [redacted] x") && $0.count < 400 })
        }
      }
    }
  }

  @Test("A client that has gone counts no more, whichever way it went", arguments: ["--http1.0", "--http1.1"])
  func goneClient(version: String) async throws {
    try await RedisServer.withServer { server in
      try await withOrigin {
        $0.fanOut = Self.fanOut(port: server.port)
        $0.heartbeatInterval = .milliseconds(200)
      } _: { origin in
        // curl ends when the heartbeat that follows finds nobody to read it.
        let curl = try await runBinary(
          "/bin/sh",
          [
            "-c", #""$0" -sN "$1" "$2" | head -c "$3""#, findProgram("curl"), version, "\(origin.url)?channel=a",
            "\(handshake.utf8.count)",
          ])
        #expect(curl.standardOutput == handshake)
        try await server.waitForSubscribers(0, of: "flowpanel:a")
        try await TCPConnection.with(port: origin.port) { connection in
          try connection.send(request("GET", "/api/flowpanel/stream?channel=b"))
          _ = try await connection.receive { $0.contains(handshake) }
          try await server.waitForSubscribers(1, of: "flowpanel:b")
          // Closing with a request unread resets the connection.
          try connection.send(request())
        }
        try await server.waitForSubscribers(0, of: "flowpanel:b")
      }
    }
  }

  @Test("A refused channel fails for its first stream, and is tried again after all have left")
  func refusedChannel() async throws {
    var configuration = RedisServer.Configuration()
    configuration.aclUsers = ["admin on >secret resetchannels &flowpanel:ok -@all +publish +subscribe +unsubscribe"]
    try await RedisServer.withServer(configuration) { server in
      let lines = LoggedLines()
      try await withOrigin(log: lines.add) {
        $0.fanOut = Self.fanOut(port: server.port, user: "admin", password: "secret")
      } _: { origin in
        for round in 1...2 {
          try await listening(to: "other", at: origin) { _ in
            let refusals = { lines.all.filter { $0.hasPrefix("[flowpanel]") } }
            try await wait(for: "the refusal") { refusals().count == round }
            #expect(refusals().last?.hasPrefix("[flowpanel] redis subscribe failed: ReplyError: NOPERM") == true)
            // INFO, the ready check, is refused as well: ioredis goes on without it.
            try await listening(to: "other", "ok", at: origin) { _ in
              try await server.waitForSubscribers(1, of: "flowpanel:ok")
              #expect(refusals().count == round)
              let skipped = { lines.all.filter { !$0.hasPrefix("[flowpanel]") } }
              try await wait(for: "what both connections say of INFO") { skipped().count == 2 }
              #expect(
                skipped().allSatisfy {
                  $0.hasPrefix("Skipping the ready check because INFO command fails: \"NOPERM")
                })
            }
          }
        }
      }
    }
  }

  @Test("A connection that is lost comes back with its channels, and the stream stays")
  func resubscribes() async throws {
    try await RedisServer.withServer { server in
      let lines = LoggedLines()
      try await withOrigin(log: lines.add) {
        $0.fanOut = Self.fanOut(port: server.port)
      } _: { origin in
        try await listening(to: "a", "b", at: origin) { connection in
          try await server.waitForSubscribers(1, of: "flowpanel:b")
          try await wait(for: "both connections, and none besides but the question's") {
            try await server.replies(to: "INFO clients").contains("connected_clients:3\r\n")
          }
          let killed = try await server.replies(to: "CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal SKIPME yes")
          #expect(killed == ":1\r\n:1\r\n")
          for channel in ["a", "b"] { try await server.waitForSubscribers(1, of: "flowpanel:\(channel)") }
          // One command for each channel, and one for both.
          let commands = try await server.replies(to: "INFO commandstats")
          #expect(commands.contains("cmdstat_subscribe:calls=3,"))
          _ = try await publish("1", on: "b", at: origin)
          let received = try await connection.receive { $0.hasSuffix("\n\n") }
          #expect(received.text.contains("\"channel\":\"b\""))
        }
        try await server.waitForSubscribers(0, of: "flowpanel:a")
      }
    }
  }

  @Test("A database is chosen, and a password that nobody asks for is no obstacle")
  func databaseAndNeedlessPassword() async throws {
    try await RedisServer.withServer { server in
      try await withOrigin {
        let endpoint = RedisEndpoint(host: "127.0.0.1", port: server.port, database: 3)
        $0.fanOut = .redis(OriginRedis(endpoint: endpoint, password: Secret("needless")))
      } _: { origin in
        try await listening(to: "a", at: origin) { _ in
          try await server.waitForSubscribers(1, of: "flowpanel:a")
          let clients = try await server.replies(to: "CLIENT LIST TYPE pubsub")
          #expect(clients.contains(" db=3 "))
        }
      }
    }
  }

  @Test(
    "What is no Redis, or says too much, is told once and does no harm",
    arguments: ["HTTP/1.1 400 Bad\r\n\r\n", "*9999999\r\n"])
  func noRedis(bytes: String) async throws {
    let lines = LoggedLines()
    try await RawTCPServer.withServer(.init(sends: Array(bytes.utf8), then: .staysSilent)) { server in
      try await withOrigin(log: lines.add) {
        $0.fanOut = Self.fanOut(port: server.port)
        $0.heartbeatInterval = .milliseconds(100)
      } _: { origin in
        try await listening(to: "a", at: origin) { connection in
          try await wait(for: "the error") { lines.all.contains { $0.contains("connection error") } }
          _ = try await connection.receive { $0.contains(": keep-alive\n\n: keep-alive\n\n") }
          let errors = lines.all.filter { $0.contains("connection error") }
          #expect(
            errors == [
              "[flowpanel] realtime redis connection error (ParserError): Protocol error, the other side is no Redis"
            ])
        }
      }
    }
  }

  @Test("Redis that is not reached over plain TCP is refused by name")
  func unusable() async throws {
    var master = RedisEndpoint(host: "mymaster")
    master.isMasterName = true
    for endpoint in [
      RedisEndpoint(host: "cache", usesTLS: true), RedisEndpoint(host: "/run/redis", isUnixSocket: true), master,
    ] {
      var settings = OriginSettings()
      settings.fanOut = .redis(OriginRedis(endpoint: endpoint))
      let failure = #expect(throws: OriginFailure.self) { try settings.validate() }
      #expect(failure?.description.contains("plain TCP") == true)
    }
  }
}
