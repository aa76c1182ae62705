import Facts
import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("The reference origin's numbered events", .timeLimit(.minutes(5)))
struct NumberedEventsTests {
  /// Everything that an HTTP/1.0 client gets until the stream ends, or until the condition holds.
  private func stream(
    headers: String = "", until isComplete: (@Sendable (String) -> Bool)? = nil,
    _ configure: (inout OriginSettings) -> Void
  ) async throws -> TCPConnection.Received {
    try await withOrigin {
      $0.heartbeatInterval = nil
      $0.eventInterval = .milliseconds(1)
      configure(&$0)
    } _: { origin in
      try await TCPConnection.exchange(
        port: origin.port, request(version: "1.0", headers: headers), until: isComplete)
    }
  }

  @Test("After the count, the last one is marked and the stream ends")
  func count() async throws {
    let received = try await stream { $0.eventCount = 4 }
    let events = marks(in: received.text)
    #expect(received.ended)
    #expect(events.map(\.number) == [1, 2, 3, 4])
    #expect(events.map(\.isLast) == [false, false, false, true])
  }

  @Test("Each states when it was sent, by the wall clock and since the opening")
  func times() async throws {
    let before = Int(Date().timeIntervalSince1970 * 1e6)
    let began = ContinuousClock.now
    let received = try await stream {
      $0.eventInterval = .milliseconds(30)
      $0.eventCount = 3
    }
    let took = Int(began.duration(to: .now) / .microseconds(1))
    let events = marks(in: received.text)
    #expect(events.count == 3)
    // Date's own microseconds are rounded.
    #expect(events.allSatisfy { (before - 1...before + took + 1).contains($0.sentAtMicroseconds) })
    #expect(zip(events, 1...).allSatisfy { (30_000 * $1...took).contains($0.elapsedMicroseconds) })
  }

  @Test("Several come at once, and the count ends them in between")
  func burst() async throws {
    let received = try await stream {
      $0.eventInterval = .milliseconds(50)
      $0.burst = 4
      $0.eventCount = 6
    }
    let events = marks(in: received.text)
    #expect(events.map(\.number) == Array(1...6))
    let times = events.map(\.elapsedMicroseconds)
    #expect(times[3] - times[0] < times[4] - times[3])
  }

  @Test("Their data has the bytes that were asked for, or a mark's own", arguments: [1, 300, 5000, 1 << 20])
  func size(bytes: Int) async throws {
    for filling in OriginSettings.Filling.allCases {
      let received = try await stream {
        $0.dataSize = bytes
        $0.filling = filling
        $0.eventCount = 3
        $0.sendsHandshake = false
      }
      let data = eventData(in: received.text)
      let events = marks(in: received.text)
      #expect(events.map(\.number) == [1, 2, 3])
      #expect(data.map(\.utf8.count) == (bytes == 1 ? events.map(\.data.utf8.count) : [bytes, bytes, bytes]))
      #expect(Set(data).count == 3)
    }
  }

  @Test("Random data does not compress, words do")
  func compression() async throws {
    for (filling, range) in [(OriginSettings.Filling.random, 0.7...0.8), (.words, 0.1...0.5)] {
      let received = try await stream {
        $0.dataSize = 20_000
        $0.filling = filling
        $0.eventCount = 20
      }
      let compressed = try await runBinary(
        "/bin/sh", ["-c", "gzip | wc -c"], standardInput: received.bytes)
      let size = try #require(Double(compressed.standardOutput.dropLast()))
      #expect(range.contains(size / Double(received.bytes.count)), "\(filling)")
    }
  }

  @Test("A client that comes back with the last event's ID gets those after it")
  func lastEventID() async throws {
    for (id, numbers) in [("3", [4, 5]), ("5", []), ("90", []), ("x", Array(1...5)), ("-1", Array(1...5))] {
      let received = try await stream(headers: "Last-Event-ID: \(id)\r\n") { $0.eventCount = 5 }
      #expect(received.ended)
      #expect(marks(in: received.text).map(\.number) == numbers, "\(id)")
    }
    let far = try await stream(headers: "Last-Event-ID: 999999999999999999999\r\n") { $0.eventCount = 1 }
    #expect(marks(in: far.text).map(\.number) == [1])
  }

  @Test("In a silence nothing comes, heartbeats included, and then both go on")
  func silence() async throws {
    let received = try await stream(until: {
      marks(in: $0).count >= 4 && $0.split(separator: "id: 3\n").last?.contains("\n: keep-alive\n") == true
    }) {
      $0.eventInterval = .milliseconds(10)
      $0.heartbeatInterval = .milliseconds(10)
      $0.silences = [.init(afterEvent: 2, duration: .milliseconds(400))]
    }
    let events = marks(in: received.text)
    #expect(events[2].elapsedMicroseconds - events[1].elapsedMicroseconds >= 400_000)
    let silence = try #require(received.text.split(separator: "id: 2\n").last?.split(separator: "id: 3\n").first)
    // At its very end both are due.
    #expect(silence.split(separator: ": keep-alive").count <= 2)
  }

  @Test("A silence can follow the opening, and does not come again to a client that resumes")
  func silenceAtOpening() async throws {
    let configure: (inout OriginSettings) -> Void = {
      $0.silences = [.init(afterEvent: 0, duration: .milliseconds(300)), .init(afterEvent: 1, duration: .seconds(60))]
      $0.eventCount = 2
    }
    let first = try await stream(until: { marks(in: $0).count == 1 }, configure)
    #expect(marks(in: first.text).allSatisfy { $0.elapsedMicroseconds >= 300_000 })
    let second = try await stream(headers: "Last-Event-ID: 1\r\n", configure)
    #expect(marks(in: second.text).map(\.number) == [2])
  }
}
