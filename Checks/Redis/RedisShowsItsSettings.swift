import Diagnosis
import Facts

/// Providers close CONFIG: what could not be read is then taken from elsewhere, or not known.
struct RedisShowsItsSettings: Check {
  static let card = CheckCard(
    id: "redis.config-denied",
    title: "Redis answers what the doctor asks",
    severity: .notice,
    needs: [.deployment, .redis],
    why: """
      Most hosted Redis closes CONFIG, and an application's user rightly may run little more than the application does. \
      That harms no event, but part of this report then rests on INFO, on trials or on defaults, or is undetermined, \
      and a gate that wants all of it ends with exit code 2. What is refused can be granted: it only reads.
      """,
    remedy: Remedy(
      "Nothing has to change for the application. To see more, grant the user what the doctor asks; with a provider look "
        + "into its parameter group.",
      commands: ["redis-cli ACL SETUSER USER +info '+config|get' '+client|list' '+acl|log' +pubsub"]),
    references: [
      "Redis: CONFIG GET, https://redis.io/docs/latest/commands/config-get/",
      "Amazon ElastiCache: restricted commands, "
        + "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html",
    ],
    scenarios: [
      .passes("CONFIG GET works", Samples.details { $0.settings = .seen(["maxmemory-policy": "noeviction"]) }),
      .finds(
        "a provider without CONFIG", Samples.details { $0.settings = .unseen(Samples.configRefused) },
        on: "redis://cache:6379/0"),
      .finds(
        "the policy is not known at all",
        Samples.details(.redisStreams) { redis in
          redis.settings = .unseen(Samples.configRefused)
          redis.policy = .unseen(Unseen(.refused, "INFO memory shows no policy"))
        }),
      .finds("expiry was tried instead", Samples.expiry(nil, event: .seen(true))),
      .finds("expiry was not tried", Samples.expiry(nil)),
      .finds(
        "more than CONFIG",
        Samples.details { redis in
          redis.settings = .unseen(Samples.configRefused)
          redis.clients = .unseen(Unseen(.refused, "CLIENT LIST was refused: NOPERM this user has no permissions"))
          redis.permissions = .seen(
            .init(user: "app", source: "SUBSCRIBE", answers: [], unanswered: ["PUBLISH"]))
        }),
      .finds("INFO alone", Samples.noInfo.redis { $0.settings = .seen([:]) }),
      .undetermined(
        "no answer",
        Samples.details { $0.settings = .unseen(Unseen(.timedOut, "no answer to CONFIG GET within 1500 ms")) }),
      .undetermined("nobody asked", Samples.details()),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      let refused = redis.refusedQuestions
      if !refused.isEmpty { return finding(redis, refused, system) }
      if let reason = redis.unansweredQuestion { return card.undetermined(subject, reason, at: redis.location) }
      return card.pass(subject, "it answered every question\(redis.users)")
    }
  }

  private func finding(_ redis: RedisFacts, _ refused: [RefusedQuestion], _ system: System?) -> Verdict {
    let instead = redis.settings?.unseen?.kind == .refused ? substitutes(redis, system) : []
    let user = redis.user ?? redis.permissions?.value?.userName ?? "USER"
    let rules = (system ?? .redisStreams).doctorCommands.map { shellWord("+\($0)") }
    let grant = redis.cli("ACL SETUSER \(shellWord(user)) \(rules.joined(separator: " "))")
    // A command that does not exist for anybody can't be granted.
    let isGrantable = refused.contains { $0.reason.contains("NOPERM") }
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) does not answer \(listed(refused.map(\.name)))\(redis.users)"
        + (instead.isEmpty ? "" : ": \(instead.map { "\($0.name) \($0.observed)" }.joined(separator: "; "))"),
      evidence: refused.map { Evidence($0.name, $0.reason) } + instead, at: redis.location,
      remedy: isGrantable
        ? Remedy(
          "Nothing has to change for the application. To see more, let an administrator grant the user what the doctor "
            + "asks, none of which writes. \(keepingUsers)", commands: [grant])
        : Remedy("Nothing has to change: they are closed to everybody, and the provider's console shows the rest."))
  }

  /// Where what CONFIG would have told comes from instead.
  private func substitutes(_ redis: RedisFacts, _ system: System?) -> [Evidence] {
    var instead: [Evidence] = []
    switch redis.policy {
    case .seen(let policy):
      instead.append(Evidence("maxmemory-policy", "comes from \(policy.source)", source: policy.source))
    case .unseen: instead.append(Evidence("maxmemory-policy", "is not known"))
    }
    switch (system, redis.expiryEvent) {
    case (.flock?, .seen?):
      instead.append(Evidence("notify-keyspace-events", "was tried with a key that expires"))
    case (.flock?, _): instead.append(Evidence("notify-keyspace-events", "is not known without --intrusive"))
    case (.redisStreams?, _):
      instead.append(
        Evidence("stream-node-max-entries", "is taken to be the default, \(RedisFacts.defaultNodeEntries)"))
    default: break
    }
    return instead
  }
}

/// A question that the server refused, in its words.
private struct RefusedQuestion {
  var name: String
  var reason: String
}

extension RedisFacts {
  /// What the doctor asked and was refused, in the order in which it asks.
  fileprivate var refusedQuestions: [RefusedQuestion] {
    func refused<Answer>(_ answer: Observation<Answer>?, _ name: String) -> RefusedQuestion? {
      guard let reason = answer?.unseen, reason.kind == .refused else { return nil }
      return RefusedQuestion(name: name, reason: reason.detail)
    }
    let commands = [Step.ping, .info].compactMap { step in
      result(of: step)?.failure.flatMap { failure in
        failure.kind == .commandRefused ? RefusedQuestion(name: step.title, reason: failure.detail) : nil
      }
    }
    let isMultiRefused = permissions?.value?.source == "SUBSCRIBE"
    return commands
      + [
        refused(settings, "CONFIG GET"), refused(clients, "CLIENT LIST"), refused(denials, "ACL LOG"),
        refused(channels, "PUBSUB"), refused(streams, "SCAN and XINFO"), refused(cluster, "CLUSTER"),
        isMultiRefused
          ? RefusedQuestion(name: "MULTI", reason: permissions?.value?.whyUnanswered ?? "MULTI was refused")
          : refused(permissions, "MULTI"),
      ].compactMap(\.self)
  }

  /// Why a question has no answer although it was not refused; nil where each has one.
  fileprivate var unansweredQuestion: String? {
    if let unfinished { return unfinished.detail }
    guard case .seen? = settings else { return whyUnknown(settings, "CONFIG GET") }
    let others = [
      clients?.unseen, denials?.unseen, channels?.unseen, permissions?.unseen, streams?.unseen, cluster?.unseen,
    ]
    return others.compactMap(\.self).first { [.timedOut, .notReachable, .notUnderstood].contains($0.kind) }?.detail
  }
}
