import Facts
import TestServers
import Testing
import Transport

@Suite("Ways to a stream's server", .timeLimit(.minutes(10)))
struct StreamRouteTests {
  private static let location = #"location / { default_type text/event-stream; return 200 "data: 1\n\n"; }"#

  @Test("a name leads where --resolve and --connect-to say")
  func resolved() async throws {
    try await NginxServer.withServer(serverBlock: Self.location) { server in
      let resolved = try await watch(
        "http://stream.example:\(server.port)/", route: Route(resolve: ["stream.example:\(server.port):127.0.0.1"]))
      #expect(resolved.eventData == ["1"], "\(resolved.outcome)")
      #expect(resolved.address == "127.0.0.1:\(server.port)")
      #expect(resolved.url == "http://stream.example:\(server.port)/")
      let connected = try await watch(
        "http://stream.example:1/", route: Route(connectTo: ["stream.example:1:127.0.0.1:\(server.port)"]))
      #expect(connected.eventData == ["1"], "\(connected.outcome)")
      #expect(connected.address == "127.0.0.1:\(server.port)")
    }
  }

  @Test("the address's family is the one that is forced")
  func families() async throws {
    let port = try freePort()
    let block = "listen 127.0.0.1:\(port); listen [::1]:\(port); \(Self.location)"
    try await NginxServer.withServer(serverBlock: block) { _ in
      let resolve = ["stream.example:\(port):127.0.0.1,[::1]"]
      for (family, address) in [(Route.AddressFamily.ipv4, "127.0.0.1"), (.ipv6, "[::1]")] {
        let facts = try await watch("http://stream.example:\(port)/", route: Route(family: family, resolve: resolve))
        #expect(facts.eventData == ["1"], "\(family): \(facts.outcome)")
        #expect(facts.address == "\(address):\(port)")
      }
      let raced = try await watch("http://stream.example:\(port)/", route: Route(resolve: resolve))
      #expect(["127.0.0.1:\(port)", "[::1]:\(port)"].contains(raced.address))
      let named = try await watch("http://[::1]:\(port)/")
      #expect(named.address == "[::1]:\(port)")
      let impossible = try await watch("http://127.0.0.1:\(port)/", route: Route(family: .ipv6))
      #expect(impossible.failure != nil, "\(impossible.outcome)")
    }
  }

  @Test("what is sent of the operator's own is noted, the values of headers aside")
  func sent() async throws {
    let location = #"""
      location / { default_type text/event-stream; return 200 "data: $http_origin, $http_last_event_id\n\n"; }
      """#
    try await NginxServer.withServer(serverBlock: location) { server in
      let facts = try await watch(
        server.origin, headers: [("Cookie", Secret("session=canary"))], lastEventID: "7",
        origin: "https://app.example.com")
      #expect(facts.eventData == ["https://app.example.com, 7"], "\(facts.outcome)")
      #expect(facts.sentHeaders == ["Cookie"])
      #expect(facts.origin == "https://app.example.com")
      #expect(facts.sentLastEventID == "7")
      let bare = try await watch(server.origin)
      #expect(bare.eventData == [", "], "\(bare.outcome)")
      #expect(bare.sentHeaders.isEmpty && bare.origin == nil && bare.sentLastEventID == nil)
    }
  }

  @Test("a TLS port that is asked in plain HTTP says so in what is kept of its answer")
  func plainToTLS() async throws {
    try await withCertificates { certificates in
      try await NginxServer.withServer(serverBlock: Self.location, tls: certificates) { server in
        let facts = try await watch("http://127.0.0.1:\(server.port)/")
        #expect(facts.response?.status == 400)
        #expect(facts.response?.bodyLine.contains("plain HTTP request was sent to HTTPS port") == true)
      }
    }
  }

  @Test("of a body that is no event stream, 300 characters are kept")
  func bodyStart() async throws {
    let location = "location / { default_type text/html; return 400 '\(String(repeating: "x", count: 900))'; }"
    try await NginxServer.withServer(serverBlock: location) { server in
      let facts = try await watch(server.origin)
      #expect(facts.response?.bodyStart == String(repeating: "x", count: 300) + "…")
    }
  }

  @Test("a server that demands a client certificate gets one", arguments: StreamCell.matrix(usesTLS: true))
  func clientCertificate(cell: StreamCell) async throws {
    try await withCertificates { certificates in
      let block = """
        ssl_verify_client on; ssl_client_certificate \(certificates.caFile);
        location / { default_type text/event-stream; return 200 "data: $ssl_client_s_dn\\n\\n"; }
        """
      try await NginxServer.withServer(serverBlock: block, tls: certificates, http2: true) { server in
        let without = try await watch(server.origin, cell, certificates: certificates)
        #expect(without.response?.status == 400, "\(without.outcome)")
        let route = Route(
          tls: TLSOptions(
            certificateFile: certificates.clientCertificateFile, keyFile: certificates.clientKeyFile))
        let with = try await watch(server.origin, cell, route: route, certificates: certificates)
        #expect(with.eventData == ["CN=client"], "\(with.outcome)")
        #expect(with.hasClientCertificate && !without.hasClientCertificate)
      }
    }
  }

  @Test(
    "certificates that are not to be trusted are refused before anything is asked",
    arguments: TestCertificates.Kind.allCases)
  func certificates(kind: TestCertificates.Kind) async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(kind, in: folder)
      let script = RawTCPServer.Script(sends: [], then: .staysSilent)
      try await RawTCPServer.withServer(script, tls: certificates) { server in
        // The system's authorities know none of them.
        let trusted = kind == .valid ? nil : certificates
        let facts = try await watch("https://127.0.0.1:\(server.port)/", certificates: trusted)
        #expect(facts.failure?.kind == .certificate, "\(facts.outcome)")
        #expect(server.bytesHeard == 0)
      }
    }
  }

  @Test("the handshake and the certificate are told")
  func tlsFacts() async throws {
    try await withCertificates { certificates in
      try await NginxServer.withServer(serverBlock: Self.location, tls: certificates, http2: true) { server in
        for cell in StreamCell.matrix(usesTLS: true) {
          let facts = try await watch(server.origin, cell, certificates: certificates)
          let tls = try #require(facts.tls, "\(facts.outcome)")
          // What nginx 1.22 offers unless told otherwise.
          #expect(tls.version == "TLSv1.2")
          #expect(tls.cipher == "ECDHE-ECDSA-AES256-GCM-SHA384")
          #expect(tls.alpn == (cell.version == .http2 ? "h2" : "http/1.1"))
          let certificate = try #require(tls.certificate)
          #expect(certificate.subject == "CN = localhost")
          #expect(certificate.issuer == "CN = TestAuthority")
          #expect(certificate.names == ["localhost", "127.0.0.1"])
          // Made for two days a moment ago.
          #expect(certificate.daysLeft == 1)
          #expect(certificate.notAfter.hasSuffix("Z"))
          let connect = try #require(facts.phases.connectMilliseconds)
          let handshake = try #require(facts.phases.tlsMilliseconds)
          let headers = try #require(facts.phases.headersMilliseconds)
          #expect(connect <= handshake && handshake <= headers)
        }
      }
    }
  }

  // MARK: Proxies on the client's side

  @Test("a proxy is asked with CONNECT for https, and for the whole URL without TLS")
  func proxy() async throws {
    try await withCertificates { certificates in
      try await HTTPProxy.withProxy { proxy in
        let route = Route(proxy: Secret("http://127.0.0.1:\(proxy.port)"))
        try await NginxServer.withServer(serverBlock: Self.location, tls: certificates, http2: true) { server in
          for cell in StreamCell.matrix(usesTLS: true) {
            let facts = try await watch(server.origin, cell, route: route, certificates: certificates)
            #expect(facts.eventData == ["1"], "\(cell.name): \(facts.outcome)")
            #expect(facts.response?.httpVersion == cell.version.rawValue)
            #expect(facts.response?.value(of: "Server")?.hasPrefix("nginx") == true)
            #expect(facts.address == "127.0.0.1:\(proxy.port)")
          }
          #expect(proxy.log.contains("CONNECT 127.0.0.1:\(server.port)"))
        }
        try await NginxServer.withServer(serverBlock: Self.location) { server in
          let facts = try await watch(server.origin, route: route)
          #expect(facts.eventData == ["1"], "\(facts.outcome)")
          #expect(proxy.log.contains("GET \(server.origin)/"))
        }
      }
    }
  }

  @Test("a proxy's credentials are sent to it, and kept nowhere")
  func proxyCredentials() async throws {
    try await withCertificates { certificates in
      try await HTTPProxy.withProxy(settings: "BasicAuth user canary7f3a") { proxy in
        try await NginxServer.withServer(serverBlock: Self.location, tls: certificates, http2: true) { server in
          let route = Route(proxy: Secret("http://user:canary7f3a@127.0.0.1:\(proxy.port)"))
          let facts = try await watch(
            server.origin, StreamCell(version: .http2), route: route, certificates: certificates)
          #expect(facts.eventData == ["1"], "\(facts.outcome)")
          #expect(!"\(facts)".contains("canary"))
          for proxyURL in ["http://127.0.0.1:\(proxy.port)", "http://user:wrong@127.0.0.1:\(proxy.port)"] {
            let refused = try await watch(
              server.origin, route: Route(proxy: Secret(proxyURL)), certificates: certificates)
            #expect(refused.failure?.kind == .proxy, "\(refused.outcome)")
            #expect(
              refused.failure?.detail == "CONNECT tunnel failed, response 40\(proxyURL.contains("wrong") ? 1 : 7)")
          }
        }
      }
    }
  }

  @Test("a proxy that forbids the port, that breaks off, or that is none is the failure's kind")
  func refusingProxy() async throws {
    try await HTTPProxy.withProxy(settings: "ConnectPort 1") { proxy in
      let facts = try await watch("https://127.0.0.1:2/", route: Route(proxy: Secret("http://127.0.0.1:\(proxy.port)")))
      #expect(facts.failure == .init(.proxy, "CONNECT tunnel failed, response 403"))
    }
    for said in ["", "SSH-2.0-x\r\n\r\n"] {
      try await RawTCPServer.withServer(.init(sends: bytes(said), then: .endsSending())) { raw in
        let facts = try await watch("https://127.0.0.1:2/", route: Route(proxy: Secret("http://127.0.0.1:\(raw.port)")))
        #expect(facts.failure?.kind == .proxy, "\(facts.outcome)")
      }
    }
    let unknown = try await watch("https://127.0.0.1:2/", route: Route(proxy: Secret("http://no.such.invalid:1")))
    #expect(unknown.failure?.kind == .proxy, "\(unknown.outcome)")
  }

  @Test("a SOCKS5 proxy looks the name up itself")
  func socks() async throws {
    try await NginxServer.withServer(serverBlock: Self.location) { server in
      try await SocksProxy.withProxy(knowing: "stream.example") { proxy in
        let facts = try await watch(
          "http://stream.example:\(server.port)/", route: Route(proxy: Secret("socks5h://127.0.0.1:\(proxy.port)")))
        #expect(facts.eventData == ["1"], "\(facts.outcome)")
        let closed = try await watch(
          "http://127.0.0.1:\(closedPort())/", route: Route(proxy: Secret("socks5h://127.0.0.1:\(proxy.port)")))
        #expect(closed.failure == .init(.proxy, "the proxy answers: connection refused"), "\(closed.outcome)")
      }
    }
  }

  // MARK: Redirects and the request

  @Test("each hop is told with its status and time, and what was not sent on")
  func redirects() async throws {
    let echo =
      #"default_type text/event-stream; return 200 "data: [$http_cookie|$http_authorization|$http_last_event_id]\n\n";"#
    try await withCertificates { certificates in
      try await NginxServer.withServer(serverBlock: "location / { \(echo) }", tls: certificates, http2: true) { other in
        let block = """
          location = /1 { return 301 /2; }
          location = /2 { return 302 3; }
          location = /3 { return 303 ?x=canary; }
          location = /4 { return 307 \(other.origin)/5; }
          if ($args) { return 308 /4; }
          """
        try await NginxServer.withServer(serverBlock: block) { server in
          let headers = [
            (name: "Cookie", value: Secret("s=canary")), (name: "Authorization", value: Secret("canary9")),
          ]
          let facts = try await watch(
            "\(server.origin)/1", StreamCell(version: .negotiated), certificates: certificates, headers: headers,
            lastEventID: "42")
          #expect(facts.redirects.map(\.status) == [301, 302, 303, 308, 307])
          #expect(
            facts.redirects.map(\.url) == ["/2", "/3", "/3?x=…", "/4"].map { server.origin + $0 } + [
              "\(other.origin)/5"
            ])
          let times = facts.redirects.map(\.milliseconds)
          #expect(times == times.sorted() && times.allSatisfy { $0 > 0 })
          let headersTime = try #require(facts.phases.headersMilliseconds)
          #expect(times.allSatisfy { $0 < headersTime })
          // A host's cookies go with it from http to https, and nothing else leaves its origin.
          #expect(facts.eventData == ["[[redacted]||42]"])
          #expect(facts.redirects.map(\.withheld) == [[], [], [], [], ["Authorization"]])
          #expect(facts.response?.httpVersion == "2")
          #expect(facts.url == "\(server.origin)/1")
          #expect(!"\(facts)".contains("canary"))
        }
      }
    }
  }

  @Test("of a server that a redirect leads to, and that does not answer, nothing else is asked")
  func unansweredElsewhere() async throws {
    try await RawTCPServer.withServer(.init(then: .staysSilent)) { silent in
      let block = "location / { return 302 http://127.0.0.1:\(silent.port)/; }"
      try await NginxServer.withServer(serverBlock: block) { server in
        var limit = Duration.seconds(1)
        var facts = try await watch(server.origin, for: limit)
        // A busy machine may not have come that far.
        while !facts.isUnanswered, limit < .seconds(60) {
          limit = limit * 2
          facts = try await watch(server.origin, for: limit)
        }
        #expect(facts.isUnanswered, "\(facts.outcome)")
        #expect(silent.connections == 1 && facts.neighbour == nil)
      }
    }
  }

  @Test("the last event's ID, headers and what a browser sends go out, in every cell")
  func request() async throws {
    try await withCertificates { certificates in
      let echo = "$http_accept|$http_cache_control|$http_last_event_id|$http_accept_encoding|$http_host"
      let block = "location / { default_type text/event-stream; return 200 \"data: \(echo)\\n\\n\"; }"
      for tls in [certificates, nil] {
        try await NginxServer.withServer(serverBlock: block, tls: tls, http2: tls != nil) { server in
          for cell in StreamCell.matrix(usesTLS: tls != nil) {
            let facts = try await watch(server.origin, cell, certificates: tls, lastEventID: "7-é")
            let coding = cell.acceptEncoding(usesTLS: tls != nil)
            #expect(
              facts.eventData == ["text/event-stream|no-cache|7-é|\(coding)|127.0.0.1:\(server.port)"],
              "\(cell.name): \(facts.outcome)")
          }
        }
      }
    }
  }
}
