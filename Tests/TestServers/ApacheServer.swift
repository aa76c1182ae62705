/// A real Apache httpd with one server.
public enum ApacheServer {
  /// Runs the body with an Apache that accepts connections, and ends it afterwards, also when the body throws.
  ///
  /// - Parameters:
  ///   - server: what stands in the server's configuration beside `Listen` and the certificate, such as
  ///     `ProxyPass / http://127.0.0.1:80/`. The modules for proxying over HTTP, filters, headers and variables are there.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP.
  ///   - http2: whether HTTP/2 is offered as well.
  public static func withServer<R>(
    server: String, tls: TestCertificates? = nil, http2: Bool = false, _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    try await ProxyServer.withServer(tls: tls != nil) { port, folder in
      let loading = modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
      let certificate =
        tls.map { "SSLEngine on\nSSLCertificateFile \($0.certificateFile)\nSSLCertificateKeyFile \($0.keyFile)" } ?? ""
      // Debian's user for web servers: root is switched from to it, an ordinary user is not.
      let text = """
        ServerName localhost
        ServerRoot \(folder.path)
        DefaultRuntimeDir \(folder.path)
        PidFile \(folder.path(of: pidName))
        ErrorLog \(ProxyServer.errorLog(in: folder))
        Listen 127.0.0.1:\(port)
        \(loading.joined(separator: "\n"))
        User www-data
        Group www-data
        Protocols \(http2 ? "h2 http/1.1" : "http/1.1")
        \(certificate)
        \(server)

        """
      let file = try folder.write(text, to: "apache2.conf")
      // One process without children: the id that is ended is all there is.
      return ProxyServer.Start(program: "apache2", arguments: ["-X", "-f", file]) { _ in
        // Written once the port is bound.
        folder.read(pidName) != nil
      }
    } _: {
      try await body($0)
    }
  }

  private static let pidName = "apache2.pid"
  private static let modules = [
    "mpm_event", "authz_core", "proxy", "proxy_http", "filter", "deflate", "headers", "env", "setenvif", "ssl", "http2",
  ]
}
