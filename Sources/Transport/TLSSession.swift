public import Facts
import Foundation

/// What a TLS handshake agreed on, in libcurl's words.
public struct TLSSession: Sendable, Equatable {
  /// The protocol's version, `TLSv1.3`.
  public var version: String
  /// The cipher suite.
  public var cipher: String
  /// The application protocol that was agreed on (RFC 7301); nil for none.
  public var alpn: String?
  /// The fields of the server's certificate by libcurl's names: `Subject`, `Issuer`, `Expire date`, `X509v3 Subject
  /// Alternative Name`.
  public var certificate: [String: String]

  /// The handshake as facts.
  public var facts: TLSFacts {
    TLSFacts(
      version: version, cipher: cipher, alpn: alpn,
      certificate: certificate["Subject"].map { subject in
        let end = certificate["Expire date"].flatMap(certificateDate)
        return TLSFacts.Certificate(
          subject: subject, issuer: certificate["Issuer"] ?? "", names: certificateNames(certificate),
          notAfter: end?.formatted(.iso8601) ?? "",
          daysLeft: end.map { Int(($0.timeIntervalSinceNow / 86_400).rounded(.down)) })
      })
  }
}

/// The alternative names: `DNS:cache.example.com, IP Address:127.0.0.1`.
private func certificateNames(_ fields: [String: String]) -> [String] {
  (fields["X509v3 Subject Alternative Name"] ?? "").split(separator: ",").compactMap { entry in
    entry.firstIndex(of: ":").map { String(entry[entry.index(after: $0)...]) }
  }
}

/// `Nov 21 09:00:00 2027 GMT`, as OpenSSL prints it.
private func certificateDate(_ text: String) -> Date? {
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.timeZone = TimeZone(identifier: "GMT")
  formatter.dateFormat = "MMM d HH:mm:ss yyyy 'GMT'"
  return formatter.date(from: text.split(separator: " ").joined(separator: " "))
}
