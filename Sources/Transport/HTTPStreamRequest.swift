public import Facts

/// A GET request for a body that may never end.
public struct HTTPStreamRequest: Sendable {
  /// The versions of HTTP to ask for.
  public enum Version: Sendable, Equatable {
    /// HTTP/1.1 alone (RFC 9112).
    case http1
    /// HTTP/2 and HTTP/1.1 over TLS, the server chooses, as browsers do (RFC 9113 section 3.2); HTTP/1.1 without TLS.
    case http2OrHTTP1
    /// HTTP/2 alone: where the server does not choose it, or without TLS, nothing is asked.
    case http2
  }

  /// An http or https URL.
  public var url: String
  /// Request headers that anyone may see.
  public var headers: [(name: String, value: String)]
  /// Request headers that carry credentials.
  public var secretHeaders: [(name: String, value: Secret)]
  /// The codings to offer and to undo, as in Accept-Encoding (RFC 9110 section 12.5.3).
  public var acceptEncoding: String
  /// Whether the body's codings are undone.
  public var decodesContent = true
  /// The versions of HTTP to ask for.
  public var version: Version
  /// How the server is reached.
  public var route: Route
  /// Name look-up, TCP and TLS together must be done by then.
  public var connectTimeout: Duration
  /// The whole exchange ends then.
  public var timeout: Duration

  /// A request; nothing but the URL is sent unless given.
  public init(
    url: String, headers: [(name: String, value: String)] = [], secretHeaders: [(name: String, value: Secret)] = [],
    acceptEncoding: String = "identity", version: Version = .http2OrHTTP1, route: Route = Route(),
    connectTimeout: Duration = .seconds(5), timeout: Duration
  ) {
    self.url = url
    self.headers = headers
    self.secretHeaders = secretHeaders
    self.acceptEncoding = acceptEncoding
    self.version = version
    self.route = route
    self.connectTimeout = connectTimeout
    self.timeout = timeout
  }
}

/// How a server is reached: what a name leads to, through which proxy, trusting whom.
public struct Route: Sendable, Equatable {
  /// The Internet Protocol's versions that addresses are taken of.
  public enum AddressFamily: Sendable, Equatable {
    /// Both, tried at once (RFC 8305).
    case any
    case ipv4
    case ipv6
  }

  /// What to trust, and what to show.
  public var tls: TLSOptions
  /// The addresses to take.
  public var family: AddressFamily
  /// Addresses that stand in for name look-up, `HOST:PORT:ADDRESS[,ADDRESS]` (CURLOPT_RESOLVE).
  public var resolve: [String]
  /// Other servers to connect to, `HOST:PORT:HOST:PORT` (CURLOPT_CONNECT_TO).
  public var connectTo: [String]
  /// The URL of a proxy on the client's side, `http://proxy:3128`, `socks5h://…`; nil for none. It may have credentials.
  public var proxy: Secret?

  /// A route; the default is the system's, straight.
  public init(
    tls: TLSOptions = TLSOptions(), family: AddressFamily = .any, resolve: [String] = [], connectTo: [String] = [],
    proxy: Secret? = nil
  ) {
    self.tls = tls
    self.family = family
    self.resolve = resolve
    self.connectTo = connectTo
    self.proxy = proxy
  }
}
