/// The global functions of JavaScript, those of Number and Math (ECMAScript 19.2, 21.1.2, 21.3.2), and the methods of
/// numbers (21.1.3).

/// Calls a global function by its name, which may be a path: `parseInt`, `Number.isInteger`, `Math.max`. Nil when there
/// is no such function here.
func callGlobal(_ name: String, _ arguments: [Scalar]) -> BuiltinResult? {
  let arguments = BuiltinArguments(arguments)
  do {
    if name.utf8.starts(with: "Math.".utf8) {
      return try mathResult(String(Substring(name.utf8.dropFirst(5))), arguments)
    }
    if let result = try conversionResult(name, arguments) { return result }
    return try encodingResult(name, arguments)
  } catch {
    return error.result
  }
}

/// Calls a method of a number; nil when numbers have no such method.
func callNumberMethod(_ name: String, on number: Double, _ arguments: [Scalar]) -> BuiltinResult? {
  let arguments = BuiltinArguments(arguments)
  do {
    switch name {
    case "valueOf": return .value(.number(number))
    case "toString":
      let radix = try arguments.integer(0, in: 0...37, default: 10)
      guard (2...36).contains(radix) else {
        return .throwsError(kind: "RangeError", message: "toString() radix must be between 2 and 36")
      }
      guard let text = numberText(number, radix: radix) else {
        return .notComputed("the digits of a number in another radix")
      }
      return textValue(text)
    case "toFixed":
      let digits = try arguments.integer(0, in: -1...101)
      guard let text = fixedText(number, digits: digits) else {
        return .throwsError(kind: "RangeError", message: "toFixed() digits argument must be between 0 and 100")
      }
      return textValue(text)
    case "toPrecision", "toExponential": return .notComputed("a number's digits")
    case "toLocaleString": return .notComputed("a number's form in a language")
    default: return nil
    }
  } catch {
    return error.result
  }
}

private func conversionResult(_ name: String, _ arguments: BuiltinArguments) throws(BuiltinFailure) -> BuiltinResult? {
  switch name {
  case "Number": return .value(.number(arguments.count == 0 ? 0 : try arguments.number(0)))
  case "String": return textValue(arguments.count == 0 ? "" : try arguments.text(0))
  case "Boolean": return .value(.boolean(arguments[0].isTruthy))
  case "parseInt", "Number.parseInt":
    let radix = toInt32(try arguments.number(1))
    return .value(.number(parseInteger(try arguments.text(0), radix: Int(radix))))
  case "parseFloat", "Number.parseFloat": return .value(.number(parseFloatPrefix(try arguments.text(0))))
  case "isNaN": return .value(.boolean(try arguments.number(0).isNaN))
  case "isFinite": return .value(.boolean(try arguments.number(0).isFinite))
  case "Number.isNaN": return .value(.boolean(isNumber(arguments[0]) { $0.isNaN }))
  case "Number.isFinite": return .value(.boolean(isNumber(arguments[0]) { $0.isFinite }))
  case "Number.isInteger": return .value(.boolean(isNumber(arguments[0], isInteger)))
  case "Number.isSafeInteger":
    return .value(.boolean(isNumber(arguments[0]) { isInteger($0) && $0.magnitude <= 9_007_199_254_740_991 }))
  default: return nil
  }
}

private func isNumber(_ value: Scalar, _ condition: (Double) -> Bool) -> Bool {
  if case .number(let number) = value { condition(number) } else { false }
}

private func isInteger(_ number: Double) -> Bool {
  number.isFinite && number == number.rounded(.towardZero)
}

private func mathResult(_ name: String, _ arguments: BuiltinArguments) throws(BuiltinFailure) -> BuiltinResult? {
  switch name {
  case "max", "min":
    let isMaximum = name == "max"
    var result: Double = isMaximum ? -.infinity : .infinity
    for index in 0..<arguments.count {
      result = extreme(result, try arguments.number(index), isMaximum: isMaximum)
    }
    return .value(.number(result))
  case "pow":
    guard let power = exponentiate(try arguments.number(0), try arguments.number(1)) else {
      return .notComputed("a power that has to be rounded")
    }
    return .value(.number(power))
  case "random": return .notComputed("a random number")
  case "acos", "acosh", "asin", "asinh", "atan", "atanh", "atan2", "cbrt", "clz32", "cos", "cosh", "exp", "expm1",
    "fround", "hypot", "imul", "log", "log1p", "log10", "log2", "sin", "sinh", "tan", "tanh":
    return .notComputed("a function of mathematics")
  default: return roundedNumber(name, try arguments.number(0)).map { .value(.number($0)) }
  }
}

private func roundedNumber(_ name: String, _ number: Double) -> Double? {
  switch name {
  case "floor": number.rounded(.down)
  case "ceil": number.rounded(.up)
  case "trunc": number.rounded(.towardZero)
  case "abs": number.magnitude
  case "sign": number.isNaN || number == 0 ? number : number < 0 ? -1 : 1
  case "sqrt": number.squareRoot()
  case "round": roundedHalfUp(number)
  default: nil
  }
}

/// Math.round: a half goes up, also below zero (21.3.2.28).
private func roundedHalfUp(_ number: Double) -> Double {
  guard number.isFinite else { return number }
  let floor = number.rounded(.down)
  let rounded = number - floor >= 0.5 ? floor + 1 : floor
  return rounded == 0 ? Double(sign: number.sign, exponent: 0, significand: 0) : rounded
}

private func extreme(_ left: Double, _ right: Double, isMaximum: Bool) -> Double {
  if left.isNaN || right.isNaN { return .nan }
  if left == 0, right == 0 { return (left.sign == .minus) == isMaximum ? right : left }
  return (left < right) == isMaximum ? right : left
}
