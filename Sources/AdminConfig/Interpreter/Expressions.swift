/// The part of the interpreter that evaluates expressions (ECMAScript 13).
extension Interpreter {
  mutating func evaluate(_ id: ExpressionID) throws(Interruption) -> Tracked {
    if shadows == 0 { return try evaluateNode(id) }
    let explicit = explicitThrows
    do {
      return try evaluateNode(id)
    } catch {
      // What is not taken may throw only because its condition does not hold: `if (URL) new URL(URL)`.
      guard error == .thrown, goesOn || explicitThrows == explicit, !hasExited, shadowSteps <= Limit.shadowSteps else {
        throw error
      }
      let taint = thrown.taint
      // Where the same variables decided that the arm is not taken, they would not have been what they are in it.
      let isArtefact = !taint.isEmpty && isCovered(taint, by: shadowTaint)
      let result = unknown(
        "an error", at: place(code.program.expressions[Int(id.value)].offset), taint: taint)
      if !isArtefact, let reason = result.reason {
        shadowErrors += 1
        mayThrow(on: taint)
        doubt(reason)
      }
      return result
    }
  }

  private mutating func evaluateNode(_ id: ExpressionID) throws(Interruption) -> Tracked {
    let node = code.program.expressions[Int(id.value)]
    let place = place(node.offset)
    try step(at: place)
    guard depth < Limit.evaluationDepth else {
      abandonment = ("calls or expressions nested more deeply than is followed (an endless recursion?)", place)
      throw .abandoned
    }
    depth += 1
    defer { depth -= 1 }
    switch node.kind {
    case .string(let text): return Tracked(.string(code.program.texts[Int(text.value)]), at: place)
    case .number(let number): return Tracked(.number(number), at: place)
    case .bigInteger(let digits): return Tracked(.bigInteger(code.program.texts[Int(digits.value)]), at: place)
    case .boolean(let boolean): return Tracked(.boolean(boolean), at: place)
    case .null: return Tracked(.null, at: place)
    case .name(let name): return try read(key(name), at: place)
    case .this: return lookup(Key(.this)).map { cells[Int($0)].content } ?? Tracked(.undefined, at: place)
    case .superclass: return unknown("`super`", at: place)
    case .importMeta: return builtin("import.meta", at: place)
    case .newTarget: return unknown("`new.target`", at: place)
    case .template(let parts): return try template(parts, at: place)
    case .taggedTemplate(let tag, let parts, let raw): return try taggedTemplate(tag, parts, raw, at: place)
    case .regularExpression(let pattern, let flags):
      return makeRegularExpression(
        code.program.texts[Int(pattern.value)], code.program.texts[Int(flags.value)], at: place)
    case .object(let members): return try object(members, at: place)
    case .array(let elements): return try array(elements, at: place)
    case .hole: return hole(at: place)
    case .spread(let inner): return try evaluate(inner)
    case .function(let function): return makeFunction(function, at: place)
    case .classExpression(let id): return try makeClass(id, at: place)
    case .property, .element, .call, .optionalChain: return try chain(id)
    case .new(let callee, let arguments): return try construct(callee, arguments, at: place)
    case .unary(let kind, let operand): return try unary(kind, operand, at: place)
    case .update(let target, let isIncrement, let isPrefix):
      return try update(target, isIncrement: isIncrement, isPrefix: isPrefix, at: place)
    case .binary(let kind, let left, let right): return try binary(kind, left, right, at: place)
    case .logical(let kind, let left, let right):
      return try logical(kind, try evaluate(left)) { interpreter throws(Interruption) in try interpreter.evaluate(right)
      }
    case .conditional(let test, let then, let otherwise): return try conditional(test, then, otherwise, at: place)
    case .assign(let pattern, let value):
      // What is assigned to is looked up before the value is computed.
      if case .target(let target) = code.program.patterns[Int(pattern.value)].kind {
        let reference = try reference(target)
        let value = try evaluate(value)
        try write(reference, value)
        return value
      }
      let value = try evaluate(value, named: pattern)
      try assign(pattern, value, declaring: false)
      return value
    case .assignBinary(let kind, let target, let value):
      let reference = try reference(target)
      let old = try read(reference)
      let result = try operate(kind, old, try evaluate(value), at: place)
      try write(reference, result)
      return result
    case .assignLogical(let kind, let target, let value): return try assignLogical(kind, target, value)
    case .sequence(let span):
      var last = Tracked(.undefined, at: place)
      for position in span.range { last = try evaluate(ExpressionID(code.program.lists[position])) }
      return last
    case .await(let operand): return try settled(try evaluate(operand))
    case .importCall(let module): return try importCall(module, at: place)
    case .opaque(let phrase, let names):
      let phrase = code.program.texts[Int(phrase.value)]
      let isElement = phrase == "a JSX element"
      if isElement { return external(phrase, at: place) }
      try runOpaque(names, phrase, at: place)
      return unknown(phrase, at: place)
    }
  }

  /// Evaluates what a name is given: a function or class without a name of its own takes it.
  mutating func evaluate(_ id: ExpressionID, named pattern: PatternID) throws(Interruption) -> Tracked {
    let value = try evaluate(id)
    guard case .name(let name) = code.program.patterns[Int(pattern.value)].kind, let object = value.object,
      self[object].isCallable
    else { return value }
    switch code.program.expressions[Int(id.value)].kind {
    case .function, .classExpression:
      if self[object].position(of: Key(.name)) == nil {
        let text = Tracked(.string(text(key(name))), at: value.place)
        heap[Int(object.index)].set(Key(.name), to: Property(value: text, isEnumerable: false))
      }
    default: break
    }
    return value
  }

  /// What a name stands for.
  mutating func read(_ key: Key, at place: Place) throws(Interruption) -> Tracked {
    guard let cell = lookup(key) else { return try global(key, at: place) }
    guard cells[Int(cell)].isInitialized else {
      throw fail("ReferenceError", "Cannot access '\(text(key))' before initialization", at: place)
    }
    let content = cells[Int(cell)].content
    guard cells[Int(cell)].isImport, let reason = content.reason,
      case .cause(let phrase, _) = reasons[Int(reason.index)]
    else { return noted(content, at: place) }
    // What is imported and not followed is unknown where it is used.
    return unknown(phrase, at: place)
  }

  /// Records an expression that led to a value.
  mutating func noted(_ value: Tracked, at place: Place, from others: [Int32] = []) -> Tracked {
    guard isTracing, value.trace < 0 || traces[Int(value.trace)].place != place else { return value }
    var result = value
    let previous = others.isEmpty ? (value.trace >= 0 ? [value.trace] : []) : others
    if previous.isEmpty, value.place != place {
      traces.append(TraceStep(place: value.place, previous: []))
      traces.append(TraceStep(place: place, previous: [Int32(traces.count - 1)]))
    } else {
      traces.append(TraceStep(place: place, previous: previous))
    }
    result.trace = Int32(traces.count - 1)
    return result
  }

  // MARK: Decisions

  private mutating func conditional(
    _ test: ExpressionID, _ then: ExpressionID, _ otherwise: ExpressionID, at place: Place
  ) throws(Interruption) -> Tracked {
    let condition = try evaluate(test)
    noteFallback(condition)
    guard let holds = isTruthy(condition) else {
      return try choose(
        unknownReason(condition), condition.taint,
        { (interpreter: inout Interpreter) throws(Interruption) in try interpreter.evaluate(then) },
        { (interpreter: inout Interpreter) throws(Interruption) in try interpreter.evaluate(otherwise) })
    }
    let left = holds ? otherwise : then
    var other = Tracked(.undefined, at: place)
    shadow(condition.taint) { interpreter throws(Interruption) in
      other = try interpreter.evaluate(left)
      return .normal
    }
    let value = try within(condition.taint) { interpreter throws(Interruption) in
      try interpreter.evaluate(holds ? then : otherwise)
    }
    let result = condition.taint.isEmpty ? value : either(depending(value, on: condition.taint), or: other)
    return noted(result, at: place, from: [value.trace, condition.trace].filter { $0 >= 0 })
  }

  /// Evaluates something that runs only because of a decision on these variables.
  mutating func within<Result>(
    _ taint: Taint, _ body: (inout Interpreter) throws(Interruption) -> Result
  ) throws(Interruption) -> Result {
    let control = frame.decided.control
    frame.decided.control = union(control, taint)
    defer { frame.decided.control = control }
    return try body(&self)
  }

  /// Evaluates both of two expressions of which one is the value.
  mutating func choose(
    _ reason: ReasonID, _ taint: Taint, _ first: (inout Interpreter) throws(Interruption) -> Tracked,
    _ second: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    let outer = returned
    defer { returned = outer }
    let before = frame.alternatives.count
    let completion = try branch(
      reason, taint,
      { (interpreter: inout Interpreter) throws(Interruption) in
        interpreter.returned = try first(&interpreter)
        return .returned
      },
      { (interpreter: inout Interpreter) throws(Interruption) in
        interpreter.returned = try second(&interpreter)
        return .returned
      })
    assert(completion == .returned && frame.alternatives.count >= before)
    return depending(returned, on: taint)
  }

  /// `??`, `||` and `&&` (13.13).
  mutating func logical(
    _ kind: LogicalOperator, _ first: Tracked, _ second: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    if kind != .and { noteFallback(first) }
    let decision: Bool? =
      switch kind {
      case .coalesce: isNullish(first)
      case .or: isTruthy(first).map { !$0 }
      case .and: isTruthy(first)
      }
    guard let goesOn = decision else {
      let reason = unknownReason(first)
      return try choose(
        reason, first.taint, { (_: inout Interpreter) throws(Interruption) in first }, second)
    }
    guard goesOn else {
      if first.taint.isEmpty { return first }
      var other = Tracked(.undefined, at: first.place)
      shadow(first.taint) { interpreter throws(Interruption) in
        other = try second(&interpreter)
        return .normal
      }
      var result = first
      // What is there with `??` and `||` is never what is missing.
      if kind != .and { result.alternatives = alternatives.filled(first.alternatives) }
      return either(result, or: other)
    }
    let value = try within(first.taint, second)
    if first.taint.isEmpty { return value }
    var result = depending(value, on: first.taint)
    result.alternatives = alternatives.union(value.alternatives, first.alternatives)
    return result
  }

  /// Whether a value is null or undefined; nil where that is unknown.
  func isNullish(_ value: Tracked) -> Bool? {
    switch value.value {
    case .undefined, .null: true
    case .unknown: nil
    default: false
    }
  }

  /// Keeps that there is something else where a variable is missing.
  mutating func noteFallback(_ value: Tracked) {
    for name in taints.variables(value.taint) { reads[name]?.hasFallback = true }
  }

  private mutating func assignLogical(
    _ kind: LogicalOperator, _ target: ExpressionID, _ value: ExpressionID
  ) throws(Interruption) -> Tracked {
    let reference = try reference(target)
    let old = try read(reference)
    return try logical(kind, old) { interpreter throws(Interruption) in
      let result = try interpreter.evaluate(value)
      try interpreter.write(reference, result)
      return result
    }
  }
}
