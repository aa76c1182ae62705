import Diagnosis

/// What is wrong with a server's certificate, as far as OpenSSL's words for it tell.
///
/// Source: openssl-verification-options(1), X509_verify_cert_error_string(3), and libcurl's own words for names.
enum CertificateFault {
  case expired, notYetValid, otherName, selfSigned, unknownIssuer, unknown

  init(words: String) {
    let faults: [(words: String, fault: CertificateFault)] = [
      ("certificate has expired", .expired), ("certificate is not yet valid", .notYetValid),
      ("subject name", .otherName), ("certificate in certificate chain", .unknownIssuer),
      ("self-signed certificate", .selfSigned), ("self signed certificate", .selfSigned),
      ("unable to get local issuer", .unknownIssuer), ("unable to verify the first", .unknownIssuer),
      ("unable to get issuer", .unknownIssuer),
    ]
    self = faults.first { words.contains($0.words) }?.fault ?? .unknown
  }
}

/// What makes browsers take the certificate at an https URL.
func certificateRemedy(_ fault: CertificateFault, at url: String) -> Remedy {
  let host = hostName(inURL: url) ?? ""
  let authority = origin(ofURL: url).dropFirst("https://".count)
  let hasPort = authority.last?.isNumber == true && authority.contains(":") && !authority.hasSuffix("]")
  let place = shellWord(hasPort ? String(authority) : "\(authority):443")
  let inspect = "openssl s_client -connect \(place) -servername \(shellWord(host)) -showcerts </dev/null"
  let trust = "--ca-file, or with stream: caFile: in the manifest"
  let text =
    switch fault {
    case .expired:
      "Renew the certificate, and reload whatever ends TLS: until then it shows the one that it has read. Then see why "
        + "the renewal did not run (certbot, cert-manager, ACME)."
    case .notYetValid: "Correct the clock: this machine's, or that of the one that issued the certificate."
    case .otherName:
      "Install a certificate for \(host), or write a name that is in the present one into the URL. A proxy shows its "
        + "default certificate where none is configured for the name."
    case .selfSigned:
      "Install a certificate for \(host) from an authority that browsers trust: this one has signed itself, as a proxy's "
        + "default certificate has. Where that is meant, give it to this tool with \(trust)."
    case .unknownIssuer:
      "Serve the whole chain, intermediate certificates included (for nginx, ssl_certificate with fullchain.pem). Where "
        + "the authority is private, make clients trust it, this tool with \(trust)."
    case .unknown:
      "Install a certificate for \(host), with its whole chain, from an authority that browsers trust. A private "
        + "one is given to this tool with \(trust)."
    }
  return Remedy(text, commands: [inspect])
}
