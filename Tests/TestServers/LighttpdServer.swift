/// A real lighttpd with one server.
public enum LighttpdServer {
  /// Runs the body with a lighttpd that accepts connections, and ends it afterwards, also when the body throws.
  ///
  /// - Parameter server: what stands in the configuration beside the address and the modules, of which mod_proxy and
  ///   mod_deflate are there.
  public static func withServer<R>(server: String, _ body: (ProxyServer) async throws -> R) async throws -> R {
    try await ProxyServer.withServer(tls: false) { port, folder in
      let text = """
        server.document-root = "\(folder.path)"
        server.bind = "127.0.0.1"
        server.port = \(port)
        server.modules = ("mod_deflate", "mod_proxy")
        \(server)

        """
      let file = try folder.write(text, to: "lighttpd.conf")
      return ProxyServer.Start(program: "lighttpd", arguments: ["-D", "-f", file]) { $0.contains("server started") }
    } _: {
      try await body($0)
    }
  }
}
