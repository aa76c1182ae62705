import Facts
import ReferenceOrigin
import TestServers
import Testing

@Suite("Faults of the reference origin's fan-out", .timeLimit(.minutes(5)))
struct FanOutFaultTests {
  /// Runs the body with a Redis, an origin with a fault, and an open stream of the channel `a`.
  private func withFault(
    _ fault: OriginFanOutFault?, redis lines: [String] = [], heartbeatInterval: Duration? = nil,
    _ body: (RedisServer, ReferenceOrigin, TCPConnection) async throws -> Void
  ) async throws {
    var configuration = RedisServer.Configuration()
    configuration.extra = lines
    try await RedisServer.withServer(configuration) { server in
      try await withOrigin {
        $0.fanOut = RedisFanOutTests.fanOut(port: server.port)
        $0.fanOutFault = fault
        $0.heartbeatInterval = heartbeatInterval
      } _: { origin in
        try await listening(to: "a", at: origin) { connection in
          try await body(server, origin, connection)
        }
      }
    }
  }

  /// What an open stream of `a` has got once these, which are payloads, were published.
  private func received(_ published: ClosedRange<Int>, under fault: OriginFanOutFault?) async throws -> [Int] {
    var received: [Int] = []
    try await withFault(fault) { server, _, connection in
      try await server.waitForSubscribers(1, of: "flowpanel:a")
      // One write, so that all come together.
      _ = try await server.replies(to: published.map { "PUBLISH flowpanel:a \($0)" }.joined(separator: "\r\n"))
      _ = try await server.replies(to: "PUBLISH flowpanel:a 0")
      let text = try await connection.receive { $0.contains("\"payload\":0}\n\n") }.text
      received = payloads(in: text).filter { $0 != 0 }
    }
    return received
  }

  private func payloads(in text: String) -> [Int] {
    eventData(in: text).compactMap { data in
      data.split(separator: "\"payload\":").last.flatMap { Int($0.prefix { $0.isNumber }) }
    }
  }

  @Test("Without one, what is published comes once and in order")
  func none() async throws {
    #expect(try await received(1...20, under: nil) == Array(1...20))
  }

  @Test("Dead: nothing is subscribed to, and heartbeats come")
  func dead() async throws {
    try await withFault(.dead, heartbeatInterval: .milliseconds(100)) { server, _, connection in
      try await wait(for: "both connections") { try await server.clients() == 3 }
      _ = try await connection.receive { $0.contains(": keep-alive\n\n: keep-alive\n\n: keep-alive\n\n") }
      let commands = try await server.replies(to: "INFO commandstats")
      #expect(!commands.contains("cmdstat_subscribe:"))
    }
  }

  @Test("Deaf after a reconnect: the channels stay lost, and new ones are not subscribed to")
  func deafAfterReconnect() async throws {
    try await withFault(.deafAfterReconnect) { server, origin, _ in
      try await server.waitForSubscribers(1, of: "flowpanel:a")
      try await wait(for: "both connections") { try await server.clients() == 3 }
      let killed = try await server.replies(to: "CLIENT KILL TYPE pubsub")
      #expect(killed == ":1\r\n")
      try await wait(for: "the connection") { try await server.clients() == 3 }
      try await listening(to: "b", at: origin) { _ in
        // The origin has opened that stream before it publishes.
        let answer = try await publish("1", on: "b", at: origin)
        #expect(answer.hasSuffix("{\"receivers\":0}"))
        let commands = try await server.replies(to: "INFO commandstats")
        #expect(commands.contains("cmdstat_subscribe:calls=1,"))
      }
    }
  }

  @Test("Duplicates: each comes twice")
  func duplicates() async throws {
    #expect(try await received(1...5, under: .duplicates) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
  }

  @Test("Loses: every so-many-th does not come")
  func loses() async throws {
    #expect(try await received(1...10, under: .loses(every: 3)) == [1, 2, 4, 5, 7, 8, 10])
  }

  @Test("Disorders: all come, and not in order; one that comes alone does not wait")
  func disorders() async throws {
    let numbers = try await received(1...20, under: .disorders)
    #expect(numbers.sorted() == Array(1...20))
    #expect(numbers != numbers.sorted())
  }

  @Test("Stalls: Redis cuts the connection of a burst's subscriber, and what it lost is lost")
  func stalls() async throws {
    // More than Redis writes at a time, less than the burst: the system holds up to some 250 KB of it beside that.
    let limit = ["client-output-buffer-limit pubsub 48kb 0 0"]
    try await withFault(.stalls(.seconds(1)), redis: limit) { server, _, connection in
      try await server.waitForSubscribers(1, of: "flowpanel:a")
      let subscriber = { try await server.replies(to: "CLIENT LIST TYPE pubsub").firstMatch(of: /id=\d+/)?.output }
      let before = try #require(try await subscriber())
      let padding = String(repeating: "x", count: 100)
      _ = try await server.replies(
        to: (1...4000).map { #"PUBLISH flowpanel:a "[\#($0),\"\#(padding)\"]""# }.joined(separator: "\r\n"))
      try await wait(for: "another connection") { try await subscriber().map { $0 != before } == true }
      try await server.waitForSubscribers(1, of: "flowpanel:a")
      _ = try await server.replies(to: "PUBLISH flowpanel:a 0")
      let text = try await connection.receive { $0.contains("\"payload\":0}\n\n") }.text
      #expect((10..<4000).contains(eventData(in: text).count))
    }
  }

  @Test("One that does nothing is refused by name")
  func refused() {
    var settings = OriginSettings()
    settings.fanOutFault = .dead
    let failure = #expect(throws: OriginFailure.self) { try settings.validate() }
    #expect(failure?.description.contains("fanOutFault: it is a fault of the fan-out over Redis") == true)
    settings.fanOut = .redis(OriginRedis())
    settings.fanOutFault = .loses(every: 0)
    let other = #expect(throws: OriginFailure.self) { try settings.validate() }
    #expect(other?.description.contains("give 1 or more") == true)
  }
}
