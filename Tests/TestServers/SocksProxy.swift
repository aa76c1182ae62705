/// A real SOCKS5 proxy (microsocks) on a free port of 127.0.0.1.
public struct SocksProxy: Sendable {
  /// The port.
  public let port: Int

  /// Runs the body with a proxy that answers, and ends the proxy afterwards, also when the body throws.
  ///
  /// - Parameter host: a name that the proxy knows, and that leads to 127.0.0.1 for it alone.
  public static func withProxy<R>(knowing host: String, _ body: (SocksProxy) async throws -> R) async throws -> R {
    try await TemporaryFolder.with { folder in
      let environment = try await environment(resolving: host, to: ["127.0.0.1"], in: folder)
      let (proxy, child) = try await startOnFreePort {
        let port = try freePort()
        let child = try ChildProcess(
          findProgram("microsocks"), ["-i", "127.0.0.1", "-p", "\(port)"], environment: environment,
          standardOutput: folder.path(of: logName))
        try await waitUntilReady("microsocks", child, log: { folder.read(logName) ?? "" }) {
          // RFC 1928 section 3: version 5, and of one method offered the one without authentication is taken.
          let reply = try? await TCPConnection.exchange(port: port, "\u{5}\u{1}\u{0}") { $0.utf8.count >= 2 }
          return reply?.bytes == [5, 0]
        }
        return (SocksProxy(port: port), child)
      }
      return try await withCleanUp {
        try await body(proxy)
      } cleanUp: {
        await child.end()
      }
    }
  }

  private static let logName = "microsocks.log"
}
