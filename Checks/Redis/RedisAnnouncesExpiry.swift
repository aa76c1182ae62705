import Diagnosis
import Facts

/// Flock learns that a user is gone from the event of a key that expires, and Redis sends none unless told to.
struct RedisAnnouncesExpiry: Check {
  static let card = CheckCard(
    id: "redis.keyspace-events",
    title: "Redis announces keys that expire",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Redis sends no events about keys by default. Flock waits for the expiry of a presence key to tell a room that \
      somebody is gone: without the event nobody ever leaves, cursors stay, and the sets of members grow for ever. The \
      setting is often made by hand with CONFIG SET and lost with the next restart.
      """,
    remedy: Remedy(
      "Turn on the events of keys that expire, and keep the setting.",
      commands: ["redis-cli CONFIG SET notify-keyspace-events Ex", "redis-cli CONFIG REWRITE"],
      snippet: "notify-keyspace-events Ex"),
    references: [
      "Redis: keyspace notifications, https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/",
      "Flock documentation: Deployment (notify-keyspace-events Ex)",
    ],
    scenarios: [
      .passes("xE, as the server spells it", Samples.expiry("xE")),
      .passes("all events", Samples.expiry("AKE")),
      .passes("CONFIG is refused, and the event came", Samples.expiry(nil, event: .seen(true))),
      .finds("nothing is set", Samples.expiry(""), on: "redis://cache:6379/0"),
      .finds("keyspace events alone", Samples.expiry("Kx")),
      .finds("events of other kinds", Samples.expiry("gE")),
      .finds("CONFIG is refused, and no event came", Samples.expiry(nil, event: .seen(false))),
      .finds("it is set, and no event came", Samples.expiry("xE", event: .seen(false)), severity: .warning),
      .undetermined("CONFIG is refused, and nobody tried", Samples.expiry(nil)),
      .undetermined(
        "CONFIG is refused, and so is the trial",
        Samples.expiry(nil, event: .unseen(Unseen(.refused, "SUBSCRIBE was refused: NOPERM")))),
      .undetermined("the setting is not among them", Samples.details(.flock) { $0.settings = .seen([:]) }),
      .undetermined("nobody asked", Samples.details(.flock)),
      .notApplicable("another system", Samples.details()),
    ])

  static let setting = "notify-keyspace-events"

  func judge(_ facts: Facts) -> [Verdict] {
    card.inSystems([.flock], facts, otherwise: "only flock waits for keys that expire") { _ in
      card.eachRedis(facts) { redis in
        let flags = redis.setting(Self.setting)
        switch (redis.expiryEvent?.value, flags) {
        case (true?, _):
          return card.pass(.redis(redis.endpoint), "a key that expired was announced\(redis.users)")
        case (nil, let flags?) where Self.isEnough(flags):
          return card.pass(.redis(redis.endpoint), "\(Self.setting) is \(flags)\(redis.users)")
        case (_, let flags?): return finding(redis, flags: flags)
        case (false?, nil): return finding(redis, flags: nil)
        case (nil, nil): return card.undetermined(.redis(redis.endpoint), whyUnknown(redis), at: redis.location)
        }
      }
    }
  }

  /// `E` for the channels that are named after events, `x` for expiry, `A` for every kind.
  static func isEnough(_ flags: String) -> Bool {
    flags.contains("E") && (flags.contains("x") || flags.contains("A"))
  }

  private func whyUnknown(_ redis: RedisFacts) -> String {
    let refused: String
    switch redis.settings {
    case .seen?: refused = "CONFIG GET shows no \(Self.setting)"
    case let settings: refused = redis.whyUnknown(settings, "CONFIG GET \(Self.setting)")
    }
    guard redis.failedStep == nil || redis.settings != nil else { return refused }
    switch redis.expiryEvent {
    case nil: return "\(refused); with --intrusive a key is left to expire, which shows it"
    case let event: return "\(refused); the trial with a key that expires: \(redis.whyUnknown(event, "it"))"
    }
  }

  private func finding(_ redis: RedisFacts, flags: String?) -> Verdict {
    let isSet = flags.map(Self.isEnough) ?? false
    let shown = flags.map { $0.isEmpty ? "empty" : $0 }
    let message =
      switch shown {
      case nil: "a key expired on \(redis.endpoint) and was not announced\(redis.users): nobody ever leaves a room"
      case let shown? where isSet:
        "\(Self.setting) is \(shown) on \(redis.endpoint), and a key that expired was not announced in time\(redis.users)"
      case let shown?:
        "\(Self.setting) is \(shown) on \(redis.endpoint)\(redis.users): it needs E and x, or nobody ever leaves a room"
      }
    let setting = shown.map {
      Evidence(Self.setting, $0, expected: "E and x, or E and A", source: "CONFIG GET \(Self.setting)")
    }
    let trial = redis.expiryEvent?.value.map {
      Evidence("a key left to expire", $0 ? "announced" : "not announced in time", expected: "announced")
    }
    return card.finding(
      .redis(redis.endpoint), message, severity: isSet ? .warning : .error,
      evidence: [setting, trial].compactMap { $0 }, at: redis.location,
      remedy: isSet ? unheard(redis) : missing(redis, flags))
  }

  private func unheard(_ redis: RedisFacts) -> Remedy {
    Remedy(
      "Watch the events while a key expires: a busy server removes expired keys late, and a proxy may pass none on.",
      commands: [redis.cli("--csv PSUBSCRIBE '__keyevent@*__:expired'")])
  }

  private func missing(_ redis: RedisFacts, _ flags: String?) -> Remedy {
    // What others have turned on stays on.
    var wanted = flags ?? ""
    if !wanted.contains("E") { wanted += "E" }
    if !wanted.contains("x"), !wanted.contains("A") { wanted += "x" }
    guard flags != nil else {
      return Remedy(
        "CONFIG is closed to this user: set it as an administrator, or in the provider's parameter group.",
        snippet: "\(Self.setting) Ex")
    }
    return Remedy(
      "Turn the events on and keep the setting: CONFIG REWRITE does where there is a redis.conf, otherwise put it into "
        + "the server's command line or the provider's parameter group.",
      commands: [redis.cli("CONFIG SET \(Self.setting) \(wanted)"), redis.cli("CONFIG REWRITE")],
      snippet: "\(Self.setting) \(wanted)")
  }
}
