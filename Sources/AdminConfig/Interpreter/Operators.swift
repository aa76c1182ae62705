/// The part of the interpreter that computes with operators (ECMAScript 13.4 to 13.11).
extension Interpreter {
  mutating func unary(_ kind: UnaryOperator, _ operand: ExpressionID, at place: Place) throws(Interruption) -> Tracked {
    switch kind {
    case .typeof: return try typeOf(operand, at: place)
    case .delete: return try delete(operand, at: place)
    default: break
    }
    let value = try evaluate(operand)
    var result = Tracked(.undefined, at: place, taint: value.taint)
    switch kind {
    case .void: return Tracked(.undefined, at: place)
    case .not:
      guard let holds = isTruthy(value) else { return depending(keeping(value), on: value.taint) }
      result.value = .boolean(!holds)
    case .minus, .plus, .bitNot:
      if case .bigInteger(let digits) = value.value, kind == .minus {
        result.value = .bigInteger(
          digits.hasPrefix("-") ? String(digits.dropFirst()) : digits == "0" ? "0" : "-" + digits)
        return result
      }
      let number = try number(of: value, at: place)
      guard case .number(let operand) = number.value else { return keeping(number) }
      switch kind {
      case .minus: result.value = .number(-operand)
      case .plus: result.value = .number(operand)
      default: result.value = .number(Double(~toInt32(operand)))
      }
      result.text = value.text
    case .typeof, .delete: break
    }
    return result
  }

  /// The unknown that comes of a value that is not known.
  mutating func keeping(_ value: Tracked) -> Tracked {
    if case .unknown = value.value { return value }
    return Tracked(.unknown(unknownReason(value)), at: value.place, taint: value.taint)
  }

  private mutating func typeOf(_ operand: ExpressionID, at place: Place) throws(Interruption) -> Tracked {
    if case .name(let name) = code.program.expressions[Int(operand.value)].kind, lookup(key(name)) == nil,
      isUndeclared(key(name))
    {
      return Tracked(.string("undefined"), at: place)
    }
    let value = try evaluate(operand)
    var result = Tracked(.undefined, at: place, taint: value.taint)
    switch value.value {
    case .undefined: result.value = .string("undefined")
    case .null: result.value = .string("object")
    case .boolean: result.value = .string("boolean")
    case .number: result.value = .string("number")
    case .string: result.value = .string("string")
    case .bigInteger: result.value = .string("bigint")
    case .object(let id):
      switch self[id].kind {
      case .builtin(let name): result.value = .string(isNamespaceBuiltin(name) ? "object" : "function")
      default: result.value = .string(self[id].isCallable ? "function" : "object")
      }
    case .unknown: return value
    }
    return result
  }

  private mutating func delete(_ operand: ExpressionID, at place: Place) throws(Interruption) -> Tracked {
    var target = operand
    if case .optionalChain(let inner) = code.program.expressions[Int(operand.value)].kind { target = inner }
    switch code.program.expressions[Int(target.value)].kind {
    case .property, .element:
      let reference = try reference(target)
      if case .property(let base, let key, _) = reference { try remove(key, from: base, at: place) }
      if case .unknownProperty(let base, let reason) = reference { try escape([base], reason) }
      return Tracked(.boolean(true), at: place)
    default:
      _ = try evaluate(operand)
      return Tracked(.boolean(true), at: place)
    }
  }

  mutating func binary(
    _ kind: BinaryOperator, _ left: ExpressionID, _ right: ExpressionID, at place: Place
  ) throws(Interruption) -> Tracked {
    // A row of operators leans to the left: it is walked without recursion.
    var pending: [(BinaryOperator, ExpressionID, Place)] = [(kind, right, place)]
    var first = left
    while case .binary(let inner, let next, let operand) = code.program.expressions[Int(first.value)].kind {
      pending.append((inner, operand, self.place(code.program.expressions[Int(first.value)].offset)))
      first = next
    }
    var value = try evaluate(first)
    while let (kind, operand, place) = pending.popLast() {
      value = try operate(kind, value, try evaluate(operand), at: place)
    }
    return value
  }

  mutating func operate(
    _ kind: BinaryOperator, _ left: Tracked, _ right: Tracked, at place: Place
  ) throws(Interruption) -> Tracked {
    let taint = union(left.taint, right.taint)
    var result = Tracked(.undefined, at: place, taint: taint)
    switch kind {
    case .strictlyEqual, .strictlyNotEqual:
      guard let same = strictlyEqual(left, right) else { return undecided(left, right) }
      result.value = .boolean(same == (kind == .strictlyEqual))
    case .equal, .notEqual:
      guard let same = try looselyEqual(left, right, at: place) else { return undecided(left, right) }
      result.value = .boolean(same == (kind == .equal))
    case .add: return try add(left, right, at: place)
    case .in: return try isIn(left, right, at: place)
    case .instanceOf: return try isInstance(left, right, at: place)
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      let first = try primitive(left, at: place, prefersText: false)
      let second = try primitive(right, at: place, prefersText: false)
      guard let one = scalar(first), let other = scalar(second) else { return undecided(first, second) }
      switch kind {
      case .less: result.value = .boolean(isLess(one, other) == true)
      case .greater: result.value = .boolean(isLess(other, one) == true)
      case .lessOrEqual: result.value = .boolean(isLess(other, one) == false)
      default: result.value = .boolean(isLess(one, other) == false)
      }
    default:
      if case .bigInteger(let one) = left.value, case .bigInteger(let other) = right.value {
        return bigInteger(kind, one, other, at: place, taint)
      }
      let first = try number(of: left, at: place)
      let second = try number(of: right, at: place)
      guard case .number(let one) = first.value, case .number(let other) = second.value,
        let number = Self.compute(kind, one, other)
      else { return undecided(first, second) }
      result.value = .number(number)
      result.text = union(left.text, right.text)
    }
    return noted(result, at: place, from: [left.trace, right.trace].filter { $0 >= 0 })
  }

  /// Two BigInts, as far as the machine's own integers hold them.
  private mutating func bigInteger(
    _ kind: BinaryOperator, _ left: String, _ right: String, at place: Place, _ taint: Taint
  ) -> Tracked {
    guard let one = Int(left), let other = Int(right) else { return unknown("a BigInt", at: place, taint: taint) }
    let result: (partialValue: Int, overflow: Bool)
    switch kind {
    case .add: result = one.addingReportingOverflow(other)
    case .subtract: result = one.subtractingReportingOverflow(other)
    case .multiply: result = one.multipliedReportingOverflow(by: other)
    case .divide where other != 0: result = one.dividedReportingOverflow(by: other)
    case .remainder where other != 0: result = one.remainderReportingOverflow(dividingBy: other)
    default: result = (0, true)
    }
    if result.overflow { return unknown("a BigInt", at: place, taint: taint) }
    return Tracked(.bigInteger(String(result.partialValue)), at: place, taint: taint)
  }

  private static func compute(_ kind: BinaryOperator, _ left: Double, _ right: Double) -> Double? {
    switch kind {
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide: return left / right
    case .remainder: return AdminConfig.remainder(left, right)
    case .power: return exponentiate(left, right)
    case .bitAnd: return Double(toInt32(left) & toInt32(right))
    case .bitOr: return Double(toInt32(left) | toInt32(right))
    case .bitXor: return Double(toInt32(left) ^ toInt32(right))
    case .shiftLeft: return Double(toInt32(left) << Int32(toUInt32(right) & 31))
    case .shiftRight: return Double(toInt32(left) >> Int32(toUInt32(right) & 31))
    case .shiftRightUnsigned: return Double(toUInt32(left) >> (toUInt32(right) & 31))
    default: return nil
    }
  }

  /// The result where one of two values would have decided and is not known.
  mutating func undecided(_ left: Tracked, _ right: Tracked) -> Tracked {
    let decider = left.reason != nil || right.reason == nil ? left : right
    let reason = unknownReason(decider)
    doubt(reason)
    return Tracked(.unknown(reason), at: decider.place, taint: union(left.taint, right.taint))
  }

  /// `===` (7.2.15); nil where a value is unknown.
  func strictlyEqual(_ left: Tracked, _ right: Tracked) -> Bool? {
    switch (left.value, right.value) {
    case (.unknown, _), (_, .unknown): nil
    case (.number(let first), .number(let second)): first == second
    default: areSame(left, right)
    }
  }

  private mutating func looselyEqual(
    _ left: Tracked, _ right: Tracked, at place: Place
  ) throws(Interruption) -> Bool? {
    switch (left.value, right.value) {
    case (.unknown, _), (_, .unknown): return nil
    case (.object(let first), .object(let second)): return first == second
    case (.undefined, .object), (.null, .object), (.object, .undefined), (.object, .null): return false
    default:
      let first = try primitive(left, at: place, prefersText: false)
      let second = try primitive(right, at: place, prefersText: false)
      guard let one = scalar(first), let other = scalar(second) else { return nil }
      return AdminConfig.looselyEqual(one, other)
    }
  }

  private mutating func add(_ left: Tracked, _ right: Tracked, at place: Place) throws(Interruption) -> Tracked {
    if case .bigInteger(let one) = left.value, case .bigInteger(let other) = right.value {
      return bigInteger(.add, one, other, at: place, union(left.taint, right.taint))
    }
    let first = try primitive(left, at: place, prefersText: false)
    let second = try primitive(right, at: place, prefersText: false)
    if first.string != nil || second.string != nil { return try concatenate([first, second], at: place) }
    guard first.reason == nil, second.reason == nil, let one = scalar(first)?.convertedNumber,
      let other = scalar(second)?.convertedNumber
    else { return undecided(first, second) }
    return Tracked(
      .number(one + other), at: place, taint: union(left.taint, right.taint), text: union(left.text, right.text))
  }

  private mutating func isIn(_ left: Tracked, _ right: Tracked, at place: Place) throws(Interruption) -> Tracked {
    let taint = union(left.taint, right.taint)
    guard let id = right.object else {
      if case .unknown = right.value { return undecided(right, left) }
      throw fail("TypeError", "Cannot use 'in' operator to search for a key in \(describe(right))", at: place)
    }
    guard let key = try propertyKey(left, at: place) else { return undecided(left, right) }
    var result = Tracked(.boolean(false), at: place, taint: union(taint, self[id].keysTaint))
    if case .environment = self[id].kind {
      let variable = try property(right, key, at: place)
      result.taint = union(result.taint, variable.taint)
      if case .unknown = variable.value { return keeping(variable) }
      if case .undefined = variable.value { return result }
      result.value = .boolean(true)
      return result
    }
    if case .namespace(let module) = self[id].kind {
      result.value = .boolean(exportNames(of: module).contains(text(key)))
      return result
    }
    var current: ObjectID? = id
    while let object = current {
      if let reason = self[object].unknownKeys, self[object].property(key)?.value.reason != nil {
        result.value = .unknown(reason)
        return result
      }
      if case .unknown(let reason) = self[object].absent {
        result.value = .unknown(reason)
        return result
      }
      if self[object].position(of: key) != nil {
        result.value = .boolean(true)
        return result
      }
      if case .array = self[object].kind, case .undefined = self[object].absent, let index = arrayIndex(key) {
        result.value = .boolean(index < self[object].elements.count && !self[object].elements[index].isHole)
        return result
      }
      if case .undefined = self[object].absent {} else { return keeping(try property(right, key, at: place)) }
      if case .plain = self[object].kind {
      } else if case .array = self[object].kind {
      } else {
        return unknown("the operator `in` on \(describe(right))", at: place, taint: taint)
      }
      current = self[object].prototype
    }
    // What every object inherits.
    if !(try property(right, key, at: place)).isUndefined { result.value = .boolean(true) }
    return result
  }

  private mutating func isInstance(_ left: Tracked, _ right: Tracked, at place: Place) throws(Interruption) -> Tracked {
    let taint = union(left.taint, right.taint)
    var result = Tracked(.boolean(false), at: place, taint: taint)
    if case .unknown = left.value { return undecided(left, right) }
    guard let id = right.object else { return undecided(right, left) }
    guard let object = left.object else { return result }
    let target: ObjectID?
    switch self[id].kind {
    case .classObject, .function:
      target = self[id].property(key("prototype"))?.value.object
    case .builtin(let name):
      switch (name, self[object].kind) {
      case ("Array", .array), ("URL", .url), ("RegExp", .regularExpression), ("Promise", .promise),
        ("Map", .map(isSet: false, _)), ("Set", .map(isSet: true, _)):
        result.value = .boolean(true)
        return result
      case ("Object", let kind):
        if case .external = kind { return undecided(left, right) }
        result.value = .boolean(true)
        return result
      case ("Function", _):
        result.value = .boolean(self[object].isCallable)
        return result
      default:
        if case .external = self[object].kind { return keeping(left) }
        guard name.hasSuffix("Error") else { return result }
        target = prototype(of: name)
      }
    default: return undecided(right, left)
    }
    if case .external = self[object].kind { return keeping(left) }
    var current = self[object].prototype
    while let next = current {
      if next == target {
        result.value = .boolean(true)
        return result
      }
      current = self[next].prototype
    }
    return result
  }

  mutating func update(
    _ target: ExpressionID, isIncrement: Bool, isPrefix: Bool, at place: Place
  ) throws(Interruption) -> Tracked {
    let reference = try reference(target)
    let old = try number(of: try read(reference), at: place)
    let one = Tracked(.number(isIncrement ? 1 : -1), at: place)
    let new = try operate(.add, old, one, at: place)
    try write(reference, new)
    return isPrefix ? new : old
  }

  mutating func makeRegularExpression(_ pattern: String, _ flags: String, at place: Place) -> Tracked {
    do {
      let expression = try RegularExpression(pattern, flags: flags)
      let value = newObject(.regularExpression(expression), at: place)
      if let id = value.object {
        let start = Tracked(.number(0), at: place)
        heap[Int(id.index)].set(key("lastIndex"), to: Property(value: start, isEnumerable: false))
      }
      return value
    } catch {
      return external("a regular expression, which is not followed", at: place)
    }
  }
}
