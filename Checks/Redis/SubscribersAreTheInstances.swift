import Diagnosis
import FanOut
import Facts

/// Where each instance holds one subscription, counting them tells whether all are on this Redis.
struct SubscribersAreTheInstances: Check {
  static let card = CheckCard(
    id: "pubsub.subscriber-count",
    title: "Redis counts as many subscribers as there are instances",
    severity: .error,
    needs: [.deployment, .redis, .stream],
    why: """
      An instance whose URL leads to another server, or to another database index, starts, serves and never hears of \
      the others. Redis knows: every instance of flock and fluxstack subscribes to one channel, and the count of \
      subscribers is the count of instances. Where this run holds a stream at each instance of flowpanel, the count of \
      its own channel is that too. Too many mean that somebody runs whom nobody named.
      """,
    remedy: Remedy(
      "Compare the Redis URL of every instance, with its database index.",
      commands: ["redis-cli PUBSUB NUMSUB '__keyevent@0__:expired'"]),
    references: [
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
      "Redis: Pub/Sub, database and scoping, https://redis.io/docs/latest/develop/pubsub/",
    ],
    scenarios: [
      .passes("flock, both instances", Samples.channels(.flock, ["__keyevent@0__:expired": 2])),
      .passes("fluxstack, both instances", Samples.channels(.fluxstack, ["fluxstack:cluster:delta": 2])),
      .finds(
        "one of two is missing", Samples.channels(.flock, ["__keyevent@0__:expired": 1]), on: "redis://cache:6379/0"),
      .finds("all are missing", Samples.channels(.fluxstack, [:])),
      .finds(
        "one of two uses another database",
        Samples.channels(.flock, ["__keyevent@0__:expired": 1, "__keyevent@1__:expired": 1])),
      .finds(
        "all are here, and somebody else waits on another database",
        Samples.channels(.flock, ["__keyevent@0__:expired": 2, "__keyevent@3__:expired": 1]), severity: .notice),
      .finds(
        "more than are named", Samples.channels(.flock, ["__keyevent@0__:expired": 3]), severity: .notice),
      .finds(
        "two databases, and nobody named the instances",
        Samples.channels(.flock, hasManifest: false, ["__keyevent@0__:expired": 1, "__keyevent@1__:expired": 1]),
        severity: .warning),
      .finds(
        "flowpanel, more subscribers than instances",
        Samples.channels(.flowpanel, ["resource.users": 3, "resource.orders": 1]),
        severity: .notice),
      .passes("flowpanel, a stream is held at each", Samples.fanOut()),
      .finds(
        "flowpanel, a stream is held at each, and one is not subscribed",
        Samples.fanOut { $0.silence("web-2", driver: "redis") }),
      .finds(
        "flowpanel, one more than are named", Samples.fanOut { $0.addProcess() }, severity: .notice),
      .undetermined("flowpanel, a stream did not begin", Samples.fanOut { $0.close("web-2") }),
      .undetermined(
        "a node of a cluster counts its own alone",
        Samples.channels(.fluxstack, mode: "cluster", ["fluxstack:cluster:delta": 1])),
      .undetermined("more channels than are listed", Samples.channels(.fluxstack, isTruncated: true, [:])),
      .undetermined(
        "PUBSUB is refused",
        Samples.details(.flock) { $0.channels = .unseen(Unseen(.refused, "PUBSUB CHANNELS was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details(.flock)),
      .notApplicable(
        "flowpanel subscribes only while a stream is open", Samples.channels(.flowpanel, ["resource.users": 1])),
      .notApplicable(
        "nobody named the instances of flock",
        Samples.channels(.flock, hasManifest: false, ["__keyevent@0__:expired": 2])),
      .notApplicable(
        "nobody named the instances of flowpanel",
        Samples.channels(.flowpanel, hasManifest: false, ["resource.users": 3])),
      .notApplicable("testplanit subscribes once a stream", Samples.details(.testplanit)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let others = Set(System.allCases).subtracting([.testplanit])
    return card.inSystems(
      others, facts, otherwise: "testplanit subscribes once for every stream, not for every instance"
    ) {
      deployment in
      if let matrix = FanOutMatrix(facts) { return [heldStreams(matrix, facts)] }
      return card.eachRedis(facts, with: \.channels, "PUBSUB NUMSUB") { redis, channels in
        let count = deployment.manifest == nil ? nil : deployment.instances.count
        let live = channels.channels.filter { $0.subscribers > 0 && !$0.name.contains(ownName) }
        guard let channel = Self.channel(of: deployment.system, redis.endpoint) else {
          return perStream(redis, live, instances: count)
        }
        let seen = live.first { $0.name == channel }?.subscribers ?? 0
        if seen == 0, channels.isTruncated {
          return card.undetermined(
            .redis(redis.endpoint),
            "\(channel) is not among the \(thousands(RedisFacts.Channels.limit)) channels that were "
              + "listed, and there are more", at: redis.location)
        }
        return perInstance(redis, channel, seen, elsewhere: elsewhere(live, channel), instances: count)
      }
    }
  }

  /// The channel that every instance subscribes to once; nil where there is none.
  static func channel(of system: System, _ endpoint: RedisEndpoint) -> String? {
    switch system {
    case .flock: "__keyevent@\(endpoint.database)__:expired"
    case .fluxstack: "fluxstack:cluster:delta"
    case .flowpanel, .redisStreams, .testplanit: nil
    }
  }

  /// The same channel under other database indexes.
  private func elsewhere(
    _ live: [RedisFacts.Channels.Channel], _ channel: String
  ) -> [RedisFacts.Channels.Channel] {
    live.filter {
      $0.name != channel && isName($0.name, under: "__keyevent@*__:expired") && channel.hasPrefix("__keyevent@")
    }
  }

  /// Where the run holds a stream at each instance, the channel of all has as many subscribers as there are instances.
  private func heldStreams(_ matrix: FanOutMatrix, _ facts: Facts) -> Verdict {
    let server = matrix.main?.server
    let redis = facts.redis.value?.first { "\($0.endpoint)" == server }
    let subject = redis.map { Subject.redis($0.endpoint) } ?? .deployment
    if let gap = matrix.gap {
      return card.undetermined(subject, "who is subscribed is not known: \(gap)", at: redis?.location)
    }
    let direct = matrix.rows.filter { $0.direct != nil }
    if direct.isEmpty {
      return card.notApplicable(subject, "no instance's own URL was named, so no stream could be held at each")
    }
    if let closed = direct.first(where: { $0.direct?.isReady != true }) {
      return card.undetermined(subject, "no stream could be held at \(closed.instance)", at: redis?.location)
    }
    if let (name, why) = direct.lazy.compactMap({ row -> (String, String)? in
      if case .unknown(let why)? = row.direct?.hearing { (row.instance, why) } else { nil }
    }).first {
      return card.undetermined(subject, "whether \(name) is subscribed is not known: \(why)", at: redis?.location)
    }
    let subscribed = direct.filter { row in
      guard let main = matrix.main, case .subscribed(let places)? = row.direct?.hearing else { return false }
      return places.contains(main)
    }
    let evidence = [
      Evidence(
        matrix.channel, counted(subscribed.count + matrix.unnamedProcesses, "subscriber"),
        expected: counted(direct.count, "instance"), source: "PUBSUB NUMSUB")
    ]
    if subscribed.count < direct.count {
      let others = direct.map(\.instance).filter { name in !subscribed.contains { $0.instance == name } }
      return card.finding(
        subject,
        "\(subscribed.count) of \(counted(direct.count, "instance")) are subscribed where most are"
          + (server.map { ", on \($0)" } ?? "") + ": \(instanceNames(others)) \(others.count == 1 ? "is" : "are") not",
        evidence: evidence, at: redis?.location,
        remedy: Remedy(
          "See what \(instanceNames(others)) \(others.count == 1 ? "runs" : "run") under: the driver, the Redis URL and the "
            + "key prefix; pubsub.fanout names the cause.",
          commands: redis.map { [$0.cli("CLIENT LIST TYPE pubsub")] } ?? []))
    }
    guard matrix.unnamedProcesses == 0 else {
      return card.finding(
        subject,
        "\(matrix.unnamedProcesses) more \(matrix.unnamedProcesses == 1 ? "is" : "are") subscribed than the "
          + "\(counted(direct.count, "instance")) that are named: a public URL leads there", severity: .notice,
        evidence: evidence, at: redis?.location,
        remedy: Remedy(
          "Several processes of one instance (cluster mode) count each; else name the further instances in the manifest."
        ))
    }
    return card.pass(
      subject, "as many are subscribed as there are instances, \(direct.count), while a stream is held at each",
      evidence: evidence)
  }

  private func perStream(
    _ redis: RedisFacts, _ live: [RedisFacts.Channels.Channel], instances: Int?
  ) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    guard let instances, instances > 0 else {
      return card.notApplicable(subject, "no manifest names the instances that subscribers could be compared with")
    }
    let crowded = live.filter { $0.subscribers > instances }
    guard let most = crowded.max(by: { $0.subscribers < $1.subscribers }) else {
      return card.notApplicable(
        subject,
        "an instance subscribes only while a stream is open on it, so a stream has to be open on each to count "
          + "them; no channel has more subscribers than the \(counted(instances, "instance")) named")
    }
    return card.finding(
      subject,
      "\(most.name) has \(most.subscribers) subscribers on \(redis.endpoint), and \(counted(instances, "instance")) "
        + "\(instances == 1 ? "is" : "are") named: others are subscribed as well", severity: .notice,
      evidence: crowded.prefix(8).map {
        Evidence(
          $0.name, counted($0.subscribers, "subscriber"), expected: "at most \(instances)", source: "PUBSUB NUMSUB")
      },
      at: redis.location, remedy: unnamed(redis))
  }

  private func perInstance(
    _ redis: RedisFacts, _ channel: String, _ seen: Int, elsewhere: [RedisFacts.Channels.Channel], instances: Int?
  ) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    let place = "\(channel) on \(redis.endpoint)"
    let others = elsewhere.map { "\($0.name) (\($0.subscribers))" }
    let evidence =
      [
        Evidence(
          channel, counted(seen, "subscriber"), expected: instances.map { counted($0, "instance") },
          source: "PUBSUB NUMSUB")
      ]
      + elsewhere.map { Evidence($0.name, counted($0.subscribers, "subscriber"), source: "PUBSUB NUMSUB") }
    guard let instances, instances > 0 else {
      if elsewhere.isEmpty || seen == 0 {
        return card.notApplicable(
          subject, "no manifest names the instances; \(counted(seen, "connection")) subscribed to \(channel)")
      }
      return card.finding(
        subject,
        "instances wait on different databases of \(redis.endpoint), or another deployment shares the server: "
          + "\(seen) on \(channel), others on \(listed(others))", severity: .warning, evidence: evidence,
        at: redis.location, remedy: missing(redis, channel))
    }
    if seen == instances, elsewhere.isEmpty {
      return card.pass(
        subject, "\(counted(seen, "connection")) subscribed to \(channel), as many as there are instances",
        evidence: evidence)
    }
    if seen < instances {
      if redis.isClusterNode {
        return card.undetermined(
          subject,
          "\(seen) of \(instances) are subscribed to \(channel) on this node, and in a cluster each node counts "
            + "its own subscribers alone", evidence: evidence, at: redis.location)
      }
      let rest =
        others.isEmpty
        ? "the others are not on this Redis, or do not run" : "others use another database index: \(listed(others))"
      return card.finding(
        subject, "\(seen) of \(counted(instances, "instance")) are subscribed to \(place): \(rest)",
        evidence: evidence, at: redis.location, remedy: missing(redis, channel))
    }
    let who = others.isEmpty ? "" : ", and others wait on \(listed(others))"
    return card.finding(
      subject,
      "\(seen) are subscribed to \(place), and \(counted(instances, "instance")) \(instances == 1 ? "is" : "are") "
        + "named\(who): somebody else uses this server", severity: .notice, evidence: evidence, at: redis.location,
      remedy: unnamed(redis))
  }

  private func missing(_ redis: RedisFacts, _ channel: String) -> Remedy {
    Remedy(
      "See which instance is not connected here (CLIENT LIST shows the hosts), and give all the same Redis URL with the "
        + "same database index.",
      commands: [redis.cli("PUBSUB NUMSUB \(shellWord(channel))"), redis.cli("CLIENT LIST TYPE pubsub")])
  }

  private func unnamed(_ redis: RedisFacts) -> Remedy {
    Remedy(
      "Name every instance in the manifest, and end those that should no longer run.",
      commands: [redis.cli("CLIENT LIST TYPE pubsub")])
  }
}
