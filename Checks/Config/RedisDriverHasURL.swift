import Diagnosis
import Facts

/// The redis driver needs to be told where Redis is: what it does without differs by version, and never helps.
struct RedisDriverHasURL: Check {
  static let card = CheckCard(
    id: "config.redis-url-missing",
    title: "Every instance on the redis driver has a Redis URL",
    severity: .error,
    needs: [.config],
    why: """
      Without a URL older flowpanel versions dial 127.0.0.1:6379 and say nothing; newer ones throw at start. An empty \
      string leads ioredis to localhost:6379 as well. Either way the stream may still open and say ready, so only the \
      missing events tell.
      """,
    remedy: Remedy("Give the redis driver a URL on every instance.", snippet: redisDriverSnippet),
    references: [
      "flowpanel documentation: Realtime (redis driver, url)",
      "ioredis: connecting to Redis, https://github.com/redis/ioredis#connect-to-redis",
    ],
    scenarios: [
      .passes("both have a URL", Samples.config(.web1, .web2)),
      .passes("web-2 is on memory, which needs none", Samples.config(.web1, .memory("web-2"))),
      .finds(
        "the variable is unset on web-2",
        Samples.config(.web1, .redis("web-2", .none, variables: [VariableUse("REDIS_URL", .unset)])), on: "web-2"),
      .finds(
        "the variable is empty on web-2",
        Samples.config(.web1, .redis("web-2", .empty, variables: [VariableUse("REDIS_URL", .empty)])), on: "web-2"),
      .finds("the config gives no url at all", Samples.config(.redis("web-1", .none)), on: "web-1"),
      .finds(
        "the variable holds something else",
        Samples.config(
          .redis(
            "web-1", .malformed(reason: "the scheme http:// is not Redis"), variables: [VariableUse("REDIS_URL", .set)])
        ),
        on: "web-1"),
      .undetermined(
        "the environment of web-2 can't be read",
        Samples.config(.web1, .redisUnknown("web-2", "the environment of web-2 could not be read")), on: "web-2"),
      .undetermined(
        "the driver itself is not known",
        Samples.config(.web1, .unknown("web-2", "pickDriver() is not followed")), on: "web-2"),
      .notApplicable("the config throws without the variable", Samples.config(.failing("web-1"))),
      .notApplicable("the memory driver", Samples.config(.memory("web-1"))),
      .notApplicable("no settings at all", Samples.config(.unset("web-1"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachInstanceOnRedis(facts.config) { realtime in
      let subject = Subject.instance(realtime.instance)
      switch realtime.redis.outcome {
      case .unseen(let reason): return realtime.redis.unknown("its Redis URL", card, realtime.instance, reason)
      case .seen(.endpoint(let endpoint)): return card.pass(subject, "its Redis is \(endpoint)")
      case .seen(.none):
        return finding(
          realtime, "has no Redis URL", observed: "none",
          effect: "older flowpanel versions then dial 127.0.0.1:6379 without a word, newer ones throw at start")
      case .seen(.empty):
        return finding(
          realtime, "has an empty Redis URL", observed: "empty", effect: "ioredis takes that for 127.0.0.1:6379")
      case .seen(.malformed(let reason)):
        return finding(realtime, "has a Redis URL that can't be used: \(reason)", observed: reason)
      }
    }
  }

  private func finding(
    _ realtime: InstanceRealtime, _ fault: String, observed: String, effect: String? = nil
  ) -> Verdict {
    let url = realtime.redis
    let cause = url.lacking.isEmpty ? "" : " (\(listed(url.lacking.map(\.words))) in its environment)"
    let names = (url.lacking.isEmpty ? url.variables : url.lacking).map(\.name)
    return card.finding(
      .instance(realtime.instance),
      "\(realtime.instance) is on the redis driver and \(fault)\(cause)" + (effect.map { ": \($0)" } ?? ""),
      evidence: [Evidence("url", observed, expected: "redis://… or rediss://…", source: url.location?.description)]
        + url.variableEvidence(on: realtime.instance),
      at: url.location ?? realtime.driver.location,
      remedy: names.isEmpty
        ? nil
        : Remedy(
          "Set \(listed(names)) in the environment of \(realtime.instance) to a Redis URL, the same as on the other "
            + "instances, and restart it.",
          snippet: names.map { "\($0)=redis://USER:PASSWORD@HOST:6379/0" }.joined(separator: "\n")))
  }
}
