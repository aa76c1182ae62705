/// A real nginx with one server block.
public enum NginxServer {
  /// Runs the body with an nginx that accepts connections, and ends it afterwards, also when the body throws.
  ///
  /// - Parameters:
  ///   - http: what stands inside `http { … }` before the server block, such as `proxy_cache_path`.
  ///   - serverBlock: what stands inside `server { … }` beside `listen` and the certificate.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP.
  ///   - http2: whether HTTP/2 is offered as well.
  public static func withServer<R>(
    http: String = "", serverBlock: String, tls: TestCertificates? = nil, http2: Bool = false,
    _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    try await ProxyServer.withServer(tls: tls != nil) { port, folder in
      let listen = "127.0.0.1:\(port)" + (tls == nil ? "" : " ssl") + (http2 ? " http2" : "")
      let certificate = tls.map { "ssl_certificate \($0.certificateFile); ssl_certificate_key \($0.keyFile);" } ?? ""
      let log = ProxyServer.errorLog(in: folder)
      // One process without workers: the id that is ended is all there is, and no user is switched to who could not read
      // the folder, as root or not.
      let text = """
        daemon off;
        master_process off;
        pid \(folder.path(of: pidName));
        error_log \(log) info;
        events { worker_connections 256; }
        http {
          access_log off;
          client_body_temp_path \(folder.path(of: "client-body"));
          proxy_temp_path \(folder.path(of: "proxy"));
          fastcgi_temp_path \(folder.path(of: "fastcgi"));
          uwsgi_temp_path \(folder.path(of: "uwsgi"));
          scgi_temp_path \(folder.path(of: "scgi"));
          \(http)
          server {
            listen \(listen);
            \(certificate)
            \(serverBlock)
          }
        }

        """
      let file = try folder.write(text, to: "nginx.conf")
      // -e: without it nginx first opens the log that it was compiled with, which an ordinary user cannot.
      return ProxyServer.Start(program: "nginx", arguments: ["-e", log, "-p", folder.path, "-c", file]) { _ in
        // The process id is written once the port is bound: only then is it this nginx that accepts.
        folder.read(pidName) != nil
      }
    } _: {
      try await body($0)
    }
  }

  private static let pidName = "nginx.pid"
}
