import Facts
import ReferenceOrigin
import TestServers
import Testing

@Suite("How the reference origin's stream ends", .timeLimit(.minutes(5)))
struct OriginEndingTests {
  private func origin<R>(
    ending: OriginSettings.Ending, framing: OriginSettings.Framing = .chunked,
    _ body: (ReferenceOrigin) async throws -> R
  ) async throws -> R {
    try await withOrigin {
      $0.eventInterval = .milliseconds(1)
      $0.eventCount = 2
      $0.heartbeatInterval = .milliseconds(50)
      $0.ending = ending
      $0.framing = framing
    } _: {
      try await body($0)
    }
  }

  private static let finalChunk = "\r\n0\r\n\r\n"

  @Test("Cleanly: a final chunk, and the connection serves on")
  func clean() async throws {
    try await origin(ending: .clean) { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        for _ in 1...2 {
          try connection.send(request())
          let received = try await connection.receive { $0.hasSuffix(Self.finalChunk) }
          #expect(received.text.contains("\"last\":true"))
        }
      }
    }
  }

  @Test("Cut: the connection's end without a final chunk", arguments: ["1.0", "1.1"])
  func cut(version: String) async throws {
    try await origin(ending: .cut) { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(version: version))
      #expect(received.ended)
      #expect(received.text.contains("\"last\":true"))
      #expect(!received.text.contains(Self.finalChunk))
    }
  }

  @Test(
    "Reset, and curl can tell it from a cut", arguments: [(OriginSettings.Ending.reset, 56), (.cut, 18), (.clean, 0)])
  func reset(ending: OriginSettings.Ending, status: Int) async throws {
    try await origin(ending: ending) { origin in
      let result = try await runBinary(findProgram("curl"), ["-sN", origin.url])
      #expect(Int(result.status) == status)
      #expect(result.standardOutput.contains("\"last\":true"))
    }
  }

  @Test("Never: heartbeats go on alone", arguments: [0, 2])
  func never(count: Int) async throws {
    try await withOrigin {
      $0.eventInterval = .milliseconds(1)
      $0.eventCount = count
      $0.heartbeatInterval = .milliseconds(20)
      $0.ending = .never
    } _: { origin in
      let comments = ": keep-alive\n\n: keep-alive\n\n: keep-alive\n\n"
      let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0")) {
        $0.hasSuffix(comments)
      }
      #expect(!received.ended)
      #expect(marks(in: received.text).map(\.isLast) == (count == 0 ? [] : [false, true]))
    }
  }

  @Test("Close-delimited for HTTP/1.1 too, when asked for")
  func closeDelimited() async throws {
    try await origin(ending: .clean, framing: .closeDelimited) { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request())
      #expect(received.ended)
      #expect(received.text.hasPrefix(OriginStreamTests.streamHead + "\r\n" + handshake))
      #expect(marks(in: received.text).map(\.number) == [1, 2])
    }
  }
}
