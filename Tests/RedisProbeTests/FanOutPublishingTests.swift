import Facts
import RedisProbe
import Synchronization
import TestServers
import Testing
import Transport

private let channel = DriveChannel(of: .flowpanel, nonce: "5f3a")

/// What was published, and who was seen to be subscribed, until that is enough or publishing ended by itself.
private func publish(
  on channel: DriveChannel = channel, burst: Int = 1000, to url: String, keyPrefix: String? = nil,
  stepTimeout: Duration = .seconds(40), streams: Int = 1, numbers: (first: Int, step: Int) = (2, 3),
  until isEnough: @escaping @Sendable (StreamDrive.Publisher) -> Bool
) async throws -> StreamDrive.Publisher {
  let probe = RedisProbe(stepTimeout: stepTimeout)
  var publishing = ChannelPublishing(on: channel, keyPrefix: keyPrefix, epoch: .now, numbers: numbers)
  publishing.fanOut = ChannelPublishing.FanOut(
    channels: channel.isFixed ? [] : (0..<streams).map(channel.own) + [channel.burst.name], burst: burst)
  let target = try redisTarget(Secret(url))
  let transport = try Transport()
  let (news, report) = AsyncStream.makeStream(of: StreamDrive.Publisher.self)
  let (start, starting) = AsyncStream.makeStream(of: Void.self)
  starting.finish()
  let work = Task { [publishing] in
    await publishing.publish(to: target, through: probe, over: transport, from: start) { report.yield($0) }
    report.finish()
  }
  var last = publishing.facts(beforeTrying: target, through: probe)
  for await publisher in news {
    last = publisher
    if isEnough(publisher) { work.cancel() }
  }
  return last
}

/// Whether all quick messages and the burst are out.
private let isWhole: @Sendable (StreamDrive.Publisher) -> Bool = { $0.burst != nil }

/// Runs the body with a connection that is subscribed under these names.
private func withSubscriber(
  to server: RedisServer, _ names: [String], _ body: (TCPConnection) async throws -> Void
) async throws {
  try await TCPConnection.with(port: server.port) { listener in
    try listener.send("SUBSCRIBE \(names.joined(separator: " "))\r\n")
    _ = try await listener.receive { $0.hasSuffix(":\(names.count)\r\n") }
    try await body(listener)
  }
}

private func names(_ prefix: String) -> [String] {
  [channel.name, channel.own(0), channel.burst.name].map { prefix + $0 }
}

extension StreamDrive.Publisher {
  /// The subscribers that the last look showed.
  fileprivate var subscribers: [String: Int]? { looks?.value?.last?.subscribers }
}

@Suite("Publishing so that it is seen whom it reaches", .timeLimit(.minutes(5)))
struct FanOutPublishingTests {
  @Test("counts who is subscribed, then one message under each name, five under all, and the burst at once")
  func whole() async throws {
    try await withRedis { server in
      try await withSubscriber(to: server, names("flowpanel:")) { listener in
        let publisher = try await publish(to: server.url(), until: isWhole)
        #expect(publisher.failure == nil)
        #expect(publisher.names == channel.redisNames(keyPrefix: nil))
        let publications = publisher.publications
        #expect(publications.prefix(8).map(\.number) == stride(from: 2, through: 23, by: 3).map { $0 })
        #expect(publications.prefix(8).map(\.name) == publisher.names.map { $0 } + [nil, nil, nil, nil, nil])
        #expect(publications.prefix(8).map(\.receivers) == [0, 1, 0, 1, 1, 1, 1, 1])
        let looks = try #require(publisher.looks?.value)
        #expect(
          looks.allSatisfy { $0.subscribers == Dictionary(uniqueKeysWithValues: names("flowpanel:").map { ($0, 1) }) })
        #expect(looks.map(\.milliseconds) == looks.map(\.milliseconds).sorted())
        #expect(try #require(looks.first).milliseconds <= publications[0].sentMilliseconds)
        // Looks that show the same are one, from the first to the last.
        #expect(looks.count == 1)
        #expect(looks[0].lastMilliseconds > publications[7].sentMilliseconds)
        let burst = try #require(publisher.burst)
        // Those of the publisher of number 1 are 1 to 1,000.
        #expect(burst.first == 1001 && burst.count == 1000 && burst.receivers == 1 && burst.closedConnections == 0)
        #expect(burst.sentMilliseconds <= burst.answeredMilliseconds)
        let received = try await listener.receive { $0.contains("\(channel.burst.name):2000\"") }.text
        #expect(received.split(separator: "\(channel.burst.name):").count >= 1001)
        #expect(received.contains("\(channel.name):5\"") && !received.contains("\(channel.name):2\""))
      }
    }
  }

  @Test(
    "a prefix that nobody knows of is seen, and gets the messages and the burst; what is not the run's own is not counted"
  )
  func unknownPrefix() async throws {
    try await withRedis { server in
      try await withSubscriber(to: server, names("weird:") + ["x\(channel.name).9", "resource.user"]) { listener in
        let publisher = try await publish(burst: 50, to: server.url(), until: isWhole)
        #expect(Set(publisher.subscribers?.keys.map { $0 } ?? []) == Set(names("weird:")))
        #expect(publisher.names == channel.redisNames(keyPrefix: nil) + ["weird:\(channel.name)"])
        #expect(publisher.publications.prefix(9).map(\.receivers) == [0, 0, 0, 1, 1, 1, 1, 1, 1])
        #expect(publisher.burst?.receivers == 1)
        _ = try await listener.receive { $0.contains("\(channel.burst.name):100\"") }
      }
    }
  }

  @Test("two who publish on one server have bursts of their own numbers, of which none comes twice or is lost")
  func twoPublishers() async throws {
    try await withRedis { server in
      try await withSubscriber(to: server, names("flowpanel:")) { listener in
        let bursts = try await withThrowingTaskGroup(of: StreamDrive.Burst?.self) { group in
          for first in 1...2 {
            group.addTask {
              try await publish(burst: 50, to: server.url(), numbers: (first, 2), until: isWhole).burst
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(bursts.compactMap(\.?.first).sorted() == [1, 51])
        #expect(bursts.allSatisfy { $0?.count == 50 && $0?.receivers == 1 && $0?.closedConnections == 0 })
        let ends = [50, 100].map { "\(channel.burst.name):\($0)\"" }
        let text = try await listener.receive { text in ends.allSatisfy(text.contains) }.text
        let came = text.split(separator: "\(channel.burst.name):").dropFirst().compactMap { rest in
          Int(rest.prefix { $0.isNumber })
        }
        #expect(came.sorted() == Array(1...100))
      }
    }
  }

  @Test("whoever subscribes after another is waited for, and gets all that is sent once it is seen")
  func lateSubscriber() async throws {
    try await withRedis { server in
      try await withSubscriber(to: server, names("flowpanel:")) { _ in
        try await TCPConnection.with(port: server.port) { late in
          let isSeen = Once()
          let publisher = try await publish(burst: 10, to: server.url(), streams: 2) { publisher in
            if publisher.looks?.value != nil, isSeen.isFirst() {
              let names = [channel.name, channel.own(1)].map { "flowpanel:\($0)" }
              try? late.send("SUBSCRIBE \(names.joined(separator: " "))\r\n")
            }
            return publisher.burst != nil
          }
          let look = try #require(
            publisher.looks?.value?.first { $0.subscribers["flowpanel:\(channel.own(1))"] == 1 })
          let after = publisher.publications.filter { $0.name == nil && $0.sentMilliseconds > look.milliseconds }
          #expect(!after.isEmpty && after.allSatisfy { $0.receivers == 2 })
          let numbers = after.map(\.number)
          _ = try await late.receive { text in numbers.allSatisfy { text.contains("\(channel.name):\($0)\"") } }
        }
      }
    }
  }

  @Test("under more prefixes than any deployment has, some are counted")
  func manyPrefixes() async throws {
    try await withRedis { server in
      let many = (1...500).map { "p\($0):\(channel.own(0))" } + (1...500).map { "p\($0):\(channel.burst.name)" }
      try await withSubscriber(to: server, many) { _ in
        let publisher = try await publish(burst: 10, to: server.url(), until: isWhole)
        #expect(publisher.subscribers?.count == 16)
        #expect(publisher.burst?.receivers == 8)
      }
    }
  }

  @Test("a burst that nobody listens to is none, and one that is not asked for is not published")
  func noBurst() async throws {
    try await withRedis { server in
      try await withSubscriber(to: server, Array(names("flowpanel:").prefix(2))) { _ in
        let publisher = try await publish(to: server.url(), until: isWhole)
        #expect(publisher.burst?.count == 0 && publisher.burst?.receivers == 0)
        let none = try await publish(burst: 0, to: server.url()) { $0.publications.count { $0.name == nil } > 5 }
        #expect(none.burst == nil && none.failure == nil)
      }
    }
  }

  @Test("a subscriber whose output buffer runs over in the burst is seen to be closed")
  func overrun() async throws {
    try await withRedis { server in
      _ = try await server.replies(to: "CONFIG SET client-output-buffer-limit \"pubsub 2048 0 0\"")
      try await withSubscriber(to: server, names("flowpanel:")) { _ in
        let publisher = try await publish(to: server.url(), until: isWhole)
        #expect(publisher.burst?.closedConnections == 1)
      }
    }
  }

  @Test("a subscription that is lost is seen by the looks that follow")
  func lost() async throws {
    try await withRedis { server in
      try await withSubscriber(to: server, names("flowpanel:")) { _ in
        let isKilled = Once()
        let publisher = try await publish(burst: 0, to: server.url()) { publisher in
          if publisher.publications.count == 4, isKilled.isFirst() {
            Task { _ = try? await server.replies(to: "CLIENT KILL TYPE pubsub") }
          }
          return publisher.subscribers?.isEmpty == true
        }
        let looks = try #require(publisher.looks?.value)
        #expect(looks.first?.subscribers.count == 3)
        #expect(looks.last?.subscribers == [:])
      }
    }
  }

  @Test(
    "a user who may not list channels counts those that are known, and one who may not count says so",
    arguments: [
      ("-pubsub|channels", "flowpanel:", true), ("-pubsub", "flowpanel:", false),
    ])
  func refused(_ rule: String, _ prefix: String, _ isCounted: Bool) async throws {
    try await withRedis {
      $0.aclUsers = ["boss on >sesame ~* &* +@all \(rule)"]
    } _: { server in
      try await withSubscriber(to: server, names(prefix)) { _ in
        let publisher = try await publish(
          burst: 10, to: server.url(user: "boss", password: "sesame"), until: isWhole)
        #expect(publisher.failure == nil)
        #expect(publisher.burst?.receivers == 1 && publisher.burst?.count == 10)
        if isCounted {
          #expect(publisher.subscribers == Dictionary(uniqueKeysWithValues: names(prefix).map { ($0, 1) }))
        } else {
          #expect(publisher.looks?.unseen?.kind == .refused)
          #expect(publisher.looks?.unseen?.detail.hasPrefix("PUBSUB NUMSUB was refused: NOPERM") == true)
        }
      }
    }
  }

  @Test("a user who may not list connections leaves it open whether some were closed; all else goes on")
  func noClientList() async throws {
    try await withRedis {
      $0.aclUsers = ["boss on >sesame ~* &* +@all -client"]
    } _: { server in
      try await withSubscriber(to: server, names("flowpanel:")) { _ in
        let publisher = try await publish(
          burst: 10, to: server.url(user: "boss", password: "sesame"), until: isWhole)
        #expect(publisher.failure == nil)
        #expect(publisher.burst?.receivers == 1)
        #expect(publisher.burst != nil && publisher.burst?.closedConnections == nil)
      }
    }
  }

  @Test("a channel that the application has fixed gets one message, and no burst")
  func fixedChannel() async throws {
    let name = "notifications:tenant:default:user:42"
    let fixed = DriveChannel(of: .testplanit, nonce: "5f3a", fixedName: name)
    try await withRedis { server in
      try await withSubscriber(to: server, [name]) { _ in
        let publisher = try await publish(on: fixed, to: server.url()) {
          guard let look = $0.looks?.value?.last else { return false }
          return look.lastMilliseconds > $0.publications.last?.answeredMilliseconds ?? .infinity
        }
        #expect(publisher.publications.map(\.name) == [name])
        #expect(publisher.publications.map(\.receivers) == [1])
        #expect(publisher.subscribers == [name: 1])
        #expect(publisher.burst == nil && publisher.failure == nil)
      }
    }
  }
}

/// Says once that it is the first time.
private final class Once: Sendable {
  private let isOver = Mutex(false)

  func isFirst() -> Bool {
    isOver.withLock { isOver in
      defer { isOver = true }
      return !isOver
    }
  }
}

@Suite("Replies to the question who is subscribed that Redis does not give", .timeLimit(.minutes(5)))
struct HostileSubscriberTests {
  private static let own = "flowpanel:\(channel.own(0))"

  /// A server that answers PUBSUB CHANNELS and PUBSUB NUMSUB so, and then no more.
  private func looks(
    _ channels: String, _ counts: String, password: String? = nil
  ) async throws -> StreamDrive.Publisher {
    var script = RawTCPServer.Script(then: .staysSilent)
    func hears(_ word: String) -> @Sendable ([UInt8]) -> Bool { { String(decoding: $0, as: UTF8.self).contains(word) } }
    script.turns = [
      .init(once: hears("CHANNELS"), sends: Array(channels.utf8)),
      .init(once: hears("NUMSUB"), sends: Array(counts.utf8)),
    ]
    if password != nil { script.turns.insert(.init(once: hears("AUTH"), sends: Array("+OK\r\n".utf8)), at: 0) }
    let user = password.map { ":\($0)@" } ?? ""
    return try await RawTCPServer.withServer(script) { server in
      try await publish(to: "redis://\(user)127.0.0.1:\(server.port)", stepTimeout: .seconds(2)) { _ in false }
    }
  }

  private static func array(_ elements: [String]) -> String { "*\(elements.count)\r\n" + elements.joined() }
  private static func text(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

  @Test("names that were not asked for, and counts that are none, are left out")
  func counts() async throws {
    let other = "acme:\(channel.own(0))"
    let many = "old:\(channel.own(0))"
    let publisher = try await looks(
      Self.array(
        [Self.own, other, many, "", "resource.user", "x" + String(repeating: "y", count: 300) + ":" + Self.own].map(
          Self.text)),
      Self.array([
        Self.text(Self.own), ":2\r\n", Self.text(other), ":-5\r\n", Self.text(many), ":9223372036854775807\r\n",
        Self.text("resource.user"), ":7\r\n", Self.text("flowpanel:\(channel.own(9))"), ":7\r\n",
      ]))
    #expect(publisher.looks?.value?.map(\.subscribers) == [[Self.own: 2, many: 1_000_000]])
    #expect(publisher.failure != nil)
  }

  @Test(
    "what is no list of counts is not understood",
    arguments: [":1\r\n", "+OK\r\n", "$-1\r\n", "*-1\r\n", "*1\r\n+x\r\n", "*3\r\n+x\r\n:1\r\n+y\r\n"])
  func notUnderstood(_ reply: String) async throws {
    let publisher = try await looks(Self.array([Self.text(Self.own)]), reply)
    #expect(publisher.looks?.unseen?.kind == .notUnderstood)
    #expect(publisher.failure != nil && publisher.publications.isEmpty)
  }

  @Test(
    "a list of channels that is none is asked for no more",
    arguments: [":1\r\n", "+OK\r\n", "-ERR unknown command\r\n", "$-1\r\n"])
  func noList(_ reply: String) async throws {
    let publisher = try await looks(reply, Self.array([Self.text(Self.own), ":1\r\n", Self.text("x"), "+many\r\n"]))
    #expect(publisher.looks?.value?.map(\.subscribers) == [[Self.own: 1]])
  }

  @Test("no part of a password comes back with a refusal")
  func scrubbed() async throws {
    let publisher = try await looks(
      "-NOPERM channels canary-word\r\n", "-NOPERM 'canary-word' counts\r\n", password: "canary-word")
    #expect(publisher.unlisted?.detail.hasPrefix("PUBSUB CHANNELS was refused: NOPERM") == true)
    #expect(publisher.looks?.unseen?.detail.hasPrefix("PUBSUB NUMSUB was refused: NOPERM") == true)
    #expect(!"\(publisher)".contains("canary"))
  }

  @Test("elements of a list that are no names count for nothing")
  func noNames() async throws {
    let publisher = try await looks("*3\r\n:1\r\n*0\r\n$-1\r\n", "")
    #expect(publisher.looks?.value?.first?.subscribers == [:])
  }
}
