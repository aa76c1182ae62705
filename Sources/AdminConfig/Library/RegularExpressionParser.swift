/// Parses patterns (ECMAScript 22.2.1), without the flag `u` with the additions of Annex B.1.2.
struct PatternParser {
  let flags: PatternFlags
  /// Code points with the flag `u`, code units without it.
  let characters: [UInt32]
  var cursor = 0
  var depth = 0
  /// How many capturing groups have been opened so far.
  var openedGroups = 0
  /// All capturing groups of the pattern: back references may stand before their groups.
  private(set) var groupCount = 0
  private(set) var groupNames: [String: Int] = [:]

  init(_ source: String, flags: PatternFlags) throws(RegularExpressionError) {
    self.flags = flags
    guard source.utf16.count <= LibraryLimit.patternUnits else {
      throw .unsupported("a regular expression that is too long")
    }
    characters = flags.isUnicode ? source.unicodeScalars.map(\.value) : source.utf16.map { UInt32($0) }
    if flags.isUnicode, flags.ignoresCase, characters.contains(where: { $0 >= 0x80 }) { throw Self.unknownFolding }
    try countGroups()
  }

  static let unknownFolding = RegularExpressionError.unsupported(
    "a regular expression with the flags i and u and characters past ASCII")

  mutating func parse() throws(RegularExpressionError) -> PatternNode {
    let result = try parseAlternatives()
    guard cursor == characters.count else { throw .malformed("a ) without a (") }
    return result
  }

  var current: UInt32? { cursor < characters.count ? characters[cursor] : nil }

  func stands(_ text: StaticString, at offset: Int = 0) -> Bool {
    let start = cursor + offset
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard start + bytes.count <= characters.count else { return false }
    return zip(characters[start...], bytes).allSatisfy { $0 == UInt32($1) }
  }

  mutating func take(_ text: StaticString) -> Bool {
    guard stands(text) else { return false }
    cursor += text.utf8CodeUnitCount
    return true
  }

  private mutating func countGroups() throws(RegularExpressionError) {
    var isInClass = false
    defer { cursor = 0 }
    while let character = current {
      if character == ascii("\\") {
        cursor += 1
      } else if character == ascii("[") {
        isInClass = true
      } else if character == ascii("]") {
        isInClass = false
      } else if !isInClass, take("(") {
        guard stands("?") else {
          groupCount += 1
          continue
        }
        if stands("?<"), !stands("?<="), !stands("?<!") {
          cursor += 2
          groupCount += 1
          let name = try parseGroupName()
          guard groupNames.updateValue(groupCount, forKey: name) == nil else {
            throw .unsupported("a regular expression with two groups of one name")
          }
        }
        continue
      }
      cursor += 1
    }
  }

  /// The name of a group after its `<`. Names past ASCII are left out.
  mutating func parseGroupName() throws(RegularExpressionError) -> String {
    var name: [UInt8] = []
    while let character = current, character != ascii(">") {
      guard character < 0x80, character != ascii("\\") else {
        throw .unsupported("a regular expression with a group name past ASCII")
      }
      let isDigit = (0x30...0x39).contains(character)
      guard isWordCharacter(character) || character == ascii("$"), !(name.isEmpty && isDigit) else {
        throw .malformed("an invalid group name")
      }
      name.append(UInt8(character))
      cursor += 1
    }
    guard take(">"), !name.isEmpty else { throw .malformed("an invalid group name") }
    return String(decoding: name, as: UTF8.self)
  }

  private mutating func parseAlternatives() throws(RegularExpressionError) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= LibraryLimit.patternDepth else {
      throw .unsupported("a regular expression that nests too deep")
    }
    var alternatives = [try parseSequence()]
    while take("|") { alternatives.append(try parseSequence()) }
    return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
  }

  private mutating func parseSequence() throws(RegularExpressionError) -> PatternNode {
    var terms: [PatternNode] = []
    while let character = current, character != ascii("|"), character != ascii(")") {
      let groupsBefore = openedGroups
      let (term, isQuantifiable) = try parseTerm(character)
      let quantified = try parseQuantifier(of: term, groups: groupsBefore..<openedGroups)
      guard let quantified else {
        terms.append(term)
        continue
      }
      guard isQuantifiable else { throw .malformed("nothing to repeat") }
      terms.append(quantified)
    }
    return terms.isEmpty ? .empty : terms.count == 1 ? terms[0] : .sequence(terms)
  }

  private mutating func parseTerm(_ character: UInt32) throws(RegularExpressionError) -> (PatternNode, Bool) {
    if take("^") { return (.lineStart, false) }
    if take("$") { return (.lineEnd, false) }
    if take("\\b") { return (.wordBoundary(isNegative: false), false) }
    if take("\\B") { return (.wordBoundary(isNegative: true), false) }
    if take("(") { return try parseGroup() }
    if take(".") { return (.set(flags.dotMatchesAll ? .everything : CharacterSet.lineEnds.complement), true) }
    if take("[") { return (.set(try parseClass()), true) }
    if take("\\") { return (try parseEscape(), true) }
    if stands("*") || stands("+") || stands("?") { throw .malformed("nothing to repeat") }
    if stands("{") {
      guard !flags.isUnicode, try parseBounds() == nil else { throw .malformed("nothing to repeat") }
    }
    if flags.isUnicode, stands("}") || stands("]") { throw .malformed("a lone bracket") }
    cursor += 1
    return (.character(character), true)
  }

  private mutating func parseGroup() throws(RegularExpressionError) -> (PatternNode, Bool) {
    var number: Int?
    if take("?:") {
      let inside = try parseAlternatives()
      guard take(")") else { throw .malformed("a group that does not end") }
      return (.group(inside, number: nil), true)
    }
    for (opening, isBehind, isNegative) in Self.looks where take(opening) {
      let inside = try parseAlternatives()
      guard take(")") else { throw .malformed("a group that does not end") }
      return (.look(inside, isBehind: isBehind, isNegative: isNegative), !flags.isUnicode && !isBehind)
    }
    if take("?<") {
      _ = try parseGroupName()
    } else if stands("?") {
      throw stands("?i") || stands("?m") || stands("?s") || stands("?-")
        ? .unsupported("a regular expression with flags inside") : .malformed("an invalid group")
    }
    openedGroups += 1
    number = openedGroups
    let inside = try parseAlternatives()
    guard take(")") else { throw .malformed("a group that does not end") }
    return (.group(inside, number: number), true)
  }

  private static let looks: [(StaticString, Bool, Bool)] = [
    ("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true),
  ]

  private mutating func parseQuantifier(
    of term: PatternNode, groups: Range<Int>
  ) throws(RegularExpressionError) -> PatternNode? {
    let bounds: ClosedRange<Int>
    if take("*") {
      bounds = 0...Int.max
    } else if take("+") {
      bounds = 1...Int.max
    } else if take("?") {
      bounds = 0...1
    } else if stands("{"), let written = try parseBounds() {
      bounds = written
    } else {
      return nil
    }
    let isLazy = take("?")
    return .repeated(
      term, minimum: bounds.lowerBound, maximum: bounds.upperBound, isLazy: isLazy, groups: groups)
  }

  /// The bounds in braces; nil, and the cursor where it was, when what stands there is no quantifier.
  private mutating func parseBounds() throws(RegularExpressionError) -> ClosedRange<Int>? {
    let start = cursor
    cursor += 1
    guard let minimum = parseInteger() else {
      cursor = start
      return nil
    }
    var maximum = minimum
    if take(",") { maximum = parseInteger() ?? Int.max }
    guard take("}") else {
      cursor = start
      return nil
    }
    guard minimum <= maximum else { throw .malformed("a quantifier whose bounds are out of order") }
    return minimum...maximum
  }

  /// A decimal integer; one too large for Int is Int.max.
  mutating func parseInteger() -> Int? {
    var value: Int?
    while let character = current, (0x30...0x39).contains(character) {
      let (product, overflows) = (value ?? 0).multipliedReportingOverflow(by: 10)
      value = overflows || product > Int.max - 9 ? Int.max / 10 : product + Int(character - 0x30)
      cursor += 1
    }
    return value
  }
}

func ascii(_ scalar: Unicode.Scalar) -> UInt32 { scalar.value }

func isWordCharacter(_ character: UInt32) -> Bool {
  CharacterSet.wordCharacters.lists(character)
}
