import ReferenceOrigin
import TestServers
import Testing

@Suite("The faulty proxy", .timeLimit(.minutes(5)))
struct FaultyProxyTests {
  private func proxy<R>(
    to ports: Int..., configure: (inout FaultyProxySettings) -> Void = { _ in }, _ body: (FaultyProxy) async throws -> R
  ) async throws -> R {
    var settings = FaultyProxySettings(upstreamPorts: ports)
    configure(&settings)
    let proxy = try await FaultyProxy.start(settings)
    do {
      let result = try await body(proxy)
      await proxy.stop()
      return result
    } catch {
      await proxy.stop()
      throw error
    }
  }

  private static let finalChunk = "0\r\n\r\n"

  @Test("Headers and events are withheld until there are enough bytes, and then come together", arguments: [600, 4096])
  func pages(bytes: Int) async throws {
    try await withOrigin {
      $0.eventInterval = .milliseconds(5)
      $0.dataSize = 200
    } _: { origin in
      try await proxy(to: origin.port) {
        $0.withheldBytes = bytes
      } _: { proxy in
        let received = try await TCPConnection.exchange(port: proxy.port, request()) { firstChunk(of: $0) != nil }
        #expect(try #require(firstChunk(of: received.text)) >= bytes)
        #expect(received.text.contains(handshake))
      }
    }
  }

  @Test("What is less stays withheld, headers too, until the upstream ends", arguments: ["1.0", "1.1"])
  func endOfUpstream(version: String) async throws {
    try await withOrigin { origin in
      try await proxy(to: origin.port) { proxy in
        try await TCPConnection.with(port: proxy.port) { connection in
          try connection.send(request("GET", "/api/flowpanel/stream?channel=a", version: version))
          // From then on the origin has sent its handshake.
          try await wait(for: "the stream is open") {
            try await publish("", on: "a", at: origin).hasSuffix("{\"receivers\":1}")
          }
          await #expect(throws: StateNotReached.self) {
            try await connection.receive(within: .milliseconds(200)) { !$0.isEmpty }
          }
          await origin.stop()
          let text = try await connection.receive { $0.hasSuffix(version == "1.0" ? "\n\n" : Self.finalChunk) }.text
          #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
          #expect(text.contains(handshake))
          #expect(text.contains("Transfer-Encoding: chunked\r\n") == (version == "1.1"))
        }
      }
    }
  }

  @Test("Without a fault every event comes at once, over HTTP/1.0 from the upstream and without X-Accel-Buffering")
  func passing() async throws {
    try await withOrigin { origin in
      try await proxy(to: origin.port) {
        $0.withheldBytes = 0
      } _: { proxy in
        let request = request("GET", "/api/flowpanel/stream?echo=1", headers: "Connection: x-hop\r\nX-Hop: 1\r\n")
        let received = try await TCPConnection.exchange(port: proxy.port, request) { $0.contains("event: request") }
        #expect(firstChunk(of: received.text) ?? 0 >= handshake.utf8.count)
        #expect(!received.text.lowercased().contains("x-accel-buffering"))
        #expect(received.text.contains("Cache-Control: no-cache, no-transform\r\n"))
        let echo = try #require(eventData(in: received.text).last)
        #expect(echo.contains("\"version\":\"HTTP/1.0\"") && echo.contains("[\"Connection\",\"close\"]"))
        #expect(!echo.contains("X-Hop"))
      }
    }
  }

  @Test("Requests go to the upstreams in turn, also those of one connection, and bodies with them")
  func turns() async throws {
    try await withOrigin { first in
      try await withOrigin {
        $0.fanOut = nil
      } _: { second in
        try await proxy(to: first.port, second.port) { proxy in
          try await TCPConnection.with(port: proxy.port) { connection in
            for answer in ["200 OK", "404 Not Found", "200 OK"] {
              try connection.send(
                request("POST", "/api/flowpanel/publish?channel=a", headers: "Content-Length: 3\r\n") + "\"x\"")
              let received = try await connection.receive { $0.hasSuffix("}") }
              #expect(received.text.hasPrefix("HTTP/1.1 \(answer)\r\n") && !received.ended)
            }
          }
          let head = try await TCPConnection.exchange(
            port: proxy.port, request("HEAD", headers: "Connection: close\r\n"))
          #expect(head.text.hasPrefix("HTTP/1.1 200 OK\r\n") && head.text.hasSuffix("\r\n\r\n"))
        }
      }
    }
  }

  @Test("The upstream's stream is closed once the client has left")
  func clientLeaves() async throws {
    try await withOrigin { origin in
      try await proxy(to: origin.port) { proxy in
        func receivers(_ number: Int) async throws {
          try await wait(for: "\(number) streams are open") {
            try await publish("1", on: "a", at: origin).hasSuffix("{\"receivers\":\(number)}")
          }
        }
        try await TCPConnection.with(port: proxy.port) { connection in
          try connection.send(request("GET", "/api/flowpanel/stream?channel=a"))
          try await receivers(1)
        }
        try await receivers(0)
      }
    }
  }

  @Test("A client that does not read keeps the upstream waiting, and nothing piles up")
  func backpressure() async throws {
    let line = Array(String(repeating: "x", count: 1000).utf8)
    let script = RawTCPServer.Script(sends: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), then: .repeats(line))
    try await RawTCPServer.withServer(script) { server in
      try await proxy(to: server.port) { proxy in
        try await TCPConnection.with(port: proxy.port) { connection in
          try connection.send(request())
          var before = -1
          try await wait(for: "the upstream waits") {
            try await Task.sleep(for: .milliseconds(500))
            defer { before = server.bytesSent }
            // The system's own buffers on both sides hold some megabytes.
            try #require(server.bytesSent < 40_000_000)
            return server.bytesSent > 0 && server.bytesSent == before
          }
        }
      }
    }
  }

  @Test(
    "Where the upstream says nothing in time, the client gets the headers alone, and what was withheld is lost",
    arguments: [(false, "HTTP/1.1 200 OK\r\n"), (true, "HTTP/1.1 504 Gateway Timeout\r\n")])
  func readTimeout(neverAnswers: Bool, expected: String) async throws {
    try await withOrigin {
      if neverAnswers { $0.answering = .never }
    } _: { origin in
      try await proxy(to: origin.port) {
        // Long enough for a busy machine to answer in.
        $0.readTimeout = .seconds(3)
      } _: { proxy in
        let received = try await TCPConnection.exchange(port: proxy.port, request())
        #expect(received.ended && received.text.hasPrefix(expected))
        #expect(received.text.hasSuffix("\r\n\r\n") == !neverAnswers)
        #expect(!received.text.contains(Self.finalChunk))
      }
    }
  }

  @Test("A response that ends too early ends without its final chunk")
  func truncated() async throws {
    let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    try await RawTCPServer.withServer(.init(sends: Array(response.utf8), then: .endsSending())) { server in
      try await proxy(to: server.port) { proxy in
        let received = try await TCPConnection.exchange(port: proxy.port, request())
        #expect(received.ended && received.text.hasSuffix("\r\n\r\n") && !received.text.contains("abc"))
      }
    }
  }

  @Test("What can't be passed on is refused")
  func refusals() async throws {
    try await proxy(to: try closedPort()) { proxy in
      let closed = try await TCPConnection.exchange(port: proxy.port, request())
      #expect(closed.ended && closed.text.hasSuffix("\r\n\r\n502 Bad Gateway\n"))
      let large = request("POST", headers: "Content-Length: 1048577\r\n") + String(repeating: "x", count: 1_048_577)
      let refused = try await TCPConnection.exchange(port: proxy.port, large)
      #expect(refused.text.hasPrefix("HTTP/1.1 413 "))
    }
    try await RawTCPServer.withServer(.init(sends: Array("SSH-2.0\r\n".utf8), then: .endsSending())) { server in
      try await proxy(to: server.port) { proxy in
        let noise = try await TCPConnection.exchange(port: proxy.port, request())
        #expect(noise.text.hasPrefix("HTTP/1.1 502 "))
      }
    }
  }

  @Test("Settings that can't be used are refused by their name")
  func unusable() async throws {
    let settings: [(String, (inout FaultyProxySettings) -> Void)] = [
      ("port", { $0.port = 65536 }), ("upstreamPorts", { $0.upstreamPorts = [] }),
      ("upstreamPorts", { $0.upstreamPorts = [0] }), ("withheldBytes", { $0.withheldBytes = -1 }),
      ("readTimeout", { $0.readTimeout = .zero }),
    ]
    for (name, configure) in settings {
      let failure = await #expect(throws: OriginFailure.self) {
        try await proxy(to: 1, configure: configure) { _ in }
      }
      guard case .unusable(name, _) = failure else {
        Issue.record("\(name): \(String(describing: failure))")
        continue
      }
    }
  }
}

/// The length of the first chunk after the headers.
private func firstChunk(of text: String) -> Int? {
  let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
  guard parts.count == 2, let end = parts[1].firstIndex(of: "\r\n") else { return nil }
  return Int(parts[1][..<end], radix: 16)
}
