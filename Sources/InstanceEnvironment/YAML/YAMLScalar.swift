/// A scalar as Go's YAML library types it (go.yaml.in/yaml, `resolve.go`), and spelled as compose spells it in an
/// environment: with Go's `%v`.
enum YAMLScalar: Equatable {
  case null
  case boolean(Bool)
  /// A whole number in decimal.
  case integer(String)
  case float(Double)
  /// A date without quotes, which compose takes in no environment.
  case date
  case text(String)

  /// Types a scalar. Only a plain one, or one with a tag that says so, can be anything but text.
  init(_ text: String, isPlain: Bool, tag: String?) {
    let isTyped = tag.map { ["!!null", "!!bool", "!!int", "!!float", "!!timestamp"].contains($0) } ?? isPlain
    self = isTyped ? Self(plain: text) : .text(text)
  }

  /// Whether text is one of the spellings of null.
  static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

  private init(plain text: String) {
    switch text {
    case _ where Self.isNull(text): self = .null
    case "true", "True", "TRUE": self = .boolean(true)
    case "false", "False", "FALSE": self = .boolean(false)
    case ".nan", ".NaN", ".NAN": self = .float(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .float(.infinity)
    case "-.inf", "-.Inf", "-.INF": self = .float(-.infinity)
    default: self = Self(number: text) ?? .text(text)
    }
  }

  private init?(number text: String) {
    guard let first = text.utf8.first, ".+-0123456789".utf8.contains(first) else { return nil }
    let digits = text.filter { $0 != "_" }
    if first == Byte.dot, !underscoresSeparateDigits(text) { return nil }
    if isDate(text) {
      self = .date
    } else if let value = wholeNumber(digits) {
      self = .integer(value)
    } else if let value = decimalFraction(digits) {
      self = .float(value)
    } else {
      return nil
    }
  }

  /// The text that compose gives for it; nil for `null` and for what it refuses.
  var spelled: String? {
    switch self {
    case .null, .date: nil
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value), .text(let value): value
    case .float(let value): goSpelling(value)
    }
  }
}

/// Go's `strconv.ParseInt` and `ParseUint` with base 0, in 64 bits: `0x`, `0o`, `0b` and a leading 0 choose the base.
private func wholeNumber(_ text: String) -> String? {
  let isNegative = text.hasPrefix("-")
  var digits = text.utf8.first.map { "+-".utf8.contains($0) } == true ? text.dropFirst() : text[...]
  var radix = 10
  let prefixes = ["0x": 16, "0o": 8, "0b": 2]
  if let named = prefixes[digits.prefix(2).lowercased()] {
    radix = named
    digits = digits.dropFirst(2)
  } else if digits.hasPrefix("0"), digits.count > 1 {
    radix = 8
    digits = digits.dropFirst()
  }
  guard digits.utf8.first.map(isWordByte) == true, let magnitude = UInt64(digits, radix: radix) else { return nil }
  if isNegative {
    guard magnitude <= Int64.min.magnitude else { return nil }
    return magnitude == 0 ? "0" : "-\(magnitude)"
  }
  return magnitude > UInt64(Int64.max) && text.hasPrefix("+") ? nil : String(magnitude)
}

/// What Go asks of underscores where the library does not take them away first: behind a point.
private func underscoresSeparateDigits(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  return bytes.indices.allSatisfy { index in
    guard bytes[index] == UInt8(ascii: "_") else { return true }
    return [index - 1, index + 1].allSatisfy {
      bytes.indices.contains($0) && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[$0])
    }
  }
}

/// A decimal number with a point or an exponent that is within a double's range.
private func decimalFraction(_ text: String) -> Double? {
  let isDecimal = text.utf8.allSatisfy { byte in "0123456789.eE+-".utf8.contains(byte) }
  guard isDecimal, let value = Double(text), value.isFinite else { return nil }
  return value
}

/// Go's `%v`: the shortest digits that give the same double, with an exponent below 0.0001 and from 1e+06 on.
private func goSpelling(_ value: Double) -> String {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
  let sign = value.sign == .minus ? "-" : ""
  let parts = value.magnitude.description.split(separator: "e")
  let mantissa = parts[0].split(separator: ".")
  let whole = mantissa[0]
  let digits = (whole + (mantissa.count > 1 ? mantissa[1] : "")).drop { $0 == "0" }
  let leadingZeros = whole.count + (mantissa.count > 1 ? mantissa[1].count : 0) - digits.count
  var significant = String(digits)
  while significant.hasSuffix("0") { significant.removeLast() }
  if significant.isEmpty { return sign + "0" }
  let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - leadingZeros - 1
  if exponent < -4 || exponent >= 6 {
    let rest = significant.dropFirst()
    let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return sign + significant.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (exponent < 0 ? "-" : "+") + power
  }
  if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + significant }
  let point = exponent + 1
  if significant.count <= point {
    return sign + significant + String(repeating: "0", count: point - significant.count)
  }
  return sign + significant.prefix(point) + "." + significant.dropFirst(point)
}

/// Whether the YAML library takes a plain scalar for a date: `2006-1-2`, alone or with a time behind `T`, `t` or a space.
private func isDate(_ text: String) -> Bool {
  let date = text.prefix { $0.isASCII && ($0.isNumber || $0 == "-") }
  let fields = date.split(separator: "-", omittingEmptySubsequences: false)
  guard fields.count == 3, fields[0].count == 4, let year = Int(fields[0]), let month = Int(fields[1]),
    let day = Int(fields[2]), fields[1].count <= 2, fields[2].count <= 2, (1...12).contains(month)
  else { return false }
  let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  guard (1...days[month - 1]).contains(day) else { return false }
  let time = text.dropFirst(date.count)
  if time.isEmpty { return true }
  guard let separator = time.first, "Tt ".contains(separator) else { return false }
  return isTime(time.dropFirst(), takesZone: separator != " ")
}

/// `15:4:5`, with a fraction of the second, and `Z` or `+07:00` where a zone has to follow.
private func isTime(_ text: Substring, takesZone: Bool) -> Bool {
  let clock = text.prefix { !"Z+-".contains($0) }
  let zone = text.dropFirst(clock.count)
  let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
  guard fields.count == 3, (1...2).contains(fields[1].count), let hour = Int(fields[0]), (0...23).contains(hour),
    let minute = Int(fields[1]), (0...59).contains(minute), let second = Double(fields[2]), second < 60
  else { return false }
  guard takesZone else { return zone.isEmpty }
  let offset = zone.dropFirst().split(separator: ":")
  return zone == "Z" || offset.count == 2 && offset.allSatisfy { $0.count == 2 && Int($0) != nil }
}
