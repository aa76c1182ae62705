/// The part of the interpreter that runs statements (ECMAScript 14).
extension Interpreter {
  /// Runs statements in a scope of their own.
  mutating func runBlock(_ span: Span) throws(Interruption) -> Completion {
    let outer = scope
    defer { scope = outer }
    if declaresNames(span) { scope = newScope(parent: outer) }
    try hoist(span)
    return try run(span.range)
  }

  private func declaresNames(_ span: Span) -> Bool {
    span.range.contains { position in
      switch code.program.statements[Int(code.program.lists[position])].kind {
      case .variables(.let, _), .variables(.const, _), .function, .classDeclaration, .enumeration, .namespace: true
      default: false
      }
    }
  }

  /// Binds what the statements of a block declare, before they run (14.2.3).
  mutating func hoist(_ span: Span) throws(Interruption) {
    let program = code.program
    var names: [Name] = []
    for position in span.range {
      let node = program.statements[Int(program.lists[position])]
      let place = place(node.offset)
      switch node.kind {
      case .variables(let kind, let declarators) where kind != .var:
        names.removeAll(keepingCapacity: true)
        for declarator in program.declarators[declarators.range] { boundNames(declarator.pattern, into: &names) }
        for name in names { declareLater(key(name), isConstant: kind == .const, at: place) }
      case .function(let name, let function):
        let value = makeFunction(function, at: place)
        declare(key(name), value, in: scope)
      case .classDeclaration(let name, _): declareLater(key(name), isConstant: false, at: place)
      case .enumeration(let name, _), .namespace(let name, _, _):
        // Several declarations of one name add to the same object.
        if cell(of: key(name), in: scope) == nil { declare(key(name), Tracked(.undefined, at: place), in: scope) }
      default: break
      }
    }
  }

  mutating func declareLater(_ key: Key, isConstant: Bool, at place: Place) {
    let cell = newCell(Tracked(.undefined, at: place), isInitialized: false, isConstant: isConstant)
    bind(key, to: cell, in: scope)
  }

  func boundNames(_ pattern: PatternID, into names: inout [Name]) {
    guard pattern.value >= 0 else { return }
    switch code.program.patterns[Int(pattern.value)].kind {
    case .name(let name): names.append(name)
    case .target: break
    case .withDefault(let inner, _): boundNames(inner, into: &names)
    case .object(let span, let rest):
      for member in code.program.patternMembers[span.range] { boundNames(member.pattern, into: &names) }
      if let rest { boundNames(rest, into: &names) }
    case .array(let span, let rest):
      for element in code.program.lists[span.range] { boundNames(PatternID(element), into: &names) }
      if let rest { boundNames(rest, into: &names) }
    }
  }

  /// Runs statements in turn; what follows one that may have left is run as what may not run.
  mutating func run(_ range: Range<Int>) throws(Interruption) -> Completion {
    for position in range {
      let rest = (position + 1)..<range.upperBound
      let completion: Completion
      let left: (reason: ReasonID, onlyReturns: Bool)?
      do {
        (completion, left) = try leaving { interpreter throws(Interruption) in
          try interpreter.execute(StatementID(interpreter.code.program.lists[position]))
        }
      } catch {
        if error == .thrown, tries > 0, !hasExited { shadowFailed(range[position...], thrown.taint) }
        throw error
      }
      if completion != .normal {
        shadowRest(rest, leaveTaint)
        return completion
      }
      if let left, !rest.isEmpty { return try runPerhaps(rest, left.reason, onlyReturns: left.onlyReturns) }
    }
    return .normal
  }

  /// Runs what would have followed, had these variables not led away from it.
  private mutating func shadowRest(_ rest: Range<Int>, _ taint: Taint) {
    guard !rest.isEmpty else { return }
    shadow(taint) { interpreter throws(Interruption) in try interpreter.run(rest) }
  }

  /// Runs a statement that threw, and what would have followed, as if it had not.
  private mutating func shadowFailed(_ range: Range<Int>, _ taint: Taint) {
    let outer = goesOn
    goesOn = true
    defer { goesOn = outer }
    shadow(taint) { interpreter throws(Interruption) in
      let first = StatementID(interpreter.code.program.lists[range.lowerBound])
      do throws(Interruption) {
        let completion = try interpreter.execute(first)
        if completion != .normal { return completion }
      } catch {
        guard error == .thrown else { throw error }
      }
      return try interpreter.run(range.dropFirst())
    }
  }

  /// Runs something, and says whether it may have left what surrounds it, apart from the jumps that end here.
  mutating func leaving(
    ending jumps: [Completion] = [], _ body: (inout Interpreter) throws(Interruption) -> Completion
  ) throws(Interruption) -> (completion: Completion, left: (reason: ReasonID, onlyReturns: Bool)?) {
    let outer = openLeaves()
    let completion: Completion
    do {
      completion = try body(&self)
    } catch {
      closeLeaves(outer)
      throw error
    }
    endJumps(jumps)
    return (completion, closeLeaves(outer))
  }

  /// Runs the statements after one that may have left what surrounds them.
  private mutating func runPerhaps(
    _ rest: Range<Int>, _ reason: ReasonID, onlyReturns: Bool
  ) throws(Interruption) -> Completion {
    let run = try speculate { interpreter throws(Interruption) in
      let completion = try interpreter.run(rest)
      return (completion, interpreter.returned)
    }
    merge(run.effects, Effects(), reason)
    switch run.outcome {
    case .threw:
      doubt(reason)
      doubtStart(reason)
      return .normal
    case .completed((.normal, _)): return .normal
    case .completed((.returned, let value)):
      returned = value
      // What has not left before leaves here.
      if onlyReturns { return .returned }
      frame.alternatives.append(value)
      frame.mayReturn = frame.mayReturn ?? reason
      return .normal
    case .completed((let jump, _)):
      noteJump(jump, reason)
      return .normal
    }
  }

  mutating func execute(_ id: StatementID) throws(Interruption) -> Completion {
    let node = code.program.statements[Int(id.value)]
    try step(at: place(node.offset))
    switch node.kind {
    case .empty, .function: return .normal
    case .expression(let expression):
      _ = try evaluate(expression)
      return .normal
    case .variables(let kind, let span):
      try declareVariables(kind, span)
      return .normal
    case .classDeclaration(let name, let id):
      let place = place(node.offset)
      let value = try makeClass(id, at: place)
      if let cell = lookup(key(name)) { write(cell, value) }
      return .normal
    case .enumeration(let name, let members):
      try runEnumeration(name, members, at: place(node.offset))
      return .normal
    case .namespace(let name, let body, let exports):
      try runNamespace(name, body, exports, at: place(node.offset))
      return .normal
    case .block(let span): return try runBlock(span)
    case .if(let test, let then, let otherwise): return try runIf(test, then, otherwise)
    case .return(let expression):
      returned = Tracked(.undefined, at: place(node.offset))
      if let expression { returned = try evaluate(expression) }
      returned = depending(returned, on: control())
      return leave(.returned)
    case .throw(let expression):
      let value = try evaluate(expression)
      thrown = depending(value, on: control())
      thrownPlace = place(node.offset)
      explicitThrows += 1
      throw .thrown
    case .for(let initial, let test, let update, let body): return try runFor(initial, test, update, body)
    case .forIn(let binding, let object, let body): return try runForIn(binding, object, body)
    case .forOf(let binding, let values, let body, let isAsync):
      return try runForOf(binding, values, body, isAsync: isAsync)
    case .while(let test, let body): return try runFor(nil, test, nil, body)
    case .doWhile(let body, let test): return try runDo(body, test)
    case .switch(let subject, let cases): return try runSwitch(subject, cases)
    case .try(let body, let parameter, let handler, let finalizer):
      return try runTry(body, parameter, handler, finalizer)
    case .break(let label): return leave(.broke(label.map { key($0) }))
    case .continue(let label): return leave(.continued(label.map { key($0) }))
    case .labelled(let label, let body): return try runLabelled(key(label), body)
    case .exportDefault(let expression):
      let value = try evaluate(expression)
      write(modules[Int(code.module)].defaultExport, value)
      return .normal
    case .opaque(let names):
      try runOpaque(names, "syntax that is not understood", at: place(node.offset))
      return .normal
    }
  }

  /// Ends a statement by leaving it; what is not run because of that depends on what decided it.
  private mutating func leave(_ completion: Completion) -> Completion {
    leaveTaint = leaveTaint(of: completion)
    return completion
  }

  /// Makes unknown whatever is named in what is not understood.
  mutating func runOpaque(_ names: Span, _ phrase: String, at place: Place) throws(Interruption) {
    if phrase == "syntax that is not understood" { doubtStart(phrase, at: place) }
    guard names.count > 0 else { return }
    let reason = reason(phrase, at: place)
    var values: [Tracked] = []
    for position in names.range {
      let name = key(Name(code.program.lists[position]))
      guard let cell = lookup(name) else {
        if name == Key(.module) || name == Key(.exports), let object = modules[Int(code.module)].commonModule {
          values.append(Tracked(.object(object), at: place))
        }
        if isSameText(text(name), "process") { values.append(processEnvironment(at: place)) }
        continue
      }
      values.append(cells[Int(cell)].content)
      if !cells[Int(cell)].isConstant { write(cell, Tracked(.unknown(reason), at: place)) }
    }
    doubt(reason)
    try escape(values, reason)
  }

  private mutating func declareVariables(_ kind: DeclarationKind, _ span: Span) throws(Interruption) {
    for position in span.range {
      let declarator = code.program.declarators[position]
      guard let initial = declarator.initial else {
        // `var` without a value leaves what it had.
        if kind != .var {
          try assign(declarator.pattern, Tracked(.undefined, at: place(of: declarator.pattern)), declaring: true)
        }
        continue
      }
      let value = try evaluate(initial, named: declarator.pattern)
      try assign(declarator.pattern, value, declaring: true)
    }
  }

  func place(of pattern: PatternID) -> Place { place(code.program.patterns[Int(pattern.value)].offset) }
}
