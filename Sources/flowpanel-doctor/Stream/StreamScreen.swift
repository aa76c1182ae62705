import Diagnosis
import Doctor
import Facts
import Reporting
import StreamProbe

/// What is known of each stream while it is watched, as lines; what servers say in it is made safe to print.
struct StreamScreen {
  private struct Row {
    var url: String
    /// The cell's name.
    var cell: String
    var status = "opening"
    var last = ""
    var totals = StreamFacts.Totals()
    /// When bytes came last.
    var lastByte: ContinuousClock.Instant?
    var hasFailed = false
    var isOver = false
  }

  private var rows: [Row] = []
  /// Whether there is one URL alone, which then need not be named in each line.
  private var isAlone = true
  private let began = ContinuousClock.now
  private var watch = Duration.zero
  /// How many lines are told of each stream elsewhere than on a terminal.
  private static let maximumLines = 10_000

  var isEmpty: Bool { rows.isEmpty }

  mutating func begin(_ streams: [StreamFacts], _ watch: Duration) {
    self.watch = watch
    rows = streams.map { stream in
      Row(url: stream.heading, cell: stream.cellName(among: streams))
    }
    isAlone = streams.byTarget.count == 1
  }

  /// Takes the news of a stream, and tells it in a line where it is one for people.
  mutating func take(_ news: StreamNews, of index: Int) -> String? {
    switch news {
    case .redirect(let redirect):
      rows[index].status = "\(redirect.status)"
      return line(index, redirect.milliseconds, redirect.line)
    case .response(let response, let milliseconds):
      rows[index].status = "\(response.status) at \(millisecondsText(milliseconds))"
      return line(index, milliseconds, "headers: HTTP/\(response.httpVersion) \(response.status)")
    case .arrival(let arrival):
      rows[index].last = arrival.line
      return line(index, arrival.milliseconds, arrival.line)
    case .totals(let totals):
      rows[index].lastByte = .now
      let said = rows[index].totals.events + rows[index].totals.comments
      rows[index].totals = totals
      guard said <= Self.maximumLines, totals.events + totals.comments > Self.maximumLines else { return nil }
      return line(index, nil, "what comes from now on is only counted")
    case .bytes: return nil
    }
  }

  /// Takes the end of a stream, and tells it in a line.
  mutating func end(_ facts: StreamFacts, _ index: Int) -> String {
    rows[index].isOver = true
    switch facts.outcome {
    case .failure(let failure):
      rows[index].status = failure.kind == .notOffered ? "not offered" : "failed"
      rows[index].hasFailed = failure.kind != .notOffered
      rows[index].last = failure.detail
      return line(index, facts.watchedMilliseconds, "no response: \(failure.detail)")
    case .response:
      rows[index].last = facts.endText
      return line(index, facts.watchedMilliseconds, facts.endText)
    }
  }

  private func line(_ index: Int, _ milliseconds: Double?, _ what: String) -> String {
    let row = rows[index]
    let time = padded(milliseconds.map(millisecondsText) ?? "", to: 9, trailing: false)
    return terminalSafe("\(time)  \(isAlone ? "" : "\(row.url)  ")\(padded(row.cell, to: 28))  \(what)")
  }

  /// The streams as lines of at most `width` columns, at most `height` of them.
  func lines(width: Int, height: Int) -> [String] {
    let elapsed = began.duration(to: .now)
    var lines: [String] = []
    var url = ""
    for row in rows {
      if row.url != url {
        lines.append(row.url)
        url = row.url
      }
      let counts = "\(counted(row.totals.events, "event")), \(counted(row.totals.comments, "comment"))"
      // A stream that has gone silent is what somebody may be looking for.
      let silence = row.isOver ? 0 : Int((row.lastByte ?? began).duration(to: .now).components.seconds)
      let quiet = silence < 2 ? "" : "silent for \(silence) s  "
      lines.append(
        "  \(padded(row.cell, to: 28))  \(padded(row.status, to: 14))  \(padded(counts, to: 22))  \(quiet)\(row.last)"
      )
    }
    let left = lines.count - (height - 1)
    if left > 0 {
      let failed = rows.count(where: \.hasFailed)
      lines = Array(lines.prefix(max(0, height - 2)))
      lines.append("… and \(left + 1) more lines\(failed == 0 ? "" : "; \(counted(failed, "stream")) failed")")
    }
    let seconds = min(elapsed, watch).components.seconds
    lines.append("\(seconds) of at most \(watch.components.seconds) s watched; Ctrl-C ends it with the report")
    return lines.map { fitted(terminalSafe($0), width: width) }
  }
}

private func padded(_ text: String, to width: Int, trailing: Bool = true) -> String {
  let blanks = String(repeating: " ", count: max(0, width - displayWidth(text)))
  return trailing ? text + blanks : blanks + text
}

/// A line's beginning that fits a width.
private func fitted(_ line: String, width: Int) -> String {
  guard displayWidth(line) > width else { return line }
  var kept = ""
  var used = 0
  for character in line {
    let next = displayWidth(String(character))
    if used + next > width - 1 { break }
    kept.append(character)
    used += next
  }
  return kept + "…"
}
