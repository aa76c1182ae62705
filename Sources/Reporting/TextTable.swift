// Rows as an aligned table, or, where that many columns can't fit, as one block a row.

private let gap = 2
private let narrowest = 12

/// The table's lines, heading first, each at most `width` columns. Cells are made safe to print, and wrapped where the
/// table is too wide; where no column can be narrowed any further, each row becomes lines of `column: cell`.
public func tableLines(columns: [String], rows: [[String]], width: Int) -> [String] {
  let columns = columns.map { terminalSafe($0) }
  let rows = rows.map { row in row.map { terminalSafe($0) } }
  guard let widths = columnWidths(columns: columns, rows: rows, width: width) else {
    return blocks(columns: columns, rows: rows, width: width)
  }
  return ([columns] + rows).flatMap { tableRow($0, widths: widths) }
}

/// Whether a table fits a width without a cell being wrapped.
func fitsUnwrapped(columns: [String], rows: [[String]], width: Int) -> Bool {
  // Every column takes at least one place and the gap.
  guard columns.count * (1 + gap) <= width + gap else { return false }
  let widths = columns.indices.map { column in
    ([columns] + rows).map { column < $0.count ? displayWidth(terminalSafe($0[column])) : 0 }.max() ?? 0
  }
  return widths.reduce(0, +) + gap * (widths.count - 1) <= width
}

/// The natural width of each column, the widest narrowed until all fit; nil where they can't.
private func columnWidths(columns: [String], rows: [[String]], width: Int) -> [Int]? {
  var widths = columns.indices.map { column in
    let natural = ([columns] + rows).map { column < $0.count ? displayWidth($0[column]) : 0 }.max() ?? 0
    return min(natural, max(width, narrowest))
  }
  while widths.reduce(0, +) + gap * (widths.count - 1) > width {
    guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > narrowest else {
      return nil
    }
    widths[widest] -= 1
  }
  return widths
}

private func tableRow(_ cells: [String], widths: [Int]) -> [String] {
  let wrappedCells = zip(cells, widths).map { wrapped($0, width: max($1, 1), breakingWords: true) }
  let height = wrappedCells.map(\.count).max() ?? 0
  return (0..<height).map { index in
    var line = ""
    var column = 0
    var used = 0
    for (lines, width) in zip(wrappedCells, widths) {
      let text = index < lines.count ? lines[index] : ""
      if !text.isEmpty {
        line += String(repeating: " ", count: column - used) + text
        used = column + displayWidth(text)
      }
      column += width + gap
    }
    return line
  }
}

private func blocks(columns: [String], rows: [[String]], width: Int) -> [String] {
  let blocks = rows.map { row in
    zip(columns, row).flatMap { column, cell in
      wrapped("\(column): \(cell)", first: width, width: max(width - gap, 1), breakingWords: true)
        .enumerated().map { $0.offset == 0 ? $0.element : String(repeating: " ", count: gap) + $0.element }
    }
  }
  return Array(blocks.joined(separator: [""]))
}
