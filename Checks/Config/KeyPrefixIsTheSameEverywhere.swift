import Diagnosis
import Facts

/// Channels carry the key prefix: two prefixes on one Redis are two rooms that don't hear each other.
struct KeyPrefixIsTheSameEverywhere: Check {
  static let card = CheckCard(
    id: "config.key-prefix-mismatch",
    title: "Instances that share a Redis share the key prefix",
    severity: .error,
    needs: [.config],
    why: """
      The key prefix is part of every channel's name. Instances with different prefixes on one Redis publish past each \
      other: Redis is reachable, the driver is redis everywhere, and still an event stays with the instances of its own \
      prefix. Pub/Sub knows no databases, so another database number on the same server changes nothing.
      """,
    remedy: Remedy("Give all instances of this admin one prefix.", snippet: #"keyPrefix: "myapp-production","#),
    references: ["flowpanel documentation: Realtime (keyPrefix)", "https://redis.io/docs/latest/develop/pubsub/"],
    scenarios: [
      .passes("the same text on both", Samples.config(.prefixed("web-1", "fp"), .prefixed("web-2", "fp"))),
      .passes("none on both is the default on both", Samples.config(.web1, .web2)),
      .passes("the default, and the same written down", Samples.config(.web1, .prefixed("web-2", "flowpanel"))),
      .finds(
        "two prefixes on one Redis",
        Samples.config(
          .prefixed("web-1", "blue", variables: [VariableUse("STAGE", .set)]),
          .prefixed("web-2", "green", variables: [VariableUse("STAGE", .set)])), on: "redis://cache:6379/0"),
      .finds(
        "the prefix of web-2 is empty for want of a variable",
        Samples.config(
          .prefixed("web-1", "blue", variables: [VariableUse("STAGE", .set)]),
          .prefixed("web-2", nil, variables: [VariableUse("STAGE", .unset)])), on: "redis://cache:6379/0"),
      .finds(
        "two databases of one server",
        Samples.config(
          .prefixed("web-1", "blue"), .prefixed("web-2", "green", on: RedisEndpoint(host: "cache", database: 1))),
        on: "redis://cache:6379/0"),
      .undetermined(
        "a prefix that may not be shown",
        Samples.config(
          .prefixed("web-1", "fp"),
          .prefixed("web-2", Secret.redacted, variables: [VariableUse("PREFIX_KEY", .set)])), on: "web-2"),
      .undetermined(
        "different prefixes, and one Redis is not known",
        Samples.config(.prefixed("web-1", "fp"), .redisUnknown("web-2", "the environment could not be read")),
        on: "web-2"),
      .notApplicable(
        "each has a Redis of its own",
        Samples.config(.prefixed("web-1", "blue"), .prefixed("web-2", "green", on: RedisEndpoint(host: "other")))),
      .notApplicable("the memory driver", Samples.config(.memory("web-1"), .memory("web-2"))),
      .notApplicable("one instance", Samples.config(.prefixed("web-1", "fp"))),
      .notApplicable("none starts", Samples.config(.failing("web-1"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.together(facts.config) { _, starting in
      let users = starting.filter { $0.isSet.value != false && $0.driver.value == "redis" }
      let doubtful = starting.compactMap { realtime in
        realtime.driver.outcome.unseen.map { realtime.driver.unknown("its driver", card, realtime.instance, $0) }
      }
      guard users.count > 1 else {
        return doubtful.isEmpty
          ? [card.notApplicable(.deployment, "no two instances use the redis driver")] : doubtful
      }
      let unknown = doubtful + users.compactMap(unknownPrefix)
      let known = users.filter { unknownPrefix($0) == nil }
      let groups = grouped(known, by: \.channelPrefix)
      if groups.count < 2 {
        return unknown.isEmpty
          ? [
            card.pass(.deployment, "one prefix, \(groups.first?.value ?? "none"), on \(listed(users.map(\.instance)))")
          ]
          : unknown
      }
      let addressless = known.filter { $0.server == nil }.map { realtime in
        let reason = realtime.redis.outcome.unseen ?? Unseen(.notUnderstood, "it has no usable Redis URL")
        return realtime.redis.unknown("its Redis URL", card, realtime.instance, reason)
      }
      let findings = grouped(known.filter { $0.server != nil }, by: \.server).compactMap { finding($0.members) }
      if !findings.isEmpty || !unknown.isEmpty || !addressless.isEmpty { return findings + unknown + addressless }
      return [card.notApplicable(.deployment, "the prefixes differ, and no two of them are on one Redis")]
    }
  }

  private func unknownPrefix(_ realtime: InstanceRealtime) -> Verdict? {
    let prefix = realtime.keyPrefix
    switch prefix.outcome {
    case .unseen(let reason): return prefix.unknown("its key prefix", card, realtime.instance, reason)
    case .seen(Secret.redacted?):
      let reason = Unseen(.refused, "it comes from a variable that may hold a secret, so it is not compared")
      return prefix.unknown("its key prefix", card, realtime.instance, reason)
    case .seen: return nil
    }
  }

  private func finding(_ members: [InstanceRealtime]) -> Verdict? {
    let groups = grouped(members, by: \.channelPrefix)
    guard groups.count > 1, let endpoint = members.compactMap(\.serverEndpoint).first else { return nil }
    let odd = groups.last?.members.first
    return card.finding(
      .redis(endpoint), "instances on this Redis use different key prefixes: \(sides(groups))",
      evidence: groups.flatMap { group in
        group.members.flatMap { realtime in
          [
            Evidence(
              "key prefix of \(realtime.instance)", group.value, expected: "one prefix on all",
              source: realtime.keyPrefix.location?.description)
          ] + realtime.keyPrefix.variableEvidence(on: realtime.instance)
        }
      }, at: odd?.keyPrefix.location)
  }
}

extension InstanceRealtime {
  /// What stands before the channel's name: the prefix, or flowpanel's own default.
  fileprivate var channelPrefix: String { keyPrefix.value.flatMap { $0 } ?? "flowpanel" }

  /// The address without the database, which Pub/Sub does not know of.
  fileprivate var serverEndpoint: RedisEndpoint? {
    guard case .endpoint(var endpoint)? = redis.value else { return nil }
    endpoint.database = 0
    return endpoint
  }

  /// The server's host and port, whatever the scheme; nil where no server is known.
  fileprivate var server: String? { serverEndpoint.map { "\($0.host):\($0.port)" } }
}
