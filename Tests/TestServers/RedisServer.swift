import Foundation

/// A real redis-server on a free port of 127.0.0.1, with nothing on disk but its log.
public struct RedisServer: Sendable {
  /// What the server is started with.
  public struct Configuration: Sendable {
    /// The default user's password.
    public var password: String?
    /// Users, each as it follows the `user` directive: `probe on >secret ~* &* +ping`.
    public var aclUsers: [String] = []
    /// Commands under another name; an empty one takes the command away.
    public var renamedCommands: [String: String] = [:]
    /// Certificates for a TLS port beside the plain one.
    public var tls: TestCertificates?
    /// The memory limit: `16mb`.
    public var maxmemory: String?
    /// What happens at the limit: `allkeys-lru`.
    public var maxmemoryPolicy: String?
    /// The server that this one is a replica of.
    public var replicaOf: (host: String, port: Int)?
    /// The classes of keyspace events: `Ex`.
    public var notifyKeyspaceEvents: String?
    /// Further lines for redis.conf.
    public var extra: [String] = []

    /// A plain server without a password.
    public init() {}
  }

  /// The plain port.
  public let port: Int
  /// The TLS port, with certificates.
  public let tlsPort: Int?
  /// The process id.
  public let pid: Int32

  /// Runs the body with a server that answers, and ends the server afterwards, also when the body throws.
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

  /// The plain port's URL.
  public func url(user: String = "", password: String? = nil) -> String {
    "redis://\(userInfo(user, password))127.0.0.1:\(port)"
  }

  /// The TLS port's URL; nil without certificates.
  public func tlsURL(user: String = "", password: String? = nil) -> String? {
    tlsPort.map { "rediss://\(userInfo(user, password))127.0.0.1:\($0)" }
  }

  private func userInfo(_ user: String, _ password: String?) -> String {
    guard let password else { return "" }
    // RFC 3986 section 2.3: the unreserved characters, which need no escape anywhere.
    let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
    let parts = [user, password].map { $0.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "" }
    return "\(parts[0]):\(parts[1])@"
  }

  private static func start(
    _ configuration: Configuration, in folder: TemporaryFolder
  ) async throws -> (RedisServer, ChildProcess) {
    let port = try freePort()
    let tlsPort = configuration.tls == nil ? nil : try freePort()
    let file = try folder.write(text(of: configuration, port: port, tlsPort: tlsPort, folder: folder), to: "redis.conf")
    let child = try ChildProcess(
      findProgram("redis-server"), [file], workingFolder: folder.path,
      standardOutput: folder.path(of: "redis.log"))
    try await waitUntilReady("redis-server", child, log: { folder.read("redis.log") ?? "" }) {
      // Any reply will do: a server with a password refuses PING, one that still loads says so.
      let reply = try? await TCPConnection.exchange(port: port, "PING\r\n") { $0.hasSuffix("\r\n") }
      guard let reply, !reply.bytes.isEmpty else { return false }
      return !reply.text.hasPrefix("-LOADING")
    }
    return (RedisServer(port: port, tlsPort: tlsPort, pid: child.pid), child)
  }

  private static func text(
    of configuration: Configuration, port: Int, tlsPort: Int?, folder: TemporaryFolder
  ) -> String {
    var lines = [
      "bind 127.0.0.1", "port \(port)", "daemonize no", "save \"\"", "appendonly no", "dir \(folder.path)",
      // An empty name logs to standard output, where complaints about this very file go as well.
      "logfile \"\"",
      // The default makes a replica wait five seconds for its first synchronisation.
      "repl-diskless-sync-delay 0",
    ]
    if let password = configuration.password { lines.append("requirepass \(password)") }
    lines += configuration.aclUsers.map { "user \($0)" }
    lines += configuration.renamedCommands.sorted { $0.key < $1.key }.map { command, name in
      "rename-command \(command) \(name.isEmpty ? "\"\"" : name)"
    }
    if let tls = configuration.tls, let tlsPort {
      lines += [
        "tls-port \(tlsPort)", "tls-cert-file \(tls.certificateFile)", "tls-key-file \(tls.keyFile)",
        "tls-ca-cert-file \(tls.caFile)", "tls-auth-clients no",
      ]
    }
    if let limit = configuration.maxmemory { lines.append("maxmemory \(limit)") }
    if let policy = configuration.maxmemoryPolicy { lines.append("maxmemory-policy \(policy)") }
    if let primary = configuration.replicaOf { lines.append("replicaof \(primary.host) \(primary.port)") }
    if let events = configuration.notifyKeyspaceEvents { lines.append("notify-keyspace-events \(events)") }
    return (lines + configuration.extra).joined(separator: "\n") + "\n"
  }
}
