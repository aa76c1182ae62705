import Facts
import TestServers
import Testing

@testable import Transport

@Suite("WebSockets (RFC 6455)", .timeLimit(.minutes(5))) struct WebSocketLinkTests {
  /// The key of the example in section 1.3, and the answer to it.
  private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  private static let upgrade = head("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")

  private static func head(
    _ lines: String..., status: String = "101 Switching Protocols", upgrade: String = "websocket"
  ) -> [UInt8] {
    let all = ["HTTP/1.1 \(status)", "Upgrade: \(upgrade)", "Connection: keep-alive, Upgrade"] + lines
    return Array((all + ["", ""]).joined(separator: "\r\n").utf8)
  }

  /// Opens a WebSocket at a server that says these bytes, and gives what the body makes of it.
  private func withLink<R: Sendable>(
    to script: RawTCPServer.Script, tls: TestCertificates? = nil,
    within limit: Duration = .seconds(120),
    _ body: (inout WebSocketLink, RawTCPServer) async throws -> R
  ) async throws -> R {
    try await RawTCPServer.withServer(script, tls: tls) { server in
      let scheme = tls == nil ? "ws" : "wss"
      var request = WebSocketRequest(url: "\(scheme)://127.0.0.1:\(server.port)/any/path?a=1")
      request.route.tls.caFile = tls?.caFile
      request.secretHeaders = [("Cookie", Secret("session=canary"))]
      var link = try await WebSocketLink(request, key: Self.key, over: Transport(), until: .now + limit)
      return try await body(&link, server)
    }
  }

  private func failure(
    _ bytes: [UInt8], pausing pause: Duration? = nil, then ending: RawTCPServer.Script.Ending = .staysSilent,
    within limit: Duration = .seconds(120)
  ) async throws -> WebSocketFailure? {
    do {
      try await withLink(to: RawTCPServer.Script(sends: bytes, pausing: pause, then: ending), within: limit) {
        link, _ in
        while true { _ = try await link.receive(until: .now + limit) }
      }
    } catch let failure as WebSocketFailure {
      return failure
    }
    return nil
  }

  @Test("a message comes that came with the handshake's answer; a ping is answered; a close is a close")
  func messages() async throws {
    // A text, bytes, a ping; and once the pong is there, a close.
    var script = RawTCPServer.Script(
      sends: Self.upgrade + [0x81, 0x02, 0x68, 0x69, 0x82, 0x01, 0x00, 0x89, 0x01, 0x2A], then: .staysSilent)
    script.turns = [.init(once: { $0.contains(0x8A) }, sends: [0x88, 0x02, 0x03, 0xE9])]
    try await withLink(to: script) { link, _ in
      let text = try await link.receive(until: .now + .seconds(120))
      #expect(text == "hi")
      await #expect(throws: WebSocketFailure.closed(code: 1001, reason: "")) {
        try await link.receive(until: .now + .seconds(120))
      }
      #expect(link.hasEnded)
    }
  }

  @Test("over TLS it is the same; a certificate that nobody vouches for is none")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      let script = RawTCPServer.Script(sends: Self.upgrade + [0x81, 0x02, 0x68, 0x69], then: .staysSilent)
      try await withLink(to: script, tls: certificates) { link, _ in
        let text = try await link.receive(until: .now + .seconds(120))
        #expect(text == "hi")
      }
      try await RawTCPServer.withServer(script, tls: certificates) { server in
        let request = WebSocketRequest(url: "wss://127.0.0.1:\(server.port)/")
        let failure = await #expect(throws: WebSocketFailure.self) {
          _ = try await WebSocketLink(request, over: Transport(), until: .now + .seconds(120))
        }
        guard case .notConnected(let reason)? = failure else { return #expect(Bool(false), "\(failure as Any)") }
        #expect(reason.kind == .certificate)
      }
    }
  }

  @Test("an answer that does not fit the request is told, by what is wrong with it")
  func handshakes() async throws {
    func words(_ bytes: [UInt8], then ending: RawTCPServer.Script.Ending = .staysSilent) async throws -> String {
      switch try await failure(bytes, then: ending) {
      case .malformed(let detail)?, .broken(let detail)?: detail
      case .notUpgraded(let status)?: "\(status.code) \(status.server ?? "-")"
      case let other: "\(other as Any)"
      }
    }
    #expect(try await words(Self.head("Server: nginx", status: "404 Not Found")) == "404 nginx")
    #expect(try await words(Self.head(status: "200 OK")) == "200 -")
    #expect(try await words(Self.head("Sec-WebSocket-Accept: AAAA")).hasPrefix("Sec-WebSocket-Accept"))
    #expect(try await words(Self.head()).hasPrefix("Sec-WebSocket-Accept"))
    #expect(try await words(Self.head(upgrade: "h2c")) == "status 101 without Upgrade: websocket")
    #expect(
      try await words(Array("HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\n\r\n".utf8))
        == "status 101 without Connection: Upgrade")
    let extended = Self.upgrade.dropLast(2) + Array("Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".utf8)
    #expect(try await words(Array(extended)).hasPrefix("the server chose an extension"))
    #expect(try await words(Array("+PONG\r\n\r\n".utf8)) == "the answer is not HTTP/1.1")
    #expect(try await words(Array("HTTP/1.1 101".utf8), then: .closes) == "the server closed the connection")
    #expect(try await words([], then: .resets) == "the connection broke")
    #expect(
      try await words([], then: .repeats([UInt8](repeating: 0x61, count: 100_000)))
        == "more than 64 KiB of response headers")
    #expect(try await failure([], within: .milliseconds(300)) == .timedOut)
    #expect(try await failure(Self.upgrade, pausing: .milliseconds(100), within: .seconds(1)) == .timedOut)
  }

  @Test("frames that a server must not send end it, and endless ones too")
  func frames() async throws {
    func ends(_ bytes: [UInt8], then ending: RawTCPServer.Script.Ending = .staysSilent) async throws -> String {
      if case .malformed(let detail)? = try await failure(Self.upgrade + bytes, then: ending) { return detail }
      return "not malformed"
    }
    #expect(try await ends([0x81, 0x80, 1, 2, 3, 4]) == "the server masks its frames")
    #expect(try await ends([0x81, 0x7F] + [UInt8](repeating: 0xFF, count: 8)) == "a message of more than 1024 KiB")
    let part = (0..<1000).flatMap { _ in [0x00, 0x01, 0x61] as [UInt8] }
    #expect(try await ends([0x01, 0x00], then: .repeats(part)) == "a message of more than 1024 KiB")
    #expect(try await ends([], then: .repeats([0x89, 0x00])) == "more than 20000 messages")
    let large = [0x82, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 0] + [UInt8](repeating: 0, count: 1 << 20)
    let flood = (0..<18).flatMap { _ in large }
    #expect(try await ends(flood) == "more than 16 MiB of messages")
    #expect(
      try await failure(Self.upgrade + [0x81, 0x7E, 0x01], then: .closes) == .broken("the server closed the connection")
    )
    #expect(try await failure(Self.upgrade + [0x81, 0x7E, 0x01], within: .seconds(1)) == .timedOut)
  }

  @Test("a task that is cancelled waits no longer, and can still say good-bye")
  func cancelled() async throws {
    try await withLink(to: RawTCPServer.Script(sends: Self.upgrade, then: .staysSilent)) { link, server in
      let waiting = Task { [link] in
        var link = link
        return await #expect(throws: WebSocketFailure.self) { try await link.receive(until: .now + .seconds(200)) }
      }
      waiting.cancel()
      #expect(await waiting.value == .cancelled)
      let before = server.bytesHeard
      link.send("bye")
      try await wait(for: "the message") { server.bytesHeard == before + 9 }
      // The server says nothing to it, so that the deadline passes.
      await link.close(until: .now + .milliseconds(200))
      #expect(link.hasEnded)
    }
  }

  @Test("what is no URL for it is refused", arguments: ["ftp://127.0.0.1/", "ws://user:canary@127.0.0.1/", "ws:///"])
  func urls(_ url: String) async throws {
    let failure = await #expect(throws: WebSocketFailure.self) {
      _ = try await WebSocketLink(WebSocketRequest(url: url), over: Transport(), until: .now + .seconds(120))
    }
    guard case .notConnected(let reason)? = failure else { return #expect(Bool(false), "\(failure as Any)") }
    #expect(reason.kind == .badURL && !"\(reason)".contains("canary"))
  }
}
