import Diagnosis
import Facts

/// All streams of an instance end with it; those of all instances at once are a herd that comes back as one.
struct StreamsDropOneInstanceAtATime: Check {
  static let card = CheckCard(
    id: "stream.rollout-herd",
    title: "A rollout drops the streams of one instance at a time",
    severity: .warning,
    needs: [.deployment, .stream],
    why: """
      Every client of flowpanel's comes back after the same times, 500 ms, 1 s, 2 s, without any jitter: streams that drop \
      together come back together, each with a session look-up and a page load. One instance's share of them is what a \
      rollout costs. When instances go together, or the proxy ends all streams at once, the whole crowd arrives in the same \
      instant, at instances that have just started.
      """,
    remedy: Remedy(
      "Restart one instance at a time, the next once the last is ready again.",
      snippet: """
        strategy:
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
        """,
      alternatives: [
        Remedy("Let an instance that stops close its streams a few at a time, over some seconds, before it exits."),
        Remedy("For pages that use the browser's own EventSource: send each stream a retry: time of its own."),
      ]),
    references: [
      "flowpanel documentation: Realtime (stagger rollouts)",
      "Kubernetes: rolling updates, https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
      "nginx: worker_shutdown_timeout, https://nginx.org/en/docs/ngx_core_module.html#worker_shutdown_timeout",
    ],
    scenarios: [
      .passes(
        "one instance, with its share of the streams",
        Samples.rollout {
          $0.instanceDrops("web-1", at: 8000, back: 15_520, failures: 4)
          $0.publicDrops(at: 8020, back: 8530, count: 5)
        }),
      .passes(
        "one after the other",
        Samples.rollout {
          $0.instanceDrops("web-1", at: 8000, back: 11_000)
          $0.publicDrops(at: 8020, back: 8530, count: 5)
          $0.instanceDrops("web-2", at: 12_000, back: 15_000)
          $0.publicDrops(at: 12_020, back: 12_530, count: 10)
        }),
      .finds(
        "both at once",
        Samples.rollout {
          $0.instanceDrops("web-1", at: 8000, back: 11_000)
          $0.instanceDrops("web-2", at: 8300, back: 11_200)
          $0.publicDrops(at: 8020, back: 11_530, count: 10, failures: 2)
        }, on: "deployment"),
      .finds("the proxy alone", Samples.rollout { $0.publicDrops(at: 8020, back: 8530, count: 10) }),
      .passes(
        "all streams of the only instance that there is",
        {
          var facts = Samples.publicHerd
          facts.deployment = facts.deployment.map { deployment in
            var deployment = deployment
            deployment.instances.removeLast()
            return deployment
          }
          return facts
        }()),
      .undetermined("all streams, and no instance's own is watched", Samples.publicHerd, on: "deployment"),
      .notApplicable("too few streams to be a crowd", Samples.rollout { $0.streams.removeLast(8) }),
      .notApplicable("nothing dropped", Samples.rollout { _ in }),
      .notApplicable("no rollout was watched", Samples.stream(Samples.ready)),
    ])

  /// How many streams are a crowd.
  private static let crowd = 5

  func judge(_ facts: Facts) -> [Verdict] {
    guard let rollout = facts.rollout else { return [card.noRollout] }
    guard let deployment = facts.deployment.value else { return card.unknownDeployment(facts) }
    return [judge(rollout, deployment)]
  }

  private func judge(_ rollout: RolloutFacts, _ deployment: Deployment) -> Verdict {
    let waves = Wave.all(of: rollout)
    guard let largest = waves.max(by: { $0.drops.count < $1.drops.count }) else {
      return card.notApplicable(.deployment, "no stream dropped while it was watched")
    }
    let crowds = waves.filter { $0.drops.count >= Self.crowd }.sorted { $0.drops.count > $1.drops.count }
    for wave in crowds {
      let together = wave.instancesTogether
      if together.count > 1 {
        return finding(
          wave,
          "\(counted(wave.drops.count, "stream")) dropped within \(spanText(wave.spread)), those of "
            + "\(listed(together)) together")
      }
    }
    let watchesInstances = rollout.streams.contains { $0.instance != nil && $0.openedMilliseconds != nil }
    for wave in crowds {
      guard let url = wave.wholeURL(of: rollout, crowd: Self.crowd), wave.instances.isEmpty else { continue }
      let what = "all \(counted(wave.drops.count, "stream")) of \(url) dropped within \(spanText(wave.spread))"
      if watchesInstances {
        return finding(
          wave, "\(what), and none of the instances' own that were watched did: the proxy ended them",
          remedy: Remedy(
            "Let a proxy that is reloaded keep its open streams for some minutes; restart proxies one at a time.",
            snippet: "worker_shutdown_timeout 5m;  # nginx"))
      }
      // A balancer may send all that come from one address to one instance.
      if deployment.manifest == nil || deployment.instances.count > 1 {
        return card.undetermined(
          .deployment,
          "\(what), and whether that was one instance or all of them is not known: name the instances' own URLs, in the "
            + "manifest or with --direct")
      }
    }
    if rollout.streams.count < Self.crowd {
      return card.notApplicable(
        .deployment, "\(counted(rollout.streams.count, "stream")) watched are no crowd; --connections 10 makes one")
    }
    return card.pass(
      .deployment,
      "streams dropped in \(counted(waves.count, "wave")), at most \(largest.drops.count) together\(largest.returnWords)"
    )
  }

  private func finding(_ wave: Wave, _ message: String, remedy: Remedy? = nil) -> Verdict {
    card.finding(
      .deployment, message + wave.returnWords,
      evidence: [
        Evidence(
          "dropped",
          "\(counted(wave.drops.count, "stream")) from \(spanText(wave.first)) on, within \(spanText(wave.spread))",
          expected: "those of one instance"),
        Evidence(
          "came back",
          wave.returns.isEmpty ? "none" : "\(wave.returns.count), spread over \(spanText(wave.returnSpread))"),
      ], remedy: remedy)
  }
}

/// Streams that dropped together: each within a second of the one before.
private struct Wave {
  var drops: [(stream: RolloutFacts.Stream, gap: RolloutFacts.Gap)] = []

  static func all(of rollout: RolloutFacts) -> [Wave] {
    let drops = rollout.streams.flatMap { stream in stream.drops.map { (stream: stream, gap: $0) } }
      .sorted { $0.gap.milliseconds < $1.gap.milliseconds }
    var waves: [Wave] = []
    for drop in drops {
      if let last = waves.last?.drops.last, drop.gap.milliseconds - last.gap.milliseconds <= 1000 {
        waves[waves.count - 1].drops.append(drop)
      } else {
        waves.append(Wave(drops: [drop]))
      }
    }
    return waves
  }

  var first: Double { drops.first?.gap.milliseconds ?? 0 }
  var spread: Double { (drops.last?.gap.milliseconds ?? 0) - first }
  var returns: [Double] { drops.compactMap(\.gap.backMilliseconds) }
  var returnSpread: Double { (returns.max() ?? 0) - (returns.min() ?? 0) }

  /// `, and came back within 60 ms of each other`.
  var returnWords: String {
    returns.count < 2 ? "" : "; \(returns.count) came back within \(spanText(returnSpread)) of each other"
  }

  /// The instances whose own streams dropped.
  var instances: [String] { drops.compactMap(\.stream.instance) }

  /// Those that dropped before another one was back: on a busy machine a quick restart and the next may look close.
  var instancesTogether: [String] {
    let own = drops.filter { $0.stream.instance != nil }
    return own.filter { drop in
      own.contains { other in
        other.stream.instance != drop.stream.instance
          && other.gap.milliseconds < drop.gap.backMilliseconds ?? .infinity
          && drop.gap.milliseconds < other.gap.backMilliseconds ?? .infinity
      }
    }.compactMap(\.stream.instance).sorted()
  }

  /// The public URL that lost all streams that it had, if there was a crowd of them.
  func wholeURL(of rollout: RolloutFacts, crowd: Int) -> String? {
    rollout.byTarget.first { streams in
      guard let stream = streams.first, stream.instance == nil else { return false }
      let dropped = Set(drops.filter { $0.stream.target == stream.target }.map(\.stream.connection))
      let open = streams.filter { $0.isOpen(at: first - 1) }.map(\.connection)
      return dropped.count >= crowd && dropped.isSuperset(of: open)
    }?.first?.url
  }
}

extension RolloutFacts.Stream {
  fileprivate func isOpen(at time: Double) -> Bool {
    guard let openedMilliseconds, openedMilliseconds <= time else { return false }
    return !gaps.contains { $0.milliseconds <= time && time < $0.backMilliseconds ?? .infinity }
  }
}
