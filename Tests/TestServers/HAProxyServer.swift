import Foundation

/// A real HAProxy on a free port of 127.0.0.1 with one `listen` section, everything it writes in a folder of its own.
public struct HAProxyServer: Sendable {
  /// What it understands of what it passes on.
  public enum Mode: String, Sendable {
    /// Requests and responses.
    case http
    /// Bytes alone.
    case tcp
  }

  /// The port.
  public let port: Int
  /// The process id.
  public let pid: Int32
  /// Scheme, host and port: the beginning of every URL on this server.
  public let origin: String

  private let folder: TemporaryFolder

  /// What HAProxy logged so far, a line for each session that ended among it.
  public var log: String { folder.read(Self.logName) ?? "" }

  /// Runs the body with a server that accepts connections, and ends the server afterwards, also when the body throws.
  ///
  /// - Parameters:
  ///   - section: what stands in the `listen` section beside `bind`, such as `server origin 127.0.0.1:80`. It also
  ///     overrules what is set here: the timeouts, a minute each.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP or TCP.
  ///   - http2: whether HTTP/2 is offered as well, which takes TLS.
  public static func withServer<R>(
    mode: Mode = .http, section: String, tls: TestCertificates? = nil, http2: Bool = false,
    _ body: (HAProxyServer) async throws -> R
  ) async throws -> R {
    try await TemporaryFolder.with { folder in
      let (server, child) = try await startOnFreePort {
        try await start(mode: mode, section: section, tls: tls, http2: http2, in: folder)
      }
      return try await withCleanUp {
        try await body(server)
      } cleanUp: {
        await child.end()
      }
    }
  }

  private static let logName = "log"

  private static func start(
    mode: Mode, section: String, tls: TestCertificates?, http2: Bool, in folder: TemporaryFolder
  ) async throws -> (HAProxyServer, ChildProcess) {
    let port = try freePort()
    var bind = "bind 127.0.0.1:\(port)"
    if let tls {
      let both = try [tls.certificateFile, tls.keyFile].map { try String(contentsOfFile: $0, encoding: .utf8) }
      bind += " ssl crt \(try folder.write(both.joined(), to: "both.pem")) alpn \(http2 ? "h2,http/1.1" : "http/1.1")"
    }
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
      listen tested
        \(bind)
        \(section)

      """
    let file = try folder.write(text, to: "haproxy.cfg")
    // A worker under a master, because only a master says when the ports are bound.
    let child = try ChildProcess(
      findProgram("haproxy"), ["-W", "-db", "-f", file], workingFolder: folder.path,
      standardOutput: folder.path(of: logName))
    let log = { folder.read(logName) ?? "" }
    try await waitUntilReady("haproxy", child, log: log) { log().contains("Loading success") }
    let origin = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
    return (HAProxyServer(port: port, pid: child.pid, origin: origin, folder: folder), child)
  }
}
