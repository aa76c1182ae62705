import Diagnosis
import Facts

/// What is published while a stream is away is lost to it, and what is published while it is open must not be.
struct NoEventIsLostInARollout: Check {
  static let card = CheckCard(
    id: "stream.rollout-loss",
    title: "No event is lost while streams are open, and few while they come back",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      flowpanel keeps no events: what is published between a stream's end and its return never reaches that page, which \
      shows old data until the next change. Worse is what is lost while the stream is open: the page can't know. An \
      instance whose subscription died, after a restart of Redis or a CLIENT KILL, goes on to send heartbeats and nothing \
      else.
      """,
    remedy: Remedy("Make pages load their data anew when a stream opens again, and keep gaps short."),
    references: [
      "Redis: Pub/Sub, delivery semantics, https://redis.io/docs/latest/develop/pubsub/#delivery-semantics",
      "Redis: CLIENT KILL, https://redis.io/docs/latest/commands/client-kill/",
    ],
    scenarios: [
      .passes("back before the next message", Samples.rollout { $0.publicDrops(at: 8000, back: 8400, lost: 0) }),
      .finds(
        "two messages in the gap", Samples.rollout { $0.publicDrops(at: 8000, back: 8900, lost: 2) },
        on: Samples.publicURL, severity: .notice),
      .finds(
        "messages while it was open and its instance not subscribed",
        Samples.rollout { $0.loses(4, unsubscribed: 4, isOver: true) }, on: Samples.directURL),
      .finds(
        "nothing came any more", Samples.rollout { $0.loses(40, unsubscribed: 0, isOver: false) }, on: Samples.directURL
      ),
      .finds(
        "an instance that never subscribed, while the other brought all",
        Samples.rollout { $0.isDeaf("web-2", wasSubscribed: false) }, on: Samples.secondURL),
      .finds(
        "an instance that brings nothing, and no count of subscribers",
        Samples.rollout { $0.isDeaf("web-2", wasSubscribed: nil) }, on: Samples.secondURL),
      .undetermined(
        "nothing came on any of the streams, and none dropped", Samples.rollout { $0.hearsNothing(published: 120) },
        on: Samples.publicURL),
      .undetermined(
        "no Redis is known",
        Samples.rollout {
          $0.publicDrops(at: 8000, back: 8900)
          $0.publishers = .unseen(Unseen(.notGiven, "no Redis is known to publish through"))
        }, on: Samples.publicURL),
      .undetermined(
        "Redis was not reached",
        Samples.rollout {
          $0.publicDrops(at: 8000, back: 8900)
          $0.hearsNothing(published: 0, failure: "TCP connect: Connection refused")
        }, on: Samples.publicURL),
      .undetermined(
        "nothing that was published came",
        Samples.rollout {
          $0.publicDrops(at: 8000, back: 8900)
          $0.hearsNothing(published: 120)
        }, on: Samples.publicURL),
      .undetermined(
        "Redis took nothing for six seconds, and nothing else was missed",
        Samples.rollout { $0.publishesNothing(from: 4000, to: 10_000) }, on: Samples.publicURL),
      .undetermined(
        "a stream came back and brought nothing until the watch ended",
        Samples.rollout {
          $0.publicDrops(at: 50_000, back: 50_500, lost: 1)
          $0.streams[11].silentSinceMilliseconds = 50_500
        }, on: Samples.publicURL),
      .notApplicable("nothing dropped, and nothing was lost", Samples.rollout { _ in }),
      .notApplicable(
        "an instance's own stream, which no page opens",
        Samples.rollout { $0.instanceDrops("web-1", at: 8000, back: 11_000, lost: 6) }),
      .notApplicable(
        "a system that sends again what was missed",
        Samples.rollout(.redisStreams) { $0.publicDrops(at: 8000, back: 8900, lost: 2) }),
      .notApplicable(
        "TestPlanIt's channels are real users'",
        Samples.rollout(.testplanit) {
          $0.publicDrops(at: 8000, back: 8900)
          $0.publishers = .unseen(Unseen(.notGiven, "nothing is published there"))
        }),
      .notApplicable("no rollout was watched", Samples.stream(Samples.ready)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachRolledOut(facts) { judge($0, $1, system) }
  }

  private func judge(_ rollout: RolloutFacts, _ streams: [RolloutFacts.Stream], _ system: System) -> Verdict {
    let subject = Subject.stream(streams.first?.url ?? "")
    let location = streams.first?.location
    let place = streams.first?.place ?? "the URL"
    if let obstacle = DriveChannel.obstacle(in: system) { return card.notApplicable(subject, obstacle) }
    let losses = streams.flatMap(\.losses)
    let deaf = streams.filter { ($0.unheard ?? 0) > 0 }
    if !deaf.isEmpty, rollout.streams.contains(where: { $0.heard > 0 }) {
      return card.deafness(deaf, of: streams, in: rollout, subject, place, at: location)
    }
    if !losses.isEmpty { return card.lossWhileOpen(streams, in: rollout, subject, place, at: location) }
    let drops = streams.flatMap(\.drops)
    if drops.isEmpty, !(rollout.publishers.value ?? []).contains(where: { $0.published > 0 }) {
      return card.notApplicable(subject, "no stream dropped while it was watched")
    }
    guard case .seen(let publishers) = rollout.publishers else {
      return card.undetermined(
        subject,
        "nothing was published, so what its streams missed is not known: "
          + (rollout.publishers.unseen?.detail ?? ""), at: location)
    }
    if publishers.allSatisfy({ $0.published == 0 }) {
      return card.undetermined(
        subject,
        "nothing could be published, so what its streams missed is not known"
          + (publishers.lazy.compactMap(\.failure).first.map { ": \($0)" } ?? ""), at: location)
    }
    if streams.contains(where: { $0.openedMilliseconds != nil && $0.heard == 0 }) {
      return card.undetermined(
        subject,
        "nothing that was published came over \(place), dropped or not, so what was missed is not known; "
          + "flowpanel-doctor fanout shows why", at: location)
    }
    if let silent = streams.compactMap(\.silentSinceMilliseconds).min() {
      let count = streams.count { $0.silentSinceMilliseconds != nil }
      return card.undetermined(
        subject,
        "\(streams.count == 1 ? place : "\(counted(count, "stream")) at \(place)") came back, and nothing had come on "
          + "\(count == 1 ? "it" : "them") from \(spanText(silent)) on when the watch ended: watch longer, or see with "
          + "flowpanel-doctor fanout who is deaf", at: location)
    }
    if let gap = publishers.outage(of: streams.first?.instance, until: rollout.watchedMilliseconds) {
      return card.undetermined(
        subject,
        "nothing could be published from \(spanText(gap.from)) to \(spanText(gap.to)), so what was missed then is not known: "
          + gap.reason, at: location)
    }
    if drops.isEmpty {
      return card.notApplicable(subject, "no stream dropped while it was watched, and none missed a message")
    }
    if streams.first?.instance != nil, rollout.streams.contains(where: { $0.instance == nil }) {
      return card.notApplicable(subject, "pages come through the public URL, and what they miss is told there")
    }
    if system == .redisStreams {
      return card.notApplicable(
        subject, "what a stream misses while it is away is sent again for its Last-Event-ID, which stream.replay judges"
      )
    }
    let missed = drops.compactMap { gap in gap.lost.map { (gap: gap, lost: $0) } }.filter { $0.lost > 0 }
    guard let most = missed.max(by: { $0.lost < $1.lost }) else {
      return card.pass(
        subject,
        "\(counted(drops.count, "drop")) at \(place), each over before the next message was published")
    }
    return card.finding(
      subject,
      "\(missed.count) of \(counted(drops.count, "drop")) at \(place) cost events, at most "
        + "\(most.lost) in \(spanText(most.gap.length(in: rollout))): \(system.rawValue) does not send them again",
      severity: .notice,
      evidence: gapEvidence(missed.map(\.gap), in: rollout) { "missed \(counted($0.lost ?? 0, "message")); " },
      at: location)
  }
}

extension CheckCard {
  /// The finding on streams that were open and brought nothing, while others brought what was published.
  fileprivate func deafness(
    _ deaf: [RolloutFacts.Stream], of streams: [RolloutFacts.Stream], in rollout: RolloutFacts, _ subject: Subject,
    _ place: String, at location: Location?
  ) -> Verdict {
    let least = deaf.compactMap(\.unheard).min() ?? 0
    let who = streams.count == 1 ? place : "\(deaf.count) of \(counted(streams.count, "stream")) at \(place)"
    // Where Redis counts nobody's subscription, this one's says nothing.
    let isUnsubscribed =
      deaf.contains { $0.wasSubscribed == false } && rollout.streams.contains { $0.wasSubscribed == true }
    let why =
      isUnsubscribed
      ? ": its instance never subscribed, by Redis's own count"
      : deaf.contains { $0.wasSubscribed == true }
        ? ": its instance had subscribed, by Redis's own count, and passed nothing on" : ""
    return finding(
      subject,
      "\(who) brought none of what was published while open, at least \(counted(least, "message")), and other streams "
        + "did\(why)",
      evidence: crowded(
        deaf.map { stream in
          Evidence(
            "open from \(spanText(stream.openedMilliseconds ?? 0))",
            "none of at least \(counted(stream.unheard ?? 0, "message"))"
              + (stream.wasSubscribed == false ? ", all of them with no subscriber" : ""),
            expected: "all come", source: stream.wasSubscribed == nil ? nil : "PUBSUB NUMSUB")
        }), at: location,
      remedy: Remedy(
        "Run flowpanel-doctor fanout: it tells an instance's driver, Redis and prefix apart, and a proxy that holds "
          + "events back."))
  }

  /// The finding on messages that did not come although the stream was open.
  fileprivate func lossWhileOpen(
    _ streams: [RolloutFacts.Stream], in rollout: RolloutFacts, _ subject: Subject, _ place: String,
    at location: Location?
  ) -> Verdict {
    let losing = streams.filter { !$0.losses.isEmpty }
    let losses = losing.flatMap(\.losses)
    let counts = losing.map { $0.losses.reduce(0) { $0 + $1.count } }
    let least = counts.min() ?? 0
    let isExact = losses.allSatisfy(\.isOver) && counts.allSatisfy { $0 == least }
    let unsubscribed = losses.reduce(0) { $0 + ($1.unsubscribed ?? 0) }
    let who = streams.count == 1 ? place : "\(losing.count) of \(counted(streams.count, "stream")) at \(place)"
    let others = rollout.losing(with: losses).filter { $0 != streams.first?.instance }
    var why = ""
    if unsubscribed > 0 {
      why =
        ": its instance was not subscribed at \(unsubscribed) of them, by Redis's own count"
        + (losses.contains { !$0.isOver } ? ", and nothing came any more" : "")
    } else if losses.contains(where: { !$0.isOver }) {
      why = ": nothing came any more"
    }
    if streams.first?.instance == nil, !others.isEmpty {
      why += "; \(listed(others)) lost messages at \(others.count == 1 ? "its own URL" : "their own URLs") too then"
    }
    return finding(
      subject,
      "\(who) lost \(isExact ? "" : "at least ")\(counted(least, "message"))\(losing.count > 1 ? " each" : "") while open"
        + why,
      evidence: crowded(
        losses.map { loss in
          let lost =
            (loss.isOver ? "" : "at least ") + counted(loss.count, "message") + " lost"
            + (loss.unsubscribed.map { ", \($0) of them with no subscriber" } ?? "")
          return Evidence(
            "from \(spanText(loss.fromMilliseconds)) "
              + (loss.isOver ? "to \(spanText(loss.toMilliseconds))" : "on"),
            lost + (loss.isOver ? "" : ", and none came after them")
              + (loss.later.map { ": \($0) more had not come either when the watch ended" } ?? ""),
            expected: "all come", source: loss.unsubscribed == nil ? nil : "PUBSUB NUMSUB")
        }), at: location,
      remedy: Remedy(
        unsubscribed > 0
          ? "See what ended the instance's subscription and how long it took to come back: its log, and Redis's."
          : "See what the instance and the proxies before it log at that time; flowpanel-doctor stream --active shows "
            + "whether events are held back.",
        commands: unsubscribed > 0
          ? ["CLIENT LIST TYPE pubsub", "CONFIG GET client-output-buffer-limit"].map {
            "redis-cli\(rollout.address) \($0)"
          }
          : []))
  }
}

extension [RolloutFacts.Publisher] {
  /// The first to the last time that a Redis of the instance's, or any where that is not known, took nothing; nil for none.
  fileprivate func outage(of instance: String?, until end: Double) -> (from: Double, to: Double, reason: String)? {
    let own = filter { publisher in instance.map { publisher.instances.contains($0) } ?? false }
    let failed = (own.isEmpty ? self : own).filter { !$0.outages.isEmpty }
    guard let from = failed.compactMap(\.outages.first?.fromMilliseconds).min() else { return nil }
    let to = failed.compactMap { $0.outages.last.map { $0.toMilliseconds ?? end } }.max() ?? end
    return (from, to, failed.lazy.compactMap(\.failure).first ?? "")
  }
}

extension RolloutFacts {
  /// The option that names the Redis, where there is one.
  fileprivate var address: String {
    guard let publishers = publishers.value, publishers.count == 1 else { return "" }
    return " -u \(shellWord(publishers[0].redisURL))"
  }

  /// The instances whose own streams lost messages, or brought none, at a time when others did.
  fileprivate func losing(with losses: [Loss]) -> [String] {
    streams.filter { stream in
      stream.unheard ?? 0 > 0
        || stream.losses.contains { own in
          losses.contains {
            own.fromMilliseconds <= $0.toMilliseconds && $0.fromMilliseconds <= own.toMilliseconds
          }
        }
    }.compactMap(\.instance)
  }
}
