public import Facts

/// Something that happened on an HTTP stream; times are since the request began.
public enum HTTPMoment: Sendable {
  /// The connection stands, and the request is sent next.
  case connected(HTTPConnection)
  /// The final response's head is complete (1xx heads are passed over).
  case head(HTTPHead, at: Duration, HTTPConnection)
  /// Bytes of the body arrived.
  case body(HTTPBody)
  /// The exchange is over; nothing comes after this.
  case end(HTTPEnd, at: Duration, HTTPConnection)
}

/// The connection that an exchange is on.
public struct HTTPConnection: Sendable, Equatable {
  /// When the request began, from which on the times of all moments count; nil where it could not.
  public var began: ContinuousClock.Instant?
  /// When its phases ended.
  public var phases = ConnectionPhases()
  /// What the TLS handshake agreed on; nil where there was none.
  public var tls: TLSSession?
  /// The addresses that were tried and could not be connected to, and why: `127.0.0.9:8080: Connection refused`.
  public var failedAddresses: [String] = []
}

/// A response's status and headers.
public struct HTTPHead: Sendable {
  /// The status code.
  public var status = 0
  /// The reason phrase (RFC 9112 section 4); empty in HTTP/2.
  public var reason = ""
  /// `1.0`, `1.1` or `2`.
  public var version = ""
  /// The headers in order, in their own spelling.
  public var headers: [(name: String, value: String)] = []

  /// The last value of a header, its name compared without regard to case.
  public func value(of name: String) -> String? {
    headers.last { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// Bytes of a body that arrived since the last time it was asked, and how they came.
public struct HTTPBody: Sendable {
  /// One read of the connection.
  public struct Read: Sendable, Equatable {
    /// When the bytes were read.
    public var at: Duration
    /// The bytes of the body as they were sent: with the chunks' framing in HTTP/1.1, before any coding is undone.
    public var wireBytes: Int
    /// The bytes that they gave: without framing, codings undone.
    public var bodyBytes: Int
  }

  /// The bytes, without framing, codings undone.
  public var bytes: [UInt8] = []
  /// The reads that they came in, in order; the sum of their `bodyBytes` is the number of bytes.
  public var reads: [Read] = []
  /// Whether the server was made to wait after these bytes, as they were not fetched as fast as they came.
  public var madeServerWait = false
}

/// How an exchange ended.
public enum HTTPEnd: Sendable, Equatable {
  /// With the body: complete, cut, or still open when the request's `timeout` was reached.
  case body(StreamFacts.End, trailers: [StreamFacts.Header])
  /// Before there was a response.
  case failed(TransportFailure)
}

/// The bounds on one exchange: a hostile server can't make the probe eat memory.
enum HTTPBounds {
  /// All heads of an exchange together, and its trailers, in bytes.
  static let headerBytes = 64 * 1024
  /// How much of a body waits for whoever reads it; the server waits meanwhile.
  static let waitingBytes = 256 * 1024
  /// How many reads wait.
  static let waitingReads = 8192
}
