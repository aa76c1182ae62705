import Facts

/// The variables of a file as `node --env-file` sets them (Node.js 22.20 and 24, src/node_dotenv.cc). Node.js 20 reads
/// some files otherwise.
///
/// - Carriage returns count for nothing, wherever they stand. A byte order mark is part of the first name.
/// - White space behind `=`, line feeds included, is skipped: where only spaces stand behind it, the value is the next
///   line. Only where the line ends at once the value is empty, and then `export` is part of the name.
/// - A quoted value ends at the next quote of its kind, on whatever line; the rest of that line is dropped. Without one
///   the line is the value, quote and all. A double-quoted `\n` is a line feed.
/// - Other values end at `#` or at the end of the line.
func nodeEnvFileVariables(_ bytes: [UInt8], path: String) -> [String: EnvironmentVariable] {
  var scanner = NodeEnvFileScanner(bytes, path: path)
  var variables: [String: EnvironmentVariable] = [:]
  while let variable = scanner.next() { variables[variable.name] = variable }
  return variables
}

private struct NodeEnvFileScanner {
  /// Without carriage returns, and without white space at its end.
  private let text: [UInt8]
  private var places: PlaceCounter
  private var position: Int

  init(_ bytes: [UInt8], path: String) {
    let lines = bytes.filter { $0 != Byte.carriageReturn }
    text = Array(lines[..<lines.trimmed(lines.indices).upperBound])
    places = PlaceCounter(path: path)
    position = text.endOfSpace(from: 0)
  }

  mutating func next() -> EnvironmentVariable? {
    while position < text.count {
      if text[position] == Byte.lineFeed || text[position] == Byte.numberSign {
        position = lineStart(after: position)
        continue
      }
      let start = position
      let separator = text[start...].firstIndex { $0 == Byte.equals || $0 == Byte.lineFeed } ?? text.count
      guard separator < text.count, text[separator] == Byte.equals else {
        position = text.endOfSpace(from: min(separator + 1, text.count))
        continue
      }
      var name = text.trimmed(start..<separator)
      position = separator + 1
      if position == text.count || text[position] == Byte.lineFeed { return variable(name, ([], false)) }
      position = text.endOfSpace(from: position)
      if name.isEmpty { continue }
      let export = Array("export ".utf8)
      if text[name].starts(with: export) { name = text.trimmed(name.dropFirst(export.count)) }
      return variable(name, value())
    }
    return nil
  }

  /// The value that begins here, and whether it is cut at `#`; the position moves on to what follows it.
  private mutating func value() -> (bytes: [UInt8], isCutAtHash: Bool) {
    let quote = text[position]
    if isQuote(quote) {
      let close = text.firstIndex(of: quote, from: position + 1)
      if close < text.count {
        let value = text[(position + 1)..<close]
        position = lineStart(after: close)
        let isEscaped = quote == Byte.doubleQuote
        return (
          isEscaped ? replacingEscapes(in: value) { $0 == UInt8(ascii: "n") ? Byte.lineFeed : nil } : Array(value),
          false
        )
      }
    }
    var line = position..<text.firstIndex(of: Byte.lineFeed, from: position)
    position = text.endOfSpace(from: min(line.upperBound + 1, text.count))
    if isQuote(quote) { return (Array(text[line]), false) }
    let end = text[line].firstIndex(of: Byte.numberSign) ?? line.upperBound
    // White space before the value was skipped: a `#` behind it is the beginning of a comment.
    let isBehindSpace = end == line.lowerBound && isSpace(text[end - 1])
    let isCut = !isBehindSpace && text.cutsValue(from: line.lowerBound, at: end)
    line = text.trimmed(line.lowerBound..<end)
    return (Array(text[line]), isCut)
  }

  private func lineStart(after index: Int) -> Int {
    min(text.firstIndex(of: Byte.lineFeed, from: index) + 1, text.count)
  }

  private mutating func variable(
    _ name: Range<Int>, _ value: (bytes: [UInt8], isCutAtHash: Bool)
  ) -> EnvironmentVariable {
    EnvironmentVariable(
      name: String(decoding: text[name], as: UTF8.self), value: Secret(String(decoding: value.bytes, as: UTF8.self)),
      location: places.location(of: name.lowerBound, in: text), isCutAtHash: value.isCutAtHash)
  }
}

/// The characters that Node.js trims.
private func isSpace(_ byte: UInt8) -> Bool {
  byte == Byte.space || byte == Byte.tab || byte == Byte.lineFeed
}

extension [UInt8] {
  fileprivate func endOfSpace(from start: Int) -> Int { self[start...].firstIndex { !isSpace($0) } ?? count }

  fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
    guard let last = self[range].lastIndex(where: { !isSpace($0) }) else { return range.lowerBound..<range.lowerBound }
    let first = self[range].firstIndex { !isSpace($0) } ?? last
    return first..<(last + 1)
  }
}
