extension RedisServer {
  /// What kind of server it is.
  public enum Mode: Sendable {
    /// One that stands alone, or a master and its replicas.
    case standalone
    /// A node of a cluster, without slots and without other nodes at first.
    case clusterNode
    /// A sentinel: what it watches is said in further lines of the configuration.
    case sentinel
  }

  /// What the server is started with.
  public struct Configuration: Sendable {
    /// What kind of server it is.
    public var mode = Mode.standalone
    /// The address of the loopback network by which the test reaches it.
    public var host = "127.0.0.1"
    /// Further addresses that it listens on; with a `-` before them, as far as the machine has them.
    public var furtherAddresses: [String] = []
    /// The port; nil for a free one.
    public var port: Int?
    /// The default user's password.
    public var password: String?
    /// Users, each as it follows the `user` directive: `probe on >secret ~* &* +ping`.
    public var aclUsers: [String] = []
    /// Commands under another name; an empty one takes the command away.
    public var renamedCommands: [String: String] = [:]
    /// Certificates for a TLS port beside the plain one.
    public var tls: TestCertificates?
    /// Whether the TLS port wants a certificate of the client's, too.
    public var requiresClientCertificate = false
    /// Whether it listens on a Unix socket, too.
    public var hasUnixSocket = false
    /// How many clients may be connected at a time.
    public var maxclients: Int?
    /// About how long the server loads its data at its start, refusing every command meanwhile.
    public var loadingTime: Duration?
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

    /// The lines that need no port and no folder.
    var lines: [String] {
      var lines: [String] = []
      if let password { lines.append("requirepass \(password)") }
      lines += aclUsers.map { "user \($0)" }
      lines += renamedCommands.sorted { $0.key < $1.key }.map { command, name in
        "rename-command \(command) \(name.isEmpty ? "\"\"" : name)"
      }
      if let limit = maxclients { lines.append("maxclients \(limit)") }
      if let limit = maxmemory { lines.append("maxmemory \(limit)") }
      if let policy = maxmemoryPolicy { lines.append("maxmemory-policy \(policy)") }
      if let primary = replicaOf { lines.append("replicaof \(primary.host) \(primary.port)") }
      if let events = notifyKeyspaceEvents { lines.append("notify-keyspace-events \(events)") }
      return lines + extra
    }
  }
}
