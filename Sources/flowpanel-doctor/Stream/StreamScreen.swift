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
    /// When the response was there.
    var answered = ""
    var last = ""
    var progress: StreamProgress
    var hasFailed = false
  }

  private var rows: [Row] = []
  /// Whether there is one URL alone, which then need not be named in each line.
  private var isAlone = true
  private var began = ContinuousClock.now
  private var watch = Duration.zero
  /// How many lines are told of each stream elsewhere than on a terminal.
  private static let maximumLines = 10_000

  var isEmpty: Bool { rows.isEmpty }

  mutating func begin(_ streams: [StreamFacts], _ goal: WatchedFor, at moment: ContinuousClock.Instant = .now) {
    began = moment
    watch = goal.atMost
    rows = streams.map { stream in
      Row(
        url: stream.heading, cell: stream.cellName(among: streams),
        progress: StreamProgress(goal, isDriven: stream.isDriven))
    }
    isAlone = streams.byTarget.count == 1
  }

  /// Takes the news of a stream, and tells it in a line where it is one for people.
  mutating func take(_ news: StreamNews, of index: Int) -> String? {
    let before = rows[index].progress.totals
    rows[index].progress.take(news)
    switch news {
    case .redirect(let redirect):
      rows[index].status = "\(redirect.status)"
      return line(index, redirect.milliseconds, redirect.line)
    case .response(let response, let milliseconds):
      rows[index].status = "\(response.status)"
      rows[index].answered = " at \(millisecondsText(milliseconds))"
      return line(index, milliseconds, "headers: HTTP/\(response.httpVersion) \(response.status)")
    case .arrival(let arrival):
      rows[index].last = arrival.shortLine
      let delay = rows[index].progress.delay(of: arrival).map { "  +\(millisecondsText($0))" }
      return line(index, arrival.milliseconds, arrival.line + (delay ?? ""))
    case .totals(let totals):
      let said = before.events + before.comments
      guard said <= Self.maximumLines, totals.events + totals.comments > Self.maximumLines else { return nil }
      return line(index, nil, "what comes from now on is only counted")
    case .began, .bytes, .burst: return nil
    }
  }

  /// Takes what was published so far through the Redis of an index.
  mutating func take(_ publisher: StreamDrive.Publisher, _ publisherIndex: Int) {
    for index in rows.indices { rows[index].progress.take(publisher, publisherIndex) }
  }

  /// Takes the end of a stream, and tells it in a line.
  mutating func end(_ facts: StreamFacts, _ index: Int) -> String {
    rows[index].progress.end()
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
  func lines(width: Int, height: Int, at moment: ContinuousClock.Instant = .now) -> [String] {
    let elapsed = began.duration(to: moment)
    let urls = rows.isEmpty ? 0 : 1 + zip(rows, rows.dropFirst()).count { $0.url != $1.url }
    let layout: Layout =
      width >= Self.wide ? .wide : urls + 2 * rows.count + 1 <= height ? .twoLines : .brief
    var lines: [String] = []
    var url = ""
    for row in rows {
      if row.url != url {
        lines.append(row.url)
        url = row.url
      }
      lines += self.lines(of: row, layout, width: width, at: elapsed)
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

  /// How much of a stream has room.
  private enum Layout {
    /// Everything in a line.
    case wide
    /// Everything in two.
    case twoLines
    /// A line with what tells most.
    case brief
  }

  /// The columns that a line with everything takes.
  private static let wide = 110

  private func lines(of row: Row, _ layout: Layout, width: Int, at elapsed: Duration) -> [String] {
    let now = Double(elapsed.components.seconds) * 1000 + Double(elapsed.components.attoseconds) / 1e15
    let totals = row.progress.totals
    let name = padded(row.cell, to: rows.map { displayWidth($0.cell) }.max() ?? 0)
    let comments = totals.comments == 0 ? "" : ", \(counted(totals.comments, "comment"))"
    let counts = counted(totals.events, "event") + comments
    let waits = row.hasFailed ? "" : row.progress.waitsFor(at: now) ?? ""
    let delay = row.progress.delay.map { "+\(millisecondsText($0))" } ?? ""
    let gap = row.progress.gap(at: now) ?? ""
    func joined(_ parts: [String]) -> String { parts.joined(separator: "  ") }
    switch layout {
    case .wide:
      let line =
        "  "
        + joined([
          name, padded(row.status + row.answered, to: 13), padded(counts, to: 20), padded(delay, to: 8),
          padded(gap, to: 8), padded(waits, to: 20),
        ])
      return [width - displayWidth(line) > 12 || waits.isEmpty ? joined([line, row.last]) : line]
    case .twoLines:
      return [
        "  " + joined([name, row.status, counts]),
        "    " + joined([waits, delay, gap, row.last].filter { !$0.isEmpty }),
      ]
    case .brief:
      return ["  " + joined([name, padded(waits, to: 20), padded(delay, to: 8), padded(gap, to: 8), counts])]
    }
  }
}

private func padded(_ text: String, to width: Int, trailing: Bool = true) -> String {
  let blanks = String(repeating: " ", count: max(0, width - displayWidth(text)))
  return trailing ? text + blanks : blanks + text
}

/// A line's beginning that fits a width.
func fitted(_ line: String, width: Int) -> String {
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
