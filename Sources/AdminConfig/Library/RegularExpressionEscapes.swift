/// The part of the pattern parser for escapes and character classes.
extension PatternParser {
  /// An escape outside a class, after its backslash.
  mutating func parseEscape() throws(RegularExpressionError) -> PatternNode {
    guard let character = current else { throw .malformed("a \\ at the end") }
    if (ascii("1")...ascii("9")).contains(character) {
      let start = cursor
      if let number = parseInteger(), number <= groupCount { return try backReference(number) }
      guard !flags.isUnicode else { throw .malformed("a reference to a group that is not there") }
      cursor = start
    }
    if character == ascii("k"), flags.isUnicode || !groupNames.isEmpty {
      cursor += 1
      guard take("<") else { throw .malformed("an invalid named reference") }
      guard let number = groupNames[try parseGroupName()] else {
        throw .malformed("a reference to a group that is not there")
      }
      return try backReference(number)
    }
    if let set = try parseSetEscape() { return .set(set) }
    return .character(try parseCharacterEscape(isInClass: false))
  }

  private func backReference(_ number: Int) throws(RegularExpressionError) -> PatternNode {
    guard !(flags.isUnicode && flags.ignoresCase) else { throw Self.unknownFolding }
    return .backReference(number)
  }

  /// One of `\d`, `\w`, `\s` and their complements.
  private mutating func parseSetEscape() throws(RegularExpressionError) -> CharacterSet? {
    let words = flags.isUnicode && flags.ignoresCase ? CharacterSet.foldedWordCharacters : .wordCharacters
    let set: CharacterSet
    switch current {
    case ascii("d"): set = .digits
    case ascii("D"): set = CharacterSet.digits.complement
    case ascii("w"): set = words
    case ascii("W"): set = words.complement
    case ascii("s"): set = .spaces
    case ascii("S"): set = CharacterSet.spaces.complement
    case ascii("p"), ascii("P"):
      guard !flags.isUnicode else { throw .unsupported("a regular expression with a Unicode property") }
      return nil
    default: return nil
    }
    cursor += 1
    return set
  }

  /// An escape that stands for one character, after its backslash.
  private mutating func parseCharacterEscape(isInClass: Bool) throws(RegularExpressionError) -> UInt32 {
    guard let character = current else { throw .malformed("a \\ at the end") }
    cursor += 1
    switch character {
    case ascii("t"): return 0x09
    case ascii("n"): return 0x0A
    case ascii("v"): return 0x0B
    case ascii("f"): return 0x0C
    case ascii("r"): return 0x0D
    case ascii("b") where isInClass: return 0x08
    case ascii("-") where isInClass: return character
    case ascii("c"):
      if let letter = current, letter < 0x80, isWordCharacter(letter), letter != ascii("_"),
        isInClass && !flags.isUnicode || letter > ascii("9")
      {
        cursor += 1
        return letter % 32
      }
      if isInClass, !flags.isUnicode, stands("_") {
        cursor += 1
        return ascii("_") % 32
      }
      guard !flags.isUnicode else { throw .malformed("an invalid escape") }
      // Annex B: the backslash stands for itself, and the c follows.
      cursor -= 1
      return ascii("\\")
    case ascii("0")...ascii("7"):
      if character == ascii("0"), !(current.map { (ascii("0")...ascii("9")).contains($0) } ?? false) { return 0 }
      guard !flags.isUnicode else { throw .malformed("an octal escape") }
      return parseOctal(character - ascii("0"))
    case ascii("x"):
      if let value = parseHexadecimal(count: 2) { return value }
    case ascii("u"):
      if let value = try parseUnicodeEscape() { return value }
    case ascii("k") where !groupNames.isEmpty: throw .malformed("an invalid escape")
    default: break
    }
    guard !flags.isUnicode || "^$\\.*+?()[]{}|/".unicodeScalars.contains(where: { $0.value == character }) else {
      throw .malformed("an invalid escape")
    }
    return character
  }

  private mutating func parseOctal(_ first: UInt32) -> UInt32 {
    var value = first
    for _ in 0..<2 {
      guard let digit = current, (ascii("0")...ascii("7")).contains(digit), value * 8 + digit - 0x30 <= 0xFF else {
        break
      }
      value = value * 8 + digit - 0x30
      cursor += 1
    }
    return value
  }

  private mutating func parseHexadecimal(count: Int) -> UInt32? {
    guard cursor + count <= characters.count else { return nil }
    var value: UInt32 = 0
    for character in characters[cursor..<cursor + count] {
      guard let digit = hexadecimalDigit(character) else { return nil }
      value = value * 16 + digit
    }
    cursor += count
    return value
  }

  /// A `\u` escape, after the u: four digits, and with the flag `u` also braces and pairs of escapes.
  private mutating func parseUnicodeEscape() throws(RegularExpressionError) -> UInt32? {
    let value: UInt32
    if flags.isUnicode, take("{") {
      var braced: UInt32 = 0
      guard !stands("}") else { throw .malformed("an invalid escape") }
      while let character = current, let digit = hexadecimalDigit(character), braced <= 0x10FFFF {
        braced = braced * 16 + digit
        cursor += 1
      }
      guard take("}"), braced <= 0x10FFFF else { throw .malformed("an invalid escape") }
      value = braced
    } else {
      guard let unit = parseHexadecimal(count: 4) else { return nil }
      let start = cursor
      if flags.isUnicode, (0xD800...0xDBFF).contains(unit), take("\\u"), let low = parseHexadecimal(count: 4),
        (0xDC00...0xDFFF).contains(low)
      {
        value = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      } else {
        cursor = start
        value = unit
      }
    }
    if flags.isUnicode, flags.ignoresCase, value >= 0x80 { throw Self.unknownFolding }
    return value
  }

  /// A class, after its opening bracket.
  mutating func parseClass() throws(RegularExpressionError) -> CharacterSet {
    var result = CharacterSet([])
    result.isNegative = take("^")
    while !take("]") {
      let first = try parseClassAtom()
      guard stands("-"), !stands("-]") else {
        result.ranges += first.ranges
        continue
      }
      cursor += 1
      let last = try parseClassAtom()
      guard first.isSingle, last.isSingle, let low = first.ranges.first, let high = last.ranges.first else {
        guard !flags.isUnicode else { throw .malformed("a class inside a range") }
        result.ranges += first.ranges + last.ranges + [ascii("-")...ascii("-")]
        continue
      }
      guard low.lowerBound <= high.lowerBound else { throw .malformed("a range that is out of order") }
      result.ranges.append(low.lowerBound...high.lowerBound)
    }
    return result
  }

  private mutating func parseClassAtom() throws(RegularExpressionError) -> (
    ranges: [ClosedRange<UInt32>], isSingle: Bool
  ) {
    guard let character = current else { throw .malformed("a class that does not end") }
    cursor += 1
    guard character == ascii("\\") else { return ([character...character], true) }
    if let set = try parseSetEscape() { return (set.ranges, false) }
    let escaped = try parseCharacterEscape(isInClass: true)
    return ([escaped...escaped], true)
  }
}

/// The value of a hexadecimal digit.
func hexadecimalDigit(_ character: UInt32) -> UInt32? {
  switch character {
  case 0x30...0x39: character - 0x30
  case 0x41...0x46: character - 0x41 + 10
  case 0x61...0x66: character - 0x61 + 10
  default: nil
  }
}
