import Diagnosis
import Facts

/// The time from PUBLISH to the message at a subscriber is the least that any event takes.
struct RedisDeliversInTime: Check {
  static let card = CheckCard(
    id: "pubsub.delivery-time",
    title: "What is published arrives within half a second",
    severity: .warning,
    needs: [.redis],
    why: """
      An event goes from the instance that publishes through Redis to the instances that have its readers. If Redis \
      alone takes more than half a second for that, every browser sees changes late, whatever the proxies do. The \
      doctor publishes on a channel of its own and listens to it.
      """,
    remedy: Remedy(
      "Look for what holds Redis up: slow commands, too little CPU, many subscribers of one channel.",
      commands: ["redis-cli SLOWLOG GET 10", "redis-cli --latency"]),
    references: [
      "Redis: pub/sub, https://redis.io/docs/latest/develop/pubsub/",
      "Redis: diagnosing latency, https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/",
    ],
    scenarios: [
      .passes("a millisecond", delivery(p95: 1)),
      .passes("half a second", delivery(p95: 500)),
      .finds("more", delivery(p95: 501), on: "redis://cache:6379/0"),
      .undetermined("nothing arrived", delivery(samples: 0, p95: 0)),
      .undetermined(
        "PUBLISH is refused",
        Samples.answering { $0.delivery = .unseen(Unseen(.refused, "PUBLISH was refused: NOPERM")) }),
      .undetermined(
        "the connection failed before",
        closed(.unseen(Unseen(.notAttempted, "the connection did not come that far")))),
      .notApplicable("nothing was published", Samples.answering()),
      .notApplicable("nothing was to be published, and the port is closed", closed(nil)),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      guard let delivery = redis.delivery else {
        return card.notApplicable(subject, "nothing was published; --active does")
      }
      return card.onAnswer(delivery, to: "delivery", by: redis) { times in
        if times.samples < 1 {
          return card.undetermined(subject, "nothing that was published came back in time", at: redis.location)
        }
        let source = counted(times.samples, "message")
        let evidence = [
          Evidence("median", millisecondsText(times.median), source: source),
          Evidence("95th percentile", millisecondsText(times.p95), expected: "at most 500 ms", source: source),
        ]
        if times.p95 <= 500 {
          return card.pass(
            subject, "what is published arrives after \(millisecondsText(times.p95)) (95th percentile)",
            evidence: evidence)
        }
        return card.finding(
          subject,
          "\(redis.endpoint) delivers what is published after \(millisecondsText(times.p95)) (95th percentile; at most "
            + "500 ms is well)",
          evidence: evidence, at: redis.location,
          remedy: Remedy(
            "Compare it with the time of a PING: if that is short, look for slow commands and for channels with very "
              + "many subscribers; if not, for the network.",
            commands: [redis.cli("SLOWLOG GET 10"), redis.cli("--latency"), redis.cli("INFO cpu")]))
      }
    }
  }

  private static func delivery(samples: Int = 20, p95: Double) -> Facts {
    Samples.answering {
      $0.delivery = .seen(RedisFacts.RoundTrip(samples: samples, minimum: 0.4, median: p95 / 2, p95: p95))
    }
  }

  private static func closed(_ delivery: Observation<RedisFacts.RoundTrip>?) -> Facts {
    Samples.closedPort.redis { $0.delivery = delivery }
  }
}
