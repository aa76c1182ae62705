/// What literals are worth, and how JavaScript writes numbers as text.

/// The value of a string or template literal's inside (ECMAScript 12.9.4); nil for an escape that is not valid, and for
/// half of a surrogate pair, which no text here can hold.
func cookedText(_ raw: ArraySlice<UInt8>) -> String? {
  guard raw.contains(UInt8(ascii: "\\")) || raw.contains(0x0D) else { return String(decoding: raw, as: UTF8.self) }
  var units: [UInt16] = []
  var plain: [UInt8] = []
  var rest = raw
  func flush() {
    units.append(contentsOf: String(decoding: plain, as: UTF8.self).utf16)
    plain.removeAll(keepingCapacity: true)
  }
  while let byte = rest.popFirst() {
    if byte == 0x0D {
      // Line ends in templates are line feeds, however the file writes them (12.9.6).
      if rest.first == 0x0A { rest.removeFirst() }
      plain.append(0x0A)
      continue
    }
    guard byte == UInt8(ascii: "\\") else {
      plain.append(byte)
      continue
    }
    guard let escaped = rest.popFirst() else { return nil }
    switch escaped {
    case UInt8(ascii: "n"): plain.append(0x0A)
    case UInt8(ascii: "r"): plain.append(0x0D)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "f"): plain.append(0x0C)
    case UInt8(ascii: "v"): plain.append(0x0B)
    case UInt8(ascii: "0") where !(rest.first.map { (0x30...0x39).contains($0) } ?? false): plain.append(0)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return nil
    case UInt8(ascii: "x"):
      guard let value = hexadecimal(rest.prefix(2), count: 2) else { return nil }
      rest.removeFirst(2)
      flush()
      units.append(UInt16(value))
    case UInt8(ascii: "u"):
      let isBraced = rest.first == UInt8(ascii: "{")
      let digits = isBraced ? rest.dropFirst().prefix { $0 != UInt8(ascii: "}") } : rest.prefix(4)
      guard let value = hexadecimal(digits, count: isBraced ? nil : 4), value <= 0x10FFFF else { return nil }
      rest.removeFirst(isBraced ? min(digits.count + 2, rest.count) : 4)
      flush()
      if value > 0xFFFF {
        units.append(UInt16(0xD800 + (value - 0x10000) >> 10))
        units.append(UInt16(0xDC00 + (value - 0x10000) & 0x3FF))
      } else {
        units.append(UInt16(value))
      }
    case 0x0A: break
    case 0x0D: if rest.first == 0x0A { rest.removeFirst() }
    case 0xE2 where rest.starts(with: [0x80, 0xA8]) || rest.starts(with: [0x80, 0xA9]): rest.removeFirst(2)
    default: plain.append(escaped)
    }
  }
  flush()
  return String(validating: units, as: UTF16.self)
}

private func hexadecimal(_ digits: ArraySlice<UInt8>, count: Int?) -> Int? {
  guard !digits.isEmpty, digits.count == count ?? digits.count, digits.count <= 8 else { return nil }
  var value = 0
  for digit in digits {
    guard let next = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
    value = value * 16 + next
  }
  return value
}

/// The value of a numeric literal (ECMAScript 12.9.3); nil for BigInts, old octals, and what is none.
func numberValue(_ literal: String) -> Double? {
  let separated = Array(literal.utf8)
  let digits = literal.filter { $0 != "_" }
  guard separated.last != UInt8(ascii: "_"), !literal.contains("__") else { return nil }
  for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.lowercased().hasPrefix(prefix) {
    return Int(digits.dropFirst(2), radix: radix).map { Double($0) }
  }
  let isOldOctal = digits.utf8.count > 1 && digits.hasPrefix("0") && !digits.dropFirst().hasPrefix(".")
  let isDecimal = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || "eE.+-".utf8.contains($0) }
  guard isDecimal, !isOldOctal || digits.lowercased().hasPrefix("0e") else { return nil }
  let padded = (digits.hasPrefix(".") ? "0" : "") + (digits.hasSuffix(".") ? String(digits.dropLast()) : digits)
  return Double(padded)
}

/// The digits in base ten of a BigInt literal (12.9.3); nil for what is none, and for other bases.
func bigIntegerDigits(_ literal: String) -> String? {
  guard literal.hasSuffix("n") else { return nil }
  let digits = literal.dropLast().filter { $0 != "_" }
  guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits == "0" || !digits.hasPrefix("0")
  else { return nil }
  return digits
}

extension UInt8 {
  /// Whether the byte is a letter A to Z, a digit or one of `_`, `.`, `:`, `-`.
  var isPlainNamePart: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_.:-".utf8.contains(self)
    }
  }
}
