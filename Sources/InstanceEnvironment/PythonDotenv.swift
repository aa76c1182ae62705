import Facts

/// The variables of a file as `python-dotenv` 1.2 sets them (`load_dotenv(override=True)`, parser.py and variables.py).
///
/// - A statement that does not parse is dropped with the rest of its line, which Python only warns of. A name without
///   `=` sets nothing, but hides an inherited variable from references.
/// - A quoted value may go on over lines, and nothing but a comment may follow it. Escapes are replaced in both kinds of
///   quotes, references in every value: `${NAME}` and `${NAME:-default}`, where an empty variable is no reason for the
///   default.
/// - A byte order mark counts for nothing. Before 1.2.3 it was a part of the name in the first line, which so is unresolved.
/// - Other values end at `#` with white space before it.
func pythonVariables(
  _ bytes: [UInt8], path: String, inherited: [String: Secret], incomplete: Set<String>
) throws(EnvFileError) -> InstanceVariables {
  guard let decoded = String(validating: bytes, as: UTF8.self) else {
    throw EnvFileError(
      .malformed, "the file is not UTF-8, and python-dotenv refuses it: save it as UTF-8", at: Location(file: path))
  }
  var scanner = PythonScanner(decoded, path: path)
  var interpolation = PythonInterpolation(inherited: inherited, incomplete: incomplete)
  var result = InstanceVariables(source: path, variables: [:])
  let hasMark = decoded.utf8.starts(with: byteOrderMark)
  while let statement = scanner.next() {
    let isBehindMark = hasMark && statement.location.line == 1
    let value = try interpolation.set(
      statement.name, to: statement.value, isLost: isBehindMark, at: statement.location)
    result.variables[statement.name] = value.map {
      EnvironmentVariable(name: statement.name, value: Secret($0), location: statement.location)
    }
    guard interpolation.incomplete.contains(statement.name) else {
      result.unresolved[statement.name] = nil
      continue
    }
    result.unresolved[statement.name] =
      isBehindMark
      ? Unseen(
        .notUnderstood,
        "the file begins with a byte order mark, which python-dotenv before 1.2.3 takes for a part of this name: save "
          + "it as UTF-8 without one", at: statement.location)
      : .lostReference("give it a default, as in `${NAME:-x}`", at: statement.location)
  }
  return result
}

private struct PythonScanner {
  struct Statement {
    var name: String
    /// nil where the name stands alone.
    var value: [UInt8]?
    var location: Location
  }

  private let text: [UInt8]
  private var places: PlaceCounter
  private var position = 0

  init(_ decoded: String, path: String) {
    text = withLineFeeds(decoded)
    places = PlaceCounter(path: path)
  }

  mutating func next() -> Statement? {
    while true {
      while case let length = text.pythonSpaceLength(at: position), length > 0 { position += length }
      if position == text.count { return nil }
      if let statement = statement() { return statement }
      // Nothing was assigned: a comment, or what does not parse.
      position = text.firstIndex(of: Byte.lineFeed, from: position)
    }
  }

  /// Reads a statement to the end of its line. On nil the position is where it stopped making sense.
  private mutating func statement() -> Statement? {
    let keyword = Array("export".utf8)
    if text[position...].starts(with: keyword) {
      let end = text.endOfBlanks(from: position + keyword.count)
      if end > position + keyword.count { position = end }
    }
    guard let name = name() else { return nil }
    position = text.endOfBlanks(from: position)
    var value: [UInt8]?
    if position < text.count, text[position] == Byte.equals {
      let start = position + 1
      position = text.endOfBlanks(from: start)
      let isComment = position > start && position < text.count && text[position] == Byte.numberSign
      guard let found = isComment ? [] : self.value() else { return nil }
      value = found
    }
    let end = text.endOfBlanks(from: position)
    if end < text.count, text[end] == Byte.numberSign {
      position = text.firstIndex(of: Byte.lineFeed, from: end)
    } else if end == text.count || text[end] == Byte.lineFeed {
      position = end
    } else {
      return nil
    }
    return Statement(
      name: String(decoding: text[name], as: UTF8.self), value: value,
      location: places.location(of: name.lowerBound, in: text))
  }

  private mutating func name() -> Range<Int>? {
    guard position < text.count else { return nil }
    if text[position] == Byte.singleQuote {
      let close = text.firstIndex(of: Byte.singleQuote, from: position + 1)
      guard close < text.count, close > position + 1 else { return nil }
      defer { position = close + 1 }
      return (position + 1)..<close
    }
    let start = position
    while position < text.count, text[position] != Byte.equals, text[position] != Byte.numberSign,
      text.pythonSpaceLength(at: position) == 0
    {
      position += 1
    }
    return position > start ? start..<position : nil
  }

  private mutating func value() -> [UInt8]? {
    guard position < text.count else { return [] }
    let quote = text[position]
    guard quote == Byte.singleQuote || quote == Byte.doubleQuote else { return unquotedValue() }
    var index = position + 1
    while index < text.count, text[index] != quote { index += text[index] == Byte.backslash ? 2 : 1 }
    guard index < text.count else { return nil }
    defer { position = index + 1 }
    return replacingEscapes(in: text[(position + 1)..<index], quote == Byte.doubleQuote ? pythonEscape : quoteEscape)
  }

  private mutating func unquotedValue() -> [UInt8] {
    let start = position
    position = text.firstIndex(of: Byte.lineFeed, from: start)
    var index = start
    var end = start
    var isBehindSpace = false
    while index < position, !(isBehindSpace && text[index] == Byte.numberSign) {
      let length = text.pythonSpaceLength(at: index)
      isBehindSpace = length > 0
      index += max(length, 1)
      if length == 0 { end = index }
    }
    return Array(text[start..<end])
  }
}

private func quoteEscape(_ byte: UInt8) -> UInt8? {
  byte == Byte.backslash || byte == Byte.singleQuote ? byte : nil
}

private func pythonEscape(_ byte: UInt8) -> UInt8? {
  byte == Byte.doubleQuote ? byte : quoteEscape(byte) ?? letterEscape(byte)
}

extension [UInt8] {
  /// Python's `\s`.
  fileprivate func pythonSpaceLength(at index: Int) -> Int {
    guard index < count else { return 0 }
    return 0x1C...0x1F ~= self[index] ? 1 : goSpaceLength(at: index)
  }

  /// The first index from `start` on that is not white space within a line.
  fileprivate func endOfBlanks(from start: Int) -> Int {
    var index = start
    while index < count, self[index] != Byte.lineFeed, case let length = pythonSpaceLength(at: index), length > 0 {
      index += length
    }
    return index
  }
}
