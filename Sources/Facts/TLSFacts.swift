/// What a TLS handshake agreed on (RFC 8446), and the certificate that the server showed.
public struct TLSFacts: Codable, Sendable, Equatable {
  /// A server's certificate (RFC 5280).
  public struct Certificate: Codable, Sendable, Equatable {
    /// The subject's distinguished name.
    public var subject: String
    /// The issuer's distinguished name.
    public var issuer: String
    /// The DNS names and addresses that it is valid for.
    public var names: [String]
    /// The end of its validity, RFC 3339 in UTC; empty where it can't be read.
    public var notAfter: String
    /// Whole days until then, negative where it is past; nil where it can't be read.
    public var daysLeft: Int?

    /// A certificate by what operators look at.
    public init(subject: String, issuer: String, names: [String], notAfter: String, daysLeft: Int?) {
      self.subject = subject
      self.issuer = issuer
      self.names = names
      self.notAfter = notAfter
      self.daysLeft = daysLeft
    }
  }

  /// The protocol's version, `TLSv1.3`; empty where the handshake did not come that far.
  public var version: String
  /// The cipher suite, `TLS_AES_256_GCM_SHA384`; empty as above.
  public var cipher: String
  /// The application protocol that was agreed on (RFC 7301), `h2`; nil where none was offered or agreed on.
  public var alpn: String?
  /// The server's certificate; nil where it could not be read.
  public var certificate: Certificate?

  /// A handshake's outcome.
  public init(version: String = "", cipher: String = "", alpn: String? = nil, certificate: Certificate? = nil) {
    self.version = version
    self.cipher = cipher
    self.alpn = alpn
    self.certificate = certificate
  }
}
