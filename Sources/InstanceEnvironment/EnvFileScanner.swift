import Facts

/// Finds the assignments of a `.env` file as `dotenv` 16 finds them. That is one regular expression over the whole text,
/// so an assignment is not bound to a line: its name, its `=` and an opening quote may stand on different lines. The
/// expression's choices, worked out as one forward pass:
///
/// - an assignment starts with the first word of a line; what does not go on as one is skipped to the end of its line;
/// - `export` counts as a name only where no name and separator follow it;
/// - the separator is `=`, or `:` with white space behind it;
/// - a quoted value ends at the first unescaped quote, if nothing but a comment follows on that line; otherwise at the
///   last escaped quote before it of which that is true; otherwise the quotes mean nothing;
/// - an unquoted value ends before `#` or at the end of the line.
struct EnvFileScanner {
  private let text: [UInt8]
  private var places: PlaceCounter
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    text = withLineFeeds(String(decoding: bytes, as: UTF8.self))
    places = PlaceCounter(path: path)
  }

  mutating func next() -> EnvironmentVariable? {
    while true {
      let start = text.endOfWhiteSpace(from: position)
      if start == text.count { return nil }
      if let found = assignment(at: start) {
        position = found.end
        return EnvironmentVariable(
          name: String(decoding: text[found.name], as: UTF8.self),
          value: Secret(String(decoding: dotenvValue(text[found.value]), as: UTF8.self)),
          location: places.location(of: found.name.lowerBound, in: text), isCutAtHash: found.isCutAtHash)
      }
      position = text.endOfLine(from: start)
    }
  }

  private struct Assignment {
    var name: Range<Int>
    var value: Range<Int>
    /// Where the search goes on: the end of a line, or of the text.
    var end: Int
    var isCutAtHash = false
  }

  private func assignment(at start: Int) -> Assignment? {
    let keyword = Array("export".utf8)
    if text[start...].starts(with: keyword) {
      let afterKeyword = start + keyword.count
      let nameStart = text.endOfWhiteSpace(from: afterKeyword)
      if nameStart > afterKeyword, let found = pair(at: nameStart) { return found }
    }
    return pair(at: start)
  }

  private func pair(at start: Int) -> Assignment? {
    let nameEnd = text[start...].firstIndex { !isNameByte($0) } ?? text.count
    guard nameEnd > start, let valueStart = valueStart(afterNameAt: nameEnd) else { return nil }
    let quote = text.endOfWhiteSpace(from: valueStart)
    if quote < text.count, isQuote(text[quote]), let quoted = quotedValue(openedAt: quote) {
      return Assignment(name: start..<nameEnd, value: quote..<quoted.close + 1, end: quoted.end)
    }
    let valueEnd = text[valueStart...].firstIndex { $0 == Byte.numberSign || $0 == Byte.lineFeed } ?? text.count
    return Assignment(
      name: start..<nameEnd, value: valueStart..<valueEnd, end: restOfLine(from: valueEnd) ?? valueEnd,
      isCutAtHash: text.cutsValue(from: valueStart, at: valueEnd))
  }

  private func valueStart(afterNameAt nameEnd: Int) -> Int? {
    let separator = text.endOfWhiteSpace(from: nameEnd)
    guard separator < text.count else { return nil }
    if text[separator] == Byte.equals { return separator + 1 }
    guard text[nameEnd] == Byte.colon else { return nil }
    let space = text.whiteSpaceLength(at: nameEnd + 1)
    return space > 0 ? nameEnd + 1 + space : nil
  }

  private func quotedValue(openedAt open: Int) -> (close: Int, end: Int)? {
    let quote = text[open]
    var escapedQuotes: [Int] = []
    var index = open + 1
    while index < text.count {
      if text[index] == quote {
        if let end = restOfLine(from: index + 1) { return (index, end) }
        break
      }
      let isEscape = text[index] == Byte.backslash && index + 1 < text.count && text[index + 1] == quote
      if isEscape { escapedQuotes.append(index + 1) }
      index += isEscape ? 2 : 1
    }
    for close in escapedQuotes.reversed() {
      if let end = restOfLine(from: close + 1) { return (close, end) }
    }
    return nil
  }

  /// The end of the line behind a value, where only white space and a comment may stand; nil where something else does.
  /// A comment is also taken from the next line that is not blank.
  private func restOfLine(from start: Int) -> Int? {
    var index = start
    var lastLineEnd: Int?
    while case let length = text.whiteSpaceLength(at: index), length > 0 {
      if text.isLineEnd(at: index) { lastLineEnd = index }
      index += length
    }
    if index == text.count { return index }
    return text[index] == Byte.numberSign ? text.endOfLine(from: index) : lastLineEnd
  }
}
