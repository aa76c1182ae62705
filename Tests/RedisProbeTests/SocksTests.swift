import Facts
import RedisProbe
import TestServers
import Testing

/// A name that the proxy knows, and nobody else (RFC 2606).
private let host = "cache.test"

@Suite("Through a SOCKS proxy", .timeLimit(.minutes(5)))
struct SocksTests {
  @Test("the probe answers wholly, of a name that the proxy alone can look up")
  func whole() async throws {
    try await SocksProxy.withProxy(knowing: host) { proxy in
      try await withRedis { server in
        let found = try await facts("redis://\(host):\(server.port)/1") {
          $0.proxy = "127.0.0.1:\(proxy.port)"
          $0.isActive = true
        }
        #expect(found.isComplete)
        #expect(found.server.value?.numbers?["process_id"] == Int(server.pid))
        #expect(found.clients == .seen([]))
        #expect(found.delivery?.value?.samples == 24)
        #expect(found.addresses == nil)
        #expect(found.address == nil, "the proxy's is not the server's")
        #expect(found.proxy == "127.0.0.1:\(proxy.port)")
        let without = try await facts("redis://\(host):\(server.port)/1")
        #expect(without.failedStep?.failure?.kind == .nameNotFound)
      }
    }
  }

  @Test("the certificate is held against the name that the proxy looks up")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await SocksProxy.withProxy(knowing: host) { proxy in
        try await withRedis {
          $0.tls = certificates
        } _: { server in
          func found(_ serverName: String?) async throws -> RedisFacts {
            try await facts("rediss://\(host):\(try #require(server.tlsPort))", caFile: certificates.caFile) {
              $0.proxy = "127.0.0.1:\(proxy.port)"
              $0.tls.serverName = serverName
            }
          }
          #expect(try await found(nil).failedStep?.failure?.kind == .certificate)
          let named = try await found("localhost")
          #expect(named.isComplete, "\(named.steps)")
          #expect(named.server.value?.numbers?["process_id"] == Int(server.pid))
        }
      }
    }
  }

  @Test("what is closed behind the proxy is told in the proxy's words")
  func closedBehind() async throws {
    try await SocksProxy.withProxy(knowing: host) { proxy in
      let port = try closedPort()
      let failed = try await facts("redis://\(host):\(port)") { $0.proxy = "127.0.0.1:\(proxy.port)" }
        .failedStep
      #expect(failed?.step == .connect)
      #expect(failed?.failure == .init(.proxy, "the proxy answers: connection refused"))
    }
  }

  @Test("with a closed proxy the server is not reached, though it is there")
  func closedProxy() async throws {
    try await withRedis { server in
      let port = try closedPort()
      let failed = try await facts(server.url()) { $0.proxy = "127.0.0.1:\(port)" }.failedStep
      #expect(failed?.step == .connect)
      #expect(failed?.failure == .init(.proxy, "Connection refused"))
      let unknown = try await facts(server.url()) { $0.proxy = "proxy.invalid:1080" }.failedStep
      #expect(unknown?.step == .connect)
      #expect(unknown?.failure?.kind == .proxy)
      #expect(unknown?.failure?.detail.contains("proxy.invalid") == true)
    }
  }
}
