import Facts
import RedisProbe
import TestServers
import Testing
import Transport

@Suite("The whole probe against servers that mean no good", .timeLimit(.minutes(5)))
struct HostileServerTests {
  /// What the probe sees when it does all that it can do, and has to hurry unless it is given time.
  private func hurriedFacts(
    _ url: String, within timeout: Duration = .milliseconds(400), _ system: System = .flock
  ) async throws -> RedisFacts {
    try await facts(url, patience: timeout / 2) {
      $0.stepTimeout = timeout
      $0.system = system
      $0.isActive = true
      $0.isIntrusive = true
    }
  }

  @Test("whatever comes, the probe ends, and does not say that all is well", arguments: HostileRedis.allCases)
  func ends(_ hostile: HostileRedis) async throws {
    let kind: RedisFacts.StepFailure.Kind? =
      switch hostile {
      case .silence, .halfStatus, .halfBulkString, .halfArray, .drippingBulkString, .hugeBulkString: .timedOut
      case .closesAtOnce, .resets: .closed
      case .httpAnswer, .tlsAlert, .sshBanner, .zeroBytes, .hugeArray, .negativeLength, .deepNesting, .resp3Push,
        .resp3Map, .endlessStatus, .endlessBulkString, .endlessArray:
        .notRedis
      case .endlessReplies: nil
      }
    try await RawTCPServer.withServer(hostile.script) { server in
      // Where the deadline is not what ends it, it is too far off to do so.
      let timeout = Duration.milliseconds(kind == .timedOut ? 400 : hostile == .resets ? 4_000 : 40_000)
      let facts = try await hurriedFacts("redis://127.0.0.1:\(server.port)", within: timeout)
      #expect(!facts.isComplete)
      #expect(facts.failedStep?.failure?.kind == kind, "\(facts.steps)")
    }
  }

  @Test("the same behind TLS and behind a sentinel's URL", arguments: [HostileRedis.silence, .hugeArray, .resets])
  func elsewhere(_ hostile: HostileRedis) async throws {
    try await RawTCPServer.withServer(hostile.script) { server in
      let tls = try await hurriedFacts("rediss://127.0.0.1:\(server.port)")
      #expect(tls.failedStep?.step == .tls)
      let sentinel = try await hurriedFacts("redis+sentinel://127.0.0.1:\(server.port)/mymaster")
      #expect(sentinel.failedStep?.failure?.kind == .nameNotFound)
      #expect(sentinel.sentinel?.answers.first?.failure != nil)
    }
  }

  @Test(
    "lengths at the edge of what a number holds are refused or waited for",
    arguments: [
      "$9223372036854775806\r\n", "$18446744073709551615\r\n", "$-9223372036854775808\r\n", "*9223372036854775807\r\n",
      "*18446744073709551615\r\n", "*2147483648\r\n", ":99999999999999999999\r\n", "*100001\r\n",
    ])
  func edges(_ text: String) async throws {
    try await RawTCPServer.withServer(.init(sends: Array(text.utf8), then: .staysSilent)) { server in
      let kind = try await hurriedFacts("redis://127.0.0.1:\(server.port)").failedStep?.failure?.kind
      #expect(kind == .notRedis || kind == .timedOut)
    }
  }

  @Test(
    "a dialogue that breaks off at any byte is never taken for a whole one",
    arguments: [
      ("default", System.flowpanel), ("app", .flowpanel), ("app", .redisStreams),
    ])
  func breaksOff(_ user: String, _ system: System) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~* allchannels +@all -@admin"]
    } _: { server in
      _ = try await server.replies(to: "XADD sse:news 1-1 f v", "XADD sse:sport 1-1 f v")
      try await withConnections(to: server, ["SUBSCRIBE resource.news", "SUBSCRIBE sse:channel:news"]) {
        let userInfo = user == "default" ? "" : "\(user):sesame@"
        // The bytes that each of the connections gets, and what a whole dialogue shows.
        var lengths: [Int] = []
        var whole: RedisFacts?
        try await DelayingRelay.withRelay(to: server.port) { relay in
          let facts = try await facts("redis://\(userInfo)127.0.0.1:\(relay.port)") { $0.system = system }
          #expect(facts.isComplete || user != "default")
          #expect(facts.permissions?.value != nil)
          lengths = relay.connections.map(\.bytesFromServer).sorted()
          whole = facts
        }
        let (short, long) = (try #require(lengths.first), try #require(lengths.last))
        #expect(lengths.count == (user == "default" ? 2 : 3))
        let offsets = (0..<20).map { long * $0 / 20 } + (0..<6).map { short * $0 / 6 } + (1...6).map { long - 8 * $0 }
        for offset in offsets {
          try await DelayingRelay.withRelay(to: server.port, cutAfter: offset) { relay in
            let facts = try await facts("redis://\(userInfo)127.0.0.1:\(relay.port)", patience: .milliseconds(500)) {
              $0.system = system
            }
            // A number with fewer digits than before makes a dialogue shorter: it may have ended before.
            let isCut = relay.connections.contains(where: \.isCut)
            #expect(isCut || offset > long * 19 / 20, "\(relay.connections)")
            #expect(!isCut || !facts.isSameAs(whole), "cut after \(offset) of \(long) bytes")
            // What is said is what a whole dialogue says.
            if let permissions = facts.permissions?.value { #expect(permissions == whole?.permissions?.value) }
            if let streams = facts.streams?.value { #expect(streams.map(\.key) == whole?.streams?.value?.map(\.key)) }
            if let channels = facts.channels?.value { #expect(channels == whole?.channels?.value) }
            if let clients = facts.clients?.value { #expect(clients == whole?.clients?.value) }
            if let policy = facts.policy.value { #expect(policy.name == "noeviction") }
          }
        }
      }
    }
  }

  @Test(
    "the words of a server that closes before it is asked anything are told, also when asking it lost them",
    arguments: ["ERR max number of clients reached", "DENIED Redis is running in protected mode"],
    [("", RedisFacts.Step.ping), (":sesame@", .authenticate)])
  func closingWords(_ words: String, _ entry: (userInfo: String, step: RedisFacts.Step)) async throws {
    // Whoever waits for half a second or so hears them to the end.
    var script = RawTCPServer.Script(
      waitsForFirstBytes: false, sends: Array("-\(words)\r\n".utf8), pausing: .milliseconds(15), then: .closes)
    script.resetsWhoSpeaks = true
    try await RawTCPServer.withServer(script) { server in
      let failed = try await facts("redis://\(entry.userInfo)127.0.0.1:\(server.port)").failedStep
      #expect(failed?.step == entry.step)
      #expect(failed?.failure == .init(.serverError, words))
    }
  }

  @Test("many good replies are too much together, and what came before stays")
  func longReplies() async throws {
    try await RawTCPServer.withServer(.manyLongReplies) { server in
      let facts = try await facts("redis://:sesame@127.0.0.1:\(server.port)/1")
      // Three MiB each: after AUTH, SELECT, PING and CLIENT twice.
      #expect(facts.failedStep?.step == .info)
      #expect(facts.failedStep?.failure?.kind == .notRedis)
      #expect(facts.failedStep?.failure?.detail.contains("more than 16 MiB of replies") == true)
      #expect(facts.server.unseen?.kind == .notUnderstood)
    }
  }

  @Test("a reply of more than 4 MiB is not read to its end, and what came before it stays")
  func longReply() async throws {
    try await withRedis { server in
      let names = (1...9).map { "resource.\($0)" + String(repeating: "n", count: 1 << 19) }
      try await TCPConnection.with(port: server.port) { connection in
        for name in names { try connection.send("*2\r\n$9\r\nSUBSCRIBE\r\n$\(name.utf8.count)\r\n\(name)\r\n") }
        _ = try await connection.receive { $0.hasSuffix(":9\r\n") }
        let facts = try await facts(server.url())
        #expect(facts.failedStep == nil)
        #expect(facts.clients?.value?.map(\.kind) == [.pubsub])
        #expect(facts.channels?.unseen?.kind == .notUnderstood)
        #expect(facts.channels?.unseen?.detail.contains("4 MiB") == true)
      }
    }
  }
}

extension RedisFacts {
  /// Whether as much was seen as in other facts.
  fileprivate func isSameAs(_ other: RedisFacts?) -> Bool {
    guard let other else { return false }
    return (failedStep?.step, steps.count) == (other.failedStep?.step, other.steps.count)
      && (server.value != nil) == (other.server.value != nil)
      && settings?.value == other.settings?.value
      && (roundTrip?.value != nil) == (other.roundTrip?.value != nil)
      && clients == other.clients && permissions == other.permissions
      && (denials?.value != nil) == (other.denials?.value != nil)
      && channels == other.channels
      && streams?.value?.map(\.growthInSample) == other.streams?.value?.map(\.growthInSample)
  }
}
