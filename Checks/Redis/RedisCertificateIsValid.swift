import Diagnosis
import Facts

/// A certificate that clients don't accept closes Redis to all of them at once, on a date that is known beforehand.
struct RedisCertificateIsValid: Check {
  static let card = CheckCard(
    id: "redis.tls-certificate",
    title: "The certificate of Redis is accepted and not about to expire",
    severity: .error,
    needs: [.redis],
    why: """
      When the certificate expires, connections that are open go on, and the next restart or failover lets no instance \
      back in. A certificate of a private authority, or for another name, fails from the first connection on. ioredis \
      says so in its log alone, while the streams say ready.
      """,
    remedy: Remedy(
      "Renew the certificate for the name in the URL, from an authority that the clients trust.",
      snippet: "NODE_EXTRA_CA_CERTS=/path/to/ca.pem"),
    references: [
      "Redis: TLS, https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
      "RFC 5280 section 4.1.2.5: validity", "RFC 9525: service identity in TLS",
    ],
    scenarios: [
      .passes("valid for months", Samples.certificate(daysLeft: 90)),
      .passes("14 days are enough", Samples.certificate(daysLeft: 14)),
      .finds("a week is left", Samples.certificate(daysLeft: 7), severity: .warning),
      .finds("it is past, and clients don't look", Samples.certificate(daysLeft: -1), on: "rediss://cache:6379/0"),
      .finds(
        "another name",
        Samples.certificate(daysLeft: 90, failure: "no alternative certificate subject name matches 'cache'")),
      .finds("it has expired", Samples.certificate(daysLeft: -3, failure: "certificate has expired")),
      .finds(
        "a private authority, and nothing else is known",
        Samples.redis(.tls, .certificate, "self-signed certificate in certificate chain", tls: true)),
      .undetermined("its end can't be read", Samples.certificate(daysLeft: nil)),
      .undetermined("it was not read", Samples.redis(tls: true)),
      .undetermined("the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused", tls: true)),
      .undetermined("no handshake", Samples.redis(.tls, .timedOut, "no answer within 1500 ms", tls: true)),
      .notApplicable("the URL says plain", Samples.redis()),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  private static let warningDays = 14

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if !redis.endpoint.usesTLS { return card.notApplicable(subject, "the URL does not say TLS") }
      let certificate = redis.tls?.certificate
      if let failure = redis.result(of: .tls)?.failure, failure.kind == .certificate {
        return finding(
          redis, "the TLS certificate of \(redis.endpoint) is not accepted\(redis.users): \(failure.detail)",
          certificate,
          .error, failure.detail)
      }
      guard redis.succeeded(.tls) else {
        return card.undetermined(subject, redis.failureInWords, at: redis.location)
      }
      guard let certificate, let days = certificate.daysLeft else {
        let what = certificate == nil ? "the certificate was not read" : "the end of its validity can't be read"
        return card.undetermined(subject, what, at: redis.location)
      }
      if days < 0 {
        return finding(
          redis, "the TLS certificate of \(redis.endpoint) expired on \(certificate.notAfter)\(redis.users)",
          certificate,
          .error, "expired")
      }
      if days < Self.warningDays {
        return finding(
          redis,
          "the TLS certificate of \(redis.endpoint) expires in \(counted(days, "day")), on "
            + "\(certificate.notAfter)\(redis.users)", certificate, .warning, "expires soon")
      }
      return card.pass(
        subject, "the certificate is accepted and valid for \(counted(days, "day"))\(redis.users)",
        evidence: evidence(certificate, redis))
    }
  }

  private func finding(
    _ redis: RedisFacts, _ message: String, _ certificate: TLSFacts.Certificate?, _ severity: Severity,
    _ fault: String
  ) -> Verdict {
    let seen = certificate.map { evidence($0, redis) } ?? []
    return card.finding(
      .redis(redis.endpoint), message, severity: severity,
      evidence: [Evidence("certificate", fault, expected: "accepted", source: redis.address)] + seen,
      at: redis.location, remedy: remedy(redis, certificate))
  }

  private func evidence(_ certificate: TLSFacts.Certificate, _ redis: RedisFacts) -> [Evidence] {
    func shown(_ text: String) -> String { text.isEmpty ? "not shown" : text }
    return [
      Evidence("subject", shown(certificate.subject)), Evidence("issuer", shown(certificate.issuer)),
      Evidence("names", shown(listed(certificate.names)), expected: redis.endpoint.host),
      Evidence("valid until", shown(certificate.notAfter)),
      Evidence(
        "days left",
        certificate.daysLeft.map { $0 < 0 ? "none, expired \(counted(-$0, "day")) ago" : "\($0)" } ?? "not known",
        expected: "\(Self.warningDays) or more"),
    ]
  }

  private func remedy(_ redis: RedisFacts, _ certificate: TLSFacts.Certificate?) -> Remedy {
    let place = shellWord("\(redis.endpoint.host):\(redis.endpoint.port)")
    let inspect =
      "openssl s_client -connect \(place) -servername \(shellWord(redis.endpoint.host)) -showcerts </dev/null"
    if let days = certificate?.daysLeft, days < Self.warningDays {
      return Remedy(
        "Renew the certificate, and let Redis load it: CONFIG SET tls-cert-file reads it without a restart.",
        commands: [inspect], snippet: "tls-cert-file /path/to/redis.crt\ntls-key-file /path/to/redis.key")
    }
    let rename = Remedy(
      "Put a name of the certificate into the URL, or renew it for \(redis.tlsClient?.serverName ?? redis.endpoint.host).",
      commands: [inspect])
    let trust = Remedy(
      "Make clients trust the authority that signed it. For this tool, name a private authority with --ca-file, or "
        + "redis: caFile: in the manifest.", commands: [inspect], snippet: "NODE_EXTRA_CA_CERTS=/path/to/ca.pem")
    // OpenSSL's words for a name that is not among the certificate's, as libcurl passes them on.
    let words = redis.result(of: .tls)?.failure?.detail ?? ""
    return words.contains("subject name") || words.contains("alternative") ? rename : trust
  }
}
