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

  private static let gap = 2

  /// Draws the rows from 0, or from the first moment if that is earlier, to the last moment or an end that is later; nil
  /// where the width, in columns, is too small or the times can't be.
  init?(_ rows: [Row], until end: Double, width: Int) {
    let moments = rows.flatMap(\.moments)
    guard moments.allSatisfy(\.isFinite),
      let axis = TimeAxis(
        from: min(0, moments.min() ?? 0), to: max(end, moments.max() ?? 0),
        columns: width - Self.gap - (rows.map(\.label.count).max() ?? 0))
    else { return nil }
    self.axis = axis.text
    self.rows = rows.map { row in
      var counts = Array(repeating: 0, count: axis.columns)
      for moment in row.moments { counts[axis.column(moment)] += 1 }
      return [row.label, String(counts.map { $0 == 0 ? "·" : $0 < 10 ? Character("\($0)") : "+" })]
    }
  }
}
