import Diagnosis
import Doctor
import Facts
import StreamProbe

/// What one stream has shown until now, in numbers for who looks on: how late its events are, how long nothing has come,
/// and what is still waited for. Times are milliseconds since its request began.
struct StreamProgress {
  private let goal: WatchedFor
  private let isDriven: Bool
  /// When the request began, on the clock of what is published.
  private var began = 0.0
  /// When each message of the run's own was sent, on that clock, by its number.
  private var sent: [Int: Double] = [:]
  /// The Redis servers through which nothing can be published.
  private var failedPublishers: Set<Int> = []
  private(set) var totals = StreamFacts.Totals()
  private var head: Double?
  private var handshake: Double?
  private var lastArrival: Double?
  private var lastHeartbeat: Double?
  private var marks = 0
  private var messages: Set<Int> = []
  private var isOver = false
  /// How much later than their time at the origin the least delayed event came, and the most delayed one of those that
  /// came last together. What the run published itself has a time that needs no other beside it: the least is 0.
  private var delays: (least: Double, latest: Double)?

  init(_ goal: WatchedFor, isDriven: Bool) {
    self.goal = goal
    self.isDriven = isDriven
  }

  mutating func take(_ news: StreamNews) {
    switch news {
    case .began(let milliseconds): began = milliseconds
    case .response(_, let milliseconds): head = milliseconds
    case .arrival(let arrival): take(arrival)
    case .totals(let totals): self.totals = totals
    case .redirect, .bytes, .burst: break
    }
  }

  /// Takes what was published so far through the Redis of an index.
  mutating func take(_ publisher: StreamDrive.Publisher, _ index: Int) {
    guard isDriven else { return }
    if let last = publisher.publications.last {
      if sent.isEmpty { delays = nil }
      sent[last.number] = last.sentMilliseconds
    } else if publisher.failure != nil {
      failedPublishers.insert(index)
    }
  }

  mutating func end() { isOver = true }

  private mutating func take(_ arrival: StreamFacts.Arrival) {
    let time = arrival.milliseconds
    if handshake == nil, goal.handshake.matches(arrival.content) { handshake = time }
    if case .comment(let text) = arrival.content, text == goal.heartbeat?.comment { lastHeartbeat = time }
    if let number = arrival.probeNumber { messages.insert(number) }
    if arrival.mark != nil { marks += 1 }
    if let delay = lateness(of: arrival) {
      let least = sent.isEmpty ? min(delays?.least ?? delay, delay) : 0
      let isTogether = lastArrival.map { time - $0 <= Self.together } == true
      delays = (least, isTogether ? max(delays?.latest ?? delay, delay) : delay)
    }
    lastArrival = time
  }

  /// How long after its sending an event came, for marks up to a number that is the same for all of the stream.
  private func lateness(of arrival: StreamFacts.Arrival) -> Double? {
    guard sent.isEmpty else {
      return arrival.probeNumber.flatMap { sent[$0] }.map { began + arrival.milliseconds - $0 }
    }
    return arrival.mark.map { arrival.milliseconds - Double($0.elapsedMicroseconds) / 1000 }
  }

  /// What comes within so many milliseconds came together: the last of a burst is the least late.
  private static let together = 20.0

  /// How much later than the least delayed event until now, or than its own publishing, the last one came, or the first of
  /// those that came with it; nil where it is not known when they were sent.
  var delay: Double? { delays.map { $0.latest - $0.least } }

  /// How much later one event that has just been taken came; nil for what is not known, and for the least delayed itself.
  func delay(of arrival: StreamFacts.Arrival) -> Double? {
    guard let lateness = lateness(of: arrival), let least = delays?.least else { return nil }
    return lateness > least ? lateness - least : nil
  }

  /// How long no event and no comment has come, in words; nil before the first.
  func gap(at now: Double) -> String? {
    lastArrival.map { now - $0 < 1000 ? "now" : "\(Self.seconds(now - $0)) ago" }
  }

  /// What is still waited for at a moment; nil where nothing in particular is.
  func waitsFor(at now: Double) -> String? {
    if isOver { return "decided" }
    if let events = goal.events { return "\(totals.events) of \(counted(events, "event"))" }
    guard let head else { return "no answer for \(Self.seconds(now))" }
    if let idle = goal.idle {
      let silence = now - max(head, totals.lastByteMilliseconds ?? 0)
      let whole = Self.seconds(Double(idle.components.seconds) * 1000)
      return silence < 2000
        ? "held for \(Self.seconds(now - head)) of \(whole)" : "silent for \(Self.seconds(silence)) of \(whole)"
    }
    guard handshake != nil else { return "no handshake for \(Self.seconds(now - head))" }
    if isDriven, failedPublishers.count < goal.publishers, let enough = goal.messages {
      return "\(min(messages.count, enough)) of \(counted(enough, "message"))"
    }
    if marks > 0 { return goal.marks.map { "\(min(marks, $0)) of \(counted($0, "event"))" } }
    return heartbeat(at: now, after: head)
  }

  private func heartbeat(at now: Double, after head: Double) -> String? {
    guard let heartbeat = goal.heartbeat else { return nil }
    // One that has no fixed period is put off by every event.
    let isFixed = heartbeat.seconds.lowerBound == heartbeat.seconds.upperBound
    let due = (isFixed ? lastHeartbeat ?? head : lastArrival ?? head) + heartbeat.seconds.upperBound * 1000
    guard due < Double(goal.atMost.components.seconds) * 1000 else { return nil }
    return now < due
      ? "heartbeat due in \(Self.seconds(due - now, .up))" : "heartbeat \(Self.seconds(now - due)) late"
  }

  private static func seconds(_ milliseconds: Double, _ rule: FloatingPointRoundingRule = .down) -> String {
    ageText(Int(exactly: (max(0, milliseconds) / 1000).rounded(rule)) ?? 0)
  }
}
