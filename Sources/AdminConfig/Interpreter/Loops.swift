/// The part of the interpreter that runs loops (ECMAScript 14.7), also those of which it is not known how often they run.
extension Interpreter {
  mutating func runFor(
    _ initial: StatementID?, _ test: ExpressionID?, _ update: ExpressionID?, _ body: StatementID
  ) throws(Interruption) -> Completion {
    let outer = scope
    enter(.loop)
    defer {
      exit()
      scope = outer
    }
    if let initial {
      scope = newScope(parent: outer)
      if case .variables(let kind, let span) = code.program.statements[Int(initial.value)].kind, kind != .var {
        var names: [Name] = []
        for declarator in code.program.declarators[span.range] { boundNames(declarator.pattern, into: &names) }
        for name in names { declareLater(key(name), isConstant: false, at: place(of: initial)) }
      }
      _ = try execute(initial)
    }
    while true {
      try step(at: place(of: body))
      if let test {
        let condition = try evaluate(test)
        guard let holds = isTruthy(condition) else {
          try runRest(unknownReason(condition), test, update, body)
          return .normal
        }
        frame.decided.control = union(frame.decided.control, condition.taint)
        if !holds {
          shadowRounds(condition.taint, test, update, body)
          return .normal
        }
      }
      switch try runRound(body) {
      case .leave(let completion):
        shadowRounds(leaveTaint, test, update, body, isAfterRound: true)
        return completion
      case .mayLeave(let reason):
        try runRest(reason, test, update, body, isAfterRound: true)
        return .normal
      case .goOn: break
      }
      if initial != nil { renewScope() }
      if let update { _ = try evaluate(update) }
    }
  }

  /// Each round of a `for` has variables of its own, for the functions made in it (14.7.4.4).
  private mutating func renewScope() {
    let old = scopes[Int(scope)]
    guard !old.keys.isEmpty else { return }
    let renewed = newScope(parent: old.parent)
    for (key, cell) in zip(old.keys, old.cells) {
      let copy = newCell(cells[Int(cell)].content, isInitialized: true)
      bind(key, to: copy, in: renewed)
    }
    scope = renewed
  }

  /// Runs rounds that a loop would also have had, if these variables decided otherwise. What the second changes depends
  /// on them as all later ones do.
  private mutating func shadowRounds(
    _ taint: Taint, _ test: ExpressionID?, _ update: ExpressionID?, _ body: StatementID, isAfterRound: Bool = false
  ) {
    shadow(taint) { interpreter throws(Interruption) in
      interpreter.frame.decided.control = interpreter.union(interpreter.frame.decided.control, taint)
      for round in 0..<2 {
        if isAfterRound || round > 0 {
          if let update { _ = try interpreter.evaluate(update) }
          if let test { _ = try interpreter.evaluate(test) }
        }
        if case .leave(let completion) = try interpreter.runRound(body) { return completion }
      }
      return .normal
    }
  }

  func place(of statement: StatementID) -> Place {
    place(code.program.statements[Int(statement.value)].offset)
  }

  private enum Round {
    case goOn
    case leave(Completion)
    case mayLeave(ReasonID)
  }

  private mutating func runRound(_ body: StatementID) throws(Interruption) -> Round {
    let (label, leftRound) = (label, frame.decided.leftRound)
    self.label = nil
    defer { (self.label, frame.decided.leftRound) = (label, leftRound) }
    let outer = openLeaves()
    let completion: Completion
    do {
      completion = try execute(body)
    } catch {
      closeLeaves(outer)
      throw error
    }
    // What goes on with the next round does not leave.
    endJumps(label.map { [.continued(nil), .continued($0)] } ?? [.continued(nil)])
    let reason = frame.mayReturn ?? frame.mayJump?.reason
    endJumps([.broke(nil)])
    closeLeaves(outer)
    switch completion {
    case .normal, .continued(nil): break
    case .continued(let target) where target == label: break
    case .broke(nil): return .leave(.normal)
    default: return .leave(completion)
    }
    return reason.map { .mayLeave($0) } ?? .goOn
  }

  /// The rounds of a loop once it is not known how many there are.
  private mutating func runRest(
    _ reason: ReasonID, _ test: ExpressionID?, _ update: ExpressionID?, _ body: StatementID,
    isAfterRound: Bool = false
  ) throws(Interruption) {
    let goOn = { (interpreter: inout Interpreter) throws(Interruption) in
      if let update { _ = try interpreter.evaluate(update) }
      if let test { _ = try interpreter.evaluate(test) }
      return Completion.normal
    }
    if isAfterRound { try perhaps(reason, goOn) }
    try loop(reason) { interpreter throws(Interruption) in
      switch try interpreter.runRound(body) {
      case .leave(let completion): return completion
      case .mayLeave(let reason):
        try interpreter.perhaps(reason, goOn)
        return .normal
      case .goOn: return try goOn(&interpreter)
      }
    }
  }

  mutating func runDo(_ body: StatementID, _ test: ExpressionID) throws(Interruption) -> Completion {
    enter(.loop)
    defer { exit() }
    while true {
      try step(at: place(of: body))
      switch try runRound(body) {
      case .leave(let completion):
        shadowRounds(leaveTaint, test, nil, body, isAfterRound: true)
        return completion
      case .mayLeave(let reason):
        try runRest(reason, test, nil, body, isAfterRound: true)
        return .normal
      case .goOn: break
      }
      let condition = try evaluate(test)
      guard let holds = isTruthy(condition) else {
        try runRest(unknownReason(condition), test, nil, body)
        return .normal
      }
      frame.decided.control = union(frame.decided.control, condition.taint)
      if !holds {
        shadowRounds(condition.taint, test, nil, body)
        return .normal
      }
    }
  }

  mutating func runLabelled(_ label: Key, _ body: StatementID) throws(Interruption) -> Completion {
    let outer = self.label
    self.label = label
    enter(.labelled(label))
    defer {
      exit()
      self.label = outer
    }
    let completion = try leaving(ending: [.broke(label)]) { interpreter throws(Interruption) in
      try interpreter.execute(body)
    }.completion
    return completion == .broke(label) ? .normal : completion
  }

  mutating func runForIn(
    _ binding: ForBinding, _ object: ExpressionID, _ body: StatementID
  ) throws(Interruption) -> Completion {
    let value = try evaluate(object)
    if value.isNullish { return .normal }
    switch enumerableKeys(of: value) {
    case .known(let keys):
      return try runEach(binding, keys, countTaint(of: value), body)
    case .unknown(let reason): return try runEachUnknown(binding, reason, value.taint, body)
    }
  }

  mutating func runForOf(
    _ binding: ForBinding, _ values: ExpressionID, _ body: StatementID, isAsync: Bool
  ) throws(Interruption) -> Completion {
    let value = try evaluate(values)
    guard var items = try iterate(value, at: place(code.program.expressions[Int(values.value)].offset)) else {
      return try runEachUnknown(binding, reasonWithin(value), value.taint, body)
    }
    if isAsync { for index in items.indices { items[index] = try settled(items[index]) } }
    return try runEach(binding, items, countTaint(of: value), body)
  }

  private mutating func runEach(
    _ binding: ForBinding, _ items: [Tracked], _ taint: Taint, _ body: StatementID
  ) throws(Interruption) -> Completion {
    let outer = scope
    enter(.loop)
    defer {
      exit()
      scope = outer
    }
    frame.decided.control = union(frame.decided.control, taint)
    for (position, item) in items.enumerated() {
      scope = newScope(parent: outer)
      try bindRound(binding, item)
      switch try runRound(body) {
      case .leave(let completion):
        let rest = items[(position + 1)...]
        shadow(leaveTaint) { interpreter throws(Interruption) in
          for item in rest {
            interpreter.scope = interpreter.newScope(parent: outer)
            try interpreter.bindRound(binding, item)
            if case .leave(let completion) = try interpreter.runRound(body) { return completion }
          }
          return .normal
        }
        return completion
      case .mayLeave(let reason):
        for rest in items[(position + 1)...] {
          try perhaps(reason) { interpreter throws(Interruption) in
            interpreter.scope = interpreter.newScope(parent: outer)
            try interpreter.bindRound(binding, rest)
            return try interpreter.runUnknownRound(body)
          }
        }
        return .normal
      case .goOn: break
      }
    }
    // There may have been more.
    shadow(taint) { interpreter throws(Interruption) in
      interpreter.frame.decided.control = interpreter.union(interpreter.frame.decided.control, taint)
      for _ in 0..<2 {
        interpreter.scope = interpreter.newScope(parent: outer)
        let place = interpreter.place(of: binding.pattern)
        try interpreter.bindRound(binding, interpreter.unknown("another element", at: place, taint: taint))
        if case .leave(let completion) = try interpreter.runRound(body) { return completion }
      }
      return .normal
    }
    return .normal
  }

  private mutating func bindRound(_ binding: ForBinding, _ item: Tracked) throws(Interruption) {
    if let kind = binding.kind, kind != .var {
      var names: [Name] = []
      boundNames(binding.pattern, into: &names)
      for name in names { declareLater(key(name), isConstant: kind == .const, at: place(of: binding.pattern)) }
    }
    try assign(binding.pattern, item, declaring: binding.kind != nil)
  }

  private mutating func runEachUnknown(
    _ binding: ForBinding, _ reason: ReasonID, _ taint: Taint, _ body: StatementID
  ) throws(Interruption) -> Completion {
    let item = Tracked(.unknown(reason), at: place(of: binding.pattern), taint: taint)
    let outer = scope
    defer { scope = outer }
    doubt(reason)
    try loop(reason) { interpreter throws(Interruption) in
      interpreter.scope = interpreter.newScope(parent: outer)
      try interpreter.bindRound(binding, item)
      return try interpreter.runUnknownRound(body)
    }
    return .normal
  }

  /// A round of a loop of which it is not known whether another one follows.
  private mutating func runUnknownRound(_ body: StatementID) throws(Interruption) -> Completion {
    if case .leave(let completion) = try runRound(body) { return completion }
    return .normal
  }
}
