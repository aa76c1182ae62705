/// How JavaScript reads numbers in text: StringToNumber (ECMAScript 7.1.4.1), parseInt (19.2.5) and parseFloat
/// (19.2.4).

/// StringToNumber: the whole text must be a number, apart from white space around it. Empty text is zero.
func number(ofText text: String) -> Double {
  let digits = trimmed(Array(text.utf16)[...], start: true, end: true)
  guard !digits.isEmpty else { return 0 }
  if digits.first == UInt16(ascii: "0"), let mark = digits.dropFirst().first, let radix = radixMarks[mark | 0x20] {
    let places = digits.dropFirst(2).map { digitValue($0, radix: radix) }
    guard !places.isEmpty, places.allSatisfy({ $0 != nil }) else { return .nan }
    return value(ofDigits: places.compactMap { $0 }, radix: radix)
  }
  let length = decimalLength(digits)
  return length == digits.count ? decimalValue(digits) : .nan
}

private let radixMarks: [UInt16: Int] = [UInt16(ascii: "x"): 16, UInt16(ascii: "o"): 8, UInt16(ascii: "b"): 2]

/// parseInt: the longest start of the text that is an integer. A radix of 0 is 10, or 16 after `0x`.
func parseInteger(_ text: String, radix: Int = 0) -> Double {
  var rest = trimmed(Array(text.utf16)[...], start: true, end: false)
  var sign = 1.0
  if let first = rest.first, first == UInt16(ascii: "-") || first == UInt16(ascii: "+") {
    sign = first == UInt16(ascii: "-") ? -1 : 1
    rest.removeFirst()
  }
  guard radix == 0 || (2...36).contains(radix) else { return .nan }
  var base = radix == 0 ? 10 : radix
  if radix == 0 || radix == 16, rest.first == UInt16(ascii: "0"),
    let mark = rest.dropFirst().first, mark | 0x20 == UInt16(ascii: "x")
  {
    rest.removeFirst(2)
    base = 16
  }
  var places: [Int] = []
  for unit in rest {
    guard let place = digitValue(unit, radix: base) else { break }
    places.append(place)
  }
  return places.isEmpty ? .nan : sign * value(ofDigits: places, radix: base)
}

/// parseFloat: the longest start of the text that is a decimal number.
func parseFloatPrefix(_ text: String) -> Double {
  let rest = trimmed(Array(text.utf16)[...], start: true, end: false)
  let length = decimalLength(rest)
  return length == 0 ? .nan : decimalValue(rest.prefix(length))
}

/// How many code units at the start are a StrDecimalLiteral.
private func decimalLength(_ units: ArraySlice<UInt16>) -> Int {
  var index = units.startIndex
  func isDigit(_ index: Int) -> Bool { index < units.endIndex && (0x30...0x39).contains(units[index]) }
  func stands(_ ascii: UInt16, at index: Int) -> Bool { index < units.endIndex && units[index] == ascii }
  if stands(UInt16(ascii: "+"), at: index) || stands(UInt16(ascii: "-"), at: index) { index += 1 }
  let infinity = "Infinity".utf16
  if units[index...].starts(with: infinity) { return index + infinity.count - units.startIndex }
  let start = index
  while isDigit(index) { index += 1 }
  var digits = index - start
  if stands(UInt16(ascii: "."), at: index) {
    let point = index
    index += 1
    while isDigit(index) { index += 1 }
    digits += index - point - 1
    guard digits > 0 else { return 0 }
  }
  guard digits > 0 else { return 0 }
  if stands(UInt16(ascii: "e"), at: index) || stands(UInt16(ascii: "E"), at: index) {
    var end = index + 1
    if stands(UInt16(ascii: "+"), at: end) || stands(UInt16(ascii: "-"), at: end) { end += 1 }
    if isDigit(end) {
      while isDigit(end) { end += 1 }
      index = end
    }
  }
  return index - units.startIndex
}

/// The value of a whole StrDecimalLiteral. Swift wants a digit on both sides of the point.
private func decimalValue(_ units: ArraySlice<UInt16>) -> Double {
  var text: [UInt8] = []
  for unit in units {
    let byte = UInt8(truncatingIfNeeded: unit)
    let followsDigit = text.last.map { (0x30...0x39).contains($0) } ?? false
    if byte == UInt8(ascii: "I") { return units.first == UInt16(ascii: "-") ? -.infinity : .infinity }
    if byte == UInt8(ascii: "."), !followsDigit { text.append(UInt8(ascii: "0")) }
    if byte | 0x20 == UInt8(ascii: "e"), text.last == UInt8(ascii: ".") { text.append(UInt8(ascii: "0")) }
    text.append(byte)
  }
  if text.last == UInt8(ascii: ".") { text.append(UInt8(ascii: "0")) }
  return Double(String(decoding: text, as: UTF8.self)) ?? .nan
}

private func digitValue(_ unit: UInt16, radix: Int) -> Int? {
  let value: Int
  switch unit {
  case 0x30...0x39: value = Int(unit) - 0x30
  case 0x41...0x5A: value = Int(unit) - 0x41 + 10
  case 0x61...0x7A: value = Int(unit) - 0x61 + 10
  default: return nil
  }
  return value < radix ? value : nil
}

/// The number that digits stand for: exactly rounded for ten and the powers of two; for the other radixes past 2^53 the
/// specification asks for an approximation only.
private func value(ofDigits digits: [Int], radix: Int) -> Double {
  if radix == 10 {
    return Double(String(decoding: digits.map { UInt8(0x30 + $0) }, as: UTF8.self)) ?? .nan
  }
  if radix.nonzeroBitCount == 1 { return value(ofDigits: digits, bits: radix.trailingZeroBitCount) }
  return digits.reduce(0) { $0 * Double(radix) + Double($1) }
}

/// Bits that no longer fit are kept as one that says whether any was set: rounding asks for nothing more.
private func value(ofDigits digits: [Int], bits: Int) -> Double {
  var mantissa: UInt64 = 0
  var exponent = 0
  for digit in digits {
    for place in (0..<bits).reversed() {
      let bit = UInt64(digit >> place & 1)
      if mantissa >> 62 == 0 {
        mantissa = mantissa << 1 | bit
      } else {
        mantissa |= bit
        exponent += 1
      }
    }
  }
  return exponent > 1100 ? .infinity : Double(sign: .plus, exponent: exponent, significand: Double(mantissa))
}

/// Text without the white space and line ends around it (TrimString, ECMAScript 22.1.3.32.1).
func trimmed(_ units: ArraySlice<UInt16>, start: Bool, end: Bool) -> ArraySlice<UInt16> {
  var result = units
  if start { result = result.drop { isSpace($0) } }
  if end {
    while let last = result.last, isSpace(last) { result.removeLast() }
  }
  return result
}

/// WhiteSpace and LineTerminator (ECMAScript 12.2 and 12.3).
func isSpace(_ unit: UInt16) -> Bool {
  switch unit {
  case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
  default: false
  }
}

extension UInt16 {
  /// The code unit of an ASCII character.
  init(ascii scalar: Unicode.Scalar) {
    self = UInt16(UInt8(ascii: scalar))
  }
}
