import Diagnosis
import FanOut
import Facts

/// Events are published whether or not anybody listens, and nothing tells the two apart but Redis's own count.
struct SomebodyIsSubscribed: Check {
  static let card = CheckCard(
    id: "pubsub.no-subscribers",
    title: "Somebody is subscribed to the system's channels",
    severity: .warning,
    needs: [.deployment, .redis, .stream],
    why: """
      PUBLISH works without a single subscriber, and says so only in a number that nobody reads. Instances of flock and \
      fluxstack subscribe when they start: with nobody on their channel, none runs on this Redis, whatever their health \
      checks say.
      """,
    remedy: Remedy(
      "Compare the Redis URL of the instances with this one, and see whether they run.",
      commands: ["redis-cli PUBSUB CHANNELS '*'", "redis-cli CLIENT LIST TYPE pubsub"]),
    references: [
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
      "Redis: Pub/Sub, https://redis.io/docs/latest/develop/pubsub/",
    ],
    scenarios: [
      .passes("one instance of flock", Samples.channels(.flock, ["__keyevent@0__:expired": 1])),
      .passes("a stream is open", Samples.channels(.flowpanel, ["flowpanel:resource.users": 1])),
      .finds(
        "nobody is, and nobody said how many there are", Samples.channels(.fluxstack, hasManifest: false, [:]),
        on: "redis://cache:6379/0"),
      .finds(
        "others are, on another database",
        Samples.channels(.flock, hasManifest: false, ["__keyevent@1__:expired": 1])),
      .passes("a stream of the run's own is held", Samples.fanOut()),
      .finds(
        "a stream of the run's own is held, and nobody is",
        Samples.fanOut {
          $0.silence("web-1", driver: "redis")
          $0.silence("web-2", driver: "redis")
          $0.subscribers = [:]
        }, severity: .error),
      .undetermined(
        "a node of a cluster counts its own alone", Samples.channels(.fluxstack, mode: "cluster", [:])),
      .undetermined(
        "somebody is, by a pattern",
        Samples.channels(.fluxstack, hasManifest: false, [:]).redis { redis in
          redis.channels = redis.channels?.map {
            RedisFacts.Channels([], patterns: $0.patterns, patternSubscriptions: 1)
          }
        }),
      .undetermined("a node of a cluster, and no stream is open", Samples.channels(.flowpanel, mode: "cluster", [:])),
      .undetermined(
        "more channels than are listed", Samples.channels(.fluxstack, hasManifest: false, isTruncated: true, [:])),
      .undetermined(
        "PUBSUB is refused",
        Samples.details(.flock) { $0.channels = .unseen(Unseen(.refused, "PUBSUB CHANNELS was refused: NOPERM")) }),
      .undetermined("nobody asked", Samples.details(.flock)),
      .undetermined("the port is closed", Samples.closedPort.under(Samples.deployment(.flock))),
      .notApplicable("of two instances none: another check's finding", Samples.channels(.flock, [:])),
      .notApplicable("no stream is open", Samples.channels(.flowpanel, [:])),
      .notApplicable("no Redis was named", Samples.noRedis.under(Samples.deployment(.flock))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard case .seen(let deployment) = facts.deployment else { return card.unknownDeployment(facts) }
    if let matrix = FanOutMatrix(facts), let held = heldStreams(matrix) { return [held] }
    return card.eachRedis(facts, with: \.channels, "PUBSUB NUMSUB") { redis, channels in
      judge(redis, channels, deployment)
    }
  }

  /// While the run holds a stream somebody is subscribed to its channel, or nobody behind any stream listens.
  private func heldStreams(_ matrix: FanOutMatrix) -> Verdict? {
    let streams = matrix.rows.compactMap(\.direct) + matrix.publicStreams.flatMap { $0 }
    guard streams.contains(where: \.isReady) else { return nil }
    if matrix.main != nil {
      return card.pass(.deployment, "somebody is subscribed to \(matrix.channel), on which a stream is held")
    }
    let unknown = streams.lazy.compactMap { stream in
      if case .unknown(let why) = stream.hearing, stream.isReady { why } else { nil }
    }.first
    if let gap = matrix.gap ?? unknown {
      return card.undetermined(.deployment, "who is subscribed to \(matrix.channel) is not known: \(gap)")
    }
    return card.finding(
      .deployment,
      "streams are open on \(matrix.channel) and nobody is subscribed to it on \(listed(matrix.servers)): what is "
        + "published there reaches no browser", severity: .error,
      evidence: [Evidence(matrix.channel, "0 subscribers", expected: "one for each instance", source: "PUBSUB NUMSUB")])
  }

  private func judge(_ redis: RedisFacts, _ channels: RedisFacts.Channels, _ deployment: Deployment) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    let live = channels.channels.filter { $0.subscribers > 0 && !$0.name.contains(ownName) }
    let channel = SubscribersAreTheInstances.channel(of: deployment.system, redis.endpoint)
    if let count = live.first(where: { $0.name == channel })?.subscribers {
      return card.pass(subject, "\(counted(count, "connection")) subscribed to \(channel ?? "")\(redis.users)")
    }
    if channel == nil, !live.isEmpty {
      return card.pass(subject, "\(counted(live.count, "channel")) with subscribers\(redis.users)")
    }
    if redis.isClusterNode {
      return card.undetermined(
        subject, "nobody is subscribed on this node, and each node of a cluster counts its own alone",
        at: redis.location)
    }
    if channels.patternSubscriptions > 0 {
      return card.undetermined(
        subject,
        "nobody is subscribed by name, and \(counted(channels.patternSubscriptions, "pattern")) that "
          + "connections are subscribed to may cover it", at: redis.location)
    }
    guard let channel else {
      return card.notApplicable(
        subject, "subscriptions come with open streams, and none is open under the system's channels")
    }
    if channels.isTruncated {
      return card.undetermined(
        subject, "\(channel) is not among the channels that were listed, and there are more", at: redis.location)
    }
    if deployment.manifest != nil, !deployment.instances.isEmpty {
      return card.notApplicable(subject, "nobody is subscribed to \(channel), which pubsub.subscriber-count judges")
    }
    return card.finding(
      subject, "nobody is subscribed to \(channel) on \(redis.endpoint)\(redis.users): no instance runs on this Redis",
      evidence: [Evidence(channel, "0 subscribers", expected: "one for each instance", source: "PUBSUB NUMSUB")]
        + live.prefix(8).map { Evidence($0.name, counted($0.subscribers, "subscriber"), source: "PUBSUB NUMSUB") },
      at: redis.location,
      remedy: Remedy(
        "Compare the Redis URL of the instances with this one, the database index included, and see whether they run.",
        commands: [redis.cli("PUBSUB CHANNELS '*'"), redis.cli("CLIENT LIST TYPE pubsub")]))
  }
}
