/// Why a connection or a transfer failed, told apart as libcurl tells it.
public struct TransportFailure: Error, Sendable, Equatable {
  /// The failures that probes tell apart. The names are those of the failure kinds in the facts.
  public enum Kind: String, Sendable {
    case nameNotFound, connectionRefused, timedOut, closed, tlsHandshake, certificate, proxy, badURL, notOffered, other
    /// The certificate or key that the client should show can't be used.
    case ownCertificate
  }

  /// How far a connection came.
  public enum Phase: String, Sendable {
    case nameLookup, connect, tls, exchange
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// The phase that failed.
  public var phase: Phase
  /// What came back, in libcurl's or the system's words.
  public var detail: String
}

/// The times at which the phases of a connection ended, in milliseconds since it began; nil for a phase not reached.
public struct ConnectionPhases: Sendable, Equatable {
  /// Name look-up done.
  public var nameLookup: Double?
  /// TCP connected.
  public var connect: Double?
  /// TLS handshake done; nil without TLS.
  public var tls: Double?
  /// The address that was connected to, `127.0.0.1:6379`.
  public var address: String?

  /// No phase reached.
  public init() {}
}
