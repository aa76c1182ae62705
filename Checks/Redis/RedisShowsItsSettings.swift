import Diagnosis
import Facts

/// Providers close CONFIG: what could not be read is then taken from elsewhere, or not known.
struct RedisShowsItsSettings: Check {
  static let card = CheckCard(
    id: "redis.config-denied",
    title: "CONFIG GET is open",
    severity: .notice,
    needs: [.deployment, .redis],
    why: """
      Most hosted Redis closes CONFIG, and a user with few rights may not run it either. That harms no event, but part \
      of this report then rests on INFO, on trials or on defaults, and the lines that change a setting have to go \
      through the provider.
      """,
    remedy: Remedy(
      "Nothing has to change; to see more, run the doctor as a user who may read settings.",
      commands: ["redis-cli ACL SETUSER USER +config|get"]),
    references: [
      "Redis: CONFIG GET, https://redis.io/docs/latest/commands/config-get/",
      "Amazon ElastiCache: restricted commands, "
        + "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html",
    ],
    scenarios: [
      .passes("CONFIG GET works", Samples.details { $0.settings = .seen(["maxmemory-policy": "noeviction"]) }),
      .finds(
        "a provider without CONFIG", Samples.details { $0.settings = .unseen(Samples.configRefused) },
        on: "redis://cache:6379/0"),
      .finds(
        "the policy is not known at all",
        Samples.details(.redisStreams) { redis in
          redis.settings = .unseen(Samples.configRefused)
          redis.policy = .unseen(Unseen(.refused, "INFO memory shows no policy"))
        }),
      .finds("expiry was tried instead", Samples.expiry(nil, event: .seen(true))),
      .finds("expiry was not tried", Samples.expiry(nil)),
      .undetermined(
        "no answer",
        Samples.details { $0.settings = .unseen(Unseen(.timedOut, "no answer to CONFIG GET within 1500 ms")) }),
      .undetermined("nobody asked", Samples.details()),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      switch redis.settings {
      case .seen?: return card.pass(subject, "CONFIG GET works\(redis.users)")
      case .unseen(let reason)? where reason.kind == .refused: return finding(redis, reason, system)
      case let settings:
        return card.undetermined(subject, redis.whyUnknown(settings, "CONFIG GET"), at: redis.location)
      }
    }
  }

  private func finding(_ redis: RedisFacts, _ reason: Unseen, _ system: System?) -> Verdict {
    let instead = substitutes(redis, system)
    let user = redis.permissions?.value?.userName ?? "USER"
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) does not show its settings\(redis.users): \(instead.map { "\($0.name) \($0.observed)" }.joined(separator: "; "))",
      evidence: [Evidence("CONFIG GET", reason.detail)] + instead, at: redis.location,
      remedy: Remedy(
        "Nothing has to change. To see more, run the doctor as a user who may read settings; with a provider look into "
          + "its parameter group.", commands: [redis.cli("ACL SETUSER \(shellWord(user)) '+config|get'")]))
  }

  /// Where what CONFIG would have told comes from instead.
  private func substitutes(_ redis: RedisFacts, _ system: System?) -> [Evidence] {
    var instead: [Evidence] = []
    switch redis.policy {
    case .seen(let policy):
      instead.append(Evidence("maxmemory-policy", "comes from \(policy.source)", source: policy.source))
    case .unseen: instead.append(Evidence("maxmemory-policy", "is not known"))
    }
    switch (system, redis.expiryEvent) {
    case (.flock?, .seen?):
      instead.append(Evidence("notify-keyspace-events", "was tried with a key that expires"))
    case (.flock?, _): instead.append(Evidence("notify-keyspace-events", "is not known without --intrusive"))
    case (.redisStreams?, _):
      instead.append(
        Evidence("stream-node-max-entries", "is taken to be the default, \(RedisFacts.defaultNodeEntries)"))
    default: break
    }
    return instead
  }
}
