import Facts
import ReferenceOrigin
import TestServers
import Testing

/// What each proxy makes of an origin's end, as Debian 12's versions do (nginx 1.22.1, HAProxy 2.6.12, Caddy 2.6.2).
@Suite("How a stream's end is told, through real proxies", .timeLimit(.minutes(10)))
struct StreamProxyEndTests {
  enum Proxy: String, Sendable, CaseIterable {
    case nginx, haproxy, caddy
    /// nginx as it is without `proxy_http_version 1.1`: it asks the origin in HTTP/1.0.
    case nginxOverHTTP1_0
  }

  /// The end in a cell, by what the origin does.
  private static func end(_ proxy: Proxy, _ ending: OriginSettings.Ending, _ version: StreamCell.Version) -> String {
    switch (proxy, ending, version) {
    case (_, .clean, .http1): "complete lastChunk"
    case (_, .clean, _): "complete endStream"
    case (.nginx, _, .http1), (.nginxOverHTTP1_0, .reset, .http1): "cut endOfFile"
    case (.nginx, _, _), (.nginxOverHTTP1_0, .reset, _): "cut streamReset 2"
    case (.haproxy, _, .http1): "cut endOfFile"
    // What follows is untrue, and the proxies' doing: nothing tells it from a good end but the origin's own last mark.
    case (.haproxy, _, _): "complete endStream"
    case (.caddy, _, .http1), (.nginxOverHTTP1_0, _, .http1): "complete lastChunk"
    case (.caddy, _, _), (.nginxOverHTTP1_0, _, _): "complete endStream"
    }
  }

  @Test("in every cell", arguments: Proxy.allCases, [OriginSettings.Ending.clean, .cut, .reset])
  func ends(proxy: Proxy, ending: OriginSettings.Ending) async throws {
    try await withCertificates { certificates in
      try await withOrigin {
        $0.heartbeatInterval = nil
        $0.eventInterval = .milliseconds(20)
        $0.eventCount = 3
        $0.ending = ending
      } _: { origin in
        for certificates in [certificates, nil] {
          try await withProxy(proxy, to: origin.port, certificates) { server in
            for cell in StreamCell.matrix(usesTLS: certificates != nil) {
              let facts = try await watch(server + "/api/flowpanel/stream", cell, certificates: certificates)
              #expect(facts.end.short == Self.end(proxy, ending, cell.version), "\(cell.name): \(facts)")
              #expect(facts.response?.httpVersion == (cell.version == .http2 ? "2" : "1.1"))
              let numbers = facts.eventData.dropFirst().compactMap { OriginMark(data: $0)?.number }
              #expect(numbers == [1, 2, 3], "\(cell.name): \(facts)")
            }
          }
        }
      }
    }
  }

  private func withProxy(
    _ proxy: Proxy, to port: Int, _ certificates: TestCertificates?, _ body: (String) async throws -> Void
  ) async throws {
    let http2 = certificates != nil
    switch proxy {
    case .nginx, .nginxOverHTTP1_0:
      let version = proxy == .nginx ? "proxy_http_version 1.1;" : ""
      let block = "location / { proxy_pass http://127.0.0.1:\(port); \(version) }"
      try await NginxServer.withServer(serverBlock: block, tls: certificates, http2: http2) {
        try await body($0.origin)
      }
    case .haproxy:
      let section = "server origin 127.0.0.1:\(port)"
      try await HAProxyServer.withServer(section: section, tls: certificates, http2: http2) {
        try await body($0.origin)
      }
    case .caddy:
      let site = "reverse_proxy 127.0.0.1:\(port)"
      try await CaddyServer.withServer(site: site, tls: certificates, http2: http2) { try await body($0.origin) }
    }
  }
}
