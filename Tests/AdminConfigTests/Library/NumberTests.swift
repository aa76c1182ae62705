// Numbers and comparisons, with values that the specification gives.
import Testing

@testable import AdminConfig

@Suite struct Numbers {
  @Test(
    "A number is written as Number::toString says",
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (100, "100"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
      (123_456_789_012_345_683_968, "123456789012345680000"), (1.5e300, "1.5e+300"), (1e-6, "0.000001"),
      (1e-7, "1e-7"), (1.25e-9, "1.25e-9"), (0.1 + 0.2, "0.30000000000000004"), (.nan, "NaN"), (.infinity, "Infinity"),
      (-.infinity, "-Infinity"), (9_007_199_254_740_992, "9007199254740992"),
      (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
    ] as [(Double, String)])
  func writing(_ number: Double, _ text: String) {
    #expect(numberText(number) == text)
  }

  @Test(
    "Text is read as StringToNumber says",
    arguments: [
      ("", 0), ("  \u{FEFF}\u{2029}", 0), (" 12 ", 12), ("1_000", .nan), ("0x1F", 31), ("0X1f", 31), ("0o17", 15),
      ("0b101", 5), ("-0x1", .nan), ("0x", .nan), (".5", 0.5), ("5.", 5), (".", .nan), ("1e3", 1000), ("1e", .nan),
      ("Infinity", .infinity), ("-Infinity", -.infinity), ("infinity", .nan), ("nan", .nan), ("0x1p3", .nan),
      ("12px", .nan),
      ("010", 10), ("1e999", .infinity), ("1e-999", 0), ("6379", 6379), ("\u{663}", .nan), ("1n", .nan),
    ] as [(String, Double)])
  func reading(_ text: String, _ number: Double) {
    let read = AdminConfig.number(ofText: text)
    #expect(read == number || read.isNaN && number.isNaN)
  }

  @Test(
    "parseInt and parseFloat read the start of a text",
    arguments: [
      ("12px", 12, 12), ("  -7.9e1x", -7, -79), ("0x1F", 31, 0), ("", .nan, .nan), ("e5", .nan, .nan),
      ("-", .nan, .nan),
      ("1e", 1, 1), ("+.5.5", .nan, 0.5), ("-Infinityx", .nan, -.infinity), ("00012", 12, 12),
    ] as [(String, Double, Double)])
  func prefixes(_ text: String, _ integer: Double, _ float: Double) {
    #expect(numberText(parseInteger(text, radix: 0)) == numberText(integer))
    #expect(numberText(parseFloatPrefix(text)) == numberText(float))
  }

  @Test func fixedTextIsRoundedExactly() {
    #expect(fixedText(1.005, digits: 2) == "1.00")
    #expect(fixedText(2.5, digits: 0) == "3")
    #expect(fixedText(-1.5, digits: 0) == "-2")
    #expect(fixedText(0.000001, digits: 7) == "0.0000010")
    #expect(fixedText(1e21, digits: 2) == "1e+21")
    #expect(fixedText(999.995, digits: 2) == "1000.00")
    #expect(fixedText(.nan, digits: 2) == "NaN")
    #expect(fixedText(1, digits: 101) == nil)
    #expect(fixedText(.leastNonzeroMagnitude, digits: 100)?.utf8.count == 102)
  }

  @Test func radixesAreForIntegers() {
    #expect(numberText(255, radix: 16) == "ff")
    #expect(numberText(-35, radix: 36) == "-z")
    #expect(numberText(0.5, radix: 2) == nil)
    #expect(numberText(0.5, radix: 10) == "0.5")
    #expect(numberText(1e300, radix: 16) == nil)
    #expect(numberText(1, radix: 37) == nil)
  }

  @Test func conversionsToIntegersNeverTrap() {
    #expect(toInt32(4_294_967_295) == -1)
    #expect(toInt32(2_147_483_648) == .min)
    #expect(toInt32(.infinity) == 0)
    #expect(toInt32(-1.9) == -1)
    #expect(toInt32(1e300) == 0)
    #expect(clampedInteger(1e300, to: 0...5) == 5)
    #expect(clampedInteger(-.infinity, to: Int.min...Int.max) == .min)
    #expect(clampedInteger(.infinity, to: Int.min...Int.max) == .max)
    #expect(clampedInteger(.nan, to: -1...5) == 0)
  }

  @Test func powersAreExactOrNotComputed() {
    #expect(exponentiate(2, 10) == 1024)
    #expect(exponentiate(10, 22) == 1e22)
    #expect(exponentiate(10, 23) == nil)
    #expect(exponentiate(2, -2) == 0.25)
    #expect(exponentiate(10, -1) == nil)
    #expect(exponentiate(-8, 401) == -.infinity)
    #expect(exponentiate(1, .infinity)?.isNaN == true)
    #expect(exponentiate(.nan, 0) == 1)
    #expect(exponentiate(-0.0, -3) == -.infinity)
    #expect(exponentiate(9, 0.5) == 3)
    #expect(exponentiate(2, 0.5) == nil)
  }

  @Test func canonicalEquivalentsAreDifferentTexts() {
    let (composed, decomposed) = (Scalar.string("\u{E9}"), Scalar.string("e\u{301}"))
    #expect(!strictlyEqual(composed, decomposed))
    #expect(!looselyEqual(composed, decomposed))
    #expect(!sameValueZero(composed, decomposed))
    #expect(isLess(decomposed, composed) == true)
  }

  @Test func orderIsThatOfCodeUnits() {
    #expect(isLess(.string("\u{1F600}"), .string("\u{FFFF}")) == true)
    #expect(isLess(.string("10"), .string("9")) == true)
    #expect(isLess(.string("10"), .number(9)) == false)
    #expect(isLess(.undefined, .number(1)) == nil)
    #expect(isLess(.null, .number(1)) == true)
  }

  @Test func looseEqualityConverts() {
    #expect(looselyEqual(.null, .undefined))
    #expect(!looselyEqual(.null, .number(0)))
    #expect(looselyEqual(.string(" 1 "), .boolean(true)))
    #expect(looselyEqual(.list([.number(1), .null]), .string("1,")))
    #expect(!looselyEqual(.list([]), .list([])))
    #expect(sameValueZero(.number(.nan), .number(.nan)))
    #expect(sameValueZero(.number(0), .number(-0.0)))
  }
}
