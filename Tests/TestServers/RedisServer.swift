import Foundation

/// A real redis-server on a free port of 127.0.0.1, with everything it writes in a folder of its own.
public struct RedisServer: Sendable {
  /// The plain port.
  public let port: Int
  /// The TLS port, with certificates.
  public let tlsPort: Int?
  /// The path of the Unix socket, where there is one.
  public let unixSocket: String?
  /// The port for other nodes, in a cluster.
  public let clusterBusPort: Int?
  /// The process id.
  public let pid: Int32

  private let host: String
  private let password: String?

  /// Runs the body with a server that answers (or says that it loads its data, where it is told to), and ends the server
  /// afterwards, also when the body throws.
  public static func withServer<R>(
    _ configuration: Configuration = Configuration(), _ body: (RedisServer) async throws -> R
  ) async throws -> R {
    try await TemporaryFolder.with { folder in
      let (server, child) = try await startOnFreePort { try await start(configuration, in: folder) }
      return try await withCleanUp {
        try await body(server)
      } cleanUp: {
        await child.end()
      }
    }
  }

  /// Runs the body with several servers, as `withServer` does with one.
  public static func withServers<R>(
    _ configurations: [Configuration], _ body: ([RedisServer]) async throws -> R
  ) async throws -> R {
    try await withServers(configurations[...], after: [], body)
  }

  private static func withServers<R>(
    _ configurations: ArraySlice<Configuration>, after started: [RedisServer],
    _ body: ([RedisServer]) async throws -> R
  ) async throws -> R {
    guard let configuration = configurations.first else { return try await body(started) }
    return try await withServer(configuration) { server in
      try await withServers(configurations.dropFirst(), after: started + [server], body)
    }
  }

  /// Sends commands to the plain port, each a line (`CONFIG GET maxmemory`), as the default user with its password, and
  /// gives the replies as they came.
  public func replies(to commands: String...) async throws -> String {
    let authentication = password.map { ["AUTH \($0)"] } ?? []
    let lines = (authentication + commands).map { $0 + "\r\n" }
    let text = try await TCPConnection.exchange(host: host, port: port, lines.joined(), thenEnds: true).text
    return password == nil ? text : String(text.trimmingPrefix("+OK\r\n"))
  }

  /// The plain port's URL.
  public func url(user: String = "", password: String? = nil) -> String {
    "redis://\(userInfo(user, password))\(host):\(port)"
  }

  /// The TLS port's URL; nil without certificates.
  public func tlsURL(user: String = "", password: String? = nil) -> String? {
    tlsPort.map { "rediss://\(userInfo(user, password))\(host):\($0)" }
  }

  private func userInfo(_ user: String, _ password: String?) -> String {
    guard let password else { return "" }
    // RFC 3986 section 2.3: the unreserved characters, which need no escape anywhere.
    let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
    let parts = [user, password].map { $0.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "" }
    return "\(parts[0]):\(parts[1])@"
  }

  private static let logName = "redis.log"

  private static func start(
    _ configuration: Configuration, in folder: TemporaryFolder
  ) async throws -> (RedisServer, ChildProcess) {
    let port = try configuration.port ?? freePort()
    let tlsPort = configuration.tls == nil ? nil : try freePort()
    let unixSocket = configuration.hasUnixSocket ? folder.path(of: "redis.sock") : nil
    // The default, 10,000 above the port, is beyond the last port for many of the free ones.
    let clusterBusPort = configuration.mode == .clusterNode ? try freePort() : nil
    var lines = [
      "bind \(([configuration.host] + configuration.furtherAddresses).joined(separator: " "))", "port \(port)",
      "daemonize no", "save \"\"", "appendonly no", "dir \(folder.path)",
      // An empty name logs to standard output, where complaints about this very file go as well.
      "logfile \"\"",
      // The default makes a replica wait five seconds for its first synchronisation.
      "repl-diskless-sync-delay 0",
    ]
    if let tls = configuration.tls, let tlsPort {
      lines += [
        "tls-port \(tlsPort)", "tls-cert-file \(tls.certificateFile)", "tls-key-file \(tls.keyFile)",
        "tls-ca-cert-file \(tls.caFile)", "tls-auth-clients \(configuration.requiresClientCertificate ? "yes" : "no")",
      ]
    }
    if let unixSocket { lines.append("unixsocket \(unixSocket)") }
    if let clusterBusPort { lines += ["cluster-enabled yes", "cluster-port \(clusterBusPort)"] }
    if let time = configuration.loadingTime { lines += try writeSlowData(loadingFor: time, in: folder) }
    let text = (lines + configuration.lines).joined(separator: "\n") + "\n"
    let file = try folder.write(text, to: "redis.conf")
    let child = try ChildProcess(
      findProgram("redis-server"), [file] + (configuration.mode == .sentinel ? ["--sentinel"] : []),
      workingFolder: folder.path, standardOutput: folder.path(of: logName))
    try await waitUntilReady("redis-server", child, log: { folder.read(logName) ?? "" }) {
      // Any reply to PING will do: a server with a password refuses it, one that still loads says so. Once the
      // server has closed the connection, it no longer counts as one of its clients.
      let reply = try? await TCPConnection.exchange(
        host: configuration.host, port: port, "PING\r\n", thenEnds: true)
      guard let reply, !reply.bytes.isEmpty else { return false }
      return configuration.loadingTime != nil || !reply.text.hasPrefix("-LOADING")
    }
    let server = RedisServer(
      port: port, tlsPort: tlsPort, unixSocket: unixSocket, clusterBusPort: clusterBusPort, pid: child.pid,
      host: configuration.host, password: configuration.password)
    return (server, child)
  }
}
