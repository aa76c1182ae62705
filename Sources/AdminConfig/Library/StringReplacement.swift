/// Where a replacement takes place, and what a replacement's text stands for (GetSubstitution, ECMAScript 22.1.3.19.1).

/// The places that `replace` replaces, or `replaceAll` and a global pattern all of them, in offsets of UTF-16 code
/// units, with the groups from number 1 on. Nil when they are not computed: a pattern that takes too many steps or is
/// sticky, or a place that begins or ends inside a character.
func replacementMatches(
  in text: String, pattern: Scalar, all: Bool
) -> [(range: Range<Int>, captures: [String?])]? {
  let units = Array(text.utf16)
  guard let matches = try? findMatches(of: pattern, in: units, all: all) else { return nil }
  var result: [(range: Range<Int>, captures: [String?])] = []
  var unitCount = 0
  for match in matches {
    guard !isInsidePair(units, match.range.lowerBound), !isInsidePair(units, match.range.upperBound) else { return nil }
    var captures: [String?] = []
    for range in match.captures {
      unitCount += range?.count ?? 0
      guard unitCount <= LibraryLimit.textBytes else { return nil }
      guard let range else {
        captures.append(nil)
        continue
      }
      guard let part = textOfUnits(units[range]) else { return nil }
      captures.append(part)
    }
    result.append((match.range, captures))
  }
  return result
}

/// The matches of a text or a regular expression; of a global one all. A regular expression says itself whether it is
/// global, `all` says it for a text.
func findMatches(of pattern: Scalar, in units: [UInt16], all: Bool) throws(BuiltinFailure) -> [Match] {
  guard case .regularExpression(let expression) = pattern else {
    return try places(of: try BuiltinArguments([pattern]).units(0), in: units, all: all)
  }
  guard expression.isGlobal || !expression.isSticky else { throw BuiltinFailure(.sticky) }
  var steps = LibraryLimit.steps
  var matches: [Match] = []
  var captureCount = 0
  var offset = 0
  while offset <= units.count {
    switch expression.firstMatch(in: units, from: offset, isSticky: expression.isSticky, steps: &steps) {
    case .noMatch: return matches
    case .gaveUp: throw BuiltinFailure(.tooManySteps)
    case .match(let match):
      matches.append(match)
      captureCount += match.captures.count
      guard matches.count + captureCount <= LibraryLimit.listElements else { throw BuiltinFailure(.tooManyMatches) }
      let end = match.range.upperBound
      offset = match.range.isEmpty ? expression.next(after: end, in: units) : end
    }
    guard expression.isGlobal else { break }
  }
  return matches
}

private func places(of part: [UInt16], in units: [UInt16], all: Bool) throws(BuiltinFailure) -> [Match] {
  let search = TextSearch(for: part)
  var matches: [Match] = []
  var start = 0
  while let place = search.first(in: units, from: start) {
    matches.append(Match(range: place..<place + part.count, captures: []))
    guard matches.count <= LibraryLimit.listElements else { throw BuiltinFailure(.tooManyMatches) }
    guard all else { break }
    start = place + max(part.count, 1)
  }
  return matches
}

/// The text that replaces each match, with its references to the match.
struct ReplacementTemplate {
  private enum Part {
    case text(ArraySlice<UInt16>)
    case match
    case before
    case after
    case group(Int)
    case nothing
  }

  let units: [UInt16]
  /// The numbers of the named groups; nil when the pattern has none, and `$<` has no meaning.
  let names: [String: Int]?

  /// Appends the text for a match; false when the result becomes too long.
  func append(_ match: Match, of text: [UInt16], to result: inout [UInt16]) -> Bool {
    var index = 0
    while index < units.count {
      let (part, length) = part(at: index, groupCount: match.captures.count)
      index += length
      switch part {
      case .text(let text): result += text
      case .match: result += text[match.range]
      case .before: result += text[..<match.range.lowerBound]
      case .after: result += text[match.range.upperBound...]
      case .group(let number): if let range = match.captures[number - 1] { result += text[range] }
      case .nothing: break
      }
      guard result.count <= LibraryLimit.textBytes else { return false }
    }
    return true
  }

  private func part(at index: Int, groupCount: Int) -> (Part, length: Int) {
    let rest = units[index...]
    guard rest.first == UInt16(ascii: "$"), let mark = rest.dropFirst().first else {
      let end = rest.dropFirst().firstIndex(of: UInt16(ascii: "$")) ?? units.count
      return (.text(units[index..<end]), end - index)
    }
    switch mark {
    case UInt16(ascii: "$"): return (.text(units[index...index]), 2)
    case UInt16(ascii: "&"): return (.match, 2)
    case UInt16(ascii: "`"): return (.before, 2)
    case UInt16(ascii: "'"): return (.after, 2)
    case 0x30...0x39:
      let digits = rest.dropFirst().prefix(2).prefix { (0x30...0x39).contains($0) }.map { Int($0) - 0x30 }
      for count in [2, 1] where digits.count >= count {
        let number = digits.prefix(count).reduce(0) { $0 * 10 + $1 }
        if (1...max(1, groupCount)).contains(number), groupCount > 0 { return (.group(number), 1 + count) }
      }
      return (.text(units[index...index]), 1)
    case UInt16(ascii: "<"):
      guard let names, let end = rest.firstIndex(of: UInt16(ascii: ">")) else {
        return (.text(units[index...index]), 1)
      }
      let name = String(decoding: units[index + 2..<end], as: UTF16.self)
      return (names[name].map { .group($0) } ?? .nothing, end + 1 - index)
    default: return (.text(units[index...index]), 1)
    }
  }
}
