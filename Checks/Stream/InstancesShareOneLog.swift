import Diagnosis
import Facts

/// A browser comes back to whichever instance a balancer chooses, and each has to know what it missed.
struct InstancesShareOneLog: Check {
  static let card = CheckCard(
    id: "stream.replay-other-instance",
    title: "Every instance brings what follows the last event, whichever sent that one",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      After a reconnect a balancer chooses another instance, and what a browser names as its last event came from the one \
      before. Only a log that all instances share lets any of them serve any browser: with a Redis, a database or a key \
      of its own, one of them brings nothing or something else, and it looks like events that get lost now and then.
      """,
    remedy: Remedy(
      "Give every instance the same Redis URL, with its database index, and let all of them read the same key.",
      commands: ["redis-cli XINFO STREAM sse:CHANNEL"]),
    references: [
      "WHATWG HTML section 9.2.4, https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header",
      "Redis: XRANGE, https://redis.io/docs/latest/commands/xrange/",
    ],
    scenarios: [
      .passes("both bring the same", Samples.replay(.web1(1...5), .web2(1...5), .publicURL())),
      .finds("one reads another log", Samples.replay(.web1(1...5), .web2()), on: "web-2"),
      .finds("one has a Redis of its own", Samples.replay(.web1(1...5), .web2(), ownRedis: true), on: "web-2"),
      .finds("one brings another log's events", Samples.replay(.web1(1...5), .foreign), on: "web-2"),
      .finds("one leaves some out", Samples.replay(.web1(1...5), .web2(4...5)), on: "web-2"),
      .undetermined("one does not answer", Samples.replay(.web1(1...5), .failing), on: "web-2"),
      .undetermined("the log has no entry", Samples.noReplay("sse:news has no entry in redis://cache:6379/0")),
      .undetermined("no Redis is known", Samples.replayUnseen(Unseen(.notGiven, "no Redis is known whose log tells"))),
      .undetermined(
        "what was trimmed is not known", Samples.replay(.web1(1...5), .web2(4...5), remaining: nil), on: "web-2"),
      .notApplicable("none brings all, which is another check's finding", Samples.replay(.web1(), .web2())),
      .notApplicable("one instance alone", Samples.replay(.web1(1...5), .publicURL(1...5))),
      .notApplicable("no instance was named", Samples.replay(.publicURL())),
      .notApplicable(
        "nobody asked for a replay", Samples.stream([Samples.comment("connected", at: 9)], system: .redisStreams)),
      .notApplicable("flowpanel's events have no IDs", Samples.stream(Samples.ready)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.inSystems([.redisStreams], facts, otherwise: "the system brings nothing again that was missed") { _ in
      switch facts.replay {
      case nil:
        [
          card.notApplicable(
            .deployment, "no stream was asked for what follows an event; flowpanel-doctor fanout and check --active ask"
          )
        ]
      case .unseen(let reason)?: [card.undetermined(.deployment, reason.detail, at: reason.location)]
      case .seen(let replay)?: replay.channels.flatMap(judge)
      }
    }
  }

  private func judge(_ channel: ReplayFacts.Channel) -> [Verdict] {
    let streams = channel.streams.filter { $0.instance != nil }
    guard Set(streams.compactMap(\.instance)).count > 1 else {
      return [card.notApplicable(.deployment, "fewer than two instances' own URLs were opened for \(channel.name)")]
    }
    let whole = channel.wholeInstances
    return streams.map { stream in
      let subject = Subject.instance(stream.instance ?? "")
      if let verdict = card.unjudged(stream, in: channel, as: subject) { return verdict }
      guard let asked = channel.asked, let reply = stream.reply.value, let events = stream.events(asked) else {
        return card.undetermined(subject, "it is not known what was to come", at: stream.location)
      }
      guard let other = whole.first?.instance else {
        return card.notApplicable(subject, "no instance brings all that is expected, which stream.replay judges")
      }
      if events.lost.isEmpty {
        return card.pass(
          subject,
          "\(subject.name) brings \(counted(events.count, "event")) of \(channel.log?.key ?? "the log") after \(asked.sentID)"
        )
      }
      return card.finding(
        subject,
        "\(subject.name) brings \(events.share) that \(other) brings after \(asked.sentID): "
          + cause(events, stream, channel),
        evidence: channel.evidence(events, reply), at: stream.location,
        explains: channel.streams.filter { $0.instance == nil && $0.events(asked)?.lost.isEmpty == false }
          .map { Symptom(StreamResumesAfterAnEvent.card.id, .stream($0.url)) })
    }
  }

  /// Why an instance does not bring what another one does, as far as it is known.
  private func cause(
    _ events: ReplayedEvents, _ stream: ReplayFacts.Stream, _ channel: ReplayFacts.Channel
  ) -> String {
    let own = channel.logs.filter { log in stream.instance.map(log.instances.contains) == true }
    let isElsewhere =
      !own.isEmpty
      && own.allSatisfy { log in
        log.entries.value.map { Set($0).isDisjoint(with: events.expected) } == true
      }
    if isElsewhere, let log = own.first {
      return "its Redis, \(log.redisURL), has none of them under \(log.key)"
    }
    let foreign =
      events.foreign == 0 ? "" : ", and \(counted(events.foreign, "event")) between these that the log does not hold"
    return events.count == 0
      ? "it reads another log (another Redis or key)\(foreign)" : "it does not read the log as that one does\(foreign)"
  }
}
