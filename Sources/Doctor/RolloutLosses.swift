import Facts

// Which of the published messages a stream did not bring, and whether it was open then. Redis hands messages on in order,
// so one that did not come before a later one did never will; what is behind the last that came may still be under way.

extension RolloutRecord {
  /// How long a message may be under way before it counts as lost, at least.
  private static let patienceMilliseconds = 10_000.0
  private static let maximumLosses = 100

  /// A time in which a stream was open, by one publisher's messages.
  private struct Session {
    var opened: Double
    /// When it ended; nil where it was open to the end.
    var ended: Double?
    /// The publisher whose messages came; nil where none came.
    var publisher: Int?
    /// The first and the last of the publisher's messages that came.
    var heard: ClosedRange<Int>?
  }

  /// Puts what a stream missed into its facts.
  func addLosses(to facts: inout RolloutFacts.Stream, _ listening: Listening, until end: Double) {
    let sessions = sessions(of: facts, listening, until: end)
    if sessions.isEmpty { return }
    // A Redis of which nothing ever came is another instance's, unless nothing came of any.
    guard let usual = mostHeard(listening, from: 0, to: end) else {
      facts.unheard = unheard(in: sessions, of: facts.instance, until: end)
      return
    }
    let patience = max(Self.patienceMilliseconds, 2 * listening.latestMilliseconds)

    // From where on messages are missed since the stream dropped, and which of its gaps that was.
    var gap: Int?
    var missing: (publisher: Int, from: Int)?
    let firstDrop = facts.gaps.firstIndex { $0.end != nil } ?? 0
    for (number, session) in sessions.enumerated() {
      let publisher = session.publisher ?? missing?.publisher ?? usual
      let close = session.ended ?? end
      let begin = index(of: session.opened, publisher)
      let first = session.heard?.lowerBound ?? index(of: close, publisher)
      // Before the first that came: the subscription takes its time, but not for ever.
      let since =
        missing.flatMap { $0.publisher == publisher ? $0.from : nil }
        ?? gap.map { index(of: facts.gaps[$0].milliseconds, publisher) } ?? begin
      let isLong = time(of: first, publisher, or: close) - session.opened > patience
      if let gap {
        // Of a stream that is open and has brought nothing yet, what was published since it is back is not the gap's.
        let isWaiting = session.heard == nil && session.ended == nil
        facts.gaps[gap].lost = count(
          of: listening, publisher, since..<max(since, isLong || isWaiting ? begin : first))
        if isWaiting, count(of: listening, publisher, begin..<max(begin, first)) >= RolloutFacts.silence {
          facts.silentSinceMilliseconds = session.opened
        }
      }
      if isLong {
        let isOver = session.heard != nil
        let last = isOver || session.ended != nil ? first : index(of: close - patience, publisher)
        let later = session.ended == nil && !isOver ? count(of: listening, publisher, last..<first) : nil
        add(listening, publisher, begin..<max(begin, last), isOver: isOver, later: later, to: &facts)
      }
      var after = first
      if let heard = session.heard {
        addInner(listening, publisher, heard, to: &facts)
        after = heard.upperBound + 1
        let finish = index(of: close, publisher)
        if close - time(of: after, publisher, or: close) > patience {
          let last = max(after, session.ended == nil ? index(of: close - patience, publisher) : finish)
          let later = session.ended == nil ? count(of: listening, publisher, last..<max(last, finish)) : nil
          add(listening, publisher, after..<last, isOver: false, later: later, to: &facts)
          after = last
        }
      }
      missing = (publisher, after)
      gap = session.ended == nil ? nil : firstDrop + number
    }
    // It never came back: all that has been published since.
    if let gap, let missing, facts.stop != .tooManyGaps {
      facts.gaps[gap].lost = count(of: listening, missing.publisher, missing.from..<messages[missing.publisher].count)
    }
  }

  /// The times in which a stream was open.
  private func sessions(of facts: RolloutFacts.Stream, _ listening: Listening, until end: Double) -> [Session] {
    guard var start = facts.openedMilliseconds else { return [] }
    var sessions: [Session] = []
    for gap in facts.drops {
      sessions.append(session(listening, from: start, to: gap.milliseconds, isEnded: true))
      guard let back = gap.backMilliseconds else { return sessions }
      start = back
    }
    return sessions + [session(listening, from: start, to: end, isEnded: false)]
  }

  /// How many messages should have come, at least, on a stream that brought none: of each Redis that may be its own those
  /// that it was open for long enough to bring, and of these numbers the least.
  private func unheard(in sessions: [Session], of instance: String?, until end: Double) -> Int {
    let all = facts.publishers.value ?? []
    let own = all.indices.filter { index in instance.map { all[index].instances.contains($0) } ?? false }
    let counts = (own.isEmpty ? Array(messages.indices) : own).map { publisher in
      sessions.reduce(0) { sum, session in
        let first = index(of: session.opened, publisher)
        let last = index(of: (session.ended ?? end) - Self.patienceMilliseconds, publisher)
        return sum + messages[publisher][first..<max(first, last)].count { $0.isPublished }
      }
    }
    return counts.min() ?? 0
  }

  private func session(
    _ listening: Listening, from start: Double, to end: Double, isEnded: Bool
  ) -> Session {
    var session = Session(opened: start, ended: isEnded ? end : nil)
    guard let publisher = mostHeard(listening, from: start, to: end) else { return session }
    let range = index(of: start, publisher)..<index(of: end, publisher)
    let heard = range.filter { listening.heard.contains(number($0, of: publisher)) }
    session.publisher = publisher
    if let first = heard.first, let last = heard.last { session.heard = first...last }
    return session
  }

  /// The publisher of which most was heard of what was sent in a time; nil where nothing was.
  private func mostHeard(_ listening: Listening, from start: Double, to end: Double) -> Int? {
    let counts = messages.indices.map { publisher in
      (index(of: start, publisher)..<index(of: end, publisher))
        .count { listening.heard.contains(number($0, of: publisher)) }
    }
    guard let most = counts.max(), most > 0 else { return nil }
    return counts.firstIndex(of: most)
  }

  /// Adds what is missing between messages that came.
  private func addInner(
    _ listening: Listening, _ publisher: Int, _ heard: ClosedRange<Int>, to facts: inout RolloutFacts.Stream
  ) {
    var start: Int?
    for index in heard {
      if listening.heard.contains(number(index, of: publisher)) {
        if let begin = start { add(listening, publisher, begin..<index, isOver: true, to: &facts) }
        start = nil
      } else {
        start = start ?? index
      }
    }
  }

  private func add(
    _ listening: Listening, _ publisher: Int, _ range: Range<Int>, isOver: Bool, later: Int? = nil,
    to facts: inout RolloutFacts.Stream
  ) {
    let lost = self.lost(listening, publisher, range)
    guard let first = lost.first, let last = lost.last, facts.losses.count < Self.maximumLosses else { return }
    let unsubscribed = lost.count { listening.unsubscribed.contains(number($0, of: publisher)) }
    facts.losses.append(
      RolloutFacts.Loss(
        from: messages[publisher][first].sentMilliseconds, to: messages[publisher][last].sentMilliseconds,
        count: lost.count, unsubscribed: listening.wasSubscribed ? unsubscribed : nil, isOver: isOver,
        later: later))
  }

  private func count(of listening: Listening, _ publisher: Int, _ range: Range<Int>) -> Int {
    lost(listening, publisher, range).count
  }

  /// The messages of a range that Redis took and the stream did not bring.
  private func lost(_ listening: Listening, _ publisher: Int, _ range: Range<Int>) -> [Int] {
    range.clamped(to: messages[publisher].indices).filter { index in
      messages[publisher][index].isPublished && !listening.heard.contains(number(index, of: publisher))
    }
  }

  /// The first of a publisher's messages that was sent at a time or later.
  private func index(of time: Double, _ publisher: Int) -> Int {
    let messages = messages[publisher]
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].sentMilliseconds < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func time(of index: Int, _ publisher: Int, or time: Double) -> Double {
    messages[publisher].indices.contains(index) ? messages[publisher][index].sentMilliseconds : time
  }
}
