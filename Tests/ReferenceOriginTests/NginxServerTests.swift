import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("A real nginx for tests", .timeLimit(.minutes(5)))
struct NginxServerTests {
  static func proxying(to port: Int, _ directives: String = "") -> String {
    "location / { proxy_pass http://127.0.0.1:\(port); \(directives) }"
  }

  @Test("In front of the origin without buffering it passes the handshake on, and is gone afterwards")
  func passesTheHandshake() async throws {
    try await withOrigin { origin in
      let block = Self.proxying(to: origin.port, "proxy_http_version 1.1; proxy_buffering off;")
      let server = try await NginxServer.withServer(serverBlock: block) { server in
        #expect(server.origin == "http://127.0.0.1:\(server.port)")
        let received = try await TCPConnection.exchange(port: server.port, request()) { $0.hasSuffix("\n\n\r\n") }
        #expect(received.text.hasPrefix("HTTP/1.1 200 OK\r\nServer: nginx"))
        #expect(received.text.hasSuffix("\r\n\r\n" + handshakeChunk))
        #expect(!received.text.contains("X-Accel-Buffering"))
        return server
      }
      try await waitUntilFree(port: server.port)
      #expect(kill(server.pid, 0) == -1)
    }
  }

  @Test("With buffering it holds back even the headers of an origin that does not ask for streaming")
  func holdsBack() async throws {
    try await withOrigin {
      $0.accelBuffering = nil
    } _: { origin in
      try await NginxServer.withServer(serverBlock: Self.proxying(to: origin.port)) { server in
        try await TCPConnection.with(port: server.port) { connection in
          try connection.send(request())
          await #expect(throws: StateNotReached.self) {
            try await connection.receive(within: .milliseconds(500)) { !$0.isEmpty }
          }
        }
      }
    }
  }

  @Test("With the upstream down it answers 502 and logs why")
  func upstreamDown() async throws {
    try await NginxServer.withServer(serverBlock: Self.proxying(to: freePort())) { server in
      let received = try await TCPConnection.exchange(port: server.port, request(headers: "Connection: close\r\n"))
      #expect(received.text.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
      #expect(server.log.contains("Connection refused"))
    }
  }

  @Test("Over TLS, HTTP/2 is agreed on where it is offered", arguments: [true, false])
  func http2(isOffered: Bool) async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await NginxServer.withServer(serverBlock: "return 204;", tls: certificates, http2: isOffered) { server in
        #expect(server.origin == "https://127.0.0.1:\(server.port)")
        let result = try await client(of: server.port, certificates, "-alpn", "h2,http/1.1")
        #expect(result.standardOutput.contains("ALPN protocol: \(isOffered ? "h2" : "http/1.1")\n"))
      }
    }
  }

  @Test(
    "A client refuses each certificate for its own reason",
    arguments: [
      (TestCertificates.Kind.valid, "Verify return code: 0 (ok)"), (.expired, "certificate has expired"),
      (.wrongName, "hostname mismatch"), (.selfSigned, "self-signed certificate"),
    ])
  func certificates(kind: TestCertificates.Kind, verdict: String) async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(kind, in: folder)
      try await NginxServer.withServer(serverBlock: "return 204;", tls: certificates) { server in
        let result = try await client(of: server.port, certificates, "-verify_hostname", "localhost")
        #expect((result.standardOutput + result.standardError).contains(verdict))
        #expect(result.standardOutput.contains("Verify return code: 0 (ok)") == (kind == .valid))
      }
    }
  }

  private func client(
    of port: Int, _ certificates: TestCertificates, _ arguments: String...
  ) async throws -> ProcessResult {
    try await runBinary(
      findProgram("openssl"), ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", certificates.caFile] + arguments)
  }

  @Test("A configuration that nginx refuses is thrown with its complaint")
  func unusableConfiguration() async throws {
    let failure = await #expect(throws: ServerStartFailure.self) {
      try await NginxServer.withServer(serverBlock: "no_such_directive on;") { _ in }
    }
    #expect(try #require(failure).description.contains("unknown directive \"no_such_directive\""))
  }
}
