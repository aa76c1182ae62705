/// JavaScript's arithmetic where Swift's differs from it: conversions to integers, remainder and power.

/// ToIntegerOrInfinity (ECMAScript 7.1.5).
func toIntegerOrInfinity(_ number: Double) -> Double {
  number.isNaN || number == 0 ? 0 : number.rounded(.towardZero) + 0
}

/// ToIntegerOrInfinity, clamped to a range; never out of the bounds of Int.
func clampedInteger(_ number: Double, to range: ClosedRange<Int>) -> Int {
  let integer = toIntegerOrInfinity(number)
  if integer <= Double(range.lowerBound) { return range.lowerBound }
  if integer >= Double(range.upperBound) { return range.upperBound }
  return Int(integer)
}

/// ToUint32 (ECMAScript 7.1.7).
func toUInt32(_ number: Double) -> UInt32 {
  guard number.isFinite else { return 0 }
  let remainder = number.rounded(.towardZero).truncatingRemainder(dividingBy: 4_294_967_296)
  return UInt32(remainder < 0 ? remainder + 4_294_967_296 : remainder)
}

/// ToInt32 (ECMAScript 7.1.6).
func toInt32(_ number: Double) -> Int32 {
  Int32(bitPattern: toUInt32(number))
}

/// The `%` operator (Number::remainder, ECMAScript 6.1.6.1.6): the sign is the dividend's.
func remainder(_ dividend: Double, _ divisor: Double) -> Double {
  dividend.truncatingRemainder(dividingBy: divisor)
}

/// The `**` operator (Number::exponentiate, ECMAScript 6.1.6.1.3); nil where the result has to be rounded, which the
/// specification leaves to the engine.
func exponentiate(_ base: Double, _ exponent: Double) -> Double? {
  if exponent.isNaN { return .nan }
  if exponent == 0 { return 1 }
  if base.isNaN { return .nan }
  let isOdd = exponent.truncatingRemainder(dividingBy: 2).magnitude == 1
  if base.isInfinite || base == 0 {
    let magnitude: Double = base.isInfinite == (exponent > 0) ? .infinity : 0
    return base.sign == .minus && isOdd ? -magnitude : magnitude
  }
  if exponent.isInfinite {
    if base.magnitude == 1 { return .nan }
    return (base.magnitude > 1) == (exponent > 0) ? .infinity : 0
  }
  guard exponent == exponent.rounded(.towardZero) else { return base < 0 ? .nan : exactRoot(base, exponent) }
  if base.magnitude == 1 { return isOdd ? base : 1 }
  guard let power = exactPower(base, exponent.magnitude) else { return nil }
  if exponent > 0 { return power }
  // Only the inverse of a power of two is exact.
  let inverse = 1 / power
  return power.isFinite && power.significand.magnitude == 1 && inverse.isNormal ? inverse : nil
}

private func exactRoot(_ base: Double, _ exponent: Double) -> Double? {
  let root = base.squareRoot()
  return exponent == 0.5 && (-base).addingProduct(root, root) == 0 ? root : nil
}

private func exactPower(_ base: Double, _ exponent: Double) -> Double? {
  guard exponent <= 1100 else { return nil }
  var power = 1.0
  for _ in 0..<Int(exponent) {
    let product = power * base
    // From an exact power the next one is past the largest number, and so are all after it.
    if product.isInfinite, base.magnitude >= 2 {
      return base < 0 && exponent.truncatingRemainder(dividingBy: 2) == 1 ? -.infinity : .infinity
    }
    guard product.isNormal, (-product).addingProduct(power, base) == 0 else { return nil }
    power = product
  }
  return power
}
