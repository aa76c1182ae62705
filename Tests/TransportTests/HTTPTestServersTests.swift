import Foundation
import TestServers
import Testing

@Suite("The web servers that the tests start", .timeLimit(.minutes(5)))
struct HTTPTestServersTests {
  /// What curl says of the server's close_notify; of its own it says OUT.
  static let notified = "(IN), TLS alert, close notify"

  @Test(
    "A raw server speaks TLS and ends it as it is told, and agrees on nothing that it was not told",
    arguments: [true, false])
  func rawTLS(closeNotify: Bool) async throws {
    try await withCertificates { certificates in
      let script = RawTCPServer.Script(
        sends: Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndata: 1\n\n".utf8), pausing: .microseconds(10),
        then: .endsSending(closeNotify: closeNotify))
      try await RawTCPServer.withServer(script, tls: certificates) { server in
        let result = try await curl("https://127.0.0.1:\(server.port)", certificates, "--http2")
        #expect(result.status == 0, "\(result.standardError)")
        #expect(result.standardOutput == "data: 1\n\n")
        #expect(result.standardError.contains("ALPN: server did not agree on a protocol"))
        #expect(result.standardError.contains(Self.notified) == closeNotify)
      }
    }
  }

  @Test("A turn waits until the client has said enough")
  func turns() async throws {
    var script = RawTCPServer.Script(sends: Array("first ".utf8), then: .closes)
    script.turns = [.init(once: { $0.count >= 4 }, sends: Array("second".utf8))]
    try await RawTCPServer.withServer(script) { server in
      try await TCPConnection.with(port: server.port) { connection in
        try connection.send("a")
        _ = try await connection.receive { $0 == "first " }
        try connection.send("bc")
        await #expect(throws: StateNotReached.self) { try await connection.receive(within: .milliseconds(100)) }
        try connection.send("d")
        let received = try await connection.receive()
        #expect(received.text == "second")
      }
    }
  }

  private func withCertificates(_ body: (TestCertificates) async throws -> Void) async throws {
    try await TemporaryFolder.with { folder in try await body(TestCertificates.make(in: folder)) }
  }

  /// The real curl's view, apart from the machine's own settings of it.
  private func curl(
    _ url: String, _ certificates: TestCertificates? = nil, _ arguments: String...
  ) async throws -> ProcessResult {
    let trusted = certificates.map { ["--cacert", $0.caFile] } ?? []
    let fixed = ["-q", "-svN", "--noproxy", "*", "--max-time", "60"]
    return try await runBinary(findProgram("curl"), fixed + trusted + arguments + [url])
  }
}
