import Facts
import Foundation
import RedisProbe
import TestServers
import Testing
import Transport

/// Every byte there is, among them those that end a line of the protocol.
let awkwardDocument = (0...255).map { UInt8($0) } + Array("\r\n$5\r\n".utf8)

extension Rendezvous {
  /// Publishes at a URL, with all the time that a busy machine needs.
  @discardableResult
  func publish(
    _ document: [UInt8] = awkwardDocument, as instance: String, at url: String, caFile: String? = nil,
    on now: Date = Date()
  ) async throws -> RendezvousPublication {
    try await publish(
      document, as: instance, to: try redisTarget(Secret(url)),
      through: RedisProbe(stepTimeout: .seconds(60), patience: .seconds(60), tls: TLSOptions(caFile: caFile)),
      over: try Transport(), within: .seconds(120), at: now)
  }

  /// Reads at a URL, with all the time that a busy machine needs.
  func read(at url: String, caFile: String? = nil) async throws -> RendezvousReading {
    try await read(
      from: try redisTarget(Secret(url)),
      through: RedisProbe(stepTimeout: .seconds(60), patience: .seconds(60), tls: TLSOptions(caFile: caFile)),
      over: try Transport(), within: .seconds(120))
  }
}

extension RendezvousReading {
  /// `web-1: 262 bytes`, `web-2: stale`.
  var inWords: [String] {
    instances.map { instance in
      switch instance.state {
      case .document(let bytes): "\(instance.name): \(bytes.count) bytes"
      case .stale: "\(instance.name): stale"
      case .unusable(let why): "\(instance.name): \(why)"
      }
    }
  }
}

@Suite("The rendezvous through Redis", .timeLimit(.minutes(5)))
struct RendezvousTests {
  @Test("what instances publish is read back byte for byte, the last publication of each")
  func roundTrip() async throws {
    try await withRedis { server in
      let rendezvous = try Rendezvous(deploy: "4f2c")
      let now = Date(timeIntervalSince1970: 1_763_000_000.5)
      let publication = try await rendezvous.publish(as: "web-2", at: server.url(), on: now)
      #expect(
        publication.keys == ["flowpanel-doctor:env:{4f2c}:instance:web-2", "flowpanel-doctor:env:{4f2c}:index"])
      #expect(publication.milliseconds > 0)
      try await rendezvous.publish([1], as: "café 1", at: server.url(), on: now)
      try await rendezvous.publish(
        [UInt8](repeating: 7, count: Rendezvous.maximumDocumentBytes), as: "café 1", at: server.url(), on: now + 1)
      try await Rendezvous(deploy: "other").publish(as: "web-9", at: server.url())

      let reading = try await rendezvous.read(at: server.url())
      #expect(reading.inWords == ["café 1: 1048576 bytes", "web-2: 262 bytes"])
      #expect(reading.instances[1].state == .document(awkwardDocument))
      #expect(reading.instances.map(\.published) == [now + 1, now])
      #expect(!reading.isCutShort)
      #expect(try await Rendezvous(deploy: "none").read(at: server.url()).inWords.isEmpty)
    }
  }

  @Test("publishing waits once for an answer, also with AUTH and SELECT", arguments: ["", "/2"])
  func oneRoundTrip(_ database: String) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~* +@all"]
    } _: { server in
      try await DelayingRelay.withRelay(to: server.port, delay: .milliseconds(20)) { relay in
        let userInfo = database.isEmpty ? "" : "app:sesame@"
        let url = "redis://\(userInfo)127.0.0.1:\(relay.port)\(database)"
        let rendezvous = try Rendezvous()
        let publication = try await rendezvous.publish(as: "web-1", at: url)
        #expect(publication.milliseconds >= 40)
        #expect(relay.connections.map(\.roundTrips) == [1])
        #expect(try await rendezvous.read(at: url).inWords == ["web-1: 262 bytes"])
        // The index, the lengths, the documents.
        #expect(relay.connections.map(\.roundTrips) == [1, 3])
        let counts = try await server.commandCounts()
        #expect([counts["auth"], counts["select"]] == (database.isEmpty ? [nil, nil] : [2, 2]))
      }
    }
  }

  @Test("an instance whose document has expired is stale, and it is told when it was published")
  func stale() async throws {
    try await withRedis { server in
      let now = Date(timeIntervalSince1970: 1_763_000_000)
      let brief = try Rendezvous(timeToLive: .milliseconds(30))
      try await brief.publish(as: "web-1", at: server.url(), on: now)
      try await Rendezvous().publish(as: "web-2", at: server.url(), on: now)
      try await wait(for: "the document expires") {
        try await server.replies(to: "DBSIZE") == ":2\r\n"
      }
      let reading = try await brief.read(at: server.url())
      #expect(reading.inWords == ["web-1: stale", "web-2: 262 bytes"])
      #expect(reading.instances[0].published == now)
    }
  }

  @Test("who has not published for the keep time is forgotten, and so is the index in the end")
  func pruning() async throws {
    try await withRedis { server in
      let rendezvous = try Rendezvous()
      #expect(rendezvous.keepTime == .seconds(86_400))
      #expect(try Rendezvous(timeToLive: .seconds(86_400)).keepTime == .seconds(4 * 86_400))
      let now = Date(timeIntervalSince1970: 1_763_000_000)
      try await rendezvous.publish(as: "former", at: server.url(), on: now - 86_401)
      try await rendezvous.publish(as: "kept", at: server.url(), on: now - 86_400)
      #expect(try await rendezvous.read(at: server.url()).instances.map(\.name) == ["former", "kept"])
      try await rendezvous.publish(as: "new", at: server.url(), on: now)
      #expect(try await rendezvous.read(at: server.url()).instances.map(\.name) == ["kept", "new"])
      for (key, limit) in [(rendezvous.indexKey, 86_400), (rendezvous.documentKey("new"), 3600)] {
        let reply = try await server.replies(to: "TTL \(key)")
        let seconds = try #require(Int(reply.dropFirst().dropLast()))
        #expect((limit - 60...limit).contains(seconds))
      }
    }
  }

  @Test("3,000 instances are read in few round trips")
  func many() async throws {
    try await withRedis { server in
      let rendezvous = try Rendezvous()
      let script =
        "for i = 1, 3000 do redis.call('SET', '\(rendezvous.documentKey("web-"))' .. i, string.rep('x', 4000 + i)) "
        + "redis.call('ZADD', '\(rendezvous.indexKey)', 1763000000000 + i, 'web-' .. i) end"
      _ = try await server.replies(to: "EVAL \"\(script)\" 0")
      try await DelayingRelay.withRelay(to: server.port) { relay in
        let reading = try await rendezvous.read(at: "redis://127.0.0.1:\(relay.port)")
        #expect(reading.instances.count == 3000)
        for instance in reading.instances {
          let number = try #require(Int(instance.name.dropFirst(4)))
          #expect(instance.published == Date(timeIntervalSince1970: 1_763_000_000 + Double(number) / 1000))
          guard case .document(let bytes) = instance.state, bytes.count == 4000 + number else {
            Issue.record("\(instance.name) is not read")
            break
          }
        }
        #expect(!reading.isCutShort)
        #expect(relay.connections.count == 1)
      }
      let counts = try await server.commandCounts()
      #expect((1...3).contains(counts["zscan"] ?? 0))
      #expect(counts["strlen"] == 3000)
      #expect(counts["get"] == 3000)
    }
  }

  @Test("over TLS, and with a certificate that is not accepted")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await withRedis {
        $0.tls = certificates
      } _: { server in
        let rendezvous = try Rendezvous()
        let url = try #require(server.tlsURL())
        let document = [UInt8](repeating: 7, count: Rendezvous.maximumDocumentBytes)
        try await rendezvous.publish(document, as: "web-1", at: url, caFile: certificates.caFile)
        let reading = try await rendezvous.read(at: url, caFile: certificates.caFile)
        #expect(reading.inWords == ["web-1: 1048576 bytes"])
        let failure = await #expect(throws: RendezvousFailure.self) {
          try await rendezvous.publish(as: "web-1", at: url)
        }
        #expect(failure?.step == .tls)
        #expect(failure?.kind == .notReachable)
      }
    }
  }

  @Test("the master that the sentinels name is published to and read from, also after a failover")
  func sentinels() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "sesame"
    try await TestServers.RedisSentinels.withSentinels(servers: configuration) { group in
      let addresses = group.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
      let url = "redis+sentinel://:sesame@\(addresses)/mymaster"
      let rendezvous = try Rendezvous()
      try await rendezvous.publish(as: "web-1", at: url)
      #expect(try await group.servers[0].replies(to: "EXISTS \(rendezvous.indexKey)") == ":1\r\n")
      let unknown = await #expect(throws: RendezvousFailure.self) {
        try await rendezvous.publish(as: "web-1", at: url.replacing("/mymaster", with: "/nomaster"))
      }
      #expect(unknown?.step == .sentinels)
      #expect(unknown?.reason == "no sentinel knows a master named nomaster")
      try await group.failover()
      try await rendezvous.publish(as: "web-2", at: url)
      let read = try await rendezvous.read(at: url).inWords
      #expect(read == ["web-1: 262 bytes", "web-2: 262 bytes"])
    }
    let closed = try closedPort()
    let failure = await #expect(throws: RendezvousFailure.self) {
      try await Rendezvous().read(at: "redis+sentinel://127.0.0.1:\(closed)/mymaster")
    }
    #expect(
      failure?.description == "redis+sentinel://mymaster/0, sentinels: no sentinel answers "
        + "(127.0.0.1:\(closed): Connection refused)")
  }

  @Test(
    "names and times that do not fit into keys and rules are refused",
    arguments: [
      ("", "a", 1), ("a*", "a", 1), ("a b", "a", 1), ("{a}", "a", 1), (String(repeating: "a", count: 101), "a", 1),
      ("a", "", 1), ("a", "a b", 1), ("a", "a}b", 1), ("a", "café", 1), ("a", String(repeating: "a", count: 201), 1),
      ("a", "a", 0), ("a", "a", 367 * 86_400),
    ])
  func names(_ prefix: String, _ deploy: String, _ seconds: Int) throws {
    #expect(throws: RendezvousNameError.self) {
      try Rendezvous(prefix: prefix, deploy: deploy, timeToLive: .seconds(seconds))
    }
    _ = try Rendezvous(prefix: "Ops/a-1_2.b:c", deploy: "release/1.2#3", timeToLive: .seconds(366 * 86_400))
  }

  @Test("an instance's name and its document are checked before anybody is asked")
  func unfit() async throws {
    let url = "redis://127.0.0.1:\(try closedPort())"
    for name in ["", "web\u{1B}[2J", "web\u{202E}1", "web\n", String(repeating: "w", count: 256)] {
      let failure = await #expect(throws: RendezvousFailure.self) { try await Rendezvous().publish(as: name, at: url) }
      #expect(failure?.kind == .unfit)
    }
    for length in [0, Rendezvous.maximumDocumentBytes + 1] {
      let failure = await #expect(throws: RendezvousFailure.self) {
        try await Rendezvous().publish([UInt8](repeating: 7, count: length), as: "web-1", at: url)
      }
      #expect(failure?.kind == .unfit)
    }
    let fits = await #expect(throws: RendezvousFailure.self) {
      try await Rendezvous().publish(as: String(repeating: "w", count: 255), at: url)
    }
    #expect(fits?.step == .connect)
  }
}
