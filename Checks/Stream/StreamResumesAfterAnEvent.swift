import Delivery
import Diagnosis
import Facts

/// A browser that comes back names the last event it saw, and what follows that one has to come first.
struct StreamResumesAfterAnEvent: Check {
  static let card = CheckCard(
    id: "stream.replay",
    title: "A stream goes on after the event that was named as the last one",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      Every reconnect leaves a gap, and Last-Event-ID is how a browser asks for what it missed. An application that does \
      not read it loses the events of the gap; one that includes the named event in its answer shows it twice. Where \
      the log is known, each of its events after the named one has to come, once and in order; else ask with the ID of \
      an event that is older than the newest one.
      """,
    remedy: Remedy(
      "Read Last-Event-ID, and send what the log holds after that entry before anything new.", snippet: range),
    references: [
      "WHATWG HTML section 9.2.4, https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header",
      "Redis: XRANGE, exclusive ranges, https://redis.io/docs/latest/commands/xrange/",
    ],
    scenarios: [
      .passes("all that the log holds, once and in order", Samples.replay(.web1(1...5), .publicURL(1...5))),
      .passes("and what is new", Samples.replay(.publicURL(1...7))),
      .passes("what was trimmed meanwhile nobody can bring", Samples.replay(.publicURL(3...5), remaining: [3, 4, 5])),
      .finds("the named event too", Samples.replay(.web1(1...5), .publicURL(0...5)), on: Samples.eventsURL),
      .finds("nothing of the log", Samples.replay(.publicURL()), on: Samples.eventsURL),
      .finds("nothing behind a proxy", Samples.replay(.web1(1...5), .publicURL()), on: Samples.eventsURL),
      .finds(
        "nothing from the first hop on", Samples.replay(.web1(1...5), .hop1(), .publicURL()), on: Samples.eventsURL),
      .finds(
        "a balancer chooses one that brings nothing", Samples.replay(.web1(1...5), .web2(), .publicURL()),
        on: Samples.eventsURL),
      .finds(
        "nothing at any instance", Samples.replay(.web1(), .web2(), .publicURL()), on: "http://web-1:3000/events/news"),
      .finds("one is left out", Samples.replay(.web1(2...5))),
      .finds("one comes twice", Samples.replay(.web1(1...5, 5...5))),
      .finds("the newest comes first", Samples.replay(.web1(5...5, 1...4))),
      .finds("events without an ID, and the log is known", Samples.replay(.web1(withoutID: 5))),
      .undetermined(
        "the log has no entry", Samples.noReplay("sse:news has no entry in redis://cache:6379/0"),
        on: Samples.eventsURL),
      .undetermined(
        "no Redis is known", Samples.replayUnseen(Unseen(.notGiven, "no Redis is known whose log tells"))),
      .undetermined("what was trimmed is not known", Samples.replay(.publicURL(3...5), remaining: nil)),
      .undetermined("all was trimmed meanwhile", Samples.replay(.publicURL(), remaining: [])),
      .undetermined("an event was too large", Samples.replay(.web1(2...5, tooLarge: 1))),
      .undetermined("no response to the question", Samples.replay(.failing)),
      .undetermined("the run's own channel is not served", Samples.replay(.status(404), isOwn: true)),
      .notApplicable("not served at all", Samples.replay(.status(404))),
      .passes("the next number", marks(4, 5, after: "3")),
      .passes("the next entry of the same millisecond", entries("1000-1", after: "1000-0")),
      .passes("entries from before the request", entries("2000-0", "900000-0", after: "1000-0")),
      .finds("the event itself again", marks(3, 4, after: "3"), on: Samples.publicURL),
      .finds("from the beginning", marks(1, 2, after: "3")),
      .finds("some are left out", marks(7, 8, after: "3")),
      .finds("one is left out further on", marks(4, 5, 7, after: "3")),
      .finds("the entry itself again", entries("1000-0", "2000-0", after: "1000-0")),
      .finds("an older entry after newer ones", entries("2000-0", "500-3", after: "1000-0")),
      .finds(
        "events without an ID",
        Samples.stream([Samples.event("news", "a", at: 9)], system: .redisStreams).streams {
          $0.sentLastEventID = "1-0"
        }),
      .undetermined("they may all be new", entries("2000-0", "3000-0", after: "1000-0"), on: Samples.publicURL),
      .undetermined("nothing came", entries(after: "1000-0"), on: Samples.publicURL),
      .undetermined("IDs of another form", entries("a", "b", after: "1000-0")),
      .undetermined("an ID of another form was named", entries("2000-0", after: "latest")),
      .undetermined(
        "no response",
        Samples.stream(.timedOut, reached: 3).system(.redisStreams).streams { $0.sentLastEventID = "1000-0" }),
      .notApplicable("no event was named", Samples.stream(Samples.ready)),
      .notApplicable(
        "flowpanel's events have no IDs", Samples.stream(Samples.ready).streams { $0.sentLastEventID = "1000-0" }),
      .notApplicable("502: another check's finding", Samples.stream(status: 502).streams { $0.sentLastEventID = "7" }),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    switch facts.replay {
    case .seen(let replay)? where !replay.channels.isEmpty:
      let path = StreamPath(facts)
      return replay.channels.flatMap { channel in channel.streams.map { verdict(on: $0, in: channel, path) } }
    case .unseen(let reason)? where facts.streams.value?.contains { $0.sentLastEventID != nil } != true:
      return [card.undetermined(.deployment, reason.detail, at: reason.location)]
    default: break
    }
    return card.eachEventStream(facts) { stream, _ in
      let subject = Subject.stream(stream.url)
      guard let sent = stream.sentLastEventID else {
        return card.notApplicable(subject, "no event was named as the last one seen; --last-event-id names one")
      }
      let marks = stream.arrivals.compactMap(\.mark)
      if marks.isEmpty, system != .redisStreams {
        return card.notApplicable(
          subject,
          "the events of \(system.rawValue) have no IDs: what is published while a browser reconnects is lost, "
            + "by its design")
      }
      guard let last = EventNumber(sent) else {
        return card.undetermined(
          subject, "\(sent) is neither an entry's ID, as 1700000000000-0, nor a number", at: stream.location)
      }
      return marks.isEmpty
        ? verdict(stream, after: last, sent) : verdict(stream, numbers: marks.map(\.number), after: last, sent)
    }
  }

  /// The verdict on a stream of a channel whose log is known.
  private func verdict(
    on stream: ReplayFacts.Stream, in channel: ReplayFacts.Channel, _ path: StreamPath
  ) -> Verdict {
    let subject = Subject.stream(stream.url)
    if let verdict = card.unjudged(stream, in: channel, as: subject) { return verdict }
    guard let asked = channel.asked, let reply = stream.reply.value, let events = stream.events(asked) else {
      return card.undetermined(subject, "it is not known what was to come", at: stream.location)
    }
    let sent = asked.sentID
    func finding(_ fault: String, isElsewhere: Bool = false) -> Verdict {
      let hops = path.streams.first { $0.target == stream.target && $0.url == stream.url }.map(path.hops) ?? []
      return card.finding(
        subject, "\(stream.place) \(fault)", evidence: channel.evidence(events, reply) + card.hopEvidence(hops),
        at: stream.location, remedy: isElsewhere ? Self.passedOn : Self.readAtRoute(key: channel.log?.key))
    }
    if let again = events.again.first {
      return finding("brought \(again) again, though \(sent) was named as the last one seen")
    }
    if !events.lost.isEmpty {
      if events.lost.count == events.expected.count, reply.withoutID > 0 {
        return finding("sends events without an ID, so there is nothing to go on from")
      }
      if let instance = stream.instance, let other = channel.wholeInstances.first?.instance {
        return card.notApplicable(
          subject, "\(instance) does not bring all that \(other) brings, which stream.replay-other-instance judges")
      }
      let blame = blame(stream, in: channel)
      return finding(
        "brought \(events.share) that \(channel.log?.key ?? "the log") holds after \(sent)\(blame.words)",
        isElsewhere: blame.isBetween)
    }
    if let twice = events.twice.first { return finding("brought \(twice) twice after \(sent)") }
    if let late = events.late { return finding("brought \(late.id) after \(late.after), which is newer") }
    return card.pass(
      subject,
      "\(stream.place) brought \(counted(events.count, "event")) after \(sent), each once and in order")
  }

  /// Where the events got lost, in words that follow the finding, and whether that is before the instances.
  private func blame(
    _ stream: ReplayFacts.Stream, in channel: ReplayFacts.Channel
  ) -> (words: String, isBetween: Bool) {
    if stream.instance != nil { return ("", false) }
    let inner = stream.inner(in: channel).filter { $0.events(channel.asked) != nil }
    let isWhole = { (inner: ReplayFacts.Stream) in inner.events(channel.asked)?.lost.isEmpty == true }
    guard let nearest = inner.first else {
      return ("; an instance's own URL, with --direct or in the manifest, tells whether the application does it", false)
    }
    guard let faulty = inner.last(where: { !isWhole($0) }) else {
      return ("; not so at \(nearest.place), so what stands between does it", true)
    }
    guard let whole = inner.first(where: isWhole) else {
      return ("; so does \(faulty.place), so the application or its own server does it", false)
    }
    return faulty.instance == nil
      ? ("; so does \(faulty.place), and not \(whole.place), so what stands between these does it", true)
      : ("; so does \(faulty.place), and not \(whole.place): a balancer may have chosen the one", false)
  }

  private static func readAtRoute(key: String?) -> Remedy {
    Remedy(
      "Let the route read Last-Event-ID, send id: with every event, and begin with what the log holds after that "
        + "entry; the round bracket leaves the entry itself out.",
      snippet: range.replacing("sse:CHANNEL", with: key ?? "sse:CHANNEL"))
  }

  private static let passedOn = Remedy(
    "Let everything between pass the request header Last-Event-ID on, and the events that answer it: nginx does unless "
      + "proxy_set_header or proxy_pass_request_headers says otherwise, HAProxy unless a rule deletes it, and a content "
      + "delivery network often only where its policy names the header.",
    snippet: "proxy_set_header Last-Event-ID $http_last_event_id;")

  /// The verdict on events whose numbers leave no doubt.
  private func verdict(_ stream: StreamFacts, numbers: [Int], after last: EventNumber, _ sent: String) -> Verdict {
    let first = numbers[0]
    let last = Int(clamping: last.major)
    if first <= last { return repeating(stream, "event \(first)", sent) }
    let gap = zip(numbers, numbers.dropFirst()).first { $0 + 1 != $1 }
    if first - 1 == last, gap == nil {
      return card.pass(.stream(stream.url), "\(stream.hop) went on with event \(first) after \(sent)")
    }
    if stream.totals.tooLarge > 0 {
      return card.undetermined(
        .stream(stream.url), "events came that were too large to be read, so which one was first is not known",
        at: stream.location)
    }
    if first - 1 == last, let gap {
      return finding(
        stream, "went on with event \(first) after \(sent), and later with event \(gap.1) after event \(gap.0)",
        observed: "event \(gap.1)", expected: "event \(gap.0 + 1)")
    }
    return finding(
      stream,
      "went on with event \(first) after \(sent): \(counted(first - 1 - last, "event")) between them did not come",
      observed: "event \(first)", expected: "event \(last + 1)")
  }

  /// The verdict on entries of a Redis stream.
  private func verdict(_ stream: StreamFacts, after last: EventNumber, _ sent: String) -> Verdict {
    let subject = Subject.stream(stream.url)
    let events = stream.arrivals.filter { $0.content.isEvent }
    let ids = events.compactMap(\.lastEventID)
    guard let first = ids.first else {
      return events.isEmpty
        ? card.undetermined(
          subject, "no event came, so nothing shows whether any would be brought again; name an older one",
          at: stream.location)
        : finding(
          stream, "sends events without an ID, so there is nothing to go on from", observed: "none",
          expected: "the ID of its entry")
    }
    let numbers = ids.compactMap { EventNumber($0) }
    guard numbers.count == ids.count, let begin = numbers.first, let end = numbers.max() else {
      return card.undetermined(
        subject, "the events' IDs are no entries' IDs of a Redis stream, so their order is not known",
        at: stream.location)
    }
    if let index = numbers.firstIndex(where: { $0 <= last }) { return repeating(stream, "event \(ids[index])", sent) }
    let isNext = begin.major == last.major && begin.minor - 1 == last.minor
    // New entries are no further apart than the time that the stream was watched for.
    let isHistory = Double(end.major - begin.major) > stream.watchedMilliseconds
    if isNext || isHistory { return card.pass(subject, "\(stream.hop) went on with \(first) after \(sent)") }
    return card.undetermined(
      subject,
      "\(first) came first after \(sent), but it may have been new: what was between can't be told; name an older "
        + "one", at: stream.location)
  }

  private func repeating(_ stream: StreamFacts, _ event: String, _ sent: String) -> Verdict {
    finding(
      stream, "brought \(event) again, though \(sent) was named as the last one seen", observed: event,
      expected: "what follows \(sent)")
  }

  private func finding(_ stream: StreamFacts, _ fault: String, observed: String, expected: String) -> Verdict {
    card.finding(
      .stream(stream.url), "\(stream.hop) \(fault)",
      evidence: [Evidence("after Last-Event-ID", observed, expected: expected)], at: stream.location,
      remedy: Self.readAtRoute(key: nil))
  }

  private static let range = "XRANGE sse:CHANNEL (LAST_EVENT_ID +"

  private static func marks(_ numbers: Int..., after sent: String) -> Facts {
    let arrivals = numbers.map { number in
      StreamFacts.Arrival(
        .event(type: "message", data: "{}"), atMilliseconds: Double(number), lastEventID: "\(number)",
        mark: OriginMark(number: number, sentAtMicroseconds: 0, elapsedMicroseconds: 0, isLast: false))
    }
    return Samples.stream(Samples.ready + arrivals).streams { $0.sentLastEventID = sent }
  }

  private static func entries(_ ids: String..., after sent: String) -> Facts {
    let arrivals = ids.map { id in
      StreamFacts.Arrival(.event(type: "news", data: "a"), atMilliseconds: 20, lastEventID: id)
    }
    return Samples.stream([Samples.comment("connected", at: 9)] + arrivals, system: .redisStreams)
      .streams { $0.sentLastEventID = sent }
  }
}
