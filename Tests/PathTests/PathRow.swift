import Foundation
import ReferenceOrigin
import TestServers
import Testing

/// A way from a browser to an instance: what the instance sends, and the real proxies that stand before it.
struct PathRow: Sendable, CustomTestStringConvertible {
  /// Who had opened the public URL before the probe did.
  enum Visitor: Sendable {
    /// A browser that has the stream open still, and has seen an event.
    case present
    /// One that saw the stream's end.
    case gone
  }

  /// The row's name, and that of the file in which its facts are kept.
  var name: String
  /// The proxies, the one that browsers reach first.
  var hops: [Hop]
  /// Whether browsers speak TLS, and HTTP/2 over it.
  var usesTLS = false
  /// Who came before.
  var visitor: Visitor?
  /// What the instance sends beside, or instead of, an event every 300 ms after flowpanel's handshake.
  var origin: @Sendable (inout OriginSettings) -> Void = { _ in }

  var testDescription: String { name }

  /// Runs the body with the proxies in front of a port; it gets the beginning of the public URL.
  func withHops<R>(to port: Int, certificates: TestCertificates?, _ body: (String) async throws -> R) async throws -> R
  {
    try await withHops(hops[...], to: port, certificates, body)
  }

  private func withHops<R>(
    _ hops: ArraySlice<Hop>, to port: Int, _ certificates: TestCertificates?, _ body: (String) async throws -> R
  ) async throws -> R {
    guard hops.count > 1, let last = hops.last else {
      return try await self.hops[0].run(to: port, certificates) { try await body($0.origin) }
    }
    return try await last.run(to: port, nil) { try await withHops(hops.dropLast(), to: $0.port, certificates, body) }
  }
}

/// One proxy and how it is set up. In its texts UPSTREAM stands for host and port of what is behind it, PORT for the
/// port alone.
struct Hop: Sendable {
  /// The programs.
  enum Kind: String, Sendable {
    case nginx, haproxy, caddy, apache, lighttpd, varnish
  }

  var kind: Kind
  /// What stands in the block that the stream's route has: the location, the section, the site, the server, the VCL.
  var route: String
  /// What stands around that: nginx' `http`, HAProxy's `defaults`, Caddy's `servers`, Varnish' parameters.
  var around: String

  /// Runs the body with the proxy in front of a port, with TLS and HTTP/2 where there are certificates.
  func run<R>(
    to port: Int, _ certificates: TestCertificates?, _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    func filled(_ text: String) -> String {
      text.replacing("UPSTREAM", with: "127.0.0.1:\(port)").replacing("PORT", with: "\(port)")
    }
    let (route, around, http2) = (filled(route), filled(around), certificates != nil)
    return switch kind {
    case .nginx:
      try await NginxServer.withServer(
        http: around, serverBlock: "location / {\n\(route)\n}", tls: certificates, http2: http2, body)
    case .haproxy:
      try await HAProxyServer.withServer(defaults: around, section: route, tls: certificates, http2: http2, body)
    case .caddy: try await CaddyServer.withServer(servers: around, site: route, tls: certificates, http2: http2, body)
    case .apache: try await ApacheServer.withServer(server: route, tls: certificates, http2: http2, body)
    case .lighttpd: try await LighttpdServer.withServer(server: route, body)
    case .varnish:
      try await VarnishServer.withServer(
        backend: port, vcl: route, parameters: around.split(separator: "\n").map(String.init), body)
    }
  }

  /// nginx that proxies, with further directives.
  static func nginx(_ directives: String..., http: String = "") -> Hop {
    Hop(kind: .nginx, route: (["proxy_pass http://UPSTREAM;"] + directives).joined(separator: "\n"), around: http)
  }

  /// HAProxy that proxies, with further lines.
  static func haproxy(_ lines: String...) -> Hop {
    Hop(kind: .haproxy, route: (["server app UPSTREAM"] + lines).joined(separator: "\n"), around: "")
  }

  /// Caddy that proxies, with further lines of the site.
  static func caddy(_ lines: String..., proxy: String = "", servers: String = "") -> Hop {
    let route = lines + [proxy.isEmpty ? "reverse_proxy UPSTREAM" : "reverse_proxy UPSTREAM {\n\(proxy)\n}"]
    return Hop(kind: .caddy, route: route.joined(separator: "\n"), around: servers)
  }

  /// Apache that proxies, with further lines.
  static func apache(_ lines: String...) -> Hop {
    Hop(kind: .apache, route: (["ProxyPass / http://UPSTREAM/"] + lines).joined(separator: "\n"), around: "")
  }

  /// lighttpd that proxies, with further settings.
  static func lighttpd(_ settings: String...) -> Hop {
    let upstream = #"proxy.server = ("" => (("host" => "127.0.0.1", "port" => PORT)))"#
    return Hop(kind: .lighttpd, route: ([upstream] + settings).joined(separator: "\n"), around: "")
  }

  /// Varnish with further subroutines and parameters.
  static func varnish(_ vcl: String = "", parameters: String = "") -> Hop {
    Hop(kind: .varnish, route: vcl, around: parameters)
  }
}
