/// Regular expressions with ECMAScript's semantics (22.2): a pattern is parsed into a tree, the tree compiled into a
/// program, and the program run with a stack of its own and a bound on its steps.

/// Why a pattern is none that can be run.
enum RegularExpressionError: Error, Sendable, Equatable {
  /// JavaScript throws a SyntaxError; the phrase says what is wrong.
  case malformed(String)
  /// JavaScript may know it, this library doesn't; the phrase says what it is.
  case unsupported(String)
}

/// What looking for a match gave.
enum MatchOutcome: Sendable {
  case match(Match)
  case noMatch
  /// It took too many steps to tell.
  case gaveUp
}

/// A match, in offsets of UTF-16 code units.
struct Match: Sendable, Equatable {
  var range: Range<Int>
  /// The groups from number 1 on; nil for one that took no part.
  var captures: [Range<Int>?]
}

/// A regular expression: its source, its flags, and the program that they make. It has no `lastIndex`: every search
/// says where it begins.
struct RegularExpression: Sendable {
  let source: String
  let flags: String
  let groupNames: [String: Int]
  let isGlobal: Bool
  let isSticky: Bool
  let isUnicode: Bool
  private let program: PatternProgram

  /// Compiles a pattern; `flags` are those of ECMAScript 2018 (g, i, m, s, u, y).
  init(_ source: String, flags: String) throws(RegularExpressionError) {
    let parsedFlags = try PatternFlags(flags)
    var parser = try PatternParser(source, flags: parsedFlags)
    let pattern = try parser.parse()
    program = PatternProgram(pattern, flags: parsedFlags)
    groupNames = parser.groupNames
    self.source = source
    self.flags = parsedFlags.text
    isGlobal = parsedFlags.isGlobal
    isSticky = parsedFlags.isSticky
    isUnicode = parsedFlags.isUnicode
  }

  /// How many groups capture.
  var groupCount: Int { program.groupCount }

  /// The first match that begins at an offset or after it; with the flag `y`, only one that begins there.
  func firstMatch(in text: [UInt16], from start: Int) -> MatchOutcome {
    var steps = LibraryLimit.steps
    return firstMatch(in: text, from: start, isSticky: isSticky, steps: &steps)
  }

  /// The first match, within the steps that a longer operation has left.
  func firstMatch(in text: [UInt16], from start: Int, isSticky: Bool, steps: inout Int) -> MatchOutcome {
    guard start >= 0, start <= text.count else { return .noMatch }
    var matcher = PatternMatcher(program, text: text, steps: steps)
    defer { steps = matcher.steps }
    var offset = start
    // RegExpBuiltinExec reads code points from the start of a pair, also when the search begins in its middle.
    if isUnicode, isInsidePair(text, offset) { offset -= 1 }
    while offset <= text.count {
      switch matcher.run(at: offset) {
      case .noMatch where !isSticky: offset = next(after: offset, in: text)
      case let outcome: return outcome
      }
    }
    return .noMatch
  }

  /// The offset of the next character (AdvanceStringIndex, 22.2.7.3).
  func next(after offset: Int, in text: [UInt16]) -> Int {
    isUnicode && isInsidePair(text, offset + 1) ? offset + 2 : offset + 1
  }

  /// The source in a form that may stand between slashes (EscapeRegExpPattern, 22.2.6.13.1).
  var escapedSource: String {
    guard !source.utf8.isEmpty else { return "(?:)" }
    var result = String.UnicodeScalarView()
    var isEscaped = false
    var isInClass = false
    for scalar in source.unicodeScalars {
      switch scalar {
      case "\n": result.append(contentsOf: (isEscaped ? "n" : "\\n").unicodeScalars)
      case "\r": result.append(contentsOf: (isEscaped ? "r" : "\\r").unicodeScalars)
      case "\u{2028}": result.append(contentsOf: (isEscaped ? "u2028" : "\\u2028").unicodeScalars)
      case "\u{2029}": result.append(contentsOf: (isEscaped ? "u2029" : "\\u2029").unicodeScalars)
      case "/" where !isEscaped && !isInClass: result.append(contentsOf: "\\/".unicodeScalars)
      default: result.append(scalar)
      }
      if !isEscaped, scalar == "[" { isInClass = true }
      if !isEscaped, scalar == "]" { isInClass = false }
      isEscaped = !isEscaped && scalar == "\\"
    }
    return String(result)
  }

  /// The text that `toString` gives.
  var literal: String { "/" + escapedSource + "/" + flags }
}

/// Whether an offset stands between the two halves of a surrogate pair.
func isInsidePair(_ text: [UInt16], _ offset: Int) -> Bool {
  offset > 0 && offset < text.count && UTF16.isLeadSurrogate(text[offset - 1])
    && UTF16.isTrailSurrogate(text[offset])
}

/// The flags of a regular expression.
struct PatternFlags: Sendable {
  var isGlobal = false
  var ignoresCase = false
  var isMultiline = false
  var dotMatchesAll = false
  var isUnicode = false
  var isSticky = false
  /// The flags in the order that `RegExp.prototype.flags` gives them.
  let text: String

  init(_ flags: String) throws(RegularExpressionError) {
    var seen: Set<UInt8> = []
    for flag in flags.utf8 {
      guard seen.insert(flag).inserted else { throw .malformed("a flag is given twice") }
      switch flag {
      case UInt8(ascii: "g"): isGlobal = true
      case UInt8(ascii: "i"): ignoresCase = true
      case UInt8(ascii: "m"): isMultiline = true
      case UInt8(ascii: "s"): dotMatchesAll = true
      case UInt8(ascii: "u"): isUnicode = true
      case UInt8(ascii: "y"): isSticky = true
      case UInt8(ascii: "d"), UInt8(ascii: "v"): throw .unsupported("a regular expression's flag d or v")
      default: throw .malformed("there is no such flag")
      }
    }
    text = String(decoding: seen.sorted(), as: UTF8.self)
  }
}
