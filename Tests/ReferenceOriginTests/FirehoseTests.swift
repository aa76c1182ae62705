import Facts
import ReferenceOrigin
import TestServers
import Testing

@Suite("The reference origin as fast as the client reads", .timeLimit(.minutes(5)))
struct FirehoseTests {
  @Test("Every event comes, in order, to the last")
  func whole() async throws {
    try await withOrigin {
      $0.sendsAsFastAsRead = true
      $0.eventCount = 20_000
    } _: { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0"), until: nil)
      #expect(received.ended)
      #expect(marks(in: received.text).map(\.number) == Array(1...20_000))
    }
  }

  @Test("A client that does not read is waited for, and others are served")
  func slowClient() async throws {
    try await withOrigin {
      $0.sendsAsFastAsRead = true
      $0.dataSize = 10_000
      $0.heartbeatInterval = .milliseconds(1)
      $0.silences = [.init(afterEvent: 1, duration: .milliseconds(1))]
    } _: { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        try connection.send(request(version: "1.0"))
        let fast = try await runBinary("/bin/sh", ["-c", "curl -sN \"$0\" | head -c 20000000 | wc -c", origin.url])
        #expect(fast.standardOutput == "20000000\n")
        // It goes on where it was waited for.
        let rest = try await connection.receive { $0.utf8.count > 20_000_000 }
        #expect(!rest.ended)
      }
    }
  }

  @Test("In the timed mode a client that does not keep up is cut off")
  func timedMode() async throws {
    try await withOrigin {
      // A gigabyte a second.
      $0.eventInterval = .milliseconds(1)
      $0.dataSize = 1 << 20
    } _: { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0"))
      #expect(received.ended)
    }
  }
}
