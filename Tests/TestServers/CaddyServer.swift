import Foundation

/// A real Caddy on a free port of 127.0.0.1 with one site, everything it writes in a folder of its own.
public struct CaddyServer: Sendable {
  /// The port.
  public let port: Int
  /// The process id.
  public let pid: Int32
  /// Scheme, host and port: the beginning of every URL on this server.
  public let origin: String

  private let folder: TemporaryFolder

  /// What Caddy logged so far, a JSON object a line.
  public var log: String { folder.read(Self.logName) ?? "" }

  /// Runs the body with a server that accepts connections, and ends the server afterwards, also when the body throws.
  ///
  /// - Parameters:
  ///   - site: what stands in the site's block beside `bind` and the certificate, such as `reverse_proxy 127.0.0.1:80`.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP.
  ///   - http2: whether HTTP/2 is offered as well, which takes TLS.
  public static func withServer<R>(
    site: String, tls: TestCertificates? = nil, http2: Bool = false, _ body: (CaddyServer) async throws -> R
  ) async throws -> R {
    try await TemporaryFolder.with { folder in
      let (server, child) = try await startOnFreePort {
        try await start(site: site, tls: tls, http2: http2, in: folder)
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
    site: String, tls: TestCertificates?, http2: Bool, in folder: TemporaryFolder
  ) async throws -> (CaddyServer, ChildProcess) {
    let port = try freePort()
    let origin = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
    // Without the redirects it would want port 80, without `admin off` port 2019.
    let text = """
      {
        admin off
        auto_https disable_redirects
        storage file_system "\(folder.path(of: "storage"))"
        servers {
          protocols h1\(http2 ? " h2" : "")
        }
      }
      \(origin) {
        bind 127.0.0.1
        \(tls.map { "tls \"\($0.certificateFile)\" \"\($0.keyFile)\"" } ?? "")
        \(site)
      }

      """
    let file = try folder.write(text, to: "Caddyfile")
    // Caddy also saves its configuration where these say, which otherwise is the home of whoever runs the tests.
    let places = ["HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "XDG_DATA_HOME": folder.path]
    let child = try ChildProcess(
      findProgram("caddy"), ["run", "--config", file, "--adapter", "caddyfile"], environment: places,
      workingFolder: folder.path, standardOutput: folder.path(of: logName))
    let log = { folder.read(logName) ?? "" }
    try await waitUntilReady("caddy", child, log: log) { log().contains("serving initial configuration") }
    return (CaddyServer(port: port, pid: child.pid, origin: origin, folder: folder), child)
  }
}
