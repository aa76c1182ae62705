import Facts

/// The variables of a file as Docker Compose reads it (compose-go 2, dotenv/parser.go and godotenv.go).
///
/// - A name ends at `=`, `:` or the end of its line, where it takes the value that is inherited, if there is one. A last
///   line without any of the three is the value of a variable without name: compose-go really does that.
/// - A value in quotes may go on over lines; what follows it on its last line is the next statement. Escapes and
///   references count in double quotes, in single quotes only `\'`.
/// - Other values end at ` #` or at the end of the line; references count.
/// - Inside references what is inherited wins, for the variable itself the file does.
func composeVariables(
  _ bytes: [UInt8], path: String, inherited: [String: Secret], incomplete: Set<String>
) throws(EnvFileError) -> InstanceVariables {
  var scanner = ComposeScanner(bytes, path: path)
  var interpolation = ComposeInterpolation(incomplete: incomplete)
  var result = InstanceVariables(source: path, variables: [:])
  while let statement = try scanner.next() {
    func lookUp(_ name: String) -> Secret? { inherited[name] ?? result.variables[name]?.value }
    let name = statement.name
    var value: Secret?
    var isIncomplete = false
    switch statement.value {
    case .inherited:
      value = inherited[name]
      isIncomplete = incomplete.contains(name)
    case .literal(let text): value = Secret(String(decoding: text, as: UTF8.self))
    case .template(let text):
      do {
        let expanded = try interpolation.expand(text[...], lookUp)
        value = Secret(String(decoding: expanded.text, as: UTF8.self))
        isIncomplete = expanded.isIncomplete
      } catch {
        throw EnvFileError(.malformed, "in the value of `\(name)` \(error)", at: statement.location)
      }
    }
    guard let value else {
      if result.variables[name] == nil { result.unresolved[name] = .notPassedOn(by: "compose", statement.location) }
      continue
    }
    result.variables[name] = EnvironmentVariable(name: name, value: value, location: statement.location)
    result.unresolved[name] =
      isIncomplete
      ? .lostReference("write `$$`, or single quotes around the value, where a dollar is meant", at: statement.location)
      : nil
    // To references what is inherited wins.
    if inherited[name] == nil { interpolation.setIncomplete(name, isIncomplete) }
  }
  return result
}

private struct ComposeScanner {
  struct Statement {
    var name: String
    var value: Value
    var location: Location
  }

  enum Value {
    case inherited
    case literal([UInt8])
    case template([UInt8])
  }

  private let text: [UInt8]
  private var places: PlaceCounter
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    text = Array(withoutByteOrderMark(String(decoding: bytes, as: UTF8.self)))
    places = PlaceCounter(path: path)
  }

  mutating func next() throws(EnvFileError) -> Statement? {
    position = text.endOfGoSpace(from: position)
    while position < text.count, text[position] == Byte.numberSign {
      position = text.endOfGoSpace(from: text.firstIndex(of: Byte.lineFeed, from: position))
    }
    guard position < text.count else { return nil }
    skipExport()
    let start = position
    let location = places.location(of: start, in: text)
    guard start < text.count else {
      throw EnvFileError(.malformed, "`export` ends the file: write a name behind it", at: location)
    }
    let end = try endOfName(at: location)
    let name = String(decoding: text[start..<end.trimmed], as: UTF8.self)
    if text[start..<end.trimmed].contains(Byte.space) {
      throw EnvFileError(
        .malformed, "Compose refuses the file for white space within a name: write NAME=value", at: location)
    }
    // Without a separator, the place that a value is read from does not move on from the name.
    position = text.endOfComposeSpace(from: end.separator == nil ? start : end.index + 1)
    if end.separator == Byte.lineFeed { return Statement(name: name, value: .inherited, location: location) }
    return Statement(name: end.separator == nil ? "" : name, value: try value(at: location), location: location)
  }

  private mutating func skipExport() {
    let keyword = Array("export".utf8)
    let end = position + keyword.count
    // Go's `\s`, which has no vertical tab.
    guard text[position...].starts(with: keyword), end < text.count,
      text[end] == Byte.space || 0x09...0x0D ~= text[end],
      text[end] != 0x0B
    else { return }
    position = text.endOfComposeSpace(from: end)
  }

  /// Finds the `=`, `:` or line feed that ends the name here, and where the name ends without white space before it.
  private func endOfName(
    at location: Location
  ) throws(EnvFileError) -> (index: Int, trimmed: Int, separator: UInt8?) {
    var index = position
    var trimmed = index
    while index < text.count {
      switch text[index] {
      case Byte.equals, Byte.colon, Byte.lineFeed: return (index, trimmed, text[index])
      default: break
      }
      let space = text.composeSpaceLength(at: index)
      guard space > 0 || isNamePart(at: index) else {
        throw EnvFileError(
          .malformed,
          "a name ends here without `=`, and Compose refuses the file: write NAME=value, with letters, digits and `_`",
          at: location)
      }
      index += space > 0 ? space : text.scalarLength(at: index)
      if space == 0 { trimmed = index }
    }
    return (position, position, nil)
  }

  private func isNamePart(at index: Int) -> Bool {
    let byte = text[index]
    if byte < 0x80 { return isNameByte(byte) || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") }
    let scalar = String(decoding: text[index..<(index + text.scalarLength(at: index))], as: UTF8.self).unicodeScalars
      .first
    switch scalar?.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }

  private mutating func value(at location: Location) throws(EnvFileError) -> Value {
    guard position < text.count, text[position] == Byte.singleQuote || text[position] == Byte.doubleQuote else {
      return .template(unquotedValue())
    }
    let quote = text[position]
    var value: [UInt8] = []
    var index = position + 1
    while index < text.count, text[index] != quote {
      if text[index] == Byte.backslash, index + 1 < text.count {
        if text[index + 1] != quote { value.append(Byte.backslash) }
        value.append(text[index + 1])
        index += 2
      } else {
        value.append(text[index])
        index += 1
      }
    }
    guard index < text.count else {
      throw EnvFileError(
        .malformed, "the value begins with a quote that nothing closes: close it, or take it away", at: location)
    }
    position = index + 1
    return quote == Byte.doubleQuote ? .template(replacingComposeEscapes(in: value)) : .literal(value)
  }

  private mutating func unquotedValue() -> [UInt8] {
    let start = position
    position = text.firstIndex(of: Byte.lineFeed, from: start)
    var index = start
    var end = start
    while index < position {
      if text[index] == Byte.space, index + 1 < position, text[index + 1] == Byte.numberSign { break }
      let space = text.goSpaceLength(at: index)
      index += max(space, 1)
      if space == 0 { end = index }
    }
    return Array(text[start..<end])
  }
}

extension [UInt8] {
  /// The length of the white space at an index that compose-go allows within a line.
  fileprivate func composeSpaceLength(at index: Int) -> Int {
    switch self[index] {
    case Byte.lineFeed: 0
    case 0xC2, ..<0x80: goSpaceLength(at: index)
    default: 0
    }
  }

  fileprivate func endOfComposeSpace(from start: Int) -> Int {
    var index = start
    while index < count, case let length = composeSpaceLength(at: index), length > 0 { index += length }
    return index
  }

  /// The length of the UTF-8 sequence that begins at an index.
  fileprivate func scalarLength(at index: Int) -> Int {
    (self[(index + 1)...].firstIndex { !isContinuation($0) } ?? count) - index
  }
}
