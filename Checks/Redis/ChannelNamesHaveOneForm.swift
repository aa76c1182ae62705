import Diagnosis
import Facts

/// Versions of flowpanel name their channels differently: with both at work, half of the events reach nobody.
struct ChannelNamesHaveOneForm: Check {
  static let card = CheckCard(
    id: "pubsub.channel-convention",
    title: "All instances name their channels in one way",
    severity: .warning,
    needs: [.deployment, .redis],
    why: """
      Up to 0.2 flowpanel publishes on resource.users and ignores the key prefix; from 0.3 on it publishes on \
      flowpanel:resource.users. While a rollout is half done, what one version publishes reaches only the browsers \
      that are connected to it. Nothing fails and nothing is logged.
      """,
    remedy: Remedy("Bring every instance and every worker to one version, with one key prefix."),
    references: [
      "flowpanel documentation: Realtime (redis driver, keyPrefix)",
      "Redis: PUBSUB CHANNELS, https://redis.io/docs/latest/commands/pubsub-channels/",
    ],
    scenarios: [
      .passes("the older form alone", Samples.channels(.flowpanel, ["resource.users": 2, "resource.orders": 1])),
      .passes(
        "the prefixed form alone", Samples.channels(.flowpanel, ["flowpanel:resource.users": 2, "flowpanel:custom": 1])),
      .finds(
        "two forms", Samples.channels(.flowpanel, ["resource.users": 1, "flowpanel:resource.users": 1]),
        on: "redis://cache:6379/0"),
      .finds(
        "the form of the documentation beside it",
        Samples.channels(.flowpanel, ["fp:resource:users": 1, "resource.users": 2])),
      .undetermined(
        "more channels than are listed",
        Samples.channels(.flowpanel, isTruncated: true, ["flowpanel:resource.users": 2])),
      .undetermined(
        "PUBSUB is refused",
        Samples.details { $0.channels = .unseen(Unseen(.refused, "PUBSUB CHANNELS was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details()),
      .notApplicable("no stream is open", Samples.channels(.flowpanel, [:])),
      .notApplicable(
        "only channels of this tool, and one that nobody hears any more",
        Samples.channels(.flowpanel, ["flowpanel:flowpanel-doctor.1": 2, "resource.users": 0])),
      .notApplicable("another system", Samples.channels(.flock, ["flock:broadcast:a": 2])),
      .notApplicable(
        "no Redis was named",
        Facts(deployment: Samples.deployment(), redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
    ])

  /// How a channel of a resource is named.
  private enum Form: String, CaseIterable {
    case bare = "resource.NAME"
    case dotted = "PREFIX:resource.NAME"
    case coloned = "PREFIX:resource:NAME"
  }

  func judge(_ facts: Facts) -> [Verdict] {
    card.inSystems([.flowpanel], facts, otherwise: "only flowpanel has named its channels in more than one way") { _ in
      card.eachRedis(facts, with: \.channels, "PUBSUB CHANNELS") { redis, channels in judge(redis, channels) }
    }
  }

  private func judge(_ redis: RedisFacts, _ channels: RedisFacts.Channels) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    // The channels were asked for by the prefixes of the config; beside them stand those of the documentation.
    let prefixes = Set(channels.patterns.filter { $0.hasSuffix(":*") }.map { String($0.dropLast()) })
      .union(["flowpanel:", "fp:"])
    let live = channels.channels.filter { $0.subscribers > 0 && !$0.name.contains(ownName) }
    let named = Form.allCases.map { form in (form, live.map(\.name).filter { self.form(of: $0, prefixes) == form }) }
      .filter { !$0.1.isEmpty }
    if named.count < 2, redis.isClusterNode {
      return card.undetermined(
        subject, "each node of a cluster knows its own subscribers alone, and only this node was asked",
        at: redis.location)
    }
    if named.count > 1 {
      return card.finding(
        subject,
        "channels on \(redis.endpoint) are named in \(named.count) ways\(redis.users), as in a rollout that is half "
          + "done: \(listed(named.map { "\($0.1[0]) (\($0.1.count))" }))",
        evidence: named.map { form, names in
          Evidence(form.rawValue, listed(names), expected: "one form for all", source: "PUBSUB CHANNELS")
        },
        at: redis.location,
        remedy: Remedy(
          "Bring every instance and every worker to one version of flowpanel, with one key prefix. If another "
            + "deployment shares this server, give each a Redis of its own.",
          commands: [redis.cli("PUBSUB CHANNELS '*resource*'")]))
    }
    if channels.isTruncated {
      return card.undetermined(
        subject, "there are more channels than the \(thousands(RedisFacts.Channels.limit)) that were listed",
        at: redis.location)
    }
    guard let (form, names) = named.first else {
      return card.notApplicable(subject, "no stream is open on a resource, so there are no channels to compare")
    }
    return card.pass(subject, "\(counted(names.count, "channel")) in use, all named \(form.rawValue)\(redis.users)")
  }

  private func form(of name: String, _ prefixes: Set<String>) -> Form? {
    if name.hasPrefix("resource.") { return .bare }
    guard let prefix = prefixes.first(where: name.hasPrefix) else { return nil }
    let rest = name.dropFirst(prefix.count)
    return rest.hasPrefix("resource.") ? .dotted : rest.hasPrefix("resource:") ? .coloned : nil
  }
}
