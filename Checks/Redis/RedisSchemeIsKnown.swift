import Diagnosis
import Facts

/// ioredis knows redis: and rediss:, and takes what else stands there for something else.
struct RedisSchemeIsKnown: Check {
  static let card = CheckCard(
    id: "redis.scheme-unsupported",
    title: "The system's client knows the URL's scheme",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Providers of Valkey show URLs that begin with valkey:// or valkeys://, and this tool understands them. ioredis \
      does not: it takes the word for a host name or goes to localhost, and without the s of rediss there is no TLS. \
      Only TestPlanIt rewrites valkey://, and nobody valkeys://.
      """,
    remedy: Remedy("Write redis:// or, for TLS, rediss://.", snippet: "REDIS_URL=rediss://HOST:6379/0"),
    references: [
      "ioredis: connect to Redis, https://github.com/redis/ioredis#connect-to-redis",
      "IANA: redis and rediss URI schemes, https://www.iana.org/assignments/uri-schemes/prov/redis",
    ],
    scenarios: [
      .passes("redis", Samples.scheme("redis")), .passes("rediss", Samples.scheme("rediss", .flock)),
      .passes("TestPlanIt rewrites valkey", Samples.scheme("valkey", .testplanit)),
      .passes("REDIS", Samples.scheme("REDIS")),
      .finds("REDISS connects without TLS", Samples.scheme("REDISS")),
      .finds("valkey for flowpanel", Samples.scheme("valkey"), on: "redis://cache:6379/0"),
      .finds("valkey for fluxstack", Samples.scheme("valkey", .fluxstack)),
      .finds("valkeys for TestPlanIt", Samples.scheme("valkeys", .testplanit)),
      .finds("a scheme for Sentinel", Samples.scheme("redis+sentinel", .testplanit)),
      .undetermined("valkey for a pattern that names no client", Samples.scheme("valkey", .redisStreams)),
      .undetermined(
        "valkey for a system that is not known",
        Facts(
          deployment: .unseen(Unseen(.notUnderstood, "the manifest can't be read")),
          redis: Samples.scheme("valkey").redis)),
      .notApplicable("no scheme", Samples.scheme(nil)),
      .notApplicable(
        "no instance uses this URL",
        Samples.details { redis in
          redis.usedBy = []
          redis.scheme = "valkey"
        }),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      guard let scheme = redis.scheme else { return card.notApplicable(subject, "the URL has no scheme") }
      if scheme != "rediss", scheme.lowercased() == "rediss" {
        return card.finding(
          subject,
          "\(scheme):// is not rediss:// to ioredis, which connects to \(redis.endpoint.host) without TLS\(redis.users)",
          severity: .error,
          evidence: [Evidence("scheme", scheme, expected: "rediss", source: redis.location?.description)],
          at: redis.location, remedy: Remedy("Write the scheme in lower case.", snippet: "rediss://HOST:PORT/0"))
      }
      if ["redis", "rediss"].contains(scheme.lowercased()) {
        return card.pass(subject, "every client knows \(scheme)://\(redis.users)")
      }
      if redis.usedBy.isEmpty {
        return card.notApplicable(subject, "no instance was seen to use this URL, and this tool knows \(scheme)://")
      }
      switch facts.deployment.value?.system {
      case nil:
        return card.undetermined(
          subject,
          "which system would use \(scheme):// is not known"
            + (facts.deployment.unseen.map { ": \($0.detail)" } ?? ""), at: redis.location)
      case .redisStreams?:
        return card.undetermined(
          subject, "whether the application's client knows \(scheme):// is not known; ioredis does not",
          at: redis.location)
      case .testplanit? where scheme == "valkey":
        return card.pass(subject, "testplanit rewrites valkey:// to redis://\(redis.users)")
      case let system?: return finding(redis, scheme, system)
      }
    }
  }

  private func finding(_ redis: RedisFacts, _ scheme: String, _ system: System) -> Verdict {
    let wanted = redis.endpoint.usesTLS ? "rediss" : "redis"
    return card.finding(
      .redis(redis.endpoint),
      "\(system.redisVariable) begins with \(scheme)://\(redis.users), which ioredis does not know: it would connect "
        + "elsewhere than to \(redis.endpoint)",
      evidence: [
        Evidence(
          "scheme", scheme, expected: system == .testplanit ? "redis, rediss or valkey" : "redis or rediss",
          source: redis.location?.description)
      ],
      at: redis.location,
      remedy: Remedy(
        "Write \(wanted):// and the server's own address, with user name and password as they are.",
        snippet: "\(system.redisVariable)=\(redis.endpoint)"))
  }
}
