import Facts
import TestServers
import Testing

@Suite("What the cells of the browser matrix see", .timeLimit(.minutes(10)))
struct StreamMatrixTests {
  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

  /// nginx' own buffer for TLS, too, is not emptied by what is passed on: over HTTP/1.1 even uncompressed events wait there.
  @Test("nginx with gzip and buffering: only without TLS and over HTTP/2 do uncompressed cells see each event")
  func bufferedGzip() async throws {
    try await withCertificates { certificates in
      try await withOrigin {
        $0.accelBuffering = nil
        $0.eventInterval = .milliseconds(10)
        $0.eventCount = 3
        $0.ending = .never
      } _: { origin in
        let block = """
          location / {
            proxy_pass http://127.0.0.1:\(origin.port); proxy_http_version 1.1;
            gzip on; gzip_types text/event-stream; gzip_min_length 0;
          }
          """
        for tls in [certificates, nil] {
          try await NginxServer.withServer(serverBlock: block, tls: tls, http2: tls != nil) { server in
            let url = "\(server.origin)/api/flowpanel/stream"
            for cell in StreamCell.matrix(usesTLS: tls != nil) {
              if cell.coding == .identity, cell.version == .http2 || tls == nil {
                let facts = try await watch(url, cell, certificates: tls, events: 4)
                #expect(facts.totals.events == 4, "\(cell.name)")
                #expect(facts.response?.value(of: "Content-Encoding") == nil, "\(cell.name)")
              } else {
                // That nothing comes, not even a head, takes its time to be seen.
                let facts = try await watch(url, cell, certificates: tls, for: .seconds(1))
                #expect(facts.failure?.kind == .timedOut, "\(cell.name): \(facts)")
              }
            }
          }
        }
      }
    }
  }

  @Test("nginx that asks in HTTP/1.0 and buffers: no cell sees even a head, until the end")
  func bufferedHTTP1_0() async throws {
    try await withCertificates { certificates in
      try await withOrigin {
        $0.accelBuffering = nil
        $0.eventInterval = .milliseconds(300)
        $0.eventCount = 3
      } _: { origin in
        let block = "location / { proxy_pass http://127.0.0.1:\(origin.port); }"
        try await NginxServer.withServer(serverBlock: block, tls: certificates, http2: true) { server in
          for cell in StreamCell.matrix(usesTLS: true) {
            let facts = try await watch("\(server.origin)/api/flowpanel/stream", cell, certificates: certificates)
            let head = try #require(facts.phases.headersMilliseconds, "\(cell.name): \(facts)")
            #expect(head > 850, "\(cell.name): the origin takes 900 ms")
            #expect(facts.totals.events == 4)
          }
        }
      }
    }
  }

  @Test("nginx with gzip and without buffering: every cell sees each event")
  func unbufferedGzip() async throws {
    try await withCertificates { certificates in
      try await withOrigin {
        $0.eventInterval = .milliseconds(10)
        $0.eventCount = 3
        $0.ending = .never
      } _: { origin in
        let block = """
          location / {
            proxy_pass http://127.0.0.1:\(origin.port);
            gzip on; gzip_types text/event-stream; gzip_min_length 0;
          }
          """
        try await NginxServer.withServer(serverBlock: block, tls: certificates, http2: true) { server in
          for cell in StreamCell.matrix(usesTLS: true) {
            let facts = try await watch(
              "\(server.origin)/api/flowpanel/stream", cell, certificates: certificates, events: 4)
            #expect(facts.totals.events == 4, "\(cell.name)")
            let isGzipped = facts.response?.value(of: "Content-Encoding") == "gzip"
            #expect(isGzipped == (cell.coding == .browser), "\(cell.name)")
            #expect((facts.totals.wireBytes < facts.totals.bodyBytes) == isGzipped, "\(cell.name): \(facts.totals)")
          }
        }
      }
    }
  }

  @Test("where HTTP/2 is not offered nothing is asked of the server", arguments: ["http/1.1", nil])
  func notOffered(alpn: String?) async throws {
    try await withCertificates { certificates in
      let script = RawTCPServer.Script(sends: bytes(Self.head + "\r\ndata: 1\n\n"), then: .endsSending())
      try await RawTCPServer.withServer(script, tls: certificates, alpn: alpn) { server in
        let url = "https://127.0.0.1:\(server.port)/"
        for coding in [StreamCell.Coding.browser, .identity] {
          let facts = try await watch(url, StreamCell(version: .http2, coding: coding), certificates: certificates)
          #expect(facts.failure?.kind == .notOffered, "\(facts.outcome)")
          #expect(facts.tls?.version == "TLSv1.3")
        }
        #expect(server.connections == 2)
        #expect(server.bytesHeard == 0)
        let facts = try await watch(url, StreamCell(version: .http1), certificates: certificates)
        #expect(facts.eventData == ["1"])
        #expect(server.bytesHeard > 0)
      }
    }
  }

  @Test("nginx without HTTP/2 logs the requests in HTTP/1.1 alone")
  func notOfferedByNginx() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      let block = """
        access_log \(folder.path(of: "access.log"));
        location / { default_type text/event-stream; return 200 "data: 1\\n\\n"; }
        """
      try await NginxServer.withServer(serverBlock: block, tls: certificates) { server in
        for cell in StreamCell.matrix(usesTLS: true) {
          let facts = try await watch(server.origin, cell, certificates: certificates)
          #expect((facts.failure?.kind == .notOffered) == (cell.version == .http2), "\(cell.name): \(facts.outcome)")
        }
        let log = try #require(folder.read("access.log"))
        #expect(log.split(separator: "\n").count { $0.contains("GET / HTTP/1.1\" 200") } == 2, "\(log)")
        #expect(log.split(separator: "\n").count == 2, "\(log)")
      }
    }
  }

  @Test(
    "a coding that nobody knows is read as it stands, as browsers do", arguments: ["foo", "none", "identity", "utf-8"])
  func unknownCoding(coding: String) async throws {
    let text =
      Self.head + "Content-Encoding: \(coding)\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n"
    try await RawTCPServer.withServer(.init(sends: bytes(text), then: .staysSilent)) { server in
      for cell in StreamCell.matrix(usesTLS: false) {
        let facts = try await watch("http://127.0.0.1:\(server.port)/", cell)
        #expect(facts.eventData == ["1"], "\(cell.name): \(facts)")
        #expect(facts.end == .complete(.lastChunk))
        #expect(facts.response?.value(of: "Content-Encoding") == coding)
      }
    }
  }

  @Test("what is coded is decoded, whole", arguments: [("gzip", "gzip"), ("br", "brotli"), ("zstd", "zstd")])
  func decoded(coding: String, program: String) async throws {
    try await withCertificates { certificates in
      try await withCoded(coding, by: program) { file in
        let block = "location / { \(file) }"
        try await NginxServer.withServer(serverBlock: block, tls: certificates, http2: true) { server in
          for cell in StreamCell.matrix(usesTLS: true) {
            let facts = try await watch("\(server.origin)/stream", cell, certificates: certificates)
            #expect(facts.eventData == (1...500).map { "event number \($0)" }, "\(cell.name)")
            #expect(facts.totals.wireBytes < facts.totals.bodyBytes / 2)
            #expect(facts.end == .complete(cell.version == .http2 ? .endStream : .contentLength))
          }
        }
      }
    }
  }

  @Test("what is coded wrongly is a cut of its own", arguments: ["gzip", "br", "zstd", "deflate"])
  func corrupt(coding: String) async throws {
    let text =
      Self.head + "Content-Encoding: \(coding)\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nno coding\r\n0\r\n\r\n"
    try await RawTCPServer.withServer(.init(sends: bytes(text), then: .staysSilent)) { server in
      let facts = try await watch("http://127.0.0.1:\(server.port)/")
      #expect(facts.end.short == "cut undecodable", "\(facts.end)")
      #expect(server.connections == 1)
    }
  }

  /// Runs the body with a file of 500 events, and what stands in nginx' location to deliver it as coded.
  private func withCoded(_ coding: String, by program: String, _ body: (String) async throws -> Void) async throws {
    try await TemporaryFolder.with { folder in
      let plain = try folder.write((1...500).map { "data: event number \($0)\n\n" }.joined(), to: "plain")
      let coded = folder.path(of: "stream")
      let made = try await runBinary("/bin/sh", ["-c", "exec \(findProgram(program)) -c < \(plain) > \(coded)"])
      #expect(made.status == 0, "\(made.standardError)")
      try await body("root \(folder.path); default_type text/event-stream; add_header Content-Encoding \(coding);")
    }
  }
}
