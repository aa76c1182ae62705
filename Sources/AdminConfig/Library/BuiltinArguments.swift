/// The arguments of a built-in, converted as ECMAScript converts primitive values (7.1).
struct BuiltinArguments {
  private let values: [Scalar]

  init(_ values: [Scalar]) {
    self.values = values
  }

  var count: Int { values.count }

  subscript(index: Int) -> Scalar {
    index < values.count ? values[index] : .undefined
  }

  func isUndefined(_ index: Int) -> Bool {
    if case .undefined = self[index] { true } else { false }
  }

  /// ToString of an argument, as code units.
  func units(_ index: Int) throws(BuiltinFailure) -> [UInt16] {
    Array(try text(index).utf16)
  }

  /// ToString of an argument.
  func text(_ index: Int) throws(BuiltinFailure) -> String {
    guard let text = self[index].convertedText else { throw BuiltinFailure(.tooLong) }
    return text
  }

  /// ToNumber of an argument.
  func number(_ index: Int) throws(BuiltinFailure) -> Double {
    guard let number = self[index].convertedNumber else { throw BuiltinFailure(.tooLong) }
    return number
  }

  /// ToIntegerOrInfinity of an argument, clamped to a range; a default for one that is not given.
  func integer(
    _ index: Int, in range: ClosedRange<Int>, default value: Int? = nil
  ) throws(BuiltinFailure) -> Int {
    if let value, isUndefined(index) { return value }
    return clampedInteger(try number(index), to: range)
  }

  /// An offset from the start or, where it is negative, from the end; clamped to a text of this length.
  func relativeOffset(_ index: Int, length: Int, default value: Int) throws(BuiltinFailure) -> Int {
    let offset = try integer(index, in: -length - 1...length, default: value)
    return offset < 0 ? max(0, length + offset) : offset
  }
}

/// A result that ends a built-in early.
struct BuiltinFailure: Error {
  var result: BuiltinResult

  init(_ result: BuiltinResult) {
    self.result = result
  }
}
