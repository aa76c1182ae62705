// Numbers against Node.js: a fixed choice of calls, the same in every run.
import Testing

@testable import AdminConfig

@Suite(.enabled(if: NodeProcess.isInstalled, "Node.js is not installed")) struct NumberDifferential {
  /// A number from every part of the range: bit patterns, integers, short decimals, halves.
  static func number(_ generator: inout SeededGenerator) -> Double {
    switch generator.next() % 7 {
    case 0: Double(bitPattern: generator.next())
    case 1: Double(Int64(bitPattern: generator.next()) >> Int64(generator.next() % 64))
    case 2: Double(Int(generator.next() % 20_000) - 10_000) / 8
    case 3: Double(Int(generator.next() % 2_000_000) - 1_000_000) / 1000
    case 4: Double(sign: .plus, exponent: Int(generator.next() % 2140) - 1074, significand: 1)
    case 5:
      generator.pick([
        0, -0.0, .nan, .infinity, -.infinity, 1e21, 1e-7, 1e-6, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      ])
    default: Double(generator.next() % 1_000_000_000) * generator.pick([1e-12, 1e-7, 1e3, 1e12, 1e14, 1e280])
    }
  }

  @Test func textOfNumbersAgrees() throws {
    var generator = SeededGenerator(state: 1)
    var comparisons: [Comparison] = []
    for _ in 0..<600 {
      let number = Self.number(&generator)
      let bits = "new Float64Array(new BigUint64Array([\(number.bitPattern)n]).buffer)[0]"
      comparisons.append(
        Comparison(expression: "String(\(bits))", result: callGlobal("String", [.number(number)])))
      let radix = Int(generator.next() % 35) + 2
      comparisons.append(
        Comparison(
          expression: "(\(bits)).toString(\(radix))",
          result: callNumberMethod("toString", on: number, [.number(Double(radix))])))
      let digits = Int(generator.next() % 25)
      comparisons.append(
        Comparison(
          expression: "(\(bits)).toFixed(\(digits))",
          result: callNumberMethod("toFixed", on: number, [.number(Double(digits))])))
    }
    let computed = try expectAgreement(comparisons)
    #expect(computed > 1200)
  }

  @Test func numbersInTextAgree() throws {
    var generator = SeededGenerator(state: 2)
    let parts = [
      "0", "1", "7", "9", "12", "345", "00", ".", "e", "E", "+", "-", "0x", "0X", "0b", "0o", "f", "z", "_", " ",
      "\u{FEFF}", "\u{2003}", "\n", "Infinity", "NaN", "e5", "e-3", "99999999999999999999", "n", "e400", "e-330", "",
    ]
    var comparisons: [Comparison] = []
    for _ in 0..<800 {
      let text = Scalar.string(generator.text(of: parts, upTo: 5))
      let radix = Scalar.number(Double(generator.pick([0, 2, 8, 10, 16, 32, 1, 37])))
      for name in ["Number", "parseFloat", "Number.parseFloat", "isNaN"] {
        comparisons.append(Comparison(expression: "\(name)(\(source(text)))", result: callGlobal(name, [text])))
      }
      comparisons.append(
        Comparison(
          expression: "parseInt(\(source(text)), \(source(radix)))", result: callGlobal("parseInt", [text, radix])))
    }
    #expect(try expectAgreement(comparisons) == comparisons.count)
  }

  @Test func longDigitsAgree() throws {
    var generator = SeededGenerator(state: 3)
    var comparisons: [Comparison] = []
    for _ in 0..<200 {
      let radix = Int(generator.next() % 35) + 2
      // Only for ten and the powers of two are long digits exactly rounded.
      let count = radix == 10 || radix.nonzeroBitCount == 1 ? 80 : 10
      let digits = (0..<Int(generator.next() % UInt64(count)) + 1).map { _ in
        String(Int(generator.next() % UInt64(radix)), radix: radix)
      }.joined()
      comparisons.append(
        Comparison(
          expression: "parseInt(\"\(digits)\", \(radix))",
          result: callGlobal("parseInt", [.string(digits), .number(Double(radix))])))
      let hexadecimal = (0..<Int(generator.next() % 40) + 1).map { _ in
        String(Int(generator.next() % 16), radix: 16)
      }.joined()
      comparisons.append(
        Comparison(
          expression: "Number(\"0x\(hexadecimal)\")", result: callGlobal("Number", [.string("0x" + hexadecimal)])))
    }
    #expect(try expectAgreement(comparisons) == comparisons.count)
  }

  @Test func arithmeticAgrees() throws {
    var generator = SeededGenerator(state: 4)
    var comparisons: [Comparison] = []
    for _ in 0..<200 {
      let left = Self.number(&generator)
      let right = Self.number(&generator)
      let both = [Scalar.number(left), Scalar.number(right)]
      let (first, second) = (source(both[0]), source(both[1]))
      for name in ["max", "min"] {
        comparisons.append(
          Comparison(expression: "Math.\(name)(\(first), \(second))", result: callGlobal("Math." + name, both)))
      }
      for name in ["floor", "ceil", "round", "trunc", "abs", "sign", "sqrt"] {
        comparisons.append(
          Comparison(expression: "Math.\(name)(\(first))", result: callGlobal("Math." + name, both)))
      }
      let base = Double(Int(generator.next() % 24) - 12)
      let exponent = Double(Int(generator.next() % 40) - 10)
      comparisons.append(
        Comparison(
          expression: "(\(numberText(base))) ** (\(numberText(exponent)))",
          result: exponentiate(base, exponent).map { .value(.number($0)) } ?? .notComputed("a power")))
      comparisons.append(
        Comparison(expression: "(\(first)) % (\(second))", result: .value(.number(remainder(left, right)))))
      comparisons.append(
        Comparison(expression: "(\(first)) | 0", result: .value(.number(Double(toInt32(left))))))
      comparisons.append(
        Comparison(expression: "(\(first)) >>> 0", result: .value(.number(Double(toUInt32(left))))))
      for name in ["isInteger", "isFinite", "isNaN", "isSafeInteger"] {
        comparisons.append(
          Comparison(expression: "Number.\(name)(\(first))", result: callGlobal("Number." + name, both)))
      }
    }
    try expectAgreement(comparisons)
  }

  @Test func comparisonsAgree() throws {
    var generator = SeededGenerator(state: 5)
    let values: [Scalar] = [
      .undefined, .null, .boolean(true), .boolean(false), .number(0), .number(-0.0), .number(1), .number(.nan),
      .string(""), .string("0"), .string("1"), .string(" 1 "), .string("a"), .string("B"), .string("\u{E9}"),
      .string("e\u{301}"), .string("\u{FFFF}"), .string("\u{1F600}"), .string("10"), .string("9"), .list([]),
      .list([.number(1)]), .list([.null, .string("a")]), .string(",a"),
    ]
    var comparisons: [Comparison] = []
    for _ in 0..<500 {
      let left = generator.pick(values)
      let right = generator.pick(values)
      let (first, second) = (source(left), source(right))
      for (sign, result) in [("==", looselyEqual(left, right)), ("===", strictlyEqual(left, right))] {
        comparisons.append(Comparison(expression: "\(first) \(sign) \(second)", result: .value(.boolean(result))))
      }
      comparisons.append(
        Comparison(
          expression: "\(first) < \(second)", result: .value(.boolean(isLess(left, right) ?? false))))
      comparisons.append(
        Comparison(
          expression: "\(first) >= \(second)", result: .value(.boolean(isLess(left, right).map { !$0 } ?? false))))
      comparisons.append(
        Comparison(
          expression: "[\(first)].includes(\(second))", result: .value(.boolean(sameValueZero(left, right)))))
    }
    try expectAgreement(comparisons)
  }
}
