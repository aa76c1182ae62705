/// A real Caddy with one site.
public enum CaddyServer {
  /// Runs the body with a Caddy that accepts connections, and ends it afterwards, also when the body throws. Its log has a
  /// JSON object a line.
  ///
  /// - Parameters:
  ///   - servers: what stands in the global option `servers` beside the protocols, such as `timeouts { write 2s }`.
  ///   - site: what stands in the site's block beside `bind` and the certificate, such as `reverse_proxy 127.0.0.1:80`.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP.
  ///   - http2: whether HTTP/2 is offered as well, which takes TLS.
  public static func withServer<R>(
    servers: String = "", site: String, tls: TestCertificates? = nil, http2: Bool = false,
    _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    try await ProxyServer.withServer(tls: tls != nil) { port, folder in
      // Without the redirects it would want port 80, without `admin off` port 2019.
      let text = """
        {
          admin off
          auto_https disable_redirects
          storage file_system "\(folder.path(of: "storage"))"
          servers {
            protocols h1\(http2 ? " h2" : "")
            \(servers)
          }
        }
        \(tls == nil ? "http" : "https")://127.0.0.1:\(port) {
          bind 127.0.0.1
          \(tls.map { "tls \"\($0.certificateFile)\" \"\($0.keyFile)\"" } ?? "")
          \(site)
        }

        """
      let file = try folder.write(text, to: "Caddyfile")
      // Caddy also saves its configuration where these say, which otherwise is the home of whoever runs the tests.
      let places = ["HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "XDG_DATA_HOME": folder.path]
      let arguments = ["run", "--config", file, "--adapter", "caddyfile"]
      return ProxyServer.Start(program: "caddy", arguments: arguments, environment: places) {
        $0.contains("serving initial configuration")
      }
    } _: {
      try await body($0)
    }
  }
}
