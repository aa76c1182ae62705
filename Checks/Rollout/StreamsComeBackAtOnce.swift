import Diagnosis
import Facts

/// A page whose stream drops comes back within a second, if somebody is there to answer it.
struct StreamsComeBackAtOnce: Check {
  static let card = CheckCard(
    id: "stream.rollout-gap",
    title: "A stream that a rollout drops is back at the next attempt",
    severity: .error,
    needs: [.stream],
    why: """
      flowpanel's client tries again half a second after a stream has ended, then after 1 s, 2 s, 4 s and so on up to 30 s. \
      One attempt in vain means that the way was not yet free; each further one that the next instance was not ready when \
      the last one went, and doubles the time in which the page is blind. A browser's own EventSource does not come back \
      at all from an answer such as 502.
      """,
    remedy: Remedy(
      "Send a new instance traffic only once it is ready, and take the old one out of the balancer before it stops.",
      snippet: """
        strategy:
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
        # in the container:
        readinessProbe: { httpGet: { path: /, port: 3000 }, periodSeconds: 2 }
        lifecycle: { preStop: { exec: { command: [sleep, "10"] } } }
        """),
    references: [
      "Kubernetes: termination of pods, https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
      "Kubernetes: rolling updates, https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#processing-model",
    ],
    scenarios: [
      .passes("back at the first attempt", Samples.rollout { $0.publicDrops(at: 8000, back: 8510) }),
      .passes("one attempt in vain", Samples.rollout { $0.publicDrops(at: 8000, back: 9520, failures: 1) }),
      .passes(
        "an instance that is restarted is away itself",
        Samples.rollout { $0.instanceDrops("web-1", at: 8000, back: 15_520, failures: 4) }),
      .finds(
        "two attempts in vain", Samples.rollout { $0.publicDrops(at: 8000, back: 11_530, failures: 2) },
        on: Samples.publicURL, severity: .warning),
      .finds(
        "two in vain while an instance was away and the other was not",
        Samples.rollout {
          $0.instanceDrops("web-1", at: 7990, back: 15_520, failures: 4)
          $0.publicDrops(at: 8000, back: 11_530, failures: 2)
        }, on: Samples.publicURL, severity: .warning),
      .finds(
        "an instance that never came back",
        Samples.rollout { $0.instanceDrops("web-1", at: 8000, back: nil, failures: 5) },
        on: Samples.directURL),
      .finds(
        "a browser that gave up",
        Samples.rollout {
          $0.reconnection = .eventSource
          $0.publicDrops(at: 59_000, back: nil, failures: 1)
          for index in $0.streams.indices where $0.streams[index].instance == nil { $0.streams[index].stop = .refused }
        }, on: Samples.publicURL),
      .finds(
        "an attempt that nobody answered", Samples.rollout { $0.publicDrops(at: 8000, back: nil) },
        on: Samples.publicURL),
      .finds("a stream that never opened", Samples.rollout { $0.neverOpened() }, on: Samples.publicURL),
      .finds(
        "one that drops again and again",
        Samples.rollout {
          $0.publicDrops(at: 8000, back: 8510)
          $0.streams[$0.streams.count - 1].stop = .tooManyGaps
        }, severity: .warning),
      .undetermined(
        "the watch ended soon after it dropped", Samples.rollout { $0.publicDrops(at: 58_000, back: nil, failures: 1) },
        on: Samples.publicURL),
      .notApplicable("nothing dropped", Samples.rollout { _ in }),
      .notApplicable("no rollout was watched", Samples.stream(Samples.ready)),
    ])

  /// By then flowpanel's client has tried at least once more, however long it waits.
  private static let patience = Reconnection.longestMilliseconds

  /// What mends a balancer that leaves out an instance which is there.
  private static let passiveCheck = Remedy(
    "Let the balancer send streams to an instance as soon as it is ready: nginx leaves a server that refused one "
      + "connection out for 10 s (max_fails, fail_timeout).",
    snippet: "server web-1:3000 max_fails=0;  # nginx, in upstream { }", alternatives: [card.remedy])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRolledOut(facts, judge)
  }

  private func judge(_ rollout: RolloutFacts, _ streams: [RolloutFacts.Stream]) -> Verdict {
    let subject = Subject.stream(streams.first?.url ?? "")
    let location = streams.first?.location
    let place = streams.first?.place ?? "the URL"
    let away = streams.compactMap { stream in stream.away(in: rollout).map { (stream: stream, gap: $0) } }
    let drops = streams.flatMap(\.drops)
    let evidence = gapEvidence(drops, in: rollout, expected: "back at the next attempt")
    if let worst = away.max(by: { $0.gap.length(in: rollout) < $1.gap.length(in: rollout) }),
      let reason = Self.reason(worst.stream, worst.gap, rollout)
    {
      let who = streams.count == 1 ? place : "\(away.count) of \(counted(streams.count, "stream")) at \(place)"
      return card.finding(
        subject, "\(who) \(reason)",
        evidence: [
          Evidence(
            "last seen", worst.gap.end == nil ? "never open" : "open until \(spanText(worst.gap.milliseconds))",
            expected: "open"),
          Evidence("since then", worst.gap.words(in: rollout)),
        ], at: location)
    }
    if !rollout.isRestart(of: streams.first),
      let slow = drops.filter({ $0.failureCount > 1 }).max(by: { $0.length(in: rollout) < $1.length(in: rollout) })
    {
      let count = drops.count { $0.failureCount > 1 }
      let alive = rollout.instances(aliveDuring: slow)
      return card.finding(
        subject,
        "\(place) refused streams that had dropped: \(count) of \(counted(drops.count, "time")) more than one attempt "
          + "failed, and the longest gap was \(spanText(slow.length(in: rollout)))"
          + (alive.isEmpty ? "" : ", while \(listed(alive)) answered"),
        severity: .warning, evidence: evidence, at: location, remedy: alive.isEmpty ? nil : Self.passiveCheck)
    }
    if streams.contains(where: { $0.stop == .tooManyGaps }) {
      return card.finding(
        subject, "a stream at \(place) dropped \(counted(drops.count, "time")), until it was watched no longer",
        severity: .warning, evidence: evidence, at: location,
        remedy: Remedy(
          "See what ends streams: flowpanel-doctor stream --idle 1m tells a timeout from an instance's end."))
    }
    if let first = away.first {
      return card.undetermined(
        subject,
        "the watch ended while \(counted(away.count, "stream")) at \(place) had not come back: "
          + first.gap.words(in: rollout), at: location)
    }
    guard let longest = drops.map({ $0.length(in: rollout) }).max() else {
      return card.notApplicable(subject, "no stream dropped while it was watched")
    }
    return card.pass(
      subject,
      "streams at \(place) dropped \(counted(drops.count, "time")) and came back, the last after \(spanText(longest))",
      evidence: evidence)
  }

  /// Why a stream that is away counts as gone, in words; nil where it may still be on its way back.
  private static func reason(
    _ stream: RolloutFacts.Stream, _ gap: RolloutFacts.Gap, _ rollout: RolloutFacts
  ) -> String? {
    let last = ": \(gap.failures.last?.detail ?? "an attempt was not answered")"
    if stream.stop == .refused {
      return "will not come back by itself, as EventSource gives up after such an answer\(last)"
    }
    guard gap.length(in: rollout) >= patience else { return nil }
    let time = spanText(gap.length(in: rollout))
    return (gap.end == nil ? "was not open once in \(time)" : "did not come back in \(time)") + last
  }
}

extension RolloutFacts.Stream {
  /// The time since which it is not open; nil for a stream that is.
  fileprivate func away(in rollout: RolloutFacts) -> RolloutFacts.Gap? {
    guard openedMilliseconds != nil else {
      return gaps.first ?? RolloutFacts.Gap(atMilliseconds: 0, end: nil)
    }
    return stop == .tooManyGaps ? nil : gaps.last.flatMap { $0.backMilliseconds == nil ? $0 : nil }
  }
}

extension RolloutFacts {
  /// Whether a stream is an instance's own: while that restarts, its own URL has nobody to answer.
  fileprivate func isRestart(of stream: Stream?) -> Bool { stream?.instance != nil }

  /// The instances whose own streams were open from a stream's drop on, for as long as attempts to open it failed.
  fileprivate func instances(aliveDuring gap: Gap) -> [String] {
    let end = gap.failures.last?.milliseconds ?? gap.milliseconds
    return streams.filter { stream in
      guard stream.instance != nil, let opened = stream.openedMilliseconds, opened < gap.milliseconds else {
        return false
      }
      return !stream.gaps.contains { $0.milliseconds <= end && gap.milliseconds < $0.backMilliseconds ?? .infinity }
    }.compactMap(\.instance)
  }
}
