import Diagnosis
import Facts

/// A handshake and the server's certificate in a line.
func tlsLine(_ tls: TLSFacts) -> String {
  var parts = [[tls.version, tls.cipher].filter { !$0.isEmpty }.joined(separator: " ")]
  if let alpn = tls.alpn { parts.append("ALPN \(alpn)") }
  if let certificate = tls.certificate {
    parts.append("\(certificate.subject), by \(certificate.issuer)")
    if let days = certificate.daysLeft {
      parts.append(days < 0 ? "expired \(counted(-days, "day")) ago" : "\(counted(days, "day")) left")
    }
  }
  return parts.joined(separator: "; ")
}

/// A handshake for programs.
func json(_ tls: TLSFacts) -> JSONValue {
  [
    "version": .string(tls.version), "cipher": .string(tls.cipher), "alpn": .optional(tls.alpn),
    "certificate": tls.certificate.map { certificate in
      [
        "subject": .string(certificate.subject), "issuer": .string(certificate.issuer),
        "names": .array(certificate.names.map { .string($0) }), "notAfter": .string(certificate.notAfter),
        "daysLeft": .optional(certificate.daysLeft),
      ]
    } ?? .null,
  ]
}
