import Facts
import RedisProbe
import TestServers
import Testing

/// The rules of one user, and what comes of them.
struct PermissionCase: Sendable, CustomTestStringConvertible {
  var system = System.flowpanel
  var rules: String
  var expected: [String]

  init(_ rules: String, for system: System = .flowpanel, _ expected: [String]) {
    self.system = system
    self.rules = rules
    self.expected = expected
  }

  var testDescription: String { "\(system.rawValue): \(rules)" }
}

@Suite("What the user may do", .timeLimit(.minutes(5)))
struct PermissionTests {
  @Test("an administrator is asked about by ACL DRYRUN")
  func administrator() async throws {
    try await withRedis { server in
      let permissions = try await facts(server.url()) { $0.keyPrefix = .seen("acme") }.permissions?.value
      #expect(permissions?.user == "default")
      #expect(permissions?.source == "ACL DRYRUN")
      #expect(
        permissions?.inWords == [
          "+PUBLISH", "+PUBLISH resource.*", "+PUBLISH acme:*", "+SUBSCRIBE", "+SUBSCRIBE resource.*",
          "+SUBSCRIBE acme:*", "+UNSUBSCRIBE",
        ])
    }
  }

  @Test("an administrator may be refused something all the same")
  func narrowAdministrator() async throws {
    try await withRedis {
      $0.aclUsers = ["boss on >sesame ~sse:* resetchannels &other:* +@all -xadd -publish"]
    } _: { server in
      let permissions = try await facts(server.url(user: "boss", password: "sesame")) { $0.system = .redisStreams }
        .permissions?.value
      #expect(permissions?.user == "boss")
      #expect(permissions?.source == "ACL DRYRUN")
      #expect(
        permissions?.inWords == [
          "-XADD", "+XRANGE", "+XRANGE sse:*", "+XLEN", "+XLEN sse:*", "+EXPIRE", "+EXPIRE sse:*", "-PUBLISH",
          "+SUBSCRIBE", "-SUBSCRIBE sse:channel:*",
        ])
    }
  }

  @Test(
    "others ask by queueing in a transaction that is dropped, and nothing of it is run",
    arguments: [
      PermissionCase(
        "resetchannels &resource.* +@all -@admin",
        [
          "+PUBLISH", "+PUBLISH resource.*", "-PUBLISH flowpanel:*", "+SUBSCRIBE", "+SUBSCRIBE resource.*",
          "-SUBSCRIBE flowpanel:*", "+UNSUBSCRIBE",
        ]),
      PermissionCase(
        "resetchannels +@all -@admin",
        [
          "+PUBLISH", "-PUBLISH resource.*", "-PUBLISH flowpanel:*", "+SUBSCRIBE", "-SUBSCRIBE resource.*",
          "-SUBSCRIBE flowpanel:*", "+UNSUBSCRIBE",
        ]),
      PermissionCase(
        "allchannels +@all -@admin -publish",
        ["-PUBLISH", "+SUBSCRIBE", "+SUBSCRIBE resource.*", "+SUBSCRIBE flowpanel:*", "+UNSUBSCRIBE"]),
      PermissionCase(
        "resetchannels &sse:channel:* ~other:* +@all -@admin", for: .redisStreams,
        [
          "+XADD", "-XADD sse:*", "+XRANGE", "-XRANGE sse:*", "+XLEN", "-XLEN sse:*", "+EXPIRE", "-EXPIRE sse:*",
          "+PUBLISH", "+PUBLISH sse:channel:*", "+SUBSCRIBE", "+SUBSCRIBE sse:channel:*",
        ]),
      PermissionCase(
        "allchannels %R~sse:* +@all -@admin", for: .redisStreams,
        [
          "+XADD", "-XADD sse:*", "+XRANGE", "+XRANGE sse:*", "+XLEN", "+XLEN sse:*", "+EXPIRE", "-EXPIRE sse:*",
          "+PUBLISH", "+PUBLISH sse:channel:*", "+SUBSCRIBE", "+SUBSCRIBE sse:channel:*",
        ]),
      PermissionCase(
        "~flock:* resetchannels &flock:broadcast:* &__keyevent@*__:expired -@all +multi +discard +exec +hset +hget "
          + "+expire +srem +del +publish +subscribe +unsubscribe",
        for: .flock,
        [
          "+HSET", "+HSET flock:*", "+HGET", "+HGET flock:*", "+EXPIRE", "+EXPIRE flock:*", "-SADD", "+SREM",
          "+SREM flock:*", "+DEL", "+DEL flock:*", "+PUBLISH", "+PUBLISH flock:broadcast:*",
          "+SUBSCRIBE", "+SUBSCRIBE flock:broadcast:*", "+UNSUBSCRIBE", "+MULTI", "+EXEC",
        ]),
    ])
  func transaction(_ example: PermissionCase) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame \(example.rules)"]
    } _: { server in
      let found = try await facts(server.url(user: "app", password: "sesame")) { $0.system = example.system }
        .permissions
      #expect(found?.value?.user == "app")
      #expect(found?.value?.source == "MULTI … DISCARD", "\(String(describing: found))")
      #expect(found?.value?.inWords == example.expected)
      #expect(found?.value?.answers.allSatisfy { $0.isAllowed || $0.words.hasPrefix("NOPERM") } == true)
      try await expectNothingRun(on: server)
    }
  }

  @Test(
    "who may not begin a transaction is asked about by subscribing to channels of our own, and the rest is open",
    arguments: [
      ("~* allchannels +@all -@admin -multi", System.redisStreams), ("~* allchannels +@all -@admin -multi", .flock),
      ("allchannels -@all +publish +subscribe +unsubscribe", .flowpanel),
      ("~* allchannels -@all +multi +exec +@write +@read +publish +subscribe +unsubscribe -multi", .flock),
    ])
  func withoutTransaction(_ rules: String, _ system: System) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame \(rules)"]
    } _: { server in
      let found = try await facts(server.url(user: "app", password: "sesame")) { $0.system = system }.permissions
      try await expectNothingRun(on: server)
      #expect(found?.value?.source == "SUBSCRIBE", "\(String(describing: found))")
      #expect(found?.value?.answers.allSatisfy { $0.command == "SUBSCRIBE" && $0.isAllowed } == true)
      #expect(found?.value?.unanswered?.contains("PUBLISH") == true)
    }
  }

  @Test("who may not DISCARD has nothing run by EXEC either")
  func withoutDiscard() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~* allchannels +@all -@admin -discard"]
    } _: { server in
      let found = try await facts(server.url(user: "app", password: "sesame")) { $0.system = .flock }.permissions
      #expect(found?.value?.source == "MULTI … DISCARD", "\(String(describing: found))")
      #expect(found?.value?.unanswered == ["EXEC"])
      try await expectNothingRun(on: server)
    }
  }

  @Test("commands that are renamed away are refused to everybody")
  func renamed() async throws {
    try await withRedis {
      $0.renamedCommands = ["PUBLISH": "", "XADD": "secret-xadd"]
    } _: { server in
      let permissions = try await facts(server.url()) { $0.system = .redisStreams }.permissions?.value
      #expect(permissions?.user == "default")
      #expect(
        permissions?.inWords == [
          "-XADD", "+XRANGE", "+XRANGE sse:*", "+XLEN", "+XLEN sse:*", "+EXPIRE", "+EXPIRE sse:*", "-PUBLISH",
          "+SUBSCRIBE", "+SUBSCRIBE sse:channel:*",
        ])
      #expect(permissions?.answers.first?.words == "ERR unknown command 'XADD'")
      try await expectNothingRun(on: server)
    }
  }

  @Test("a user who may not ask who he is keeps the name that he entered with")
  func nameless() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame allchannels +@all -acl", "default on nopass allchannels +@all -acl"]
    } _: { server in
      let app = try await facts(server.url(user: "app", password: "sesame"))
      #expect(app.permissions?.value?.user == "app")
      let nobody = try await facts(server.url())
      #expect(nobody.permissions?.value?.user == "default")
      // A name without a password is more likely a password in the wrong place.
      let misplaced = try await facts("redis://canary-word@127.0.0.1:\(server.port)")
      #expect(misplaced.permissions?.value?.user == "default")
    }
  }

  @Test("refusals to others are told, and those that the probe brought about are not")
  func denials() async throws {
    try await withRedis {
      $0.aclUsers = [
        "app on >sesame resetchannels -@all +client|setname +ping +multi +discard +publish",
        "other on >open resetchannels resetkeys +@all -flushall",
      ]
    } _: { server in
      #expect(try await facts(server.url()).denials == .seen([]))
      _ = try await facts(server.url(user: "app", password: "sesame"))
      #expect(try await server.replies(to: "ACL LOG").contains("flowpanel-doctor"), "the probe was refused something")
      #expect(try await facts(server.url()).denials == .seen([]))

      _ = try await server.replies(
        to: "AUTH other open", "GET secret", "PUBLISH resource.x y", "PUBLISH resource.x y", "FLUSHALL")
      _ = try await server.replies(to: "AUTH other wrong")
      let denials = try #require(try await facts(server.url()).denials?.value)
      #expect(
        denials.map { "\($0.reason) \($0.object) \($0.user) \($0.count)" } == [
          "auth   1", "command flushall other 1", "channel resource.x other 2", "key  other 1",
        ])
      #expect(denials.allSatisfy { (0..<60).contains($0.ageSeconds) })
    }
  }

  /// Of all that is asked about, nothing was run and nothing is there.
  private func expectNothingRun(on server: RedisServer) async throws {
    let asked = Set(System.allCases.flatMap { $0.redisNeeds().commands.map { $0.lowercased() } })
      // A transaction without anything in it, and a subscription to a channel that nobody else has, change nothing.
      .subtracting(["multi", "exec", "info", "ping", "subscribe"])
    #expect(Set(try await server.commandCounts().keys).intersection(asked) == [])
    #expect(try await server.replies(to: "DBSIZE") == ":0\r\n")
  }
}
