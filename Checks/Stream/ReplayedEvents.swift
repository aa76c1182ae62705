// How the checks on replay read what a stream brought after an event, beside what the log holds after it.

import Diagnosis
import Facts

/// What of a replay came, and how.
struct ReplayedEvents {
  /// The IDs that should have come.
  var expected: [String]
  /// How many of them came.
  var count: Int
  /// Those of them that did not; what was trimmed meanwhile is none.
  var lost: [String]
  /// What came although it was named as seen, or lies before that.
  var again: [String]
  /// Those of the expected that came more than once.
  var twice: [String]
  /// The first of the expected that came after a newer one, and that one.
  var late: (id: String, after: String)?
  /// How many came that lie between those of the log and are none of them.
  var foreign: Int

  /// An event that was new while the stream was open is neither lost nor twice: the IDs of the log, as it was before, are
  /// all that counts.
  init(_ asked: ReplayFacts.Asked, _ reply: ReplayFacts.Reply) {
    let counts = reply.came.reduce(into: [:]) { counts, id in counts[id, default: 0] += 1 }
    let known = Set(asked.expected)
    let remaining = asked.remaining.value.map { Set($0) } ?? known
    let sent = EventNumber(asked.sentID)
    let last = asked.expected.last.flatMap { EventNumber($0) }
    expected = asked.expected
    count = expected.count { counts[$0] != nil }
    lost = asked.expected.filter { counts[$0] == nil && remaining.contains($0) }
    again = reply.came.filter { id in
      guard let number = EventNumber(id), let sent else { return id == asked.sentID }
      return number <= sent
    }
    twice = asked.expected.filter { counts[$0, default: 0] > 1 }
    foreign = counts.keys.count { id in
      guard let number = EventNumber(id), let sent, let last else { return false }
      return number > sent && number < last && !known.contains(id)
    }
    var seen: Set<String> = []
    var newest: (number: EventNumber, id: String)?
    for id in reply.came where seen.insert(id).inserted {
      guard let number = EventNumber(id) else { continue }
      if let newest, number < newest.number {
        if late == nil, known.contains(id) { late = (id, newest.id) }
      } else {
        newest = (number, id)
      }
    }
  }

  /// `3 of 5 events`: how many of the expected came.
  var share: String { "\(count) of \(counted(expected.count, "event"))" }
}

extension ReplayFacts.Stream {
  /// What was opened, in words.
  var place: String { streamPlace(instance: instance, via: via) }

  /// How far inside it enters: 0 for a public URL, then each hop of --via, then an instance's own.
  private var depth: Int { instance != nil ? .max : via ?? 0 }

  /// Those of a channel's streams that enter further inside, nearest first.
  func inner(in channel: ReplayFacts.Channel) -> [ReplayFacts.Stream] {
    channel.streams.filter { $0.depth > depth }.sorted { ($0.depth, $0.target) < ($1.depth, $1.target) }
  }

  /// What it brought; nil where it brought no event stream.
  func events(_ asked: ReplayFacts.Asked?) -> ReplayedEvents? {
    guard let asked, let reply = reply.value, case .response(let response) = reply.outcome, response.isEventStream
    else { return nil }
    return ReplayedEvents(asked, reply)
  }
}

extension ReplayFacts.Channel {
  /// The instances' own streams that bring all that is expected.
  var wholeInstances: [ReplayFacts.Stream] {
    streams.filter { $0.instance != nil && $0.events(asked)?.lost.isEmpty == true }
  }

  /// `sse:news in redis://cache:6379/0`: where the expected IDs are from.
  var source: String? { log.map { "\($0.key) in \($0.redisURL)" } }

  /// What came of what was expected.
  func evidence(_ events: ReplayedEvents, _ reply: ReplayFacts.Reply) -> [Evidence] {
    var evidence = [
      Evidence(
        "after Last-Event-ID", reply.came.isEmpty ? "none" : listed(reply.came), expected: listed(events.expected),
        source: source)
    ]
    if !events.lost.isEmpty, events.count > 0 { evidence.append(Evidence("did not come", listed(events.lost))) }
    if case .cut(let cut) = reply.end {
      evidence.append(Evidence("end", "\(cut.detail), after \(millisecondsText(reply.watchedMilliseconds))"))
    }
    return evidence
  }
}

extension CheckCard {
  /// The verdict on a stream of a replay that can't be judged; nil for one that can.
  func unjudged(_ stream: ReplayFacts.Stream, in channel: ReplayFacts.Channel, as subject: Subject) -> Verdict? {
    let reply: ReplayFacts.Reply
    switch stream.reply {
    case .unseen(let reason): return undetermined(subject, reason.detail, at: reason.location ?? stream.location)
    case .seen(let seen): reply = seen
    }
    switch reply.outcome {
    case .failure(let failure):
      return undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
    case .response(let response) where !response.isEventStream:
      let what = "status \(response.status), type \(response.mediaType ?? "none")"
      // Of a channel that nobody else has, other checks say nothing.
      return channel.isOwn
        ? undetermined(subject, "the run's own channel is not served: \(what)", at: stream.location)
        : notApplicable(subject, "no event stream was opened: \(what)")
    case .response: break
    }
    guard let events = stream.events(channel.asked) else {
      return undetermined(subject, "it is not known what was to come", at: stream.location)
    }
    if events.lost.isEmpty {
      return events.count > 0
        ? nil : undetermined(subject, "all that was to come was trimmed meanwhile", at: stream.location)
    }
    if let reason = channel.asked?.remaining.unseen {
      return undetermined(
        subject,
        "\(counted(events.lost.count, "event")) did not come, and whether the log still had them is not known: "
          + reason.detail, at: stream.location)
    }
    return reply.tooLarge > 0
      ? undetermined(subject, "events came that were too large to be read", at: stream.location) : nil
  }
}
