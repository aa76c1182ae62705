/// Why a connection or a transfer failed, told apart as libcurl tells it.
public struct TransportFailure: Error, Sendable, Equatable {
  /// The failures that probes tell apart. The names are those of the failure kinds in the facts.
  public enum Kind: String, Sendable {
    case nameNotFound, connectionRefused, timedOut, closed, tlsHandshake, certificate, proxy, badURL, other
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

/// What a TLS handshake agreed on, in libcurl's words.
public struct TLSSession: Sendable, Equatable {
  /// The protocol's version, `TLSv1.3`.
  public var version: String
  /// The cipher suite.
  public var cipher: String
  /// The fields of the server's certificate by libcurl's names: `Subject`, `Issuer`, `Expire date`, `X509v3 Subject
  /// Alternative Name`.
  public var certificate: [String: String]
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
