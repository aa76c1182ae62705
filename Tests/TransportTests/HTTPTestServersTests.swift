import Foundation
import TestServers
import Testing

@Suite("The web servers that the tests start", .timeLimit(.minutes(5)))
struct HTTPTestServersTests {
  /// What stands behind the proxies: an event stream that ends at once.
  static let upstream = RawTCPServer.Script(
    sends: Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n".utf8),
    then: .staysSilent)

  @Test("HAProxy passes a stream on over each version, and is gone afterwards", arguments: [1, 2])
  func haproxy(version: Int) async throws {
    try await withCertificates { certificates in
      try await RawTCPServer.withServer(Self.upstream) { upstream in
        let server = try await HAProxyServer.withServer(
          section: "server upstream 127.0.0.1:\(upstream.port)", tls: certificates, http2: version == 2
        ) { server in
          try await expectStream(at: server.origin, version: version, certificates)
          try await wait(for: "the session is logged") { server.log.contains(" tested/upstream ") }
          return server
        }
        try await expectGone(server)
      }
    }
  }

  @Test("HAProxy passes bytes on that are no HTTP")
  func haproxyOfBytes() async throws {
    let script = RawTCPServer.Script(sends: Array("nonsense".utf8), then: .endsSending())
    try await RawTCPServer.withServer(script) { raw in
      try await HAProxyServer.withServer(mode: .tcp, section: "server raw 127.0.0.1:\(raw.port)") { server in
        #expect(server.origin == "http://127.0.0.1:\(server.port)")
        let received = try await TCPConnection.exchange(port: server.port, "x")
        #expect(received.text == "nonsense")
        #expect(received.ended)
      }
    }
  }

  @Test("Caddy passes a stream on over each version, and is gone afterwards", arguments: [1, 2])
  func caddy(version: Int) async throws {
    try await withCertificates { certificates in
      try await RawTCPServer.withServer(Self.upstream) { upstream in
        let server = try await CaddyServer.withServer(
          site: "reverse_proxy 127.0.0.1:\(upstream.port)", tls: certificates, http2: version == 2
        ) { server in
          try await expectStream(at: server.origin, version: version, certificates)
          return server
        }
        try await expectGone(server)
      }
    }
  }

  @Test("Caddy answers without TLS too")
  func plainCaddy() async throws {
    try await CaddyServer.withServer(site: "respond hello") { server in
      let result = try await curl(server.origin)
      #expect(result.standardOutput == "hello")
    }
  }

  @Test("Apache passes a stream on over each version, and is gone afterwards", arguments: [1, 2])
  func apache(version: Int) async throws {
    try await withCertificates { certificates in
      try await RawTCPServer.withServer(Self.upstream) { upstream in
        let server = try await ApacheServer.withServer(
          server: "ProxyPass / http://127.0.0.1:\(upstream.port)/", tls: certificates, http2: version == 2
        ) { server in
          try await expectStream(at: server.origin, version: version, certificates)
          return server
        }
        try await expectGone(server)
      }
    }
  }

  @Test("lighttpd passes a stream on, and is gone afterwards")
  func lighttpd() async throws {
    try await RawTCPServer.withServer(Self.upstream) { upstream in
      let settings = #"proxy.server = ("" => (("host" => "127.0.0.1", "port" => \#(upstream.port))))"#
      let server = try await LighttpdServer.withServer(server: settings) { server in
        try await expectStream(at: server.origin, version: 1)
        return server
      }
      try await expectGone(server)
    }
  }

  @Test("Varnish passes a stream on, and is gone afterwards")
  func varnish() async throws {
    try await RawTCPServer.withServer(Self.upstream) { upstream in
      let vcl = #"sub vcl_deliver { set resp.http.X-Tested = "yes"; }"#
      let server = try await VarnishServer.withServer(backend: upstream.port, vcl: vcl) { server in
        let result = try await expectStream(at: server.origin, version: 1)
        #expect(result.standardError.contains("< X-Tested: yes"))
        return server
      }
      try await expectGone(server)
    }
  }

  @Test("A configuration that a server refuses is thrown with its complaint")
  func unusableConfiguration() async throws {
    let haproxy = await #expect(throws: ServerStartFailure.self) {
      try await HAProxyServer.withServer(section: "no_such_keyword on") { _ in }
    }
    #expect(try #require(haproxy).description.contains("unknown keyword 'no_such_keyword'"))
    let caddy = await #expect(throws: ServerStartFailure.self) {
      try await CaddyServer.withServer(site: "no_such_directive on") { _ in }
    }
    #expect(try #require(caddy).description.contains("unrecognized directive: no_such_directive"))
    let apache = await #expect(throws: ServerStartFailure.self) {
      try await ApacheServer.withServer(server: "NoSuchDirective on") { _ in }
    }
    #expect(try #require(apache).description.contains("Invalid command 'NoSuchDirective'"))
    let lighttpd = await #expect(throws: ServerStartFailure.self) {
      try await LighttpdServer.withServer(server: "no such setting") { _ in }
    }
    #expect(try #require(lighttpd).description.contains("parser failed"))
    let varnish = await #expect(throws: ServerStartFailure.self) {
      try await VarnishServer.withServer(backend: 1, vcl: "no such subroutine;") { _ in }
    }
    #expect(try #require(varnish).description.contains("VCL compilation failed"))
  }

  /// How a body ended, as curl says it: its exit status and what stands in its report.
  struct Ending: Sendable {
    let pieces: [[HTTP2Frame]]
    let then: RawTCPServer.Script.Ending
    let status: Int32
    let said: String
    var body = "data: 1\n\n"
  }

  static let head = HTTP2Frame.headers([(":status", "200"), ("content-type", "text/event-stream")])
  static let longText = String(repeating: "x", count: 16_000)
  static let event = HTTP2Frame.data("data: 1\n\n")

  /// What curl says of the server's close_notify; of its own it says OUT.
  static let notified = "(IN), TLS alert, close notify"

  static let endings = [
    Ending(
      pieces: [[head], [event], [.data([], endsStream: true)]], then: .staysSilent, status: 0, said: "left intact"),
    Ending(
      pieces: [[head], [event], [.headers([("x-count", "1")], endsStream: true)]], then: .staysSilent, status: 0,
      said: "< x-count: 1"),
    Ending(pieces: [[head], [event], [.resetStream(0)]], then: .staysSilent, status: 0, said: "left intact"),
    Ending(
      pieces: [[head], [event], [.resetStream(8)]], then: .staysSilent, status: 92,
      said: "stream 1 was not closed cleanly: CANCEL (err 8)"),
    Ending(
      pieces: [[head], [event], [.goAway(11, lastStream: 1)]], then: .endsSending(), status: 18,
      said: "GOAWAY, error=11, last_stream=1"),
    Ending(
      pieces: [[head], [event], [.goAway(0, lastStream: 0)]], then: .staysSilent, status: 16, said: "last_stream=0"),
    Ending(pieces: [[head], [event]], then: .endsSending(closeNotify: true), status: 18, said: notified),
    Ending(pieces: [[head], [event]], then: .endsSending(), status: 18, said: "before end of the underlying stream"),
    Ending(pieces: [[head], [event]], then: .resets, status: 56, said: "Recv failure: Connection reset by peer"),
    // A reset discards what the client has not read yet: it must come after that.
    Ending(
      pieces: [[head]] + Array(repeating: [.data(longText)], count: 200), then: .resets, status: 56,
      said: "Recv failure: Connection reset by peer", body: String(repeating: longText, count: 200)),
    // curl 7.88.1 drops what it reads together with RST_STREAM: the frames of a piece do arrive at once.
    Ending(pieces: [[head], [event, .resetStream(8)]], then: .staysSilent, status: 92, said: "(err 8)", body: ""),
    Ending(
      pieces: [[.headers([(":status", "200"), ("x-long", String(repeating: "v", count: 9000))])], [event]],
      then: .endsSending(), status: 18, said: "< x-long: \(String(repeating: "v", count: 9000))"),
  ]

  @Test("Each ending of HTTP/2 reaches curl as it was meant", arguments: endings.indices)
  func endingsOfHTTP2(index: Int) async throws {
    let ending = Self.endings[index]
    try await withCertificates { certificates in
      try await HTTP2Server.withServer(tls: certificates, sends: ending.pieces, then: ending.then) { server in
        let result = try await curl(server.origin, certificates, "--http2")
        #expect(result.status == ending.status, "\(result.standardError)")
        #expect(result.standardOutput == ending.body)
        #expect(result.standardError.contains(ending.said), "\(result.standardError)")
        #expect(result.standardError.contains("< HTTP/2 200"))
        let isNotified = result.standardError.contains(Self.notified)
        #expect(isNotified == (ending.then == .endsSending(closeNotify: true)))
      }
    }
  }

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

  private func expectGone(_ server: ProxyServer) async throws {
    // The processes that a server had started may end a moment after it.
    try await waitUntilFree(port: server.port)
    #expect(kill(server.pid, 0) == -1)
  }

  @discardableResult
  private func expectStream(
    at origin: String, version: Int, _ certificates: TestCertificates? = nil
  ) async throws -> ProcessResult {
    // Without TLS curl would ask for an upgrade to HTTP/2, which browsers never do and lighttpd grants.
    let result = try await curl(origin, certificates, certificates == nil ? "--http1.1" : "--http2")
    #expect(result.status == 0, "\(result.standardError)")
    #expect(result.standardOutput == "data: 1\n\n")
    #expect(result.standardError.contains(version == 2 ? "< HTTP/2 200" : "< HTTP/1.1 200 OK"))
    return result
  }
}
