/// A real Varnish Cache with one backend.
public enum VarnishServer {
  /// Runs the body with a Varnish that accepts connections, and ends it afterwards, also when the body throws. The worker
  /// under it ends when it is gone, however it went.
  ///
  /// - Parameters:
  ///   - backend: the port of 127.0.0.1 where the responses come from.
  ///   - vcl: the subroutines, in VCL 4.1; empty for the built-in ones alone.
  ///   - parameters: further parameters, such as `pipe_timeout=3600`.
  public static func withServer<R>(
    backend: Int, vcl: String = "", parameters: [String] = [], _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    try await ProxyServer.withServer(tls: false) { port, folder in
      let text = """
        vcl 4.1;
        backend default { .host = "127.0.0.1"; .port = "\(backend)"; }
        \(vcl)

        """
      let file = try folder.write(text, to: "default.vcl")
      // Without the jail it stays the user that it is; without -T it opens no further port.
      let settings = ["vsl_space=1m", "thread_pools=1", "thread_pool_min=10"] + parameters
      let arguments = [
        "-F", "-j", "none", "-n", folder.path(of: "varnish"), "-a", "127.0.0.1:\(port)", "-f", file, "-T", "none", "-s",
        "malloc,8m",
      ]
      return ProxyServer.Start(program: "varnishd", arguments: arguments + settings.flatMap { ["-p", $0] }) {
        $0.contains("said Child starts")
      }
    } _: {
      try await body($0)
    }
  }
}
