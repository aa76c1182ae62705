/// The tree of a regular expression, and the sets of characters in it.

/// A part of a pattern. Groups nest no deeper than `LibraryLimit.patternDepth`, and so does the tree.
indirect enum PatternNode: Sendable {
  case empty
  /// A code unit, or with the flag `u` a code point.
  case character(UInt32)
  case set(CharacterSet)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  /// A group, with its number when it captures.
  case group(PatternNode, number: Int?)
  case backReference(Int)
  case look(PatternNode, isBehind: Bool, isNegative: Bool)
  case lineStart
  case lineEnd
  case wordBoundary(isNegative: Bool)
  /// Groups from `groups.lowerBound` up to its end are inside and forget what they hold in each round.
  case repeated(PatternNode, minimum: Int, maximum: Int, isLazy: Bool, groups: Range<Int>)
}

/// A set of characters, as a class or one of its escapes names it.
struct CharacterSet: Sendable {
  var ranges: [ClosedRange<UInt32>]
  var isNegative = false

  init(_ ranges: [ClosedRange<UInt32>]) {
    self.ranges = ranges
  }

  func lists(_ character: UInt32) -> Bool {
    ranges.contains { $0.contains(character) }
  }

  /// The set of all characters that this one does not list.
  var complement: CharacterSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return CharacterSet(result)
  }

  static let digits = CharacterSet([0x30...0x39])
  static let wordCharacters = CharacterSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// With the flags `i` and `u`, what folds to a word character is one too (WordCharacters, 22.2.2.9.3).
  static let foldedWordCharacters = CharacterSet(wordCharacters.ranges + [0x17F...0x17F, 0x212A...0x212A])
  static let spaces = CharacterSet([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
    0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])
  static let lineEnds = CharacterSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
  static let everything = CharacterSet([0...0x10FFFF])
}

/// How characters are compared without regard to case (Canonicalize, ECMAScript 22.2.2.7.3).
struct CaseFolding: Sendable {
  /// With the flag `u` the parser takes no characters past ASCII, so only what folds to ASCII needs to be known.
  var isUnicode: Bool

  func canonical(_ character: UInt32) -> UInt32 {
    if character < 0x80 {
      if isUnicode { return (0x41...0x5A).contains(character) ? character + 0x20 : character }
      return (0x61...0x7A).contains(character) ? character - 0x20 : character
    }
    guard !isUnicode else {
      return switch character {
      case 0x17F: 0x73
      case 0x212A: 0x6B
      default: character
      }
    }
    return Self.uppercase(character)
  }

  /// Whether a set lists a character that is the same but for case.
  func lists(_ character: UInt32, in set: CharacterSet) -> Bool {
    if set.lists(character) { return true }
    let canonical = canonical(character)
    if set.lists(canonical) { return true }
    if isUnicode {
      return switch canonical {
      case 0x73: set.lists(0x53) || set.lists(0x17F)
      case 0x6B: set.lists(0x4B) || set.lists(0x212A)
      case 0x61...0x7A: set.lists(canonical - 0x20)
      default: false
      }
    }
    if canonical < 0x80 { return (0x41...0x5A).contains(canonical) && set.lists(canonical + 0x20) }
    return Self.variants[canonical]?.contains { set.lists($0) } ?? false
  }

  /// The upper case of a code unit past ASCII where it is one code unit past ASCII, else the code unit itself.
  private static func uppercase(_ character: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(character) else { return character }
    let mapped = scalar.properties.uppercaseMapping.utf16
    guard mapped.count == 1, let unit = mapped.first, unit >= 0x80 else { return character }
    return UInt32(unit)
  }

  /// The code units past ASCII that share an upper case.
  private static let variants: [UInt32: [UInt32]] = {
    var result: [UInt32: [UInt32]] = [:]
    for character in UInt32(0x80)...0xFFFF {
      let upper = uppercase(character)
      if upper != character { result[upper, default: []].append(character) }
    }
    return result
  }()
}
