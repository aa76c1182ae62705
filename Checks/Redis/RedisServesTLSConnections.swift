import Diagnosis
import Facts

/// A plain port takes a TLS greeting for the start of a command and waits for the rest, for ever.
struct RedisServesTLSConnections: Check {
  static let card = CheckCard(
    id: "redis.tls-unexpected",
    title: "A rediss:// URL leads to a port with TLS",
    severity: .error,
    needs: [.redis],
    why: """
      A Redis without TLS neither understands nor refuses a TLS greeting: it waits. Clients hang until their own \
      deadline, and ioredis then logs connect ETIMEDOUT, which sends people to look at a network that is fine. \
      Until then the streams say ready and carry nothing.
      """,
    remedy: Remedy("Write redis:// in the URL, or turn TLS on at the server."),
    references: [
      "Redis: TLS, https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
      "RFC 8446 section 4.1.2: Client Hello",
    ],
    scenarios: [
      .passes("the handshake works", Samples.redis(tls: true)),
      .passes(
        "it speaks TLS, with a certificate that another check finds fault with",
        Samples.redis(.tls, .certificate, "self-signed certificate", tls: true)),
      .finds(
        "the handshake hangs, and PING works without",
        Samples.redis(.tls, .timedOut, "no answer within 1500 ms", tls: true, otherSide: .seen(.answers)),
        on: "rediss://cache:6379/0"),
      .finds(
        "the handshake is answered in plain text",
        Samples.redis(.tls, .tlsHandshake, "wrong version number", tls: true, otherSide: .seen(.answers))),
      .undetermined(
        "neither kind is answered",
        Samples.redis(.tls, .timedOut, "no answer within 5000 ms", tls: true, otherSide: .seen(.silent))),
      .undetermined(
        "plain was not tried", Samples.redis(.tls, .closed, "closed by the other side", tls: true)),
      .undetermined("the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused", tls: true)),
      .notApplicable("the URL says plain", Samples.redis()),
      .notApplicable("no Redis was named", Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if !redis.endpoint.usesTLS { return card.notApplicable(subject, "the URL does not say TLS") }
      let handshake = redis.result(of: .tls)
      if redis.succeeded(.tls) || handshake?.failure?.kind == .certificate {
        return card.pass(subject, "it speaks TLS\(redis.users)", evidence: redis.stepEvidence)
      }
      guard handshake != nil, redis.otherSide == .seen(.answers) else {
        return card.undetermined(subject, redis.failureInWords, evidence: redis.otherSideEvidence, at: redis.location)
      }
      var plain = redis.endpoint
      plain.usesTLS = false
      return card.finding(
        subject, "\(redis.endpoint) leads to a port without TLS\(redis.users)",
        evidence: redis.stepEvidence + redis.otherSideEvidence, at: redis.location,
        remedy: Remedy(
          "Use the server's port for TLS if it has one. Otherwise write redis:// for rediss:// in the URL on every "
            + "instance, or give the server a port for TLS (tls-port, tls-cert-file, tls-key-file).",
          snippet: "\(plain)"))
    }
  }
}
