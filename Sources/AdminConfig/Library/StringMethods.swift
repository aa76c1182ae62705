/// The methods of strings (ECMAScript 22.1.3). All offsets count UTF-16 code units.

/// Calls a method on a text; nil when strings have no such method.
func callStringMethod(_ name: String, on text: String, _ arguments: [Scalar]) -> BuiltinResult? {
  let call = StringCall(text: text, units: Array(text.utf16), arguments: BuiltinArguments(arguments))
  do {
    if let result = try call.partResult(name) { return result }
    if let result = try call.searchResult(name) { return result }
    if let result = try call.textResult(name) { return result }
    return try call.patternResult(name)
  } catch {
    return error.result
  }
}

/// One call of a string's method.
struct StringCall {
  let text: String
  let units: [UInt16]
  let arguments: BuiltinArguments

  /// The methods that give a part of the text.
  func partResult(_ name: String) throws(BuiltinFailure) -> BuiltinResult? {
    let length = units.count
    switch name {
    case "trim": return textValue(trimmed(units[...], start: true, end: true))
    case "trimStart", "trimLeft": return textValue(trimmed(units[...], start: true, end: false))
    case "trimEnd", "trimRight": return textValue(trimmed(units[...], start: false, end: true))
    case "slice":
      let start = try arguments.relativeOffset(0, length: length, default: 0)
      let end = try arguments.relativeOffset(1, length: length, default: length)
      return textValue(units[start..<max(start, end)])
    case "substring":
      let start = try arguments.integer(0, in: 0...length)
      let end = try arguments.integer(1, in: 0...length, default: length)
      return textValue(units[min(start, end)..<max(start, end)])
    case "substr":
      let start = try arguments.relativeOffset(0, length: length, default: 0)
      let count = try arguments.integer(1, in: 0...length, default: length)
      return textValue(units[start..<min(length, start + count)])
    case "charAt":
      let index = try arguments.integer(0, in: -1...length)
      return textValue(units.indices.contains(index) ? units[index...index] : [])
    case "at":
      let offset = try arguments.integer(0, in: -length - 1...length)
      let index = offset < 0 ? length + offset : offset
      return units.indices.contains(index) ? textValue(units[index...index]) : .value(.undefined)
    case "charCodeAt":
      let index = try arguments.integer(0, in: -1...length)
      return .value(.number(units.indices.contains(index) ? Double(units[index]) : .nan))
    case "codePointAt":
      let index = try arguments.integer(0, in: -1...length)
      guard units.indices.contains(index) else { return .value(.undefined) }
      guard isInsidePair(units, index + 1) else { return .value(.number(Double(units[index]))) }
      let offset = (Int(units[index]) - 0xD800) << 10 + Int(units[index + 1]) - 0xDC00
      return .value(.number(Double(0x10000 + offset)))
    default: return nil
    }
  }

  /// The methods that look for a text.
  func searchResult(_ name: String) throws(BuiltinFailure) -> BuiltinResult? {
    let length = units.count
    switch name {
    case "startsWith", "endsWith", "includes":
      if case .regularExpression = arguments[0] {
        return .throwsError(
          kind: "TypeError",
          message: "First argument to String.prototype.\(name) must not be a regular expression")
      }
      let part = try arguments.units(0)
      if name == "endsWith" {
        let end = try arguments.integer(1, in: 0...length, default: length)
        return .value(.boolean(TextSearch.stands(part, in: units, at: end - part.count)))
      }
      let start = try arguments.integer(1, in: 0...length)
      if name == "startsWith" { return .value(.boolean(TextSearch.stands(part, in: units, at: start))) }
      return .value(.boolean(TextSearch(for: part).first(in: units, from: start) != nil))
    case "indexOf":
      let start = try arguments.integer(1, in: 0...length)
      let place = TextSearch(for: try arguments.units(0)).first(in: units, from: start)
      return .value(.number(Double(place ?? -1)))
    case "lastIndexOf":
      let number = try arguments.number(1)
      let start = number.isNaN ? length : clampedInteger(number, to: 0...length)
      let place = TextSearch.last(of: try arguments.units(0), in: units, upTo: start)
      return .value(.number(Double(place ?? -1)))
    case "localeCompare":
      guard isSameText(text, try arguments.text(0)) else {
        return .notComputed("an order that depends on the language")
      }
      return .value(.number(0))
    default: return nil
    }
  }

  /// The methods that build another text.
  func textResult(_ name: String) throws(BuiltinFailure) -> BuiltinResult? {
    switch name {
    case "toString", "valueOf", "toWellFormed": return .value(.string(text))
    case "isWellFormed": return .value(.boolean(true))
    case "toLowerCase": return CaseMapping.lower.result(of: text)
    case "toUpperCase": return CaseMapping.upper.result(of: text)
    case "toLocaleLowerCase", "toLocaleUpperCase": return .notComputed("a case that depends on the language")
    case "concat":
      var result = units
      for index in 0..<arguments.count {
        result += try arguments.units(index)
        guard result.count <= LibraryLimit.textBytes else { return .tooLong }
      }
      return textValue(result)
    case "repeat":
      let count = toIntegerOrInfinity(try arguments.number(0))
      guard count >= 0, count.isFinite else {
        return .throwsError(kind: "RangeError", message: "Invalid count value: \(try arguments.text(0))")
      }
      guard count * Double(text.utf8.count) <= Double(LibraryLimit.textBytes) else { return .tooLong }
      return .value(.string(text.utf8.isEmpty ? "" : String(repeating: text, count: Int(count))))
    case "padStart", "padEnd": return try padded(atStart: name == "padStart")
    case "normalize": return try normalized()
    default: return nil
    }
  }

  private func padded(atStart: Bool) throws(BuiltinFailure) -> BuiltinResult {
    let target = try arguments.integer(0, in: 0...LibraryLimit.textBytes + 1)
    let filler = arguments.isUndefined(1) ? [0x20] : try arguments.units(1)
    guard target > units.count, !filler.isEmpty else { return .value(.string(text)) }
    guard target <= LibraryLimit.textBytes else { return .tooLong }
    let padding = (0..<target - units.count).map { filler[$0 % filler.count] }
    return textValue(atStart ? padding + units : units + padding)
  }

  private func normalized() throws(BuiltinFailure) -> BuiltinResult {
    let form = arguments.isUndefined(0) ? "NFC" : try arguments.text(0)
    guard ["NFC", "NFD", "NFKC", "NFKD"].contains(where: { isSameText($0, form) }) else {
      return .throwsError(kind: "RangeError", message: "The normalization form should be one of NFC, NFD, NFKC, NFKD.")
    }
    return text.utf8.allSatisfy { $0 < 0x80 } ? .value(.string(text)) : .notComputed("a text's normal form")
  }
}

/// The mappings of `toLowerCase` and `toUpperCase` (22.1.3.28): Unicode's, without those of a language.
private enum CaseMapping {
  case lower
  case upper

  func result(of text: String) -> BuiltinResult {
    for scalar in text.unicodeScalars where !scalar.isASCII {
      guard isStable(scalar) else { return .notComputed("the case of letters past ASCII") }
    }
    return textValue(self == .lower ? text.lowercased() : text.uppercased())
  }

  /// Whether every engine maps the character alike: no final sigma, nothing that recent versions of Unicode added.
  private func isStable(_ scalar: Unicode.Scalar) -> Bool {
    if self == .lower, scalar.value == 0x3A3 { return false }
    let properties = scalar.properties
    let mapped = self == .lower ? properties.lowercaseMapping : properties.uppercaseMapping
    return ([scalar] + mapped.unicodeScalars).allSatisfy { ($0.properties.age?.major ?? .max) < 15 }
  }
}
