import Diagnosis
import FanOut
import Facts

/// An instance that no balancer sends anybody to costs what it costs and serves nobody.
struct BalancerReachesEveryInstance: Check {
  static let card = CheckCard(
    id: "pubsub.balancer-reach",
    title: "The public URLs lead to every instance, and to no other",
    severity: .warning,
    needs: [.deployment, .stream],
    why: """
      After a rollout that failed halfway an instance can be well, subscribed, and in no balancer's list; or the balancer \
      still has one that nobody named any more, with last week's settings. Streams at the public URL share a channel with \
      each instance's own, and Redis counts one subscriber where both are the same process.
      """,
    remedy: Remedy(
      "Compare the balancer's list of upstreams with the manifest: what its health check says of the instance, its weight, "
        + "and whether it was drained."),
    references: [
      "Redis: PUBSUB NUMSUB, https://redis.io/docs/latest/commands/pubsub-numsub/",
      "nginx: upstream, https://nginx.org/en/docs/http/ngx_http_upstream_module.html",
    ],
    scenarios: [
      .passes("one stream at each of two instances", Samples.fanOut()),
      .finds("a process that nobody named", Samples.fanOut { $0.addProcess() }, on: Samples.publicURL),
      .notApplicable("two streams, none of them at web-2", Samples.fanOut { $0.leaveOut(streams: 2) }),
      .undetermined("Redis does not say who is subscribed", Samples.fanOut { $0.looks = false }),
      .undetermined("web-2's own stream did not begin", Samples.fanOut { $0.close("web-2") }),
      .notApplicable("fourteen streams, all at web-1", Samples.fanOut { $0.leaveOut(streams: 14) }),
      .notApplicable("a system whose streams have one channel each", Samples.fanOut { $0.system = .redisStreams }),
      .notApplicable("no fan-out was looked at", Samples.stream(Samples.ready)),
    ])

  /// What happens more rarely is no chance.
  private static let chance = 0.005
  /// How many instances the channels of one stream tell apart.
  private static let maximumInstances = DriveChannel.sharedByFirst

  func judge(_ facts: Facts) -> [Verdict] {
    guard let matrix = FanOutMatrix(facts) else {
      return [
        card.notApplicable(
          .deployment, "no streams were held to see whom a balancer chooses; fanout holds some where a Redis is known")
      ]
    }
    if let system = facts.deployment.value?.system, DriveChannel.maximumChannels(in: system) == 1 {
      return [
        card.notApplicable(
          .deployment, "a stream of \(system.rawValue) has one channel, so nothing tells whose process is behind it")
      ]
    }
    if matrix.publicStreams.isEmpty { return [card.notApplicable(.deployment, "no public URL was named")] }
    var reached: Set<String> = []
    for stream in matrix.publicStreams.joined() where stream.isReady {
      if case .instance(let name) = stream.seat { reached.insert(name) }
    }
    return matrix.publicStreams.map { judge($0, matrix, reached) }
  }

  /// - Parameter reached: the instances that any public URL led to: regions have instances of their own.
  private func judge(
    _ streams: [FanOutMatrix.Stream], _ matrix: FanOutMatrix, _ reached: Set<String>
  ) -> Verdict {
    let url = streams.first?.facts.url ?? ""
    let subject = Subject.stream(url)
    let ready = streams.filter(\.isReady)
    let direct = matrix.rows.filter { $0.direct != nil }
    if direct.isEmpty { return card.notApplicable(subject, "no instance's own URL was named to tell them apart by") }
    if direct.count > Self.maximumInstances {
      return card.notApplicable(
        subject, "a stream has channels enough to tell \(Self.maximumInstances) instances apart, and there are more")
    }
    if ready.isEmpty { return card.undetermined(subject, "no stream began there, which other checks judge") }
    if let closed = direct.first(where: { $0.direct?.isReady != true }) {
      return card.undetermined(
        subject, "the stream at \(closed.instance) did not begin, so nothing tells who leads there")
    }
    var counts: [String: Int] = [:]
    for stream in ready { if case .instance(let name) = stream.seat { counts[name, default: 0] += 1 } }
    let unnamed = ready.count { $0.seat == .unnamed }
    let evidence =
      direct.map { Evidence("streams at \($0.instance)", "\(counts[$0.instance] ?? 0)", source: "PUBSUB NUMSUB") }
      + (unnamed == 0 ? [] : [Evidence("streams at a process that nobody named", "\(unnamed)", expected: "0")])
    if unnamed > 0 {
      return card.finding(
        subject,
        "\(unnamed) of \(counted(ready.count, "stream")) at the public URL led to a process that is none of "
          + "\(instanceNames(direct.map(\.instance)))", evidence: evidence,
        remedy: Remedy(
          "Where one instance runs several processes (cluster mode, PM2), this is one of them. Otherwise find "
            + "out what else the balancer leads to, and name it in the manifest, or take it out of the balancer's list."
        ))
    }
    let known = counts.values.reduce(0, +)
    if known < ready.count {
      let why =
        matrix.gap ?? "some instances are not subscribed, or there are more than their streams can be told apart by"
      return card.undetermined(
        subject,
        "of \(counted(ready.count, "stream")), whose process is behind \(ready.count - known) is not known: \(why)",
        evidence: evidence)
    }
    let missed = direct.map(\.instance).filter { !reached.contains($0) }
    if missed.isEmpty {
      return card.pass(
        subject, "\(counted(ready.count, "stream")) reached \(instanceNames(direct.map(\.instance)))",
        evidence: evidence)
    }
    if counts.count == 1, missChance(ready.count, of: direct.count) <= Self.chance {
      return card.notApplicable(
        subject,
        "all \(ready.count) streams led to \(counts.keys.first ?? ""): a balancer that keeps a client's address on one "
          + "instance does that, and so does one that lists it alone; a look from another address would settle it")
    }
    let chance = missChance(ready.count, of: direct.count)
    if chance > Self.chance {
      return card.notApplicable(
        subject,
        "\(counted(ready.count, "stream")) did not lead to \(instanceNames(missed)), which may be chance "
          + "(\(max(1, Int((chance * 100).rounded()))) % of the time): --connections \(8 * direct.count) would settle it"
      )
    }
    return card.finding(
      subject,
      "the public URL never led to \(instanceNames(missed)) in \(counted(ready.count, "stream")), where a balancer that "
        + "chooses evenly would have", evidence: evidence)
  }

  /// How likely a balancer that chooses evenly leaves a certain one of so many instances out, that often asked.
  private func missChance(_ streams: Int, of instances: Int) -> Double {
    var chance = 1.0
    for _ in 0..<streams { chance *= 1 - 1 / Double(instances) }
    return min(1, chance * Double(instances))
  }
}
