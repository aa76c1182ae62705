import Diagnosis
import Facts

/// Every event waits for Redis at least once; a slow round trip is felt in each.
struct RedisAnswersQuickly: Check {
  static let card = CheckCard(
    id: "redis.latency",
    title: "Redis answers quickly",
    severity: .warning,
    needs: [.redis],
    why: """
      Each mutation waits for PUBLISH, and each event for the way back. A median above 50 ms usually means another \
      region; a tail above 200 ms means a server that is stuck for moments: slow commands, forks for snapshots, too \
      little CPU, or swap. It is measured from where the doctor runs, so a laptop's figures are not the instances'.
      """,
    remedy: Remedy(
      "Put Redis into the region of the instances, and look for slow commands.",
      commands: ["redis-cli --latency", "redis-cli SLOWLOG GET 10"]),
    references: [
      "Redis: diagnosing latency, https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/",
      "Redis: SLOWLOG, https://redis.io/docs/latest/commands/slowlog-get/",
    ],
    scenarios: [
      .passes("half a millisecond", Samples.answering()),
      .passes("50 ms and 200 ms", times(median: 50, p95: 200)),
      .finds("a slow median", times(median: 51, p95: 60), on: "redis://cache:6379/0"),
      .finds("a slow tail", times(median: 1, p95: 201)),
      .finds("both", times(median: 80, p95: 300)),
      .undetermined("no PING was answered", times(samples: 0, median: 0, p95: 0)),
      .undetermined(
        "PING is refused",
        Samples.answering { $0.roundTrip = .unseen(Unseen(.refused, "PING was refused: NOPERM")) }),
      .undetermined("nobody measured", Samples.answering { $0.roundTrip = nil }),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      card.onAnswer(redis.roundTrip, to: "the times of PINGs", by: redis) { times in
        let subject = Subject.redis(redis.endpoint)
        if times.samples < 1 { return card.undetermined(subject, "no PING was answered in time", at: redis.location) }
        let source = counted(times.samples, "PING")
        let evidence = [
          Evidence("minimum", millisecondsText(times.minimum), source: source),
          Evidence(
            "median", millisecondsText(times.median), expected: "at most 50 ms", source: source),
          Evidence(
            "95th percentile", millisecondsText(times.p95), expected: "at most 200 ms",
            source: source),
        ]
        let figures = "median \(millisecondsText(times.median)), 95th percentile \(millisecondsText(times.p95))"
        if times.median <= 50, times.p95 <= 200 {
          return card.pass(subject, "PING takes \(figures)", evidence: evidence)
        }
        return card.finding(
          subject,
          "\(redis.endpoint) answers PING slowly from here: \(figures) (at most 50 ms and 200 ms are well)",
          evidence: evidence, at: redis.location, remedy: remedy(redis, times))
      }
    }
  }

  private func remedy(_ redis: RedisFacts, _ times: RedisFacts.RoundTrip) -> Remedy {
    let commands = [redis.cli("--latency"), redis.cli("SLOWLOG GET 10"), redis.cli("LATENCY DOCTOR")]
    return times.median > 50
      ? Remedy(
        "Measure from where an instance runs; if it is slow there too, put Redis into the instances' region.",
        commands: commands)
      : Remedy(
        "Look for what holds the server up at times: slow commands, forks for snapshots, too little CPU, swap.",
        commands: commands)
  }

  private static func times(samples: Int = 20, median: Double, p95: Double) -> Facts {
    Samples.answering {
      $0.roundTrip = .seen(RedisFacts.RoundTrip(samples: samples, minimum: 0.3, median: median, p95: p95))
    }
  }
}
