import ReferenceOrigin
import TestServers
import Testing

@Suite("The reference origin's stream", .timeLimit(.minutes(5)))
struct OriginStreamTests {
  static let streamHead = """
    HTTP/1.1 200 OK\r
    Content-Type: text/event-stream\r
    Cache-Control: no-cache, no-transform\r
    Connection: keep-alive\r
    X-Accel-Buffering: no\r

    """

  @Test("An HTTP/1.1 client gets flowpanel's headers and the handshake in one chunk")
  func chunkedHandshake() async throws {
    try await withOrigin { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request()) { $0.hasSuffix("\n\n\r\n") }
      #expect(received.text == Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n" + handshakeChunk)
      #expect(!received.ended)
    }
  }

  @Test("An HTTP/1.0 client gets the bare bytes, as Node sends them")
  func bareHandshake() async throws {
    try await withOrigin { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0")) {
        $0.hasSuffix("\n\n")
      }
      #expect(received.text == Self.streamHead + "\r\n" + handshake)
    }
  }

  @Test("The query is the client's own affair")
  func query() async throws {
    try await withOrigin { origin in
      let target = "/api/flowpanel/stream?channel=a&channel=b"
      let received = try await TCPConnection.exchange(port: origin.port, request("GET", target)) {
        $0.hasSuffix("\n\n\r\n")
      }
      #expect(received.text.contains(handshake))
    }
  }

  @Test("Heartbeats keep coming")
  func heartbeats() async throws {
    try await withOrigin {
      $0.heartbeatInterval = .milliseconds(50)
    } _: { origin in
      let comments = "e\r\n: keep-alive\n\n\r\n"
      let received = try await TCPConnection.exchange(port: origin.port, request()) {
        $0.contains(comments + comments)
      }
      #expect(received.text.contains(handshakeChunk + comments + comments))
    }
  }

  @Test("Events are numbered from one on every stream")
  func events() async throws {
    try await withOrigin {
      $0.eventInterval = .milliseconds(20)
      $0.heartbeatInterval = nil
    } _: { origin in
      for _ in 1...2 {
        let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0")) {
          marks(in: $0).count >= 3
        }
        let events = marks(in: received.text)
        #expect(events.map(\.number) == Array(1...events.count))
        #expect(events.allSatisfy { !$0.isLast })
        let frames = events.map { "event: message\nid: \($0.number)\ndata: \($0.data)\n\n" }.joined()
        #expect(received.text.contains("\r\n\r\n" + handshake + frames))
      }
    }
  }

  @Test("Without the handshake the headers come alone")
  func noHandshake() async throws {
    try await withOrigin {
      $0.sendsHandshake = false
    } _: { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        try connection.send(request())
        let head = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
        #expect(head.text == Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n")
        await #expect(throws: StateNotReached.self) { try await connection.receive(within: .milliseconds(100)) }
      }
    }
  }

  @Test("Every header can be left out or be another")
  func otherHeaders() async throws {
    try await withOrigin {
      $0.contentType = "text/plain"
      $0.cacheControl = nil
      $0.connection = nil
      $0.accelBuffering = nil
    } _: { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0")) {
        $0.hasSuffix(handshake)
      }
      #expect(received.text == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + handshake)
    }
  }

  @Test("A clean end is a final chunk, and the connection serves on")
  func cleanEndInChunks() async throws {
    try await withOrigin {
      $0.closesAfterHandshake = true
    } _: { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        for _ in 1...2 {
          try connection.send(request())
          let received = try await connection.receive { $0.hasSuffix("0\r\n\r\n") }
          #expect(received.text.hasSuffix("\r\n\r\n\(handshakeChunk)0\r\n\r\n"))
        }
      }
    }
  }

  @Test("A clean end without chunks is the end of the connection")
  func cleanEndOfConnection() async throws {
    try await withOrigin {
      $0.closesAfterHandshake = true
    } _: { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(version: "1.0"))
      #expect(received.text.hasSuffix(handshake))
      #expect(received.ended)
    }
  }

  @Test("Stopping cuts open streams without a final chunk and frees the port")
  func stop() async throws {
    try await withOrigin { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        try connection.send(request())
        _ = try await connection.receive { $0.hasSuffix(handshakeChunk) }
        async let stopped: Void = origin.waitUntilStopped()
        await origin.stop()
        await stopped
        let rest = try await connection.receive()
        #expect(rest.bytes.isEmpty)
        #expect(rest.ended)
        try await waitUntilFree(port: origin.port)
      }
    }
  }

  @Test("Headers can be late")
  func lateHeaders() async throws {
    try await withOrigin {
      $0.answering = .after(.milliseconds(200))
    } _: { origin in
      let started = ContinuousClock.now
      _ = try await TCPConnection.exchange(port: origin.port, request()) { $0.hasSuffix(handshakeChunk) }
      #expect(started.duration(to: .now) >= .milliseconds(200))
    }
  }

  @Test("An origin that never answers keeps the connection and says nothing")
  func neverAnswers() async throws {
    try await withOrigin {
      $0.answering = .never
    } _: { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        try connection.send(request())
        await #expect(throws: StateNotReached.self) {
          try await connection.receive(within: .milliseconds(200)) { !$0.isEmpty }
        }
      }
    }
  }
}
