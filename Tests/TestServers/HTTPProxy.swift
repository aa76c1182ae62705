/// A real HTTP proxy of the client's side (tinyproxy) on a free port of 127.0.0.1: it takes CONNECT for https and whole
/// URLs for http.
public struct HTTPProxy: Sendable {
  /// The port.
  public let port: Int

  private let folder: TemporaryFolder

  /// What the proxy logged so far: each request among it.
  public var log: String { folder.read(Self.logName) ?? "" }

  /// Runs the body with a proxy that answers, and ends the proxy afterwards, also when the body throws.
  ///
  /// - Parameter settings: further lines of its configuration (tinyproxy.conf(5)), such as `BasicAuth user password`.
  public static func withProxy<R>(settings: String = "", _ body: (HTTPProxy) async throws -> R) async throws -> R {
    try await TemporaryFolder.with { folder in
      let (proxy, child) = try await startOnFreePort { try await start(settings: settings, in: folder) }
      return try await withCleanUp {
        try await body(proxy)
      } cleanUp: {
        await child.end()
      }
    }
  }

  private static let logName = "tinyproxy.log"

  private static func start(settings: String, in folder: TemporaryFolder) async throws -> (HTTPProxy, ChildProcess) {
    let port = try freePort()
    let text = """
      Port \(port)
      Listen 127.0.0.1
      Timeout 600
      MaxClients 100
      LogFile "\(folder.path(of: logName))"
      LogLevel Connect
      \(settings)

      """
    let file = try folder.write(text, to: "tinyproxy.conf")
    let child = try ChildProcess(
      findProgram("tinyproxy"), ["-d", "-c", file], workingFolder: folder.path,
      standardOutput: folder.path(of: "output"))
    let log = { (folder.read(logName) ?? "") + (folder.read("output") ?? "") }
    try await waitUntilReady("tinyproxy", child, log: log) { TCPConnection.accepts(port: port) }
    return (HTTPProxy(port: port, folder: folder), child)
  }
}
