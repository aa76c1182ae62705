import Diagnosis
import Facts

/// At its memory limit Redis refuses writes or evicts keys, as its policy says; either hurts who keeps keys there.
struct RedisHasMemoryToSpare: Check {
  static let card = CheckCard(
    id: "redis.memory-pressure",
    title: "Redis has memory to spare",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      At maxmemory a Redis under noeviction refuses every write with OOM: no entry, job or claim is stored any more. \
      Under any other policy it deletes keys instead. PUBLISH goes on in both cases, so a system that uses pub/sub \
      alone is hit only through what shares the server with it.
      """,
    remedy: Remedy(
      "Give Redis more memory, or keep less in it.",
      commands: ["redis-cli INFO memory", "redis-cli --bigkeys"]),
    references: [
      "Redis: key eviction, https://redis.io/docs/latest/develop/reference/eviction/",
      "Redis: INFO memory, https://redis.io/docs/latest/commands/info/",
    ],
    scenarios: [
      .passes("7 % of the limit", Samples.answering(.redisStreams)),
      .passes("what does not count is not counted", memory(.redisStreams, used: 99, uncounted: 30)),
      .finds("80 %", memory(.redisStreams, used: 80), on: "redis://cache:6379/0"),
      .finds("95 %", memory(.redisStreams, used: 95), severity: .error),
      .finds("95 %, for pub/sub alone", memory(.flowpanel, used: 95)),
      .finds("80 %, for pub/sub alone", memory(.flowpanel, used: 80), severity: .notice),
      .finds(
        "a cache that is full, for pub/sub alone", memory(.flowpanel, used: 100, "allkeys-lru"), severity: .notice),
      .finds(
        "a cache that is full, for a system with keys", memory(.flock, used: 100, "allkeys-lru"), severity: .error),
      .finds("full, and the policy is hidden", memory(.flock, used: 100, nil), severity: .error),
      .undetermined("INFO hides what is used", Samples.answering(figures: ["used_memory": nil])),
      .undetermined("INFO hides the limit", Samples.answering(figures: ["maxmemory": nil])),
      .notApplicable("there is no limit", Samples.answering(figures: ["maxmemory": 0])),
    ] + .withoutFigures())

  func judge(_ facts: Facts) -> [Verdict] {
    // A system that is not known is taken to keep keys.
    let keepsKeys = facts.deployment.value?.system.keepsKeysInRedis ?? true
    return card.eachServer(facts) { redis, server in
      let subject = Subject.redis(redis.endpoint)
      guard let used = redis.number("used_memory") else { return card.hidden("used_memory", by: redis) }
      guard let limit = server.maxmemoryBytes ?? redis.number("maxmemory") else {
        return card.hidden("maxmemory", by: redis)
      }
      if limit <= 0 { return card.notApplicable(subject, "it has no memory limit, and uses \(roundedSize(used))") }
      // Buffers of replicas and of the append-only file are kept out of the comparison.
      let share = (Double(used) - Double(redis.number("mem_not_counted_for_evict") ?? 0)) / Double(limit)
      let evidence = [
        Evidence("used_memory", roundedSize(used), expected: "less than 80 % of maxmemory", source: "INFO memory"),
        Evidence("maxmemory", binarySize(limit), source: "INFO memory"),
        Evidence("maxmemory-policy", redis.policy.value?.name ?? "hidden", source: redis.policy.value?.source),
      ]
      let use = "\(roundedSize(used)), \(percentText(share)) of its \(binarySize(limit))"
      if share < 0.8 { return card.pass(subject, "it uses \(use)", evidence: evidence) }
      return card.finding(
        subject, "\(redis.endpoint) uses \(use) (maxmemory; 80 % is much)\(redis.users): \(effect(redis, keepsKeys))",
        severity: severity(share, keepsKeys: keepsKeys, isCache: evicts(redis) == true), evidence: evidence,
        at: redis.location,
        remedy: Remedy(
          "Raise maxmemory (the provider's plan may set it), trim streams and finished jobs, and look for keys without "
            + "an end.",
          commands: [
            redis.cli("INFO memory"), redis.cli("--bigkeys"),
            redis.cli("CONFIG SET maxmemory \(limit < 1 << 60 ? limit * 2 : limit)"),
          ]))
    }
  }

  private func severity(_ share: Double, keepsKeys: Bool, isCache: Bool) -> Severity {
    switch (keepsKeys, isCache) {
    case (true, _): share >= 0.95 ? .error : .warning
    // A cache is full when it is well.
    case (false, true): .notice
    case (false, false): share >= 0.95 ? .warning : .notice
    }
  }

  private func evicts(_ redis: RedisFacts) -> Bool? { redis.policy.value.map { $0.name != "noeviction" } }

  private func effect(_ redis: RedisFacts, _ keepsKeys: Bool) -> String {
    let atTheLimit =
      switch evicts(redis) {
      case true?: "at the limit it evicts keys, by \(redis.policy.value?.name ?? "its policy")"
      case false?: "at the limit it refuses writes with OOM"
      case nil: "at the limit it refuses writes or evicts keys, by a policy that is hidden"
      }
    return keepsKeys ? atTheLimit : "\(atTheLimit), and PUBLISH goes on"
  }

  private static func memory(
    _ system: System, used: Int, uncounted: Int = 0, _ policy: String? = "noeviction"
  ) -> Facts {
    let mebibyte = 1 << 20
    return Samples.answering(system) { redis in
      redis.info { server in
        server.maxmemoryBytes = 100 * mebibyte
        server.numbers?["used_memory"] = used * mebibyte
        server.numbers?["mem_not_counted_for_evict"] = uncounted * mebibyte
      }
      redis.policy =
        policy.map { .seen(RedisFacts.Policy($0, source: "CONFIG GET maxmemory-policy")) }
        ?? .unseen(Samples.configRefused)
    }
  }
}
