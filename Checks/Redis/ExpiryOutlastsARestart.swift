import Diagnosis
import Facts

/// A setting that was made by hand is gone with the process that it was made on.
struct ExpiryOutlastsARestart: Check {
  static let card = CheckCard(
    id: "redis.keyspace-events-not-persisted",
    title: "What starts Redis turns the events of keys on",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      CONFIG SET notify-keyspace-events Ex works at once and is forgotten with the next restart, be it an update of the \
      image or a node that is drained. From then on Flock waits for events that never come, and nobody leaves a room any \
      more. What the running server says can't tell: the file that starts it can.
      """,
    remedy: Remedy(
      "Put the setting into redis.conf, or into the command that starts Redis.",
      snippet: "redis-server --notify-keyspace-events Ex"),
    references: [
      "Redis: keyspace notifications, https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/",
      "Redis: CONFIG REWRITE, https://redis.io/docs/latest/commands/config-rewrite/",
    ],
    scenarios: [
      .passes("the file turns them on", started(with: "Ex", live: "xE")),
      .finds("the file does not name them", started(with: nil, live: "xE"), on: "redis://cache:6379/0"),
      .finds("the file turns other events on", started(with: "Kg", live: "xE")),
      .undetermined("what is set now is hidden", started(with: "Ex", live: nil)),
      .undetermined("the port is closed", Samples.closedPort.under(Samples.deployment(.flock)).startedBy("Ex")),
      .notApplicable("they are not on now either: another check's finding", started(with: nil, live: "")),
      .notApplicable("no file was named", Samples.expiry("xE")),
      .notApplicable("another system", Samples.details()),
      .notApplicable("no Redis was named", Samples.noRedis.under(Samples.deployment(.flock)).startedBy("Ex")),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.inSystems([.flock], facts, otherwise: "only flock waits for keys that expire") { deployment in
      guard let start = deployment.redisStart else {
        return [
          card.notApplicable(
            .deployment, "no file that starts Redis was named; redis: startedBy: in the manifest names it")
        ]
      }
      return card.eachRedis(facts, with: \.settings, "CONFIG GET \(RedisAnnouncesExpiry.setting)") { redis, settings in
        judge(redis, live: settings[RedisAnnouncesExpiry.setting], start)
      }
    }
  }

  private func judge(_ redis: RedisFacts, live: String?, _ start: Deployment.RedisStart) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    guard let live else {
      return card.undetermined(
        subject, "CONFIG GET shows no \(RedisAnnouncesExpiry.setting)", at: redis.location)
    }
    guard RedisAnnouncesExpiry.isEnough(live) else {
      return card.notApplicable(subject, "the events are not on now either, which redis.keyspace-events judges")
    }
    if let events = start.keyspaceEvents, RedisAnnouncesExpiry.isEnough(events) {
      return card.pass(subject, "\(start.location) turns them on: \(events)")
    }
    return card.finding(
      subject,
      "the events of keys are on at \(redis.endpoint) now, and \(start.location.file) "
        + "\(start.keyspaceEvents.map { "sets only \($0.isEmpty ? "none" : $0)" } ?? "does not turn them on"): they end "
        + "with its next restart\(redis.users)",
      evidence: [
        Evidence(RedisAnnouncesExpiry.setting, live, source: "CONFIG GET"),
        Evidence(
          RedisAnnouncesExpiry.setting, start.keyspaceEvents ?? "not named", expected: "E and x, or E and A",
          source: "\(start.location)"),
      ],
      at: start.location,
      remedy: Remedy(
        "Put the setting into \(start.location.file): in a redis.conf as below, in a command line as "
          + "--\(RedisAnnouncesExpiry.setting) Ex.", snippet: "\(RedisAnnouncesExpiry.setting) Ex"))
  }

  private static func started(with events: String?, live: String?) -> Facts {
    Samples.expiry(live).startedBy(events)
  }
}

extension Facts {
  /// The same with the file that starts Redis, and the events that it turns on.
  fileprivate func startedBy(_ events: String?) -> Facts {
    var facts = self
    facts.deployment = deployment.map { deployment in
      var deployment = deployment
      deployment.redisStart = Deployment.RedisStart(
        keyspaceEvents: events, location: Location(file: "compose.yaml", line: 7))
      return deployment
    }
    return facts
  }
}
