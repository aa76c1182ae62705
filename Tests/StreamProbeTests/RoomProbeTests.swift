import Facts
import Foundation
import StreamProbe
import TestServers
import Testing
import Transport

@Suite("Rooms that several instances of flock share", .timeLimit(.minutes(5)))
struct RoomProbeTests {
  private static let room = "flowpanel-doctor-test"

  /// Runs the body with a Redis and servers that use it.
  private func withServers<R>(
    _ count: Int = 2, _ configure: (inout [FlockSettings]) -> Void = { _ in },
    _ body: ([FlockServer], RedisServer) async throws -> R
  ) async throws -> R {
    try await RedisServer.withServer { redis in
      var settings = [FlockSettings](repeating: FlockSettings(redisPort: redis.port), count: count)
      configure(&settings)
      return try await FlockServer.withServers(settings) { try await body($0, redis) }
    }
  }

  /// What a probe with more patience than a busy machine needs sees; less where somebody is not seen.
  private func facts(
    _ urls: [String], key: String? = nil, patience: Duration = .seconds(120), join: Duration = .seconds(120),
    counting: @Sendable () async -> [RoomFacts.Count] = { [] }
  ) async throws -> RoomFacts {
    var probe = RoomProbe(room: Self.room, apiKey: key.map { Secret($0) })
    probe.patience = patience
    probe.joinTimeout = join
    probe.leaveTimeout = .seconds(60)
    let targets = urls.enumerated().map { index, url in
      var target = StreamTarget(url: url, instance: "web-\(index + 1)", headers: [("Cookie", Secret("session=canary"))])
      target.number = index
      return target
    }
    let found = await probe.facts(at: targets, over: try Transport(), counting: counting)
    return try #require(found.value, "\(found)")
  }

  /// Which places each listener saw somebody join at.
  private func seen(_ facts: RoomFacts) -> [[Int]] { facts.places.map { $0.seen.map(\.place).sorted() } }

  @Test("who joins on one instance is seen on all, and nothing is left of anybody")
  func healthy() async throws {
    try await withServers(3) { servers, redis in
      let facts = try await facts(servers.map(\.url)) {
        let replies = try? await redis.replies(to: "PUBSUB NUMSUB flock:broadcast:\(Self.room)")
        let count = replies?.split(separator: "\r\n").last.flatMap { Int($0.dropFirst()) }
        return [RoomFacts.Count(redisURL: "redis", subscribers: .seen(count ?? 0))]
      }
      #expect(seen(facts) == [[0, 1, 2], [0, 1, 2], [0, 1, 2]])
      #expect(facts.places.allSatisfy { $0.listener.failure == nil && $0.announced.failure == nil && $0.lost.isEmpty })
      #expect(facts.places.flatMap(\.seen).allSatisfy { $0.milliseconds >= 0 })
      #expect(facts.counts.map(\.subscribers) == [.seen(3)])
      for server in servers { #expect(try await server.users == 0) }
      try await wait(for: "no key") { try await redis.replies(to: "DBSIZE") == ":0\r\n" }
      try await wait(for: "no subscription") {
        try await redis.replies(to: "PUBSUB CHANNELS flock:*") == "*0\r\n"
      }
      let said = try await servers[0].said
      #expect(said.filter { $0 == "leave" }.count == 2)
    }
  }

  @Test("an instance that is subscribed only after it has acknowledged is seen to hear all the same")
  func late() async throws {
    try await withServers(2) {
      for index in $0.indices { $0[index].joinsBeforeListening = 3 }
    } _: { servers, _ in
      let facts = try await facts(servers.map(\.url))
      #expect(seen(facts) == [[0, 1], [0, 1]])
    }
  }

  /// What can be wrong with the third of three.
  enum Fault: CaseIterable {
    case withoutRedis, deaf, mute
  }

  @Test(
    "one without Redis, one that is deaf to it and one that does not speak are told apart", arguments: Fault.allCases)
  func faults(_ fault: Fault) async throws {
    try await withServers(3) {
      switch fault {
      case .withoutRedis: $0[2].redisPort = nil
      case .deaf: $0[2].listens = false
      case .mute: $0[2].speaks = false
      }
    } _: { servers, _ in
      // Long enough for those who are seen, on a busy machine too.
      let facts = try await facts(servers.map(\.url), patience: .seconds(20))
      switch fault {
      case .withoutRedis: #expect(seen(facts) == [[0, 1], [0, 1], [2]])
      case .deaf: #expect(seen(facts) == [[0, 1, 2], [0, 1, 2], [2]])
      case .mute: #expect(seen(facts) == [[0, 1], [0, 1], [0, 1, 2]])
      }
    }
  }

  @Test("the key goes along; without it, or with another, the server's word is kept, and never the key")
  func keys() async throws {
    try await withServers(2) {
      for index in $0.indices { $0[index].apiKeys = ["sesame-canary"] }
      $0[1].echoesKey = true
    } _: { servers, redis in
      let urls = servers.map(\.url)
      let welcome = try await facts(urls, key: "sesame-canary")
      #expect(seen(welcome) == [[0, 1], [0, 1]])
      for key in [nil, "wrong-canary"] {
        let facts = try await facts(urls, key: key)
        #expect(facts.places.map(\.listener.failure?.code) == ["INVALID_API_KEY", "INVALID_API_KEY"])
        #expect(facts.places.allSatisfy { $0.listener.failure?.kind == .refused })
        #expect(!"\(facts)".contains("canary"))
        let echo = facts.places[1].listener.failure?.detail
        #expect(echo?.contains("[redacted]") == (key != nil), "\(echo ?? "")")
      }
      try await wait(for: "no key") { try await redis.replies(to: "DBSIZE") == ":0\r\n" }
    }
  }

  @Test("where a room takes one user alone, the other one's failure is told")
  func full() async throws {
    try await withServers(2) {
      $0[1].maximumRoomSize = 1
    } _: { servers, _ in
      let facts = try await facts(servers.map(\.url))
      #expect(facts.places[1].listener.failure == nil && facts.places[1].announced.failure?.code == "ROOM_FULL")
      #expect(seen(facts) == [[0], [0]])
    }
  }

  @Test("what a server keeps although all have left can be seen in Redis: the imitation removes it")
  func traces() async throws {
    try await withServers(2) {
      $0[0].keepsTraces = true
    } _: { servers, redis in
      _ = try await facts(servers.map(\.url))
      // Two users' presence, and the set of members.
      try await wait(for: "the traces") { try await redis.replies(to: "DBSIZE") == ":3\r\n" }
    }
  }

  @Test("through nginx with Upgrade it works, without it the application's status comes instead of 101")
  func proxies() async throws {
    try await withServers(2) { servers, _ in
      let pass = "proxy_pass http://127.0.0.1:\(servers[1].port); proxy_http_version 1.1;"
      let upgrade = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
      try await NginxServer.withServer(
        serverBlock: "location / { \(pass) \(upgrade) } location /plain { \(pass) } location /page { return 200 x; }"
      ) { nginx in
        let facts = try await facts(
          [servers[0].url, "\(nginx.origin)/rooms", "\(nginx.origin)/plain", "\(nginx.origin)/page"])
        #expect(seen(facts) == [[0, 1], [0, 1], [], []])
        #expect(facts.places.map(\.listener.failure?.status) == [nil, nil, 404, 200])
        #expect(facts.places[2].listener.failure?.kind == .notUpgraded)
      }
    }
  }

  @Test("over TLS too, and wss stands for https")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await withServers(1) { servers, _ in
        let block = """
          location / { proxy_pass http://127.0.0.1:\(servers[0].port); proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
          """
        try await NginxServer.withServer(serverBlock: block, tls: certificates) { nginx in
          var probe = RoomProbe(room: Self.room)
          probe.route.tls.caFile = certificates.caFile
          probe.joinTimeout = .seconds(120)
          let targets = [nginx.origin, nginx.origin.replacing("https:", with: "wss:")].map { StreamTarget(url: $0) }
          let facts = await probe.facts(at: targets, over: try Transport())
          #expect(facts.value.map(seen) == [[0, 1], [0, 1]])
        }
      }
    }
  }

  @Test("a proxy of this side is asked for a connection, and its refusal is told without its password")
  func ownProxy() async throws {
    try await withServers(1) { servers, _ in
      try await HTTPProxy.withProxy(settings: "BasicAuth me sesame-canary") { proxy in
        var probe = RoomProbe(room: Self.room)
        probe.joinTimeout = .seconds(120)
        for password in ["sesame-canary", "wrong-canary"] {
          probe.route.proxy = Secret("http://me:\(password)@127.0.0.1:\(proxy.port)")
          let facts = await probe.facts(at: [StreamTarget(url: servers[0].url)], over: try Transport())
          let failure = facts.value?.places[0].listener.failure
          #expect((failure == nil) == password.hasPrefix("sesame"), "\(facts)")
          #expect(!"\(facts)".contains("canary"))
        }
        #expect(proxy.log.contains("CONNECT 127.0.0.1:\(servers[0].port)"))
      }
    }
  }

  @Test("a listener whose server goes away is not in the room; nobody is said to have left it")
  func gone() async throws {
    let head = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
    try await withServers(1) { servers, _ in
      try await RawTCPServer.withServer(RawTCPServer.Script(sends: Array(head.utf8), then: .closes)) { raw in
        let closed = "http://127.0.0.1:\(try closedPort())/"
        let facts = try await facts([servers[0].url, "http://127.0.0.1:\(raw.port)/", closed])
        #expect(facts.places.map(\.listener.failure?.kind) == [nil, .notUnderstood, .notReachable])
        #expect(facts.places.map(\.announced.failure?.kind) == [nil, .notReachable, .notReachable])
        #expect(seen(facts) == [[0], [], []])
        #expect(facts.places.allSatisfy { $0.lost.isEmpty })
      }
    }
  }

  @Test("what is none of flock's messages, or tells of nobody there, is passed over")
  func babble() async throws {
    let user = "flowpanel-doctor-announced"
    func joined(_ user: String, _ metadata: String = "{}") -> String {
      #"{"type":"user:joined","roomId":"\#(Self.room)","userId":"\#(user)","metadata":\#(metadata)}"#
    }
    try await withServers(2) {
      $0[1].redisPort = nil
      $0[1].babble =
        [
          "", "null", "7", "{}", #"{"type":7}"#, #"{"type":"join:ack","roomId":"another"}"#,
          String(repeating: "[", count: 200_000),
          #"{"type":"user:joined","roomId":"another","userId":"\#(user)-0"}"#, String(repeating: "a", count: 900_000),
        ] + [
          joined("\(user)--1"), joined("\(user)-+0"), joined("\(user)-00"), joined("\(user)-7"), joined(user),
          joined(""),
          joined("\(user)-99999999999999999999"), joined("\(user)-0", #"{"attempt":1000000}"#),
          joined("\(user)-0", #"{"attempt":-1}"#), joined("\(user)-0", #"{"attempt":1e99}"#),
        ]
    } _: { servers, _ in
      let facts = try await facts(servers.map(\.url), patience: .seconds(20))
      // Who lies about somebody who is there can't be told from the truth.
      #expect(facts.places[0].seen.map(\.place) == [0] && facts.places[1].seen.contains { $0.place == 1 })
      #expect(facts.places.allSatisfy { $0.listener.failure == nil && $0.announced.failure == nil })
    }
  }

  @Test("more than a server may say ends the visit, and so does a message that is too large")
  func flood() async throws {
    try await withServers(2) {
      $0[0].babble = [String](repeating: "{}", count: 30_000)
      $0[1].babble = [String(repeating: "a", count: 2 << 20)]
    } _: { servers, _ in
      let facts = try await facts(servers.map(\.url))
      #expect(facts.places.map(\.listener.failure?.kind) == [.notUnderstood, .notUnderstood])
      #expect(facts.places[0].listener.failure?.detail == "more than 20000 messages")
      #expect(facts.places[1].listener.failure?.detail == "a message of more than 1024 KiB")
    }
  }

  @Test("a run that ends first leaves the room")
  func interrupted() async throws {
    try await withServers(2) {
      $0[1].redisPort = nil
    } _: { servers, redis in
      var probe = RoomProbe(room: Self.room)
      probe.joinTimeout = .seconds(120)
      probe.patience = .seconds(200)
      probe.leaveTimeout = .seconds(60)
      let run = Task { [probe] in
        await probe.facts(at: servers.map { StreamTarget(url: $0.url) }, over: try Transport())
      }
      try await wait(for: "all to be there") { try await servers[1].users == 2 }
      run.cancel()
      #expect(try await run.value.unseen?.kind == .interrupted)
      for server in servers { #expect(try await server.users == 0) }
      try await wait(for: "no key") { try await redis.replies(to: "DBSIZE") == ":0\r\n" }
    }
  }
}
