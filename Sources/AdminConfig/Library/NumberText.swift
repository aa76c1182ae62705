/// How JavaScript writes numbers (Number::toString, ECMAScript 6.1.6.1.20, and Number.prototype.toFixed, 21.1.3.3).

/// A number in decimal, as JavaScript writes it.
func numberText(_ number: Double) -> String {
  if number.isNaN { return "NaN" }
  if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
  if number == 0 { return "0" }
  let sign = number < 0 ? "-" : ""
  let (digits, point) = shortestDigits(number.magnitude)
  let text = String(decoding: digits, as: UTF8.self)
  switch point {
  case digits.count...21: return sign + text + String(repeating: "0", count: point - digits.count)
  case 1...21:
    return sign + String(decoding: digits[..<point], as: UTF8.self) + "."
      + String(decoding: digits[point...], as: UTF8.self)
  case -5...0: return sign + "0." + String(repeating: "0", count: -point) + text
  default:
    let exponent = point - 1
    let fraction = digits.count == 1 ? "" : "." + String(decoding: digits[1...], as: UTF8.self)
    return sign + String(decoding: digits[..<1], as: UTF8.self) + fraction + "e" + (exponent < 0 ? "-" : "+")
      + String(exponent.magnitude)
  }
}

/// The fewest digits that tell a positive number from its neighbours, and where the point stands among them. Swift's
/// own description has the same digits (the closest of the shortest), in another layout.
private func shortestDigits(_ number: Double) -> (digits: [UInt8], point: Int) {
  var digits: [UInt8] = []
  var point: Int?
  var exponent = 0
  var rest = number.description.utf8[...]
  while let byte = rest.popFirst() {
    switch byte {
    case UInt8(ascii: "."): point = digits.count
    case UInt8(ascii: "e"): exponent = Int(String(Substring(rest))) ?? 0
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte)
    default: break
    }
    if byte == UInt8(ascii: "e") { break }
  }
  var place = (point ?? digits.count) + exponent
  let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
  digits.removeFirst(zeros)
  place -= zeros
  while digits.last == UInt8(ascii: "0") { digits.removeLast() }
  return (digits, place)
}

/// An integer in another radix from 2 to 36; nil for a radix that there is not, for a fraction and for an integer past
/// 2^53, whose digits the specification leaves to the engine.
func numberText(_ number: Double, radix: Int) -> String? {
  guard (2...36).contains(radix) else { return nil }
  guard radix != 10, number.isFinite else { return numberText(number) }
  guard number == number.rounded(.towardZero), number.magnitude <= 9_007_199_254_740_992 else { return nil }
  return String(Int(number), radix: radix)
}

/// A number with a fixed count of digits after the point, exactly rounded; nil when the count is not 0 to 100.
func fixedText(_ number: Double, digits: Int) -> String? {
  guard (0...100).contains(digits) else { return nil }
  guard number.magnitude < 1e21 else { return numberText(number) }
  let whole = number.magnitude.rounded(.down)
  var text = Array(String(UInt128(whole)).utf8)
  var fraction = BinaryFraction(number.magnitude - whole)
  for _ in 0..<digits { text.append(UInt8(ascii: "0") + fraction.nextDigit()) }
  if fraction.isHalfOrMore { increment(&text) }
  if digits > 0 { text.insert(UInt8(ascii: "."), at: text.count - digits) }
  return (number < 0 ? "-" : "") + String(decoding: text, as: UTF8.self)
}

private func increment(_ digits: inout [UInt8]) {
  for index in digits.indices.reversed() {
    guard digits[index] == UInt8(ascii: "9") else {
      digits[index] += 1
      return
    }
    digits[index] = UInt8(ascii: "0")
  }
  digits.insert(UInt8(ascii: "1"), at: 0)
}

/// An exact binary fraction below one, as limbs of 32 bits, the most significant first.
private struct BinaryFraction {
  private var limbs: [UInt32]

  init(_ fraction: Double) {
    limbs = []
    // Scaling by a power of two is exact, and so is what remains.
    var rest = fraction
    while rest > 0 {
      rest *= 4_294_967_296
      let limb = rest.rounded(.down)
      limbs.append(UInt32(limb))
      rest -= limb
    }
  }

  var isHalfOrMore: Bool { limbs.first.map { $0 >= 1 << 31 } ?? false }

  mutating func nextDigit() -> UInt8 {
    var carry: UInt64 = 0
    for index in limbs.indices.reversed() {
      let product = UInt64(limbs[index]) * 10 + carry
      limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    return UInt8(carry)
  }
}
