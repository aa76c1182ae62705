import Facts
import Synchronization
import TestServers
import Testing

@Suite("How a stream's end is told, over HTTP/1.1", .timeLimit(.minutes(10)))
struct StreamEndTests {
  /// What a server sends after its head's Content-Type, and how it ends then.
  struct Ending: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var sends: String
    var then: RawTCPServer.Script.Ending = .staysSilent
    var end: String
    var trailers: [StreamFacts.Header] = []
    /// The events that came before; the last one may have been cut.
    var events = ["1"]

    /// A body in chunks, of which the first is an event.
    static func chunked(
      _ name: String, _ rest: String, then: RawTCPServer.Script.Ending = .staysSilent, end: String,
      trailers: [StreamFacts.Header] = []
    ) -> Ending {
      let sends = "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n" + rest
      return Ending(testDescription: name, sends: sends, then: then, end: end, trailers: trailers)
    }

    /// An event whose end is announced by these headers, or by none.
    static func plain(
      _ name: String, _ headers: String = "", then: RawTCPServer.Script.Ending = .staysSilent, end: String
    ) -> Ending {
      Ending(testDescription: name, sends: headers + "\r\ndata: 1\n\n", then: then, end: end)
    }
  }

  static let endings: [Ending] = [
    .chunked("the last chunk", "0\r\n\r\n", end: "complete lastChunk"),
    .chunked(
      "the last chunk, with trailers", "0\r\nX-Count: 1\r\ndate: now\r\n\r\n", end: "complete lastChunk",
      trailers: [.init("X-Count", "[redacted]"), .init("date", "now")]),
    .chunked("closed between chunks", "", then: .endsSending(), end: "cut endOfFile"),
    .chunked("closed in a chunk", "9\r\ndata", then: .endsSending(), end: "cut endOfFile"),
    .chunked("closed in a chunk's size, as h2o does", "1\r\n", then: .endsSending(), end: "cut endOfFile"),
    .chunked("closed in the last chunk", "0\r\n", then: .endsSending(), end: "cut endOfFile"),
    .chunked(
      "closed in the trailers", "0\r\nX-Count: 1\r\n", then: .endsSending(), end: "cut endOfFile",
      trailers: [.init("X-Count", "[redacted]")]),
    .chunked("reset", "", then: .resets, end: "cut reset"),
    .chunked("a chunk's size that is no number", "zz\r\n", end: "cut malformed"),
    .chunked("a chunk's size past all numbers", "fffffffffffffffff\r\n", end: "cut malformed"),
    .chunked("a chunk longer than its size", "3\r\n: hello\n\r\n", end: "cut malformed"),
    .plain("as many bytes as announced", "Content-Length: 9\r\n", end: "complete contentLength"),
    .plain("fewer bytes than announced", "Content-Length: 10\r\n", then: .endsSending(), end: "cut endOfFile"),
    .plain("reset before the announced length", "Content-Length: 10\r\n", then: .resets, end: "cut reset"),
    .plain("closed where nothing was announced", then: .endsSending(), end: "complete connectionClosed"),
    .plain(
      "closed where nothing was announced, with close_notify", then: .endsSending(closeNotify: true),
      end: "complete connectionClosed"),
    .plain("reset where nothing was announced", then: .resets, end: "cut reset"),
  ]

  @Test("without TLS", arguments: endings, StreamCell.matrix(usesTLS: false))
  func plain(ending: Ending, cell: StreamCell) async throws {
    try await expect(ending, cell, nil)
  }

  @Test("over TLS", arguments: endings)
  func overTLS(ending: Ending) async throws {
    try await withCertificates { certificates in
      for cell in StreamCell.matrix(usesTLS: true) where cell.version == .http1 {
        try await expect(ending, cell, certificates)
      }
    }
  }

  private func expect(_ ending: Ending, _ cell: StreamCell, _ certificates: TestCertificates?) async throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    let hasRead = Mutex(false)
    var script = RawTCPServer.Script(sends: bytes(head + ending.sends), then: ending.then)
    if ending.then == .resets { script.mayEnd = { hasRead.withLock { $0 } } }
    try await RawTCPServer.withServer(script, tls: certificates, alpn: "http/1.1") { server in
      let scheme = certificates == nil ? "http" : "https"
      let facts = try await watch(
        "\(scheme)://127.0.0.1:\(server.port)/", cell, certificates: certificates
      ) { news in
        if case .arrival = news { hasRead.withLock { $0 = true } }
      }
      #expect(facts.end.short == ending.end, "\(cell.name): \(facts)")
      #expect(facts.eventData == ending.events, "\(cell.name)")
      #expect(facts.totals.events == ending.events.count)
      #expect(facts.totals.bodyBytes >= 9)
      #expect(facts.totals.wireBytes >= facts.totals.bodyBytes)
      #expect(facts.reads.map(\.wireBytes).reduce(0, +) == facts.totals.wireBytes)
      #expect(facts.trailers == ending.trailers, "\(cell.name)")
      if let cut = facts.cut { #expect(!cut.detail.isEmpty) }
    }
  }
}

@Suite("How a stream's end is told, over HTTP/2", .timeLimit(.minutes(10)))
struct HTTP2StreamEndTests {
  /// The frames that a server sends after its head and an event, each read by itself, and how it ends then.
  struct Ending: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var frames: [HTTP2Frame] = []
    var then: RawTCPServer.Script.Ending = .staysSilent
    var end: String
    var trailers: [StreamFacts.Header] = []
  }

  static let endings: [Ending] =
    [
      Ending(testDescription: "END_STREAM", frames: [.data([], endsStream: true)], end: "complete endStream"),
      Ending(
        testDescription: "END_STREAM on data", frames: [.data(": x\n", endsStream: true)], end: "complete endStream"),
      Ending(
        testDescription: "trailers", frames: [.headers([("x-count", "1"), ("date", "now")], endsStream: true)],
        end: "complete endStream", trailers: [.init("x-count", "[redacted]"), .init("date", "now")]),
      // libcurl 7.88.1 makes no difference.
      Ending(
        testDescription: "RST_STREAM with NO_ERROR", frames: [.resetStream(0)], end: "complete endStream"),
      Ending(
        testDescription: "GOAWAY, then closed", frames: [.goAway(11, lastStream: 1)], then: .endsSending(),
        end: "cut goAway 11"),
      Ending(
        testDescription: "GOAWAY without error, then closed", frames: [.goAway(0, lastStream: 1)],
        then: .endsSending(), end: "cut goAway 0"),
      Ending(testDescription: "GOAWAY before this stream", frames: [.goAway(0, lastStream: 0)], end: "cut goAway 0"),
      Ending(
        testDescription: "GOAWAY, then RST_STREAM", frames: [.goAway(0, lastStream: 1), .resetStream(8)],
        end: "cut goAway 0"),
      Ending(
        testDescription: "GOAWAY, then END_STREAM", frames: [.goAway(0, lastStream: 1), .data([], endsStream: true)],
        end: "complete endStream"),
      Ending(testDescription: "closed", then: .endsSending(), end: "cut endOfFile"),
      Ending(testDescription: "closed with close_notify", then: .endsSending(closeNotify: true), end: "cut endOfFile"),
      Ending(testDescription: "reset", then: .resets, end: "cut reset"),
    ]
    + [1, 2, 5, 7, 8, 11, 99].map { code in
      Ending(testDescription: "RST_STREAM \(code)", frames: [.resetStream(code)], end: "cut streamReset \(code)")
    }

  static let head = HTTP2Frame.headers([(":status", "200"), ("content-type", "text/event-stream")])

  @Test("by frames and by the connection", arguments: endings)
  func ending(_ ending: Ending) async throws {
    let pieces = [[Self.head], [HTTP2Frame.data("data: 1\n\n")]] + ending.frames.map { [$0] }
    for cell in StreamCell.matrix(usesTLS: true) where cell.version == .http2 {
      let facts = try await facts(sending: pieces, then: ending.then, cell)
      #expect(facts.end.short == ending.end, "\(cell.name): \(facts)")
      #expect(facts.eventData == ["1"], "\(cell.name)")
      #expect(facts.response?.httpVersion == "2")
      #expect(facts.trailers == ending.trailers)
      if let cut = facts.cut { #expect(!cut.detail.isEmpty) }
    }
  }

  @Test("a length that is not the announced one is a reset with PROTOCOL_ERROR", arguments: [8, 10])
  func wrongLength(_ length: Int) async throws {
    let head = HTTP2Frame.headers([
      (":status", "200"), ("content-type", "text/event-stream"), ("content-length", "\(length)"),
    ])
    let facts = try await facts(
      sending: [[head], [.data("data: 1\n\n")], [.data([], endsStream: true)]], then: .staysSilent)
    #expect(facts.end.short == "cut streamReset 1", "\(facts)")
  }

  @Test("a stream that is reset before its head is a failure", arguments: [0, 2, 8])
  func resetBeforeHead(code: UInt32) async throws {
    let facts = try await facts(sending: [[.resetStream(code)]], then: .staysSilent)
    #expect(facts.failure?.kind == .closed, "\(facts.outcome)")
  }

  /// libcurl asks again by itself, over HTTP/1.1, which here is answered with frames.
  @Test("HTTP_1_1_REQUIRED is a cut, and what came before is kept")
  func demandsHTTP1() async throws {
    let facts = try await facts(sending: [[Self.head], [.data("data: 1\n\n")], [.resetStream(13)]], then: .staysSilent)
    #expect(facts.cut?.kind == .streamReset && facts.cut?.code == 13, "\(facts)")
    #expect(facts.eventData == ["1"])
    #expect(facts.response?.httpVersion == "2")
  }

  /// Where both versions are offered it would go on with the answer to its second request.
  @Test("HTTP_1_1_REQUIRED does not join two responses")
  func demandsHTTP1AfterNegotiation() async throws {
    let facts = try await facts(
      sending: [[Self.head], [.data("data: 1\n\n")], [.resetStream(13)]], then: .staysSilent,
      StreamCell(version: .negotiated))
    #expect(facts.cut?.kind == .streamReset && facts.cut?.code == 13, "\(facts)")
    #expect(facts.eventData == ["1"])
    #expect(facts.trailers == [])
  }

  @Test("frames that are none are no clean end")
  func garbage() async throws {
    let tooLarge = HTTP2Frame(type: 0, stream: 1, payload: Array(repeating: 0x61, count: 20_000))
    let facts = try await facts(
      sending: [[Self.head], [.data("data: 1\n\n")], [tooLarge]], then: .staysSilent)
    // nghttp2 ends the connection itself, with a GOAWAY of its own, and libcurl 7.88.1 calls that a good end.
    withKnownIssue { #expect(facts.cut != nil, "\(facts)") }
  }

  private func facts(
    sending pieces: [[HTTP2Frame]], then ending: RawTCPServer.Script.Ending,
    _ cell: StreamCell = StreamCell(version: .http2)
  ) async throws -> StreamFacts {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      return try await HTTP2Server.withServer(tls: certificates, sends: pieces, then: ending) { server in
        try await watch(server.origin, cell, certificates: certificates, for: .seconds(60))
      }
    }
  }
}
