import TestServers

/// One proxy and how it is set up. In its texts UPSTREAM stands for host and port of what is behind it, PORT for the port.
struct Hop: Sendable {
  /// The programs.
  enum Kind: Sendable {
    case nginx, haproxy, caddy, apache, lighttpd, varnish
  }

  var kind: Kind
  /// What stands in the block that the stream's route has: the location, the section, the site, the server, the VCL.
  var route: String
  /// What stands around that: nginx' `http`, Caddy's `servers`, Varnish' parameters.
  var around = ""
  /// What stands in a block of the route, where its text says INSIDE: Caddy's `reverse_proxy`.
  var inside = ""

  /// Runs the body with the proxy in front of a port, with TLS and HTTP/2 where there are certificates.
  func run<R>(
    to port: Int, _ certificates: TestCertificates?, _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    let route = route.replacing("INSIDE", with: inside).replacing("UPSTREAM", with: "127.0.0.1:\(port)")
      .replacing("PORT", with: "\(port)")
    let http2 = certificates != nil
    return switch kind {
    case .nginx:
      try await NginxServer.withServer(
        http: around, serverBlock: "location / {\n\(route)\n}", tls: certificates, http2: http2, body)
    case .haproxy: try await HAProxyServer.withServer(section: route, tls: certificates, http2: http2, body)
    case .caddy: try await CaddyServer.withServer(servers: around, site: route, tls: certificates, http2: http2, body)
    case .apache: try await ApacheServer.withServer(server: route, tls: certificates, http2: http2, body)
    case .lighttpd: try await LighttpdServer.withServer(server: route, body)
    case .varnish:
      try await VarnishServer.withServer(
        backend: port, vcl: route, parameters: around.split(separator: "\n").map(String.init), body)
    }
  }

  /// nginx that proxies, with further directives, one each.
  static func nginx(_ directives: String..., http: String = "") -> Hop {
    Hop(kind: .nginx, route: (["proxy_pass http://UPSTREAM;"] + directives).joined(separator: "\n"), around: http)
  }

  /// nginx that proxies without buffering, with further directives.
  static func unbufferedNginx(_ directives: String...) -> Hop {
    let first = ["proxy_pass http://UPSTREAM;", "proxy_http_version 1.1;", "proxy_buffering off;"]
    return Hop(kind: .nginx, route: (first + directives).joined(separator: "\n"))
  }

  /// HAProxy that proxies, with further lines.
  static func haproxy(_ lines: String...) -> Hop {
    Hop(kind: .haproxy, route: (["server app UPSTREAM"] + lines).joined(separator: "\n"))
  }

  /// Caddy that proxies, with further lines of the site, of reverse_proxy and of the global option `servers`.
  static func caddy(_ lines: String..., proxy: String = "", servers: String = "") -> Hop {
    let route = lines + ["reverse_proxy UPSTREAM {\nINSIDE\n}"]
    return Hop(kind: .caddy, route: route.joined(separator: "\n"), around: servers, inside: proxy)
  }

  /// Apache that proxies, with further lines.
  static func apache(_ lines: String...) -> Hop {
    Hop(kind: .apache, route: (["ProxyPass / http://UPSTREAM/"] + lines).joined(separator: "\n"))
  }

  /// lighttpd that proxies, with further settings.
  static func lighttpd(_ settings: String...) -> Hop {
    let upstream = #"proxy.server = ("" => (("host" => "127.0.0.1", "port" => PORT)))"#
    return Hop(kind: .lighttpd, route: ([upstream] + settings).joined(separator: "\n"))
  }

  /// Varnish with further subroutines and parameters.
  static func varnish(_ vcl: String = "", parameters: String = "") -> Hop {
    Hop(kind: .varnish, route: vcl, around: parameters)
  }
}
