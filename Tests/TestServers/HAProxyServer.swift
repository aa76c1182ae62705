/// A real HAProxy with one `listen` section.
public enum HAProxyServer {
  /// What it understands of what it passes on.
  public enum Mode: String, Sendable {
    /// Requests and responses.
    case http
    /// Bytes alone.
    case tcp
  }

  /// Runs the body with an HAProxy that accepts connections, and ends it afterwards, also when the body throws. Its log
  /// has a line for each session that ended.
  ///
  /// - Parameters:
  ///   - defaults: further lines of `defaults`.
  ///   - section: what stands in the `listen` section beside `bind`, such as `server origin 127.0.0.1:80`, and further
  ///     sections after it. It also overrules what is set here: the timeouts, a minute each.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP or TCP.
  ///   - http2: whether HTTP/2 is offered as well, which takes TLS.
  public static func withServer<R>(
    mode: Mode = .http, defaults: String = "", section: String, tls: TestCertificates? = nil, http2: Bool = false,
    _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    try await ProxyServer.withServer(tls: tls != nil) { port, folder in
      var bind = "bind 127.0.0.1:\(port)"
      if let tls { bind += " ssl crt \(try tls.writeBoth(in: folder)) alpn \(http2 ? "h2,http/1.1" : "http/1.1")" }
      let text = """
        global
          log stdout format raw local0
        defaults
          mode \(mode)
          log global
          option \(mode)log
          timeout connect 60s
          timeout client 60s
          timeout server 60s
          \(defaults)
        listen tested
          \(bind)
          \(section)

        """
      let file = try folder.write(text, to: "haproxy.cfg")
      // A worker under a master, because only a master says when the ports are bound.
      return ProxyServer.Start(program: "haproxy", arguments: ["-W", "-db", "-f", file]) {
        $0.contains("Loading success")
      }
    } _: {
      try await body($0)
    }
  }
}
