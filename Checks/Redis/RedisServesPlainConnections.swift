import Diagnosis
import Facts

/// A port for TLS drops whoever greets it without: the URL's scheme has to say rediss.
struct RedisServesPlainConnections: Check {
  static let card = CheckCard(
    id: "redis.tls-required",
    title: "A redis:// URL leads to a port without TLS",
    severity: .error,
    needs: [.redis],
    why: """
      Most hosted Redis wants TLS. A client that comes without it is cut off or left waiting, and reports a reset or a \
      timeout that reads like a network fault. One letter in the URL's scheme is the difference.
      """,
    remedy: Remedy("Write rediss:// in the URL."),
    references: [
      "Redis: TLS, https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
      "ioredis: TLS options, https://github.com/redis/ioredis#tls-options",
    ],
    scenarios: [
      .passes("PING is answered", Samples.redis()),
      .passes(
        "an error reply is an answer too", Samples.redis(.ping, .credentialsRequired, "NOAUTH Authentication required.")
      ),
      .finds(
        "cut off, and TLS works on the same port",
        Samples.redis(.ping, .closed, "closed by the other side", otherSide: .seen(.answers)),
        on: "redis://cache:6379/0"),
      .finds(
        "left waiting for the answer to AUTH",
        Samples.redis(.authenticate, .timedOut, "no answer within 1500 ms", otherSide: .seen(.answers))),
      .finds("a TLS alert comes back", Samples.redis(.ping, .notRedis, "bytes 15 03 01", otherSide: .seen(.answers))),
      .undetermined(
        "neither kind is answered", Samples.redis(.ping, .closed, "closed by the other side", otherSide: .seen(.silent))
      ),
      .undetermined("cut off, and TLS was not tried", Samples.redis(.ping, .closed, "closed by the other side")),
      .undetermined("the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused")),
      .notApplicable("the URL says TLS", Samples.redis(tls: true)),
      .notApplicable("a Unix socket", Samples.redis(socket: "/run/redis.sock")),
      .notApplicable("no Redis was named", Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if redis.endpoint.isUnixSocket { return card.notApplicable(subject, "a Unix socket carries no TLS") }
      if redis.endpoint.usesTLS { return card.notApplicable(subject, "the URL says TLS") }
      if redis.hasAnsweredCommand { return card.pass(subject, "it answers without TLS\(redis.users)") }
      guard redis.isMuteToCommands, redis.otherSide == .seen(.answers) else {
        return card.undetermined(subject, redis.failureInWords, evidence: redis.otherSideEvidence, at: redis.location)
      }
      var secure = redis.endpoint
      secure.usesTLS = true
      return card.finding(
        subject, "\(redis.endpoint) leads to a port that wants TLS\(redis.users)",
        evidence: redis.stepEvidence + redis.otherSideEvidence, at: redis.location,
        remedy: Remedy(
          "Write rediss:// for redis:// in the URL on every instance, and keep user name and password as they are.",
          snippet: "\(secure)"))
    }
  }
}

extension RedisFacts {
  /// What the port answered to the other kind of connection.
  var otherSideEvidence: [Evidence] {
    let name = endpoint.usesTLS ? "without TLS on the same port" : "over TLS on the same port"
    return switch otherSide {
    case .seen(.answers): [Evidence(name, "answers", source: address)]
    case .seen(.silent): [Evidence(name, "no answer either", source: address)]
    case .unseen(let reason): [Evidence(name, "not tried: \(reason.detail)")]
    }
  }
}
