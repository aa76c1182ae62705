/// The part of the interpreter that makes and calls functions (ECMAScript 10.2, 15).
extension Interpreter {
  mutating func makeFunction(_ id: FunctionID, at place: Place) -> Tracked {
    let function = code.program.functions[Int(id.value)]
    let inner = function.bindsName ? newScope(parent: scope) : scope
    var object = HeapObject(.function(id, inner, code), at: place)
    if let name = function.name {
      let text = Tracked(.string(text(key(name))), at: place)
      object.set(Key(.name), to: Property(value: text, isEnumerable: false))
    }
    let value = Tracked(.object(allocate(object)), at: place)
    if function.bindsName, let name = function.name { declare(key(name), value, in: inner) }
    return value
  }

  // MARK: Calls

  /// Calls a value as a function.
  mutating func call(
    _ function: Tracked, this: Tracked, _ arguments: [Tracked], at place: Place, callee: ExpressionID? = nil
  ) throws(Interruption) -> Tracked {
    guard let id = function.object else {
      if let reason = function.reason { return try callOpaque(reason, function, this, arguments, at: place) }
      shadowAlternatives(of: function, at: place)
      throw notCallable(function, callee, "function", at: place)
    }
    try step(at: place)
    mayThrowIfNullish(function)
    shadowAlternatives(of: function, at: place)
    switch self[id].kind {
    case .function(let body, let outer, let own):
      let result = try within(function.taint) { interpreter throws(Interruption) in
        try interpreter.invoke(body, in: outer, of: own, this: this, arguments, function: id, at: place)
      }
      return depending(result, on: function.taint)
    case .bound(let target, let bound, let first):
      return try call(Tracked(.object(target), at: place), this: bound, first + arguments, at: place)
    case .builtin(let name):
      do {
        return try callBuiltin(name, this: this, arguments, at: place)
      } catch {
        if error == .thrown { noteThrown([this] + arguments) }
        throw error
      }
    case .builtinOf: return try callOpaque(unknownReason(function), function, this, arguments, at: place)
    case .external(let reason): return try callOpaque(reason, function, this, arguments, at: place)
    case .classObject:
      let name = self[id].property(Key(.name))?.value.string.map { $0 + " " } ?? ""
      throw fail(
        "TypeError", "Class constructor \(name)cannot be invoked without 'new'", at: place, taint: function.taint)
    default:
      throw notCallable(function, callee, "function", at: place)
    }
  }

  /// Keeps that something was thrown because of these values.
  mutating func noteThrown(_ values: [Tracked]) {
    for value in values { thrown = depending(thrown, on: value.taint) }
  }

  mutating func notCallable(
    _ value: Tracked, _ callee: ExpressionID?, _ kind: String, at place: Place
  ) -> Interruption {
    let subject = callee.map { source(of: $0) } ?? describe(value)
    return fail("TypeError", "\(subject) is not a \(kind)", at: place, taint: value.taint)
  }

  /// A call of what is not followed: it may change whatever it gets hold of.
  mutating func callOpaque(
    _ reason: ReasonID, _ function: Tracked, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    doubt(reason)
    try escape(arguments + [this, function] + leakedValues(), reason)
    var taint = function.taint
    for argument in arguments { taint = union(taint, argument.taint) }
    return Tracked(
      .unknown(reason), at: function.place.module == place.module ? function.place : place, taint: taint)
  }

  /// A call with arguments that are not known.
  mutating func callUnknown(
    _ function: Tracked, this: Tracked, _ reason: ReasonID, _ taint: Taint, at place: Place
  ) throws(Interruption) -> Tracked {
    try escape([function, this] + leakedValues(), reason)
    doubt(reason)
    return Tracked(.unknown(reason), at: place, taint: union(taint, function.taint))
  }

  /// Runs a function that something not followed may call, any number of times and with anything.
  mutating func callPerhaps(_ function: Tracked, _ reason: ReasonID) throws(Interruption) {
    guard let id = function.object else { return }
    let anything = Tracked(.unknown(reason), at: function.place)
    var arguments: [Tracked] = []
    var isClass = false
    switch self[id].kind {
    case .function(let body, _, let own):
      let count = own.program.functions[Int(body.value)].parameters.count
      arguments = [Tracked](repeating: anything, count: Int(count))
    case .classObject: isClass = true
    default: return
    }
    // One that is being called for this already need not be called again.
    guard escaping.insert(id).inserted else { return }
    let outer = (frame, returned)
    defer { escaping.remove(id) }
    let (run, doubtful, _) = try attempt { interpreter throws(Interruption) in
      try interpreter.loop(reason) { interpreter throws(Interruption) in
        let result =
          isClass
          ? try interpreter.construct(function, [anything, anything, anything], at: function.place)
          : try interpreter.call(function, this: anything, arguments, at: function.place)
        // What it gives is given to whoever calls it.
        try interpreter.escape([result], reason)
        return .normal
      }
    }
    (frame, returned) = outer
    // It may have thrown anywhere, and whoever called it may have caught that.
    if let doubtful { spoil(run.touched, doubtful) }
  }

  private mutating func invoke(
    _ body: FunctionID, in outer: Int32, of own: Code, this: Tracked, _ arguments: [Tracked], function: ObjectID,
    at place: Place
  ) throws(Interruption) -> Tracked {
    guard depth < Limit.evaluationDepth else {
      abandonment = ("calls nested more deeply than is followed (an endless recursion?)", place)
      throw .abandoned
    }
    let declared = own.program.functions[Int(body.value)]
    if declared.isGenerator {
      try escape(arguments, reason("a generator, which is not run", at: place))
      return external("a generator, which is not run", at: place)
    }
    if shadows > 0 {
      guard shadowCalls[function, default: 0] < Limit.shadowRecursion else {
        return unknown("a recursion that is not taken", at: place)
      }
      shadowCalls[function, default: 0] += 1
    }
    defer { if shadows > 0 { shadowCalls[function, default: 1] -= 1 } }
    let saved = (code, scope, frame, label, depth)
    var result: Tracked
    do {
      code = own
      label = nil
      depth += 1
      scope = newScope(parent: outer)
      frame = Frame(caller: control())
      if !declared.isArrow {
        declare(Key(.this), this, in: scope)
        declare(Key(.arguments), newArray(arguments, at: place), in: scope)
        if let home = self[function].property(key("[[HomeObject]]")) { declare(Key(.super), home.value, in: scope) }
      }
      try bindParameters(declared, arguments, this, at: place)
      result = try runBody(declared, at: place)
      result.alternatives = alternatives.union(result.alternatives, frame.otherReturns)
      (code, scope, frame, label, depth) = saved
    } catch {
      (code, scope, frame, label, depth) = saved
      guard declared.isAsync, error == .thrown, !hasExited else { throw error }
      return newObject(.promise(thrown, isRejected: true), at: place)
    }
    guard declared.isAsync else { return result }
    let settled = try? self.settled(result)
    return newObject(.promise(settled ?? result, isRejected: settled == nil), at: place)
  }

  private mutating func bindParameters(
    _ declared: Function, _ arguments: [Tracked], _ this: Tracked, at place: Place
  ) throws(Interruption) {
    var names: [Name] = []
    for position in declared.parameters.range { boundNames(PatternID(code.program.lists[position]), into: &names) }
    if let rest = declared.rest { boundNames(rest, into: &names) }
    for name in names { declare(key(name), Tracked(.undefined, at: place), in: scope) }
    for (index, position) in declared.parameters.range.enumerated() {
      let pattern = PatternID(code.program.lists[position])
      let value = index < arguments.count ? arguments[index] : Tracked(.undefined, at: place)
      try assign(pattern, value, declaring: true)
    }
    if let rest = declared.rest {
      try assign(
        rest, newArray(Array(arguments.dropFirst(Int(declared.parameters.count))), at: place), declaring: true)
    }
    for position in declared.parameterProperties.range {
      let name = key(Name(code.program.lists[position]))
      guard let cell = cell(of: name, in: scope) else { continue }
      try set(name, of: this, to: cells[Int(cell)].content, at: place)
    }
  }

  private mutating func runBody(_ declared: Function, at place: Place) throws(Interruption) -> Tracked {
    switch declared.body {
    case .expression(let expression): return depending(try evaluate(expression), on: control())
    case .block(let span):
      for position in declared.variables.range {
        let name = key(Name(code.program.lists[position]))
        if cell(of: name, in: scope) == nil { declare(name, Tracked(.undefined, at: place), in: scope) }
      }
      try hoist(span)
      let completion = try run(span.range)
      var result = completion == .returned ? returned : Tracked(.undefined, at: place, taint: control())
      // A branch that is not known may have returned before.
      if let reason = frame.mayReturn {
        for other in frame.alternatives { result = join(result, other, reason) }
      }
      return result
    }
  }
}
