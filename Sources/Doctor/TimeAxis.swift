/// An axis of time in text: a character is a stretch of it, and the labels are in seconds.
struct TimeAxis: Equatable {
  /// The labels.
  private(set) var text = ""
  /// How many characters it has.
  let columns: Int
  /// The time at its beginning, and that of its end, in milliseconds.
  let start: Double
  let end: Double

  /// What no clock can have measured is not drawn: some ten years.
  private static let longest = 3e11

  /// An axis that holds both times; nil where the columns are too few or the times can't be.
  init?(from first: Double, to last: Double, columns: Int) {
    guard columns >= 12, first.isFinite, last.isFinite, last - first < Self.longest,
      let step = Self.step(over: last - first, columns: columns)
    else { return nil }
    self.columns = columns
    start = (first / step).rounded(.down) * step
    end = last
    for tick in 0..<columns {
      let moment = start + Double(tick) * step
      let label = Self.seconds(moment)
      guard moment < last, column(moment) + label.count <= columns else { break }
      let space = column(moment) - text.count
      // What begins before 0 begins with a whole step, which makes all others narrower.
      guard text.isEmpty || space > 1 else { continue }
      text += String(repeating: " ", count: space) + label
    }
  }

  /// The character that stands for a moment.
  func column(_ moment: Double) -> Int {
    min(columns - 1, Int((moment - start) * Double(columns) / max(end - start, 1)))
  }

  /// The stretch that a character stands for.
  func stretch(_ column: Int) -> Range<Double> {
    let length = max(end - start, 1) / Double(columns)
    return start + Double(column) * length..<start + Double(column + 1) * length
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
