import Facts
import Foundation
import StreamProbe
import TestServers
import Testing
import Transport

@Suite("The stream probe against origins that mean no good", .timeLimit(.minutes(10)), .serialized)
struct HostileOriginTests {
  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
  private static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"

  private func facts(
    sending text: String, pausing pause: Duration? = nil, then ending: RawTCPServer.Script.Ending, events: Int? = nil,
    for limit: Duration = .seconds(120)
  ) async throws -> StreamFacts {
    let script = RawTCPServer.Script(sends: bytes(text), pausing: pause, then: ending)
    return try await RawTCPServer.withServer(script) { server in
      try await watch("http://127.0.0.1:\(server.port)/", events: events, for: limit)
    }
  }

  // MARK: Heads

  @Test(
    "headers without end stop at the bound",
    arguments: ["X-Long: \(String(repeating: "a", count: 1000))\r\n", "A: b\r\n"])
  func endlessHeaders(header: String) async throws {
    let facts = try await facts(sending: Self.head, then: .repeats(bytes(header)))
    #expect(facts.failure?.detail == "more than 64 KiB of response headers", "\(facts.outcome)")
  }

  @Test("one header line without end stops at the bound")
  func endlessHeaderLine() async throws {
    let facts = try await facts(
      sending: Self.head + "X-Long: ", then: .repeats(Array(repeating: UInt8(ascii: "a"), count: 1000)))
    #expect(facts.failure?.detail == "a line of the response's head is longer than 100 KB", "\(facts.outcome)")
  }

  @Test("interim responses without end stop at the bound")
  func endlessInterimResponses() async throws {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    let facts = try await facts(sending: interim, then: .repeats(bytes(interim)))
    #expect(facts.failure?.detail == "more than 64 KiB of response headers", "\(facts.outcome)")
  }

  @Test("thousands of headers within the bound are all kept")
  func thousandsOfHeaders() async throws {
    let headers = (0..<5000).map { "H\($0): v\r\n" }.joined()
    let facts = try await facts(sending: Self.head + headers + "\r\ndata: 1\n\n", then: .endsSending())
    let response = try #require(facts.response, "\(facts.outcome)")
    #expect(response.headers.map(\.name) == ["Content-Type"] + (0..<5000).map { "H\($0)" })
    #expect(facts.eventData == ["1"])
  }

  @Test("trailers without end stop at the bound, and the events before them are kept")
  func endlessTrailers() async throws {
    let facts = try await facts(
      sending: Self.chunked + "9\r\ndata: 1\n\n\r\n0\r\n", then: .repeats(bytes("X-Trailer: value\r\n")))
    #expect(facts.end == .cut(.init(.tooLarge, "more than 64 KiB of trailers")), "\(facts.end)")
    #expect(facts.eventData == ["1"])
  }

  @Test("what is not HTTP, and nothing at all, are failures", arguments: ["SSH-2.0-x\r\n", ""])
  func notHTTP(_ text: String) async throws {
    let facts = try await facts(sending: text, then: .closes)
    #expect(facts.failure != nil, "\(facts.outcome)")
  }

  @Test("redirects in a loop, each to another URL, stop at the twentieth")
  func redirectLoop() async throws {
    try await NginxServer.withServer(
      serverBlock: "location / { return 302 /$request_id; }"
    ) { server in
      let facts = try await watch(server.origin)
      #expect(facts.failure?.kind == .tooManyRedirects)
      #expect(facts.redirects.count == 20)
      #expect(Set(facts.redirects.map(\.url)).count == 20)
    }
  }

  // MARK: Bodies

  @Test("a line without end is thrown away beyond the bound, within the time")
  func endlessLine() async throws {
    let line = Array(repeating: UInt8(ascii: "a"), count: 64 * 1024)
    let before = residentBytes()
    let facts = try await facts(
      sending: Self.head + "\r\ndata: 1\n\ndata: ", then: .repeats(line), for: .seconds(3))
    #expect(facts.eventData == ["1"])
    #expect(facts.end == .closedByProbe)
    #expect(facts.totals.tooLarge == 1)
    #expect(facts.totals.bodyBytes > 1024 * 1024)
    #expect(residentBytes() - before < 200 << 20)
  }

  @Test("a firehose ends at the deadline, and does not pile up in memory")
  func firehose() async throws {
    let event = "data: \(String(repeating: "x", count: 1000))\n\n"
    let burst = bytes(String(repeating: event, count: 64))
    let script = RawTCPServer.Script(sends: bytes(Self.head + "\r\n"), then: .repeats(burst))
    try await RawTCPServer.withServer(script) { server in
      let before = residentBytes()
      let facts = try await watch("http://127.0.0.1:\(server.port)/", for: .seconds(3))
      #expect(facts.end == .closedByProbe)
      #expect(facts.watchedMilliseconds > 2900)
      #expect(facts.arrivals.count <= 10_000 && facts.reads.count <= 10_000)
      // Nothing waits without bound between the server and the probe: what was not taken was not sent.
      #expect(server.bytesSent - facts.totals.wireBytes < 64 << 20)
      #expect(residentBytes() - before < 200 << 20)
    }
  }

  @Test("who does not fetch makes the server wait, and gets all of it afterwards")
  func backPressure() async throws {
    let burst = bytes(String(repeating: "data: \(String(repeating: "x", count: 1000))\n\n", count: 64))
    let script = RawTCPServer.Script(sends: bytes(Self.head + "\r\n"), then: .repeats(burst))
    try await RawTCPServer.withServer(script) { server in
      let transport = try Transport()
      let url = "http://127.0.0.1:\(server.port)/"
      var moments = transport.open(HTTPStreamRequest(url: url, timeout: .seconds(300))).makeAsyncIterator()
      guard case .connected = await moments.next(), case .head = await moments.next() else {
        Issue.record("expected a head")
        return
      }
      // A second without a byte: the server can't send.
      var sent = -1
      var since = ContinuousClock.now
      try await wait(for: "the server waits", within: .seconds(120)) {
        if server.bytesSent != sent { (sent, since) = (server.bytesSent, .now) }
        return since.duration(to: .now) >= .seconds(1)
      }
      #expect(sent < 64 << 20)
      var received = 0
      while received <= sent, case .body(let body) = await moments.next() {
        #expect(body.bytes.count <= 1 << 20)
        #expect(body.reads.map(\.bodyBytes).reduce(0, +) == body.bytes.count)
        received += body.bytes.count
      }
      #expect(received > sent, "more is sent once there is room")
    }
  }

  @Test("a gzip bomb is decoded no faster than it is read, and cut at its end or at the deadline")
  func gzipBomb() async throws {
    try await TemporaryFolder.with { folder in
      // 600 MiB of one line in 3 MB.
      let line = "printf 'data: '; head -c 629145600 /dev/zero | tr '\\0' a"
      let script = "{ \(line); } | gzip -1 > \(folder.path(of: "bomb"))"
      let made = try await runBinary("/bin/sh", ["-c", script])
      #expect(made.status == 0)
      let block = """
        location / { root \(folder.path); default_type text/event-stream; add_header Content-Encoding gzip; }
        """
      try await NginxServer.withServer(serverBlock: block) { server in
        let before = residentBytes()
        let facts = try await watch("\(server.origin)/bomb", for: .seconds(3))
        #expect(facts.end == .closedByProbe || facts.end == .complete(.contentLength), "\(facts.end)")
        #expect(facts.totals.bodyBytes > 50 * facts.totals.wireBytes)
        #expect(facts.arrivals.isEmpty)
        #expect(facts.totals.tooLarge == 1)
        #expect(residentBytes() - before < 200 << 20)
      }
    }
  }

  @Test("a byte at a time is read as what it is")
  func slowBytes() async throws {
    let facts = try await facts(
      sending: Self.chunked + "9\r\ndata: 1\n\n\r\n0\r\n\r\n", pausing: .milliseconds(10), then: .staysSilent)
    #expect(facts.eventData == ["1"])
    #expect(facts.end == .complete(.lastChunk))
    #expect(facts.totals.reads > 5)
    // One byte each.
    #expect(facts.watchedMilliseconds >= 10 * 100)
  }

  @Test("a byte at a time does not stretch the watch")
  func slowHead() async throws {
    let facts = try await facts(
      sending: Self.head + String(repeating: "X-Slow: 1\r\n", count: 1000), pausing: .milliseconds(50),
      then: .staysSilent, for: .seconds(1))
    #expect(facts.failure?.kind == .timedOut, "\(facts.outcome)")
    #expect(facts.watchedMilliseconds > 900)
  }

  @Test("control sequences are kept as they came, escaped by whoever shows them")
  func controlSequences() async throws {
    let hostile = "\u{1B}[2J\u{1B}]0;x\u{7}\u{9B}31m\u{202E}\u{0}\u{8}"
    let facts = try await facts(
      sending: Self.head
        + "Server: \u{1B}[31m\u{8}x\r\n\r\nid: \u{1B}[1m\nevent: \u{1B}c\ndata: \(hostile)\n\n: \(hostile)\n\n",
      then: .endsSending())
    let id = "\u{1B}[1m"
    #expect(
      facts.arrivals.map(\.content) == [.event(type: "\u{1B}c", data: hostile), .comment(text: hostile)])
    #expect(facts.lastEventID == id)
    #expect(facts.response?.value(of: "Server") == "\u{1B}[31m\u{8}x")
  }

  // MARK: Cuts

  @Test("closed at every offset of a short response", arguments: [false, true], [false, true])
  func everyOffset(usesTLS: Bool, resets: Bool) async throws {
    try await withCertificates { certificates in
      let tls = usesTLS ? certificates : nil
      let response = bytes(Self.chunked + "b\r\n: c\ndata: 1\r\n2\r\n\n\n\r\n0\r\n\r\n")
      let headCount = Self.chunked.utf8.count
      for count in 0...response.count {
        let script = RawTCPServer.Script(
          sends: Array(response[..<count]), then: resets ? .resets : .endsSending(closeNotify: count % 2 == 0))
        try await RawTCPServer.withServer(script, tls: tls, alpn: "http/1.1") { server in
          let facts = try await watch("\(usesTLS ? "https" : "http")://127.0.0.1:\(server.port)/", certificates: tls)
          let place = "after \(count) bytes: \(facts)"
          if resets {
            // A reset takes what was not read yet with it.
            #expect(facts.failure?.kind == .closed || facts.cut?.kind == .reset || count == response.count, "\(place)")
            return
          } else if count < headCount {
            #expect(facts.failure?.kind == .closed, "\(place)")
          } else {
            // libcurl takes the last CR for the end.
            let isComplete = count >= response.count - 1
            #expect(facts.end.short == (isComplete ? "complete lastChunk" : "cut endOfFile"), "\(place)")
          }
          let wasSent = count >= headCount + "b\r\n: c\ndata: 1\r\n2\r\n\n\n".utf8.count
          #expect(facts.eventData == (wasSent ? ["1"] : []), "\(place)")
        }
      }
    }
  }

  @Test(
    "wrong chunk sizes are said, and what came before is kept",
    arguments: [
      "-1\r\nx", "0x9\r\n", "\r\n\r\n", "1 1\r\nx\r\n", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n", "9;\u{0}\r\n",
    ])
  func wrongChunkSizes(size: String) async throws {
    let facts = try await facts(sending: Self.chunked + "9\r\ndata: 1\n\n\r\n" + size, then: .endsSending())
    #expect(facts.eventData == ["1"])
    #expect(facts.cut?.kind == .malformed || facts.cut?.kind == .endOfFile, "\(facts.end)")
  }

  /// The memory that this process holds now (proc(5), the second number of statm, in pages).
  private func residentBytes() -> Int {
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
  }
}
