/// The part of the interpreter that evaluates members, calls and optional chains (ECMAScript 13.3).
extension Interpreter {
  /// An access or a call, with those inside it; a `?.` that meets nothing ends the whole chain.
  mutating func chain(_ id: ExpressionID) throws(Interruption) -> Tracked {
    var end = ChainEnd()
    let result = try link(id, &end).value
    if case .optionalChain = code.program.expressions[Int(id.value)].kind { return end.value ?? result }
    return result
  }

  /// Whether a `?.` has ended a chain, with what value, or may have.
  struct ChainEnd {
    var value: Tracked?
    var doubt: ReasonID?
  }

  /// Evaluates the rest of a chain that may have ended.
  private mutating func rest(
    of end: ChainEnd, at place: Place, _ body: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    guard let reason = end.doubt else { return try body(&self) }
    return try choose(
      reason, .none, { (_: inout Interpreter) throws(Interruption) in Tracked(.undefined, at: place) }, body)
  }

  /// One link of a chain: its value, and the object it was taken from.
  mutating func link(
    _ id: ExpressionID, _ ended: inout ChainEnd
  ) throws(Interruption) -> (value: Tracked, this: Tracked?) {
    let node = code.program.expressions[Int(id.value)]
    let place = place(node.offset)
    switch node.kind {
    case .optionalChain(let inner):
      var end = ChainEnd()
      let result = try link(inner, &end)
      return (end.value ?? result.value, result.this)
    case .property(let object, let name, let isOptional):
      if case .superclass = code.program.expressions[Int(object.value)].kind {
        return try superProperty(key(name), at: place)
      }
      let base = try inner(object, &ended)
      if ended.value != nil { return (base, nil) }
      if isOptional, try endChain(base, at: place, &ended) { return (base, nil) }
      return (noted(try property(base, key(name), at: place), at: place, from: []), base)
    case .element(let object, let key, let isOptional):
      let base = try inner(object, &ended)
      if ended.value != nil { return (base, nil) }
      if isOptional, try endChain(base, at: place, &ended) { return (base, nil) }
      let value = try rest(of: ended, at: place) { interpreter throws(Interruption) in
        try interpreter.element(base, try interpreter.evaluate(key), at: place)
      }
      return (noted(value, at: place), base)
    case .call(let callee, let arguments, let isOptional):
      return (try callExpression(callee, arguments, isOptional: isOptional, at: place, &ended), nil)
    default: return (try evaluate(id), nil)
    }
  }

  private mutating func inner(_ id: ExpressionID, _ ended: inout ChainEnd) throws(Interruption) -> Tracked {
    switch code.program.expressions[Int(id.value)].kind {
    case .property, .element, .call:
      try step(at: place(code.program.expressions[Int(id.value)].offset))
      guard depth < Limit.evaluationDepth else {
        abandonment = ("an expression nested more deeply than is followed", place(0))
        throw .abandoned
      }
      depth += 1
      defer { depth -= 1 }
      return try link(id, &ended).value
    default: return try evaluate(id)
    }
  }

  /// Whether a `?.` after a value ends its chain; where that is unknown, the chain goes on with what is unknown.
  private mutating func endChain(
    _ base: Tracked, at place: Place, _ ended: inout ChainEnd
  ) throws(Interruption) -> Bool {
    if let reason = base.reason { ended.doubt = ended.doubt ?? reason }
    guard base.isNullish else { return false }
    ended.value = Tracked(.undefined, at: place, taint: base.taint)
    return true
  }

  private mutating func callExpression(
    _ callee: ExpressionID, _ arguments: Span, isOptional: Bool, at place: Place, _ ended: inout ChainEnd
  ) throws(Interruption) -> Tracked {
    if case .superclass = code.program.expressions[Int(callee.value)].kind {
      return try superCall(arguments, at: place)
    }
    let target: (value: Tracked, this: Tracked?)
    switch code.program.expressions[Int(callee.value)].kind {
    case .property, .element, .call: target = try link(callee, &ended)
    case .optionalChain: target = try link(callee, &ended)
    default: target = (try evaluate(callee), nil)
    }
    if isOptional, ended.value == nil { _ = try endChain(target.value, at: place, &ended) }
    if let end = ended.value {
      shadowCall(arguments, end.taint, at: place)
      shadowAlternatives(of: target.value, at: place)
      return target.value
    }
    return try rest(of: ended, at: place) { interpreter throws(Interruption) in
      try interpreter.call(target, callee, arguments, at: place)
    }
  }

  /// Runs what a call would have run that these variables left out: its arguments, and whatever gets hold of them.
  private mutating func shadowCall(_ arguments: Span, _ taint: Taint, at place: Place) {
    shadow(taint) { interpreter throws(Interruption) in
      var values: [Tracked] = []
      switch try interpreter.list(arguments) {
      case .known(let known, _): values = known
      case .unknown(_, _, let known): values = known
      }
      try interpreter.escape(values, interpreter.reason("a call that is left out", at: place), leaks: false)
      return .normal
    }
  }

  mutating func call(
    _ target: (value: Tracked, this: Tracked?), _ callee: ExpressionID, _ arguments: Span, at place: Place
  ) throws(Interruption) -> Tracked {
    let this = target.this ?? Tracked(.undefined, at: place)
    switch try list(arguments) {
    case .known(let values, let counted):
      if case .undefined = target.value.value {
        throw fail(
          "TypeError", "\(source(of: callee)) is not a function", at: place, taint: target.value.taint)
      }
      let result = try within(counted) { interpreter throws(Interruption) in
        try interpreter.call(target.value, this: this, values, at: place, callee: callee)
      }
      return noted(depending(result, on: counted), at: place)
    case .unknown(let reason, let taint, let values):
      try escape(values, reason)
      return try callUnknown(target.value, this: this, reason, taint, at: place)
    }
  }

  /// The text of an expression, for messages.
  func source(of id: ExpressionID) -> String {
    switch code.program.expressions[Int(id.value)].kind {
    case .name(let name): text(key(name))
    case .this: "this"
    case .property(let object, let name, _): "\(source(of: object)).\(text(key(name)))"
    case .optionalChain(let inner): source(of: inner)
    default: "(intermediate value)"
    }
  }

  mutating func construct(
    _ callee: ExpressionID, _ arguments: Span, at place: Place
  ) throws(Interruption) -> Tracked {
    let function = try evaluate(callee)
    switch try list(arguments) {
    case .known(let values, let counted):
      let result = try within(counted) { interpreter throws(Interruption) in
        try interpreter.construct(function, values, at: place, callee: callee)
      }
      return noted(
        depending(result, on: counted), at: place, from: values.map(\.trace).filter { $0 >= 0 })
    case .unknown(let reason, _, let values):
      try escape([function] + values, reason)
      return newObject(.external(reason), at: place)
    }
  }

  mutating func importCall(_ module: ExpressionID, at place: Place) throws(Interruption) -> Tracked {
    let name = try evaluate(module)
    guard case .string(let text) = name.value, name.text.isEmpty else {
      doubt(unknownReason(name))
      let phrase = name.text.isEmpty ? "a module whose name is not known" : "a module named by a variable"
      return unknown(phrase, at: place, taint: name.taint)
    }
    let exports = try load(text, at: place)
    return newObject(.promise(exports, isRejected: false), at: place)
  }

  /// What a promise came to; what is no promise is its own value (27.7.5.3).
  mutating func settled(_ value: Tracked) throws(Interruption) -> Tracked {
    if let reason = value.reason {
      // Whatever else runs meanwhile.
      doubt(reason)
      try escape(leakedValues(), reason)
    }
    guard let id = value.object, case .promise(let result, let isRejected) = self[id].kind else { return value }
    if isRejected {
      thrown = result
      throw .thrown
    }
    return depending(result, on: value.taint)
  }
}
