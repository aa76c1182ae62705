import Facts
import Foundation
import StreamProbe
import Synchronization
import TestServers
import Testing
import Transport

/// The facts of a stream that is watched until its handshake, or for as long as given.
private func facts(
  _ url: String, headers: [(name: String, value: Secret)] = [], watch: Duration = .seconds(60), caFile: String? = nil,
  until count: Int = 1
) async throws -> StreamFacts {
  let left = Mutex(count)
  let stop = StreamStop { _ in
    left.withLock { left in
      left -= 1
      return left == 0
    }
  }
  let probe = StreamProbe(watch: watch, route: Route(tls: TLSOptions(caFile: caFile)), stop: stop)
  return await probe.facts(of: StreamTarget(url: url, headers: headers), over: try Transport())
}

private func response(_ facts: StreamFacts) throws -> StreamFacts.Response {
  let response: StreamFacts.Response? = if case .response(let response) = facts.outcome { response } else { nil }
  return try #require(response, "\(facts.outcome)")
}

@Suite("The stream probe against the reference origin", .timeLimit(.minutes(5)))
struct StreamProbeTests {
  @Test("a healthy stream: status, headers, phases, and the handshake with its time")
  func healthy() async throws {
    try await withOrigin { origin in
      let facts = try await facts(origin.url)
      let response = try response(facts)
      #expect(response.status == 200)
      #expect(response.httpVersion == "1.1")
      #expect(response.value(of: "content-type") == "text/event-stream")
      #expect(response.value(of: "x-accel-buffering") == "no")
      #expect(facts.arrivals.map(\.content) == [.event(type: "ready", data: "{}")])
      let connect = try #require(facts.phases.connectMilliseconds)
      let headers = try #require(facts.phases.headersMilliseconds)
      let first = try #require(facts.arrivals.first?.milliseconds)
      #expect(connect <= headers && headers <= first)
      #expect(facts.end == .closedByProbe)
    }
  }

  @Test("heartbeats are seen as comments, in order, with rising times")
  func heartbeats() async throws {
    try await withOrigin {
      $0.heartbeatInterval = .milliseconds(20)
    } _: { origin in
      let facts = try await facts(origin.url, until: 4)
      #expect(facts.arrivals.dropFirst().allSatisfy { $0.content == .comment(text: "keep-alive") })
      #expect(facts.arrivals.map(\.milliseconds) == facts.arrivals.map(\.milliseconds).sorted())
    }
  }

  @Test("a status that is not 200 keeps the start of its body, and no events")
  func status() async throws {
    try await withOrigin {
      $0.status = 503
    } _: { origin in
      let facts = try await facts(origin.url)
      #expect(try response(facts).status == 503)
      #expect(try !response(facts).bodyStart.isEmpty)
      #expect(facts.arrivals.isEmpty)
    }
  }

  @Test("a clean end is told from one by the probe")
  func cleanEnd() async throws {
    try await withOrigin {
      $0.closesAfterHandshake = true
    } _: { origin in
      let facts = try await facts(origin.url, until: 2)
      #expect(facts.end == .complete(.lastChunk))
    }
  }

  @Test("a cookie from a file or variable is sent, and never kept")
  func cookie() async throws {
    try await withOrigin {
      $0.requiredCookie = "session=canary-7f3a"
    } _: { origin in
      let withoutCookie = try await facts(origin.url)
      #expect(try response(withoutCookie).status == 401)
      let withCookie = try await facts(origin.url, headers: [("Cookie", Secret("session=canary-7f3a"))])
      #expect(try response(withCookie).status == 200)
      #expect(!"\(withCookie)".contains("canary"))
    }
  }

  @Test("an origin that never answers is a failure within the watch, not a hang")
  func silent() async throws {
    try await withOrigin {
      $0.answering = .never
    } _: { origin in
      let facts = try await facts(origin.url, watch: .milliseconds(300))
      guard case .failure(let failure) = facts.outcome else {
        Issue.record("expected a failure, got \(facts.outcome)")
        return
      }
      #expect(failure.kind == .timedOut)
    }
  }

  @Test("a closed port is a refused connection")
  func closedPort() async throws {
    let facts = try await facts("http://127.0.0.1:\(freePort())/")
    guard case .failure(let failure) = facts.outcome else {
      Issue.record("expected a failure, got \(facts.outcome)")
      return
    }
    #expect(failure.kind == .connectionRefused)
  }
}

@Suite("The stream probe through a real nginx", .timeLimit(.minutes(5)))
struct ProxiedStreamTests {
  @Test("TLS and HTTP/2 are taken where they are offered, as a browser does", arguments: [true, false])
  func http2(isOffered: Bool) async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await withOrigin { origin in
        let block = "location / { proxy_pass http://127.0.0.1:\(origin.port); }"
        try await NginxServer.withServer(serverBlock: block, tls: certificates, http2: isOffered) { server in
          let facts = try await facts("\(server.origin)/api/flowpanel/stream", caFile: certificates.caFile)
          #expect(try response(facts).httpVersion == (isOffered ? "2" : "1.1"))
          #expect(facts.arrivals.count == 1)
          #expect(facts.phases.tlsMilliseconds != nil)
          // nginx obeys the header and removes it.
          #expect(try response(facts).value(of: "X-Accel-Buffering") == nil)
        }
      }
    }
  }

  @Test("a gzipped stream is decoded: events are counted, not bytes")
  func gzip() async throws {
    try await withOrigin { origin in
      let block = """
        location / {
          proxy_pass http://127.0.0.1:\(origin.port); gzip on; gzip_types text/event-stream; gzip_min_length 0;
        }
        """
      try await NginxServer.withServer(serverBlock: block) { server in
        let facts = try await facts("\(server.origin)/api/flowpanel/stream")
        #expect(try response(facts).value(of: "Content-Encoding") == "gzip")
        #expect(facts.arrivals.map(\.content) == [.event(type: "ready", data: "{}")])
      }
    }
  }

  @Test("redirects are followed and shown, and secret headers stay with their origin")
  func redirects() async throws {
    try await withOrigin { origin in
      let echo = #"default_type text/event-stream; return 200 "data: [$http_cookie]\n\n";"#
      try await NginxServer.withServer(serverBlock: echo) { other in
        let block = """
          location = /same { return 307 /end?token=canary; }
          location = /end { default_type text/event-stream; return 200 "data: [$http_cookie]\\n\\n"; }
          location = /cross { return 302 \(other.origin)/; }
          location = /loop { return 302 /loop; }
          """
        try await NginxServer.withServer(serverBlock: block) { server in
          let cookie = [(name: "Cookie", value: Secret("session=canary-7f3a"))]
          let same = try await facts("\(server.origin)/same", headers: cookie)
          #expect(same.redirects.map(\.url) == ["\(server.origin)/end?token=…"])
          #expect(same.redirects.map(\.status) == [307])
          // The echo shows that it was sent; what is kept shows nothing of it.
          #expect(same.arrivals.map(\.content) == [.event(type: "message", data: "[[redacted]]")])
          let cross = try await facts("\(server.origin)/cross", headers: cookie)
          #expect(cross.arrivals.map(\.content) == [.event(type: "message", data: "[]")])
          guard case .failure(let failure) = try await facts("\(server.origin)/loop", watch: .seconds(60)).outcome
          else {
            Issue.record("a redirect loop must fail")
            return
          }
          #expect(failure.kind == .tooManyRedirects)
        }
      }
    }
  }
}

@Suite("What a server repeats of the request's secrets is never kept", .timeLimit(.minutes(5)))
struct EchoTests {
  @Test("a cookie's name and an authorization's scheme are words like any other")
  func names() async throws {
    try await withOrigin { origin in
      let headers = [
        (name: "Cookie", value: Secret("ready=canary-1; event=canary-2")),
        (name: "Authorization", value: Secret("Bearer canary-3")),
      ]
      let facts = try await facts(origin.url, headers: headers)
      #expect(facts.arrivals.map(\.content) == [.event(type: "ready", data: "{}")])
    }
  }

  @Test("in a body, an event, a header or a redirect, however long the secret is", arguments: [24, 3000])
  func echoes(length: Int) async throws {
    let secret = "CANARY" + String(repeating: "x", count: length)
    let password = "CANARY" + String(repeating: "y", count: length)
    let headers = [
      (name: "Cookie", value: Secret("session=\(secret)")), (name: "X-Key", value: Secret(secret)),
      (name: "Authorization", value: Secret("Basic " + Data("user:\(password)".utf8).base64EncodedString())),
    ]
    let block = """
      large_client_header_buffers 4 32k;
      location = /body { default_type text/plain; return 401 "no: $http_x_key $http_cookie"; }
      location = /event { default_type text/event-stream; return 200 "data: $http_x_key\\n\\n: $cookie_session\\n\\n"; }
      location = /header { add_header X-Session $http_x_key always; add_header Via $cookie_session always; return 404; }
      location = /user { default_type text/plain; return 403 "\(password)"; }
      location = /name { add_header "X-$cookie_session" 1 always; return 404; }
      location = /redirect { return 302 /login/$cookie_session/x?next=$http_x_key; }
      location /login { return 403; }
      """
    try await NginxServer.withServer(serverBlock: block) { server in
      for path in ["/body", "/event", "/header", "/user", "/name", "/redirect"] {
        let facts = try await facts(server.origin + path, headers: headers, watch: .seconds(20), until: 99)
        #expect(!"\(facts)".contains("CANARY"), "\(path)")
        guard case .response = facts.outcome else {
          Issue.record("\(path): \(facts.outcome)")
          continue
        }
      }
    }
  }
}
