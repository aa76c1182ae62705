import ReferenceOrigin
import TestServers
import Testing

@Suite("What the reference origin refuses", .timeLimit(.minutes(5)))
struct OriginRefusalTests {
  @Test("Another path is not found", arguments: ["/", "/api/flowpanel/streams", "/api/flowpanel/stream/"])
  func otherPath(path: String) async throws {
    try await withOrigin { origin in
      let received = try await TCPConnection.exchange(
        port: origin.port, request("GET", path, headers: "Connection: close\r\n"))
      #expect(
        received.text == "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 21\r\n"
          + "Connection: close\r\n\r\n{\"error\":\"Not Found\"}")
    }
  }

  @Test("Another method is not allowed")
  func otherMethod() async throws {
    try await withOrigin { origin in
      let received = try await TCPConnection.exchange(
        port: origin.port, request("POST", headers: "Connection: close\r\nContent-Length: 2\r\n") + "{}")
      #expect(received.text.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n"))
    }
  }

  @Test("HEAD gets the stream's headers, no body, and the connection serves on")
  func head() async throws {
    try await withOrigin { origin in
      try await TCPConnection.with(port: origin.port) { connection in
        try connection.send(request("HEAD") + request("HEAD", "/"))
        let received = try await connection.receive { $0.hasSuffix("Connection: keep-alive\r\n\r\n") }
        #expect(
          received.text == OriginStreamTests.streamHead + "\r\nHTTP/1.1 404 Not Found\r\n"
            + "Content-Type: application/json\r\nContent-Length: 21\r\nConnection: keep-alive\r\n\r\n")
      }
    }
  }

  @Test("The stream answers with the status that was asked for", arguments: [204, 403, 451, 503, 599])
  func status(_ status: Int) async throws {
    try await withOrigin {
      $0.status = status
    } _: { origin in
      let received = try await TCPConnection.exchange(
        port: origin.port, request(headers: "Connection: close\r\n"))
      #expect(received.text.hasPrefix("HTTP/1.1 \(status) "))
      #expect(received.text.contains("{\"error\":") == (status != 204))
      #expect(!received.text.contains(handshake))
    }
  }

  @Test("Another status comes with the headers that were added")
  func redirect() async throws {
    try await withOrigin {
      $0.status = 301
      $0.extraHeaders = [.init(name: "Location", value: "/elsewhere"), .init(name: "Set-Cookie", value: "a=b")]
    } _: { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(headers: "Connection: close\r\n"))
      #expect(
        received.text == "HTTP/1.1 301 Moved Permanently\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\n"
          + "Content-Type: application/json\r\nContent-Length: 29\r\nConnection: close\r\n\r\n"
          + "{\"error\":\"Moved Permanently\"}")
    }
  }

  @Test("Without the cookie there is no stream", arguments: ["", "Cookie: session=b\r\n", "Cookie: xsession=a\r\n"])
  func missingCookie(header: String) async throws {
    try await withOrigin {
      $0.requiredCookie = "session=a"
    } _: { origin in
      let received = try await TCPConnection.exchange(
        port: origin.port, request(headers: "Connection: close\r\n" + header))
      #expect(received.text.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
      #expect(received.text.hasSuffix("\r\n\r\n{\"error\":\"Unauthorized\"}"))
    }
  }

  @Test("With the cookie, alone or among others, there is", arguments: ["session=a", "theme=dark; session=a; n=1"])
  func cookie(pairs: String) async throws {
    try await withOrigin {
      $0.requiredCookie = "session=a"
    } _: { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request(headers: "Cookie: \(pairs)\r\n")) {
        $0.contains("\r\n\r\n")
      }
      #expect(received.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  @Test("A request head without end is refused before it fills memory")
  func endlessHead() async throws {
    try await withOrigin { origin in
      let received = try await TCPConnection.exchange(
        port: origin.port, "GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 200_000))")
      #expect(received.ended)
      #expect(!received.text.contains("200 OK"))
    }
  }

  @Test("A port that is taken is an error that names it")
  func takenPort() async throws {
    try await withOrigin { first in
      var settings = OriginSettings()
      settings.port = first.port
      let failure = await #expect(throws: OriginFailure.self) {
        _ = try await ReferenceOrigin.start(settings)
      }
      #expect(failure?.description.contains("127.0.0.1 port \(first.port)") == true)
    }
  }

  @Test(
    "Settings that no answer can be made from are refused by name",
    arguments: [
      ("port", settings { $0.port = 70_000 }),
      ("path", settings { $0.path = "stream" }),
      ("path", settings { $0.path = "/stream?channel=a" }),
      ("status", settings { $0.status = 101 }),
      ("contentType", settings { $0.contentType = "text/plain\r\nX-Injected: 1" }),
      ("accelBuffering", settings { $0.accelBuffering = "no\n" }),
      ("heartbeatInterval", settings { $0.heartbeatInterval = .zero }),
      ("eventInterval", settings { $0.eventInterval = .seconds(-1) }),
    ])
  func unusableSettings(name: String, settings: OriginSettings) async throws {
    let failure = await #expect(throws: OriginFailure.self) {
      await (try ReferenceOrigin.start(settings)).stop()
    }
    guard case .unusable(name, _)? = failure else {
      Issue.record("expected \(name) to be refused, got \(String(describing: failure))")
      return
    }
  }

  private static func settings(_ configure: (inout OriginSettings) -> Void) -> OriginSettings {
    var settings = OriginSettings()
    configure(&settings)
    return settings
  }
}
