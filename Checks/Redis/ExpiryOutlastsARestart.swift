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
      .passes("the file turns them on, and what is set now is hidden", started(with: "Ex", live: nil)),
      .undetermined("the file does not, and what is set now is hidden", started(with: nil, live: nil)),
      .undetermined(
        "the file takes them from elsewhere",
        Samples.expiry("xE").startedBy(.unseen(Unseen(.notUnderstood, "compose.yaml:7 takes them from elsewhere")))),
      .undetermined(
        "the port is closed", Samples.closedPort.under(Samples.deployment(.flock)).startedBy(.seen(nil))),
      .notApplicable("they are not on now either: another check's finding", started(with: nil, live: "")),
      .notApplicable("no file was named", Samples.expiry("xE")),
      .notApplicable("another system", Samples.details()),
      .notApplicable("no Redis was named", Samples.noRedis.under(Samples.deployment(.flock)).startedBy(.seen("Ex"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.inSystems([.flock], facts, otherwise: "only flock waits for keys that expire") { deployment in
      guard let start = deployment.redisStart else {
        return [
          card.notApplicable(
            .deployment, "no file that starts Redis was named; redis: startedBy: in the manifest names it")
        ]
      }
      return card.eachRedis(facts) { judge($0, start) }
    }
  }

  private func judge(_ redis: RedisFacts, _ start: Deployment.RedisStart) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    switch start.keyspaceEvents {
    case .unseen(let reason): return card.unseen(subject, reason)
    case .seen(let events?) where RedisAnnouncesExpiry.isEnough(events):
      return card.pass(subject, "\(start.location) turns them on: \(events)")
    case .seen(let events): return judge(redis, start, setsOnly: events)
    }
  }

  /// What the file does not turn on is lost with a restart if it is on now.
  private func judge(_ redis: RedisFacts, _ start: Deployment.RedisStart, setsOnly events: String?) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    let live = redis.setting(RedisAnnouncesExpiry.setting)
    let areOn = live.map(RedisAnnouncesExpiry.isEnough) ?? redis.expiryEvent?.value
    guard let areOn else {
      return card.undetermined(
        subject, "whether they are on now is not known: \(redis.whyUnknown(redis.settings, "CONFIG GET"))",
        at: redis.location)
    }
    if !areOn {
      return card.notApplicable(subject, "the events are not on now either, which redis.keyspace-events judges")
    }
    return card.finding(
      subject,
      "the events of keys are on at \(redis.endpoint) now, and \(start.location.file) "
        + "\(events.map { "sets only \($0.isEmpty ? "none" : $0)" } ?? "does not turn them on"): they end with its next "
        + "restart\(redis.users)",
      evidence: [
        Evidence(
          RedisAnnouncesExpiry.setting, live ?? "hidden; a key that expired was announced", source: "CONFIG GET"),
        Evidence(
          RedisAnnouncesExpiry.setting, events ?? "not named", expected: "E and x, or E and A",
          source: "\(start.location)"),
      ],
      at: start.location,
      remedy: Remedy(
        "Put the setting into \(start.location.file): in a redis.conf as below, in a command line as "
          + "--\(RedisAnnouncesExpiry.setting) Ex.", snippet: "\(RedisAnnouncesExpiry.setting) Ex"))
  }

  private static func started(with events: String?, live: String?) -> Facts {
    Samples.expiry(live).startedBy(.seen(events))
  }
}

extension Facts {
  /// The same with the file that starts Redis, and the events that it turns on.
  fileprivate func startedBy(_ events: Observation<String?>) -> Facts {
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
