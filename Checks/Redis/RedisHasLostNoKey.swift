import Diagnosis
import Facts

/// A key that was evicted is gone, whatever the policy is made now.
struct RedisHasLostNoKey: Check {
  static let card = CheckCard(
    id: "redis.evicted-keys",
    title: "Redis has evicted no key",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Eviction is silent: no client is told, and the log has no line of it. What shows is a reader whose replay has a \
      hole, a job that never ran, or a claim that two instances hold. The counter runs from the server's start, and \
      is the only trace.
      """,
    remedy: Remedy(
      "Give Redis the memory it needs, and then set noeviction.",
      commands: ["redis-cli INFO stats", "redis-cli CONFIG SET maxmemory-policy noeviction"],
      snippet: "maxmemory-policy noeviction"),
    references: [
      "Redis: key eviction, https://redis.io/docs/latest/develop/reference/eviction/",
      "Redis: INFO, https://redis.io/docs/latest/commands/info/",
    ],
    scenarios: [
      .passes("none", Samples.answering(.redisStreams)),
      .finds("some, and it goes on", evicted(4711, "allkeys-lru", .redisStreams), on: "redis://cache:6379/0"),
      .finds("some, and the policy is hidden", evicted(1, nil, .flock)),
      .finds("some, before the policy was made noeviction", evicted(1, "noeviction", .flock), severity: .warning),
      .finds("locks may be among them", evicted(1, "volatile-lru", .testplanit), severity: .warning),
      .finds("streams that don't expire are not among them", streams(ttl: nil), severity: .notice),
      .finds("streams that expire may be", streams(ttl: 86_400)),
      .finds(
        "some more while it was watched",
        evicted(4711, "allkeys-lru", .flock) {
          $0.sample = .seen(RedisFacts.Sample(milliseconds: 1004, growth: ["evicted_keys": 3]))
        }, severity: .error),
      .undetermined("INFO hides the count", Samples.answering(.flock) { $0.info { $0.evictedKeys = nil } }),
      .undetermined("INFO is refused", Samples.noInfo.under(Samples.deployment(.flock))),
      .undetermined("the port is closed", Samples.closedPort.under(Samples.deployment(.flock))),
      .notApplicable("the system keeps no keys", evicted(4711, "allkeys-lru", .flowpanel)),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if let system, !system.keepsKeysInRedis {
        return card.notApplicable(subject, "\(system.rawValue) keeps no keys in Redis")
      }
      switch redis.server {
      case .unseen(let reason): return card.undetermined(subject, redis.whyUnseen(reason), at: redis.location)
      case .seen(let server):
        guard let evicted = server.evictedKeys else {
          return card.undetermined(subject, "INFO shows no evicted_keys", at: redis.location)
        }
        return evicted > 0
          ? finding(redis, evicted, system) : card.pass(subject, "it has evicted no key\(redis.sinceItsStart)")
      }
    }
  }

  private func finding(_ redis: RedisFacts, _ evicted: Int, _ system: System?) -> Verdict {
    let policy = redis.policy.value
    let growth = redis.growth(of: "evicted_keys")
    let risk =
      policy?.name == "noeviction"
      ? EvictionRisk(severity: .warning, loss: "its policy is noeviction now, and what is gone stays gone")
      : redis.evictionRisk(by: policy?.name ?? "", to: system)
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) has evicted \(counted(evicted, "key"))\(redis.sinceItsStart)\(growth.isGoingOn ? " and goes on" : "")\(redis.users); "
        + risk.loss,
      severity: risk.severity,
      evidence: [
        Evidence("evicted_keys", "\(evicted)\(growth.inWords)", expected: "0", source: "INFO stats"),
        Evidence("maxmemory-policy", policy?.name ?? "hidden", expected: "noeviction", source: policy?.source),
        Evidence(
          "maxmemory", redis.server.value?.maxmemoryBytes.map { $0 == 0 ? "no limit" : binarySize($0) } ?? "hidden",
          source: "INFO memory"),
      ],
      at: redis.location,
      remedy: Remedy(
        "Give Redis the memory it needs, then set noeviction as redis.eviction-policy says, restore what was lost, and "
          + "set the count back to see whether it goes on.",
        commands: [redis.cli("INFO memory"), redis.cli("CONFIG RESETSTAT")], snippet: "maxmemory-policy noeviction"))
  }

  private static func evicted(
    _ count: Int, _ policy: String?, _ system: System, _ change: (inout RedisFacts) -> Void = { _ in }
  ) -> Facts {
    Samples.answering(system) { redis in
      redis.info { $0.evictedKeys = count }
      redis.policy =
        policy.map { .seen(RedisFacts.Policy($0, source: "CONFIG GET maxmemory-policy")) }
        ?? .unseen(Samples.configRefused)
      change(&redis)
    }
  }

  private static func streams(ttl: Int?) -> Facts {
    evicted(3, "volatile-lru", .redisStreams) { redis in
      redis.streams = .seen([RedisFacts.Stream("sse:news", length: 10_040, ttlSeconds: ttl)])
    }
  }
}
