import Diagnosis
import Facts

/// Redis must refuse writes when full rather than drop keys: what is evicted was still needed by someone.
struct RedisKeepsEveryKey: Check {
  static let card = CheckCard(
    id: "redis.eviction-policy",
    title: "Redis refuses writes when full instead of evicting",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Under any policy but noeviction a full Redis deletes keys without telling anyone: stream entries that readers \
      have yet to replay, jobs in a queue, claims and presence. Under noeviction the write fails instead, which is \
      logged and can be alerted on. The volatile policies take only keys that expire. For a system that uses pub/sub \
      alone nothing of its own is evicted.
      """,
    remedy: Remedy(
      "Set noeviction, and give Redis the memory it needs.",
      commands: ["redis-cli CONFIG SET maxmemory-policy noeviction"],
      snippet: "maxmemory-policy noeviction"),
    references: [
      "Redis: key eviction, https://redis.io/docs/latest/develop/reference/eviction/",
      "BullMQ: going to production, https://docs.bullmq.io/guide/going-to-production",
    ],
    scenarios: [
      .passes("noeviction", Samples.redis(.redisStreams, policy: "noeviction", limit: 268_435_456)),
      .finds(
        "allkeys-lru with a limit, for a system that keeps streams",
        Samples.redis(.redisStreams, policy: "allkeys-lru", limit: 268_435_456, evicted: 4711),
        on: "redis://cache:6379/0"),
      .finds(
        "allkeys-lru with a limit, for a system that uses pub/sub alone",
        Samples.redis(.flowpanel, policy: "allkeys-lru", limit: 268_435_456), severity: .warning),
      .finds(
        "volatile-ttl evicts keys that expire, and claims expire",
        Samples.redis(.fluxstack, policy: "volatile-ttl", limit: 1_000_000)),
      .finds(
        "presence expires", Samples.redis(.flock, policy: "volatile-lru", limit: 1_000_000)),
      .finds(
        "jobs don't expire, and the locks of jobs in work do",
        Samples.redis(.testplanit, policy: "volatile-ttl", limit: 1_000_000), severity: .warning),
      .finds("streams that expire", volatile(streams: [86_400, nil])),
      .finds("streams that don't expire", volatile(streams: [nil, nil]), severity: .notice),
      .finds("there is no stream to see", volatile(streams: []), severity: .warning),
      .finds("nobody asked for the streams", volatile(streams: nil), severity: .warning),
      .finds("which system it is is not known", unknownSystem(policy: "volatile-lru"), severity: .warning),
      .finds("whatever the system is, all its keys may go", unknownSystem(policy: "allkeys-lru")),
      .finds(
        "a policy without a limit never acts, until someone sets one",
        Samples.redis(.redisStreams, policy: "allkeys-lru", limit: 0), severity: .notice),
      .finds("the limit is hidden", Samples.redis(.redisStreams, policy: "allkeys-lru", limit: nil)),
      .undetermined(
        "CONFIG and INFO are refused",
        Samples.redis(
          .redisStreams, policy: .unseen(Unseen(.refused, "CONFIG GET maxmemory-policy was refused: NOPERM")))),
      .undetermined("the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused")),
      .notApplicable("no Redis was named", Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts) { redis in
      switch redis.policy {
      case .unseen(let reason):
        return card.undetermined(.redis(redis.endpoint), redis.whyUnseen(reason), at: reason.location ?? redis.location)
      case .seen(let policy) where policy.name == "noeviction":
        return card.pass(.redis(redis.endpoint), "maxmemory-policy is noeviction", evidence: evidence(redis, policy))
      case .seen(let policy): return finding(redis, policy, system)
      }
    }
  }

  private func finding(_ redis: RedisFacts, _ policy: RedisFacts.Policy, _ system: System?) -> Verdict {
    let limit = redis.server.value?.maxmemoryBytes
    let when =
      switch limit {
      case 0: "has no memory limit now, and once it gets one evicts keys"
      case .some(let bytes): "evicts keys once it holds \(binarySize(bytes))"
      case nil: "evicts keys once it is full (its limit is hidden, so one is assumed)"
      }
    let risk = redis.evictionRisk(by: policy.name, to: system)
    return card.finding(
      .redis(redis.endpoint), "\(redis.endpoint) \(when), by \(policy.name)\(redis.users); \(risk.loss)",
      severity: limit == 0 ? .notice : risk.severity, evidence: evidence(redis, policy),
      at: redis.location, remedy: remedy(redis, policy))
  }

  private func evidence(_ redis: RedisFacts, _ policy: RedisFacts.Policy) -> [Evidence] {
    let limit = redis.server.value?.maxmemoryBytes
    let evicted = redis.server.value?.evictedKeys
    return [
      Evidence("maxmemory-policy", policy.name, expected: "noeviction", source: policy.source),
      Evidence("maxmemory", limit.map { $0 == 0 ? "no limit" : binarySize($0) } ?? "hidden", source: "INFO memory"),
      Evidence("evicted_keys", evicted.map(String.init) ?? "hidden", source: "INFO stats"),
    ]
  }

  private func remedy(_ redis: RedisFacts, _ policy: RedisFacts.Policy) -> Remedy {
    if policy.source.hasPrefix("INFO") {
      return Remedy(
        "CONFIG is closed to this user: set the policy as an administrator, or in the provider's parameter group, and "
          + "give Redis the memory it needs.", snippet: "maxmemory-policy noeviction")
    }
    return Remedy(
      "Give Redis the memory it needs first: on a server that is full, noeviction refuses every write from then on. Then "
        + "set noeviction, and keep it in the configuration file (CONFIG REWRITE, where it was started with one). A "
        + "provider that refuses CONFIG has a parameter group for it.",
      commands: [redis.cli("CONFIG SET maxmemory-policy noeviction"), redis.cli("CONFIG REWRITE")],
      snippet: "maxmemory-policy noeviction")
  }

  private static func volatile(streams lifetimes: [Int?]?) -> Facts {
    Samples.redis(.redisStreams, policy: "volatile-lru", limit: 1_000_000).redis { redis in
      redis.streams = lifetimes.map { lifetimes in
        .seen(lifetimes.enumerated().map { RedisFacts.Stream("sse:\($0.offset)", length: 10, ttlSeconds: $0.element) })
      }
    }
  }

  private static func unknownSystem(policy: String) -> Facts {
    Samples.redis(.redisStreams, policy: policy, limit: 1_000_000).under(nil)
  }
}
