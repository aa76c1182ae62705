// Moments drawn in text above each other, so that it can be seen when events were sent and when they came.

/// Rows of moments on one axis of time: a character is a stretch of it, a digit the number of moments in it.
struct TimelineDrawing: Equatable {
  /// A row and what it is called.
  struct Row: Equatable {
    var label: String
    /// Milliseconds.
    var moments: [Double]
  }

  /// The axis, labelled in seconds.
  private(set) var axis = ""
  /// The rows' labels and what is drawn for them.
  private(set) var rows: [[String]] = []

  /// What no clock can have measured is not drawn: some ten years.
  private static let longest = 3e11
  private static let gap = 2

  /// Draws the rows from 0, or from the first moment if that is earlier, to the last moment or an end that is later; nil
  /// where the width, in columns, is too small or the times can't be.
  init?(_ rows: [Row], until end: Double, width: Int) {
    let columns = width - Self.gap - (rows.map(\.label.count).max() ?? 0)
    let moments = rows.flatMap(\.moments)
    let first = min(0, moments.min() ?? 0)
    let last = max(end, moments.max() ?? 0)
    guard columns >= 12, moments.allSatisfy(\.isFinite), last - first < Self.longest,
      let step = Self.step(over: last - first, columns: columns)
    else { return nil }
    let start = (first / step).rounded(.down) * step
    let scale = Double(columns) / max(last - start, 1)
    func column(_ moment: Double) -> Int { min(columns - 1, Int((moment - start) * scale)) }

    for tick in 0..<columns {
      let moment = start + Double(tick) * step
      let label = Self.seconds(moment)
      guard moment < last, column(moment) + label.count <= columns else { break }
      let space = column(moment) - axis.count
      // What begins before 0 begins with a whole step, which makes all others narrower.
      guard axis.isEmpty || space > 1 else { continue }
      axis += String(repeating: " ", count: space) + label
    }
    self.rows = rows.map { row in
      var counts = Array(repeating: 0, count: columns)
      for moment in row.moments { counts[column(moment)] += 1 }
      return [row.label, String(counts.map { $0 == 0 ? "·" : $0 < 10 ? Character("\($0)") : "+" })]
    }
  }

  /// The least of 0.1, 0.2, 0.5, 1, 2, 5 … seconds whose labels have room beside each other.
  private static func step(over span: Double, columns: Int) -> Double? {
    let longest = max(seconds(span).count, seconds(-span).count) + 3
    var decade = 100.0
    while decade <= self.longest {
      for step in [1, 2, 5].map({ $0 * decade }) where step / max(span, 1) * Double(columns) >= Double(longest) {
        return step
      }
      decade *= 10
    }
    return nil
  }

  /// `2 s`, `0.5 s`.
  private static func seconds(_ milliseconds: Double) -> String {
    let tenths = Int((milliseconds / 100).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(Double(tenths) / 10) s"
  }
}
