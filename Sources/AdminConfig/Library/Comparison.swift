/// Comparisons of primitive values (ECMAScript 7.2.13 to 7.2.15). Lists and regular expressions are no primitives: they
/// have an identity, which a `Scalar` does not keep, so two of them are never equal here.

/// The `===` operator.
func strictlyEqual(_ left: Scalar, _ right: Scalar) -> Bool {
  switch (left, right) {
  case (.undefined, .undefined), (.null, .null): true
  case (.boolean(let left), .boolean(let right)): left == right
  case (.number(let left), .number(let right)): left == right
  case (.string(let left), .string(let right)): isSameText(left, right)
  default: false
  }
}

/// SameValueZero, the equality of `includes` and of Map keys: NaN is equal to itself.
func sameValueZero(_ left: Scalar, _ right: Scalar) -> Bool {
  if case .number(let left) = left, case .number(let right) = right, left.isNaN, right.isNaN { return true }
  return strictlyEqual(left, right)
}

/// The `==` operator.
func looselyEqual(_ left: Scalar, _ right: Scalar) -> Bool {
  switch (left, right) {
  case (.undefined, .null), (.null, .undefined): return true
  case (.undefined, _), (.null, _), (_, .undefined), (_, .null): return strictlyEqual(left, right)
  case (.list, .list), (.list, .regularExpression), (.regularExpression, .list),
    (.regularExpression, .regularExpression):
    return false
  default: break
  }
  if let left = primitiveText(left), let right = primitiveText(right) { return isSameText(left, right) }
  guard let left = left.convertedNumber, let right = right.convertedNumber else { return false }
  return left == right
}

/// Whether the first is less than the second (IsLessThan, 7.2.12); nil when one is no number.
func isLess(_ left: Scalar, _ right: Scalar) -> Bool? {
  if let left = primitiveText(left), let right = primitiveText(right) {
    return left.utf16.lexicographicallyPrecedes(right.utf16)
  }
  guard let left = left.convertedNumber, let right = right.convertedNumber, !left.isNaN, !right.isNaN else {
    return nil
  }
  return left < right
}

/// The text that ToPrimitive gives, where it gives text.
private func primitiveText(_ value: Scalar) -> String? {
  switch value {
  case .string, .list, .regularExpression: value.convertedText
  default: nil
  }
}
