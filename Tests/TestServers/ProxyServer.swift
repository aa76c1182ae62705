import Foundation

/// A real proxy that a test started on a free port of 127.0.0.1, everything it writes in a folder of its own. Each kind
/// has its file: `NginxServer`, `HAProxyServer`, `CaddyServer`, `ApacheServer`, `LighttpdServer`, `VarnishServer`.
public struct ProxyServer: Sendable {
  /// The port.
  public let port: Int
  /// The process id.
  public let pid: Int32
  /// Scheme, host and port: the beginning of every URL on this server.
  public let origin: String

  private let folder: TemporaryFolder

  /// What the server wrote so far, to its output and to its error log.
  public var log: String { Self.log(in: folder) }

  /// How a program becomes the server.
  struct Start {
    var program: String
    var arguments: [String]
    var environment: [String: String]?
    /// Whether the server is the one that accepts on the port, by what it wrote so far.
    var isReady: (_ log: String) -> Bool
  }

  /// Where a server that does not log to its output keeps its error log.
  static func errorLog(in folder: TemporaryFolder) -> String { folder.path(of: errorLogName) }

  /// Runs the body with a server that accepts connections, and ends the server afterwards, also when the body throws.
  ///
  /// - Parameter prepare: writes the configuration for a port into the folder, and says how to start with it; it is
  ///   called again with another port where somebody else took the first.
  static func withServer<R>(
    tls: Bool, prepare: (_ port: Int, TemporaryFolder) throws -> Start, _ body: (ProxyServer) async throws -> R
  ) async throws -> R {
    try await TemporaryFolder.with { folder in
      let (server, child) = try await startOnFreePort {
        let port = try freePort()
        let start = try prepare(port, folder)
        let child = try ChildProcess(
          findProgram(start.program), start.arguments, environment: start.environment, workingFolder: folder.path,
          standardOutput: folder.path(of: outputName))
        try await waitUntilReady(start.program, child, log: { log(in: folder) }) {
          start.isReady(log(in: folder)) && TCPConnection.accepts(port: port)
        }
        let origin = "\(tls ? "https" : "http")://127.0.0.1:\(port)"
        return (ProxyServer(port: port, pid: child.pid, origin: origin, folder: folder), child)
      }
      return try await withCleanUp {
        try await body(server)
      } cleanUp: {
        await child.end()
      }
    }
  }

  private static let outputName = "output"
  private static let errorLogName = "error.log"

  private static func log(in folder: TemporaryFolder) -> String {
    (folder.read(outputName) ?? "") + (folder.read(errorLogName) ?? "")
  }
}

extension TestCertificates {
  /// The server's certificate and private key in one file, as some servers want them.
  func writeBoth(in folder: TemporaryFolder) throws -> String {
    let both = try [certificateFile, keyFile].map { try String(contentsOfFile: $0, encoding: .utf8) }
    return try folder.write(both.joined(), to: "both.pem")
  }
}
