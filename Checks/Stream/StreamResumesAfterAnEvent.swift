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
      not read it loses the events of the gap; one that includes the named event in its answer shows it twice. Ask with \
      the ID of an event that is older than the newest one, so that there is something to bring.
      """,
    remedy: Remedy(
      "Read Last-Event-ID, and send what the log holds after that entry before anything new.", snippet: range),
    references: [
      "WHATWG HTML section 9.2.4, https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header",
      "Redis: XRANGE, exclusive ranges, https://redis.io/docs/latest/commands/xrange/",
    ],
    scenarios: [
      .passes("the next number", marks(4, 5, after: "3")),
      .passes("the next entry of the same millisecond", entries("1000-1", after: "1000-0")),
      .passes("entries from before the request", entries("2000-0", "900000-0", after: "1000-0")),
      .finds("the event itself again", marks(3, 4, after: "3"), on: Samples.publicURL),
      .finds("from the beginning", marks(1, 2, after: "3")),
      .finds("some are left out", marks(7, 8, after: "3")),
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
    guard let system = facts.deployment.value?.system else {
      return facts.deployment.unseen.map { [card.unseen(.deployment, $0)] } ?? []
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

  /// The verdict on events whose numbers leave no doubt.
  private func verdict(_ stream: StreamFacts, numbers: [Int], after last: EventNumber, _ sent: String) -> Verdict {
    let first = numbers[0]
    let last = Int(clamping: last.major)
    if first <= last { return repeating(stream, "event \(first)", sent) }
    let missing = first - 1 - last
    if missing == 0 {
      return card.pass(.stream(stream.url), "\(stream.hop) went on with event \(first) after \(sent)")
    }
    if stream.totals.tooLarge > 0 {
      return card.undetermined(
        .stream(stream.url), "events came that were too large to be read, so which one was first is not known",
        at: stream.location)
    }
    return finding(
      stream, "went on with event \(first) after \(sent): \(counted(missing, "event")) between them did not come",
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
      remedy: Remedy(
        "Let the route read Last-Event-ID, send id: with every event, and begin with what the log holds after that "
          + "entry; the round bracket leaves the entry itself out.", snippet: Self.range))
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
