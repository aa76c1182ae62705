import Diagnosis
import Facts

/// The connections that all instances hold at worst must fit under maxclients.
struct RedisHasRoomForEveryInstance: Check {
  static let card = CheckCard(
    id: "redis.client-budget",
    title: "The instances' connections fit under maxclients",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      Every instance keeps some connections open for as long as it runs, and small plans of providers allow 20 or 30 \
      in all. The sum is reached on the day of the next scale-out, and in a roll-out old and new instances run side \
      by side. Connections past the limit are refused, and streams of those instances stay silent.
      """,
    remedy: Remedy(
      "Raise maxclients, or run fewer instances on this Redis.", commands: ["redis-cli CONFIG GET maxclients"]),
    references: [
      "Redis: handling of clients, https://redis.io/docs/latest/develop/reference/clients/"
    ],
    scenarios: [
      .passes("two instances of flowpanel", Samples.answering(.flowpanel, instances: 2)),
      .passes("80 % and no more", Samples.answering(.flowpanel, instances: 8, figures: ["maxclients": 20])),
      .passes(
        "instances of the deployment where nobody is known to use it",
        Samples.answering(.flock) { $0.usedBy = [] }),
      .finds(
        "more than 80 %", Samples.answering(.flowpanel, instances: 9, figures: ["maxclients": 20]),
        on: "redis://cache:6379/0"),
      .finds(
        "more than there may be", Samples.answering(.flock, instances: 7, figures: ["maxclients": 20]), severity: .error
      ),
      .finds(
        "two databases of one server", twoDatabases(instances: 5, limit: 24), severity: .error),
      .passes(
        "INFO is refused, and CONFIG shows the limit",
        Samples.answering { $0.server = .unseen(Unseen(.refused, "INFO was refused: NOPERM")) }),
      .undetermined("the limit is hidden", limitHidden),
      .undetermined("INFO is refused", Samples.noInfo),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("streams for which the channels count", Samples.answering(.redisStreams)),
      .notApplicable("testplanit, whose caps count", Samples.answering(.testplanit)),
      .notApplicable("no instance was named", Samples.answering(.flowpanel, instances: 0)),
      .notApplicable("no deployment", Samples.answering().under(nil)),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      guard case .seen(let deployment) = facts.deployment else {
        return card.notApplicable(subject, "which system it is is not known, and so not what each instance holds")
      }
      guard let each = deployment.system.redisConnectionsPerInstance else {
        return card.notApplicable(subject, formula(deployment.system))
      }
      let count = instances(on: redis, in: facts.redis.value ?? []) ?? deployment.instances.count
      if count == 0 { return card.notApplicable(subject, "no instance was named") }
      guard let limit = redis.clientLimit else {
        return redis.server.unseen.map { card.undetermined(subject, redis.whyUnseen($0), at: redis.location) }
          ?? card.hidden("maxclients", by: redis)
      }
      let worst = count * each.count
      let sum = "\(counted(count, "instance")) × \(each.count) (\(each.what)) = \(worst)"
      let share = Double(worst) / Double(limit)
      let evidence = [
        Evidence("connections", sum, expected: "at most 80 % of maxclients"),
        Evidence("maxclients", "\(limit)", source: redis.number("maxclients") == nil ? "CONFIG GET" : "INFO clients"),
      ]
      if share <= 0.8 { return card.pass(subject, "\(sum) of \(limit) connections at worst", evidence: evidence) }
      return card.finding(
        subject,
        "\(redis.endpoint) allows \(counted(limit, "connection")) (maxclients), and \(counted(count, "instance")) of "
          + "\(deployment.system.rawValue) hold \(worst), \(percentText(share)) (more than 80 % leaves no room for a "
          + "roll-out)",
        severity: share > 1 ? .error : .warning, evidence: evidence, at: redis.location,
        remedy: Remedy(
          "Raise maxclients to twice the sum or more (the provider's plan may set it), or run fewer instances on this "
            + "Redis.", commands: [redis.cli("CONFIG SET maxclients \(worst * 2)")], snippet: "maxclients \(worst * 2)")
      )
    }
  }

  /// The instances that use the server, whichever database they name; nil where none is known to.
  private func instances(on redis: RedisFacts, in all: [RedisFacts]) -> Int? {
    let users = Set(all.filter { $0.isSameServer(as: redis) }.flatMap(\.usedBy))
    return users.isEmpty ? nil : users.count
  }

  private func formula(_ system: System) -> String {
    system == .testplanit
      ? "an instance holds 1 + SSE_PER_TENANT_CAP + SSE_ISSUES_PER_TENANT_CAP connections at worst (2001 with the "
        + "defaults) and those of BullMQ, and the caps are not among the facts: keep instances × that under 80 % of "
        + "maxclients"
      : "an instance holds 1 + 1 for each channel with a reader, and the channels are not among the facts: keep "
        + "instances × that under 80 % of maxclients"
  }

  private static func twoDatabases(instances count: Int, limit: Int) -> Facts {
    var facts = Samples.answering(.flock, instances: count, figures: ["maxclients": limit])
    facts.redis = facts.redis.map { list in
      list.flatMap { first in
        var second = first
        second.endpoint.database = 1
        second.usedBy = first.usedBy.map { "\($0)-blue" }
        return [first, second]
      }
    }
    return facts
  }

  private static var limitHidden: Facts {
    Samples.answering { redis in
      redis.info { $0.numbers?["maxclients"] = nil }
      redis.settings = nil
    }
  }
}
