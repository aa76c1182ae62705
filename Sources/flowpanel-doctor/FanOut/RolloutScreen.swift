import Diagnosis
import Doctor
import Facts

/// What of a rollout is shown while it is watched: a line for each thing that happens, and how things stand.
struct RolloutScreen {
  private struct Row {
    var name: String
    var isOpen = false
    var wasOpen = false
    var failures = 0
    /// When it ended; nil while it is open.
    var ended: Double?
    /// How many messages were published since it was opened or one came on it last.
    var unheard = 0
    var isToldSilent = false

    mutating func hear() {
      unheard = 0
      isToldSilent = false
    }
  }

  private var rows: [Row] = []
  private var areAllOpen = false
  private var drops = 0
  private var published = 0
  /// How many messages an open stream misses in a row until it is called silent.
  private var patience = RolloutFacts.silence
  /// Why nothing can be published now, by publisher; and where each publishes, where there are several.
  private var failures: [Int: String] = [:]
  private var servers: [String] = []
  /// When something was published last, or that failed.
  private var lastTime: Double?
  private var linesLeft = Self.maximumLines
  /// Where the words of a line begin, in columns: behind the time.
  static let indent = 11
  /// How many lines are told in all.
  static let maximumLines = 10_000

  var isEmpty: Bool { rows.isEmpty }

  mutating func begin(_ rollout: RolloutFacts) {
    rows = rollout.streams.map { Row(name: $0.name) }
    servers = (rollout.publishers.value ?? []).map(\.redisURL)
    // What is published through one Redis need not reach those that use another.
    patience *= max(1, servers.count)
  }

  /// Takes what happened, and tells it in a line where it is something for people.
  mutating func take(_ news: RolloutNews) -> String? {
    guard let line = line(for: news), linesLeft > 0 else { return nil }
    linesLeft -= 1
    return linesLeft == 0 ? "what happens from now on is only counted" : line
  }

  private mutating func line(for news: RolloutNews) -> String? {
    switch news {
    case .opened(let stream, let time):
      let row = rows[stream]
      rows[stream].isOpen = true
      rows[stream].wasOpen = true
      rows[stream].failures = 0
      rows[stream].ended = nil
      rows[stream].hear()
      if let ended = row.ended {
        return said(
          stream, time, "back after \(millisecondsText(time - ended)), \(counted(row.failures + 1, "attempt"))")
      }
      guard !areAllOpen, rows.allSatisfy(\.wasOpen) else { return row.failures > 0 ? said(stream, time, "open") : nil }
      areAllOpen = true
      let next = failures.isEmpty ? "deploy now" : "what a deploy loses can't be seen until messages are published"
      return "\(clock(time))  all \(counted(rows.count, "stream")) are open: \(next); Ctrl-C ends the watch"
    case .ended(let stream, let time, let end):
      rows[stream].isOpen = false
      rows[stream].ended = time
      drops += 1
      return said(stream, time, "dropped, \(end.shortText)")
    case .failed(let stream, let attempt):
      rows[stream].failures += 1
      return said(stream, attempt.milliseconds, "no stream: \(attempt.detail)")
    case .stopped(let stream, .refused):
      return said(stream, nil, "a browser's EventSource gives up after such an answer; watched no longer")
    case .stopped(let stream, .tooManyGaps): return said(stream, nil, "dropped too often; watched no longer")
    case .published(let publisher, _, _):
      published += 1
      for index in rows.indices where rows[index].isOpen { rows[index].unheard += 1 }
      if failures.removeValue(forKey: publisher) != nil {
        return "\(clock(lastTime))  messages are published again\(through(publisher))"
      }
      let silent = rows.indices.filter { isSilent(rows[$0]) && !rows[$0].isToldSilent }
      if silent.isEmpty { return nil }
      for index in silent { rows[index].isToldSilent = true }
      return
        "\(clock(lastTime))  \(firstFew(silent.map { rows[$0].name }, 3)): open, and none "
        + "of the last \(counted(patience, "message")) came"
    case .heard(let stream, _, let time):
      let wasTold = rows[stream].isToldSilent
      rows[stream].hear()
      return wasTold ? said(stream, time, "messages come again") : nil
    case .publisherFailed(let publisher, let reason, let time):
      lastTime = time
      if failures.updateValue(reason, forKey: publisher) == reason { return nil }
      return "\(clock(time))  nothing can be published now\(through(publisher)): \(reason)"
    case .sending(_, _, let time):
      lastTime = time
      return nil
    }
  }

  private func through(_ publisher: Int) -> String {
    servers.count > 1 && servers.indices.contains(publisher) ? " through \(servers[publisher])" : ""
  }

  private func isSilent(_ row: Row) -> Bool { row.isOpen && row.unheard >= patience }

  /// How things stand, in a line.
  func status(at elapsed: Duration) -> String {
    let open = rows.count(where: \.isOpen)
    let silent = rows.count(where: isSilent)
    return "\(ageText(Int(elapsed.components.seconds))): \(open) of \(counted(rows.count, "stream")) open, "
      + (silent > 0 ? "\(silent) of them silent, " : "")
      + "\(counted(drops, "drop")), \(counted(published, "message")) published; Ctrl-C ends the watch"
  }

  private func said(_ stream: Int, _ time: Double?, _ what: String) -> String {
    "\(clock(time))  \(rows[stream].name): \(what)"
  }

  /// `   12.3 s`, as wide for a day.
  private func clock(_ milliseconds: Double?) -> String {
    guard let tenths = milliseconds.flatMap({ Int(exactly: ($0 / 100).rounded()) }) else {
      return String(repeating: " ", count: 9)
    }
    let text = "\(tenths / 10).\(tenths % 10) s"
    return String(repeating: " ", count: max(0, 9 - text.count)) + text
  }
}
