/// The string methods that take a regular expression or a text as a pattern: match, search, replace and split.
extension StringCall {
  func patternResult(_ name: String) throws(BuiltinFailure) -> BuiltinResult? {
    switch name {
    case "split":
      if case .regularExpression(let expression) = arguments[0] { return try split(by: expression) }
      return try splitByText()
    case "replace", "replaceAll": return try replaced(all: name == "replaceAll")
    case "match":
      let expression = try pattern(arguments[0])
      return expression.isGlobal ? try allMatches(expression) : try firstMatch(expression)
    case "search":
      var steps = LibraryLimit.steps
      let expression = try pattern(arguments[0])
      switch expression.firstMatch(in: units, from: 0, isSticky: expression.isSticky, steps: &steps) {
      case .match(let match): return .value(.number(Double(match.range.lowerBound)))
      case .noMatch: return .value(.number(-1))
      case .gaveUp: return .tooManySteps
      }
    case "matchAll": return .notComputed("an iterator of matches")
    default: return nil
    }
  }

  private func pattern(_ argument: Scalar) throws(BuiltinFailure) -> RegularExpression {
    if case .regularExpression(let expression) = argument { return expression }
    do {
      return try RegularExpression(arguments.isUndefined(0) ? "" : arguments.text(0), flags: "")
    } catch RegularExpressionError.malformed(let reason) {
      throw BuiltinFailure(.throwsError(kind: "SyntaxError", message: "Invalid regular expression: \(reason)"))
    } catch RegularExpressionError.unsupported(let reason) {
      throw BuiltinFailure(.notComputed(reason))
    } catch {
      throw BuiltinFailure(.tooLong)
    }
  }

  private func firstMatch(_ expression: RegularExpression) throws(BuiltinFailure) -> BuiltinResult {
    guard !expression.isSticky else { throw BuiltinFailure(.sticky) }
    switch expression.firstMatch(in: units, from: 0) {
    case .noMatch: return .value(.null)
    case .gaveUp: return .tooManySteps
    case .match(let match):
      var list = TextList(units)
      try list.append(match.range)
      for capture in match.captures { try list.append(capture) }
      return list.result
    }
  }

  private func allMatches(_ expression: RegularExpression) throws(BuiltinFailure) -> BuiltinResult {
    let matches = try findMatches(of: .regularExpression(expression), in: units, all: true)
    var list = TextList(units)
    for match in matches { try list.append(match.range) }
    return matches.isEmpty ? .value(.null) : list.result
  }

  private func replaced(all: Bool) throws(BuiltinFailure) -> BuiltinResult {
    if case .regularExpression(let expression) = arguments[0], all, !expression.isGlobal {
      return .throwsError(kind: "TypeError", message: "replaceAll must be called with a global RegExp")
    }
    let matches = try findMatches(of: arguments[0], in: units, all: all)
    var names: [String: Int]?
    if case .regularExpression(let expression) = arguments[0], !expression.groupNames.isEmpty {
      names = expression.groupNames
    }
    let template = ReplacementTemplate(units: try arguments.units(1), names: names)
    var result: [UInt16] = []
    var end = 0
    for match in matches {
      result += units[end..<match.range.lowerBound]
      guard template.append(match, of: units, to: &result) else { return .tooLong }
      end = match.range.upperBound
    }
    return textValue(result + units[end...])
  }

  private func limit() throws(BuiltinFailure) -> Int {
    arguments.isUndefined(1) ? Int.max : Int(toUInt32(try arguments.number(1)))
  }

  private func splitByText() throws(BuiltinFailure) -> BuiltinResult {
    let limit = try limit()
    let separator = try arguments.units(0)
    var list = TextList(units)
    guard limit > 0 else { return list.result }
    guard !arguments.isUndefined(0) else { return .value(.list([.string(text)])) }
    guard !separator.isEmpty else {
      for index in units.indices.prefix(limit) { try list.append(index..<index + 1) }
      return list.result
    }
    let search = TextSearch(for: separator)
    var start = 0
    while let place = search.first(in: units, from: start) {
      try list.append(start..<place)
      guard list.count < limit else { return list.result }
      start = place + separator.count
    }
    try list.append(start..<units.count)
    return list.result
  }

  /// RegExp.prototype[Symbol.split] (22.2.6.14).
  private func split(by expression: RegularExpression) throws(BuiltinFailure) -> BuiltinResult {
    let limit = try limit()
    var list = TextList(units)
    guard limit > 0 else { return list.result }
    var steps = LibraryLimit.steps
    var start = 0
    var offset = 0
    search: while offset < units.count || units.isEmpty {
      switch expression.firstMatch(in: units, from: offset, isSticky: false, steps: &steps) {
      case .gaveUp: return .tooManySteps
      case .noMatch: break search
      case .match where units.isEmpty: return list.result
      case .match(let match) where match.range.lowerBound == units.count: break search
      case .match(let match) where match.range.upperBound == start:
        offset = expression.next(after: match.range.lowerBound, in: units)
      case .match(let match):
        for part in [start..<match.range.lowerBound] + match.captures {
          try list.append(part)
          guard list.count < limit else { return list.result }
        }
        start = match.range.upperBound
        offset = start
      }
    }
    try list.append(start..<units.count)
    return list.result
  }
}

extension BuiltinResult {
  static let tooManyMatches = BuiltinResult.notComputed("a list that is too long")
  /// Where such an expression looks depends on what it matched before.
  static let sticky = BuiltinResult.notComputed("a sticky regular expression")
}

/// A list of parts of a text, within the bounds on its length.
private struct TextList {
  private let units: [UInt16]
  private var elements: [Scalar] = []
  private var unitCount = 0

  init(_ units: [UInt16]) {
    self.units = units
  }

  var count: Int { elements.count }
  var result: BuiltinResult { .value(.list(elements)) }

  mutating func append(_ range: Range<Int>?) throws(BuiltinFailure) {
    guard elements.count < LibraryLimit.listElements else { throw BuiltinFailure(.tooManyMatches) }
    guard let range else { return elements.append(.undefined) }
    unitCount += range.count
    guard unitCount <= LibraryLimit.textBytes else { throw BuiltinFailure(.tooLong) }
    guard let part = textOfUnits(units[range]) else { throw BuiltinFailure(.cutCharacter) }
    elements.append(.string(part))
  }
}
