import Diagnosis
import Facts

/// A Redis that has just started explains what was lost, and one that keeps starting anew is a fault of its own.
struct RedisHasRunForAWhile: Check {
  static let card = CheckCard(
    id: "redis.restarted-recently",
    title: "Redis has been up for five minutes",
    severity: .notice,
    needs: [.redis],
    why: """
      A restart drops every subscription. Clients subscribe anew by themselves, and whatever was published in between \
      is lost without a trace. Where instances reconnect all at once, or an event went missing, this is the first \
      thing to know. A server that is always young is being killed, most often for its memory.
      """,
    remedy: Remedy(
      "Look again in five minutes; if it is young again, see why it is restarted.",
      commands: ["redis-cli INFO server"]),
    references: [
      "Redis: INFO, https://redis.io/docs/latest/commands/info/",
      "Redis: pub/sub delivers at most once, https://redis.io/docs/latest/develop/pubsub/",
    ],
    scenarios: [
      .passes("it has run for ten days", Samples.answering()),
      .passes("it has run for five minutes", Samples.answering(figures: ["uptime_in_seconds": 300])),
      .finds(
        "it has run for less", Samples.answering(figures: ["uptime_in_seconds": 299]), on: "redis://cache:6379/0"),
      .finds("it has just started", Samples.answering(figures: ["uptime_in_seconds": 0])),
      .undetermined("INFO hides it", Samples.answering(figures: ["uptime_in_seconds": nil])),
    ] + .withoutFigures())

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachServer(facts) { redis, _ in
      let subject = Subject.redis(redis.endpoint)
      guard let uptime = redis.number("uptime_in_seconds") else { return card.hidden("uptime_in_seconds", by: redis) }
      if uptime >= 300 { return card.pass(subject, "it has been up for \(ageText(uptime))") }
      return card.finding(
        subject,
        "\(redis.endpoint) started \(counted(uptime, "second")) ago\(redis.users): subscriptions were dropped, and "
          + "what was published meanwhile is lost",
        evidence: [
          Evidence("uptime_in_seconds", "\(uptime) s", expected: "300 s or more", source: "INFO server")
        ],
        at: redis.location,
        remedy: Remedy(
          "Look again in five minutes; if it is young again, read its log and its supervisor's (docker inspect, "
            + "kubectl describe pod) for who ends it: memory limit, liveness probe, failover.",
          commands: [redis.cli("INFO server"), redis.cli("INFO memory")]))
    }
  }
}
