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

  private mutating func declareLater(_ key: Key, isConstant: Bool, at place: Place) {
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
      if let completion = try? interpreter.execute(first), completion != .normal { return completion }
      return try interpreter.run(range.dropFirst())
    }
  }

  /// Runs something, and says whether it may have left what surrounds it, apart from the jumps that end here.
  private mutating func leaving(
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
    leaveTaint = frame.control == frame.callerControl ? throwTaint : control()
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

  // MARK: Decisions

  private mutating func runIf(
    _ test: ExpressionID, _ then: StatementID, _ otherwise: StatementID?
  ) throws(Interruption) -> Completion {
    let condition = try evaluate(test)
    noteFallback(condition)
    let first = { (interpreter: inout Interpreter) throws(Interruption) in try interpreter.execute(then) }
    let second = { (interpreter: inout Interpreter) throws(Interruption) in
      guard let otherwise else { return Completion.normal }
      return try interpreter.execute(otherwise)
    }
    guard let holds = isTruthy(condition) else {
      return try branch(unknownReason(condition), condition.taint, first, second)
    }
    if condition.taint.isEmpty { return try holds ? first(&self) : second(&self) }
    return try decided(condition.taint, taken: holds ? first : second, left: holds ? second : first)
  }

  /// Runs the arm that is taken, and what the other would have changed depends on the variables that decided.
  mutating func decided(
    _ taint: Taint, taken: (inout Interpreter) throws(Interruption) -> Completion,
    left: (inout Interpreter) throws(Interruption) -> Completion
  ) throws(Interruption) -> Completion {
    let control = frame.control
    shadow(taint, left)
    let remains = frame.control != control
    frame.control = union(control, taint)
    let completion = try taken(&self)
    // Where either arm leaves, whatever follows depends on the decision as well.
    if completion == .normal, !remains { frame.control = control }
    return completion
  }

  private mutating func runSwitch(_ subject: ExpressionID, _ cases: Span) throws(Interruption) -> Completion {
    try leaving(ending: [.broke(nil)]) { interpreter throws(Interruption) in
      try interpreter.choose(subject, among: cases)
    }.completion
  }

  private mutating func choose(_ subject: ExpressionID, among cases: Span) throws(Interruption) -> Completion {
    let value = try evaluate(subject)
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    let all = Array(code.program.cases[cases.range])
    for item in all { try hoist(item.body) }
    var taint = value.taint
    var start: Int?
    for (position, item) in all.enumerated() {
      guard let test = item.test else { continue }
      let candidate = try evaluate(test)
      taint = union(taint, candidate.taint)
      guard let isSame = strictlyEqual(value, candidate) else {
        let reason = value.reason ?? candidate.reason ?? unknownReason(value)
        for later in all[(position + 1)...] {
          guard let test = later.test else { continue }
          try perhaps(reason) { interpreter throws(Interruption) in
            _ = try interpreter.evaluate(test)
            return .normal
          }
        }
        return try runUnknownSwitch(all, reason, taint)
      }
      if isSame {
        start = position
        break
      }
    }
    start = start ?? all.firstIndex { $0.test == nil }
    let chosen = start
    if taint.isEmpty {
      guard let chosen else { return .normal }
      return try runCases(all, from: chosen)
    }
    return try decided(taint) { interpreter throws(Interruption) in
      guard let chosen else { return .normal }
      return try interpreter.runCases(all, from: chosen)
    } left: { interpreter throws(Interruption) in
      var last = Completion.normal
      for position in all.indices where position != chosen {
        let run = try interpreter.runCases(all, from: position)
        if run != .normal { last = run }
      }
      return last
    }
  }

  private mutating func runCases(_ cases: [Case], from start: Int) throws(Interruption) -> Completion {
    for position in start..<cases.count {
      let (completion, left) = try leaving { interpreter throws(Interruption) in
        try interpreter.run(cases[position].body.range)
      }
      switch completion {
      case .normal: break
      case .broke(nil): return .normal
      default: return completion
      }
      guard let left, position + 1 < cases.count else { continue }
      return try branch(
        left.reason, .none,
        { (interpreter: inout Interpreter) throws(Interruption) in
          try interpreter.runCases(cases, from: position + 1)
        }, { (_: inout Interpreter) throws(Interruption) in .normal })
    }
    return .normal
  }

  /// Runs each case as an arm of a decision that is not known.
  private mutating func runUnknownSwitch(
    _ cases: [Case], _ reason: ReasonID, _ taint: Taint
  ) throws(Interruption) -> Completion {
    let hasDefault = cases.contains { $0.test == nil }
    var arms = Array(cases.indices)
    func runArms(_ interpreter: inout Interpreter) throws(Interruption) -> Completion {
      guard let first = arms.popLast() else { return .normal }
      if arms.isEmpty, hasDefault { return try interpreter.runCases(cases, from: first) }
      return try interpreter.branch(
        reason, taint,
        { (interpreter: inout Interpreter) throws(Interruption) in
          try interpreter.runCases(cases, from: first)
        }, runArms)
    }
    return try runArms(&self)
  }

  // MARK: Loops

  private mutating func runFor(
    _ initial: StatementID?, _ test: ExpressionID?, _ update: ExpressionID?, _ body: StatementID
  ) throws(Interruption) -> Completion {
    let outer = scope
    defer { scope = outer }
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
        frame.control = union(frame.control, condition.taint)
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
      interpreter.frame.control = interpreter.union(interpreter.frame.control, taint)
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

  private func place(of statement: StatementID) -> Place {
    place(code.program.statements[Int(statement.value)].offset)
  }

  private enum Round {
    case goOn
    case leave(Completion)
    case mayLeave(ReasonID)
  }

  private mutating func runRound(_ body: StatementID) throws(Interruption) -> Round {
    let label = label
    self.label = nil
    defer { self.label = label }
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

  private mutating func runDo(_ body: StatementID, _ test: ExpressionID) throws(Interruption) -> Completion {
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
      frame.control = union(frame.control, condition.taint)
      if !holds {
        shadowRounds(condition.taint, test, nil, body)
        return .normal
      }
    }
  }

  private mutating func runLabelled(_ label: Key, _ body: StatementID) throws(Interruption) -> Completion {
    let outer = self.label
    self.label = label
    defer { self.label = outer }
    let completion = try leaving(ending: [.broke(label)]) { interpreter throws(Interruption) in
      try interpreter.execute(body)
    }.completion
    return completion == .broke(label) ? .normal : completion
  }

  private mutating func runForIn(
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

  private mutating func runForOf(
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
    defer { scope = outer }
    frame.control = union(frame.control, taint)
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
      interpreter.frame.control = interpreter.union(interpreter.frame.control, taint)
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

  // MARK: Exceptions

  private mutating func runTry(
    _ body: StatementID, _ parameter: PatternID?, _ handler: StatementID?, _ finalizer: StatementID?
  ) throws(Interruption) -> Completion {
    guard let finalizer else { return try runTry(body, parameter, handler) }
    let (run, doubtful, _) = try attempt { interpreter throws(Interruption) in
      try interpreter.runTry(body, parameter, handler)
    }
    if hasExited { throw .thrown }
    let value = returned
    switch run.outcome {
    case .completed(let completion):
      let finish = { (interpreter: inout Interpreter) throws(Interruption) in
        let last = try interpreter.execute(finalizer)
        if last != .normal { return last }
        interpreter.returned = value
        return completion
      }
      guard let doubtful else { return try finish(&self) }
      return try branch(
        doubtful, .none, finish,
        { (interpreter: inout Interpreter) throws(Interruption) in
          interpreter.spoil(run.touched, doubtful)
          let last = try interpreter.execute(finalizer)
          if last != .normal { return last }
          (interpreter.thrown, interpreter.thrownPlace) = (
            Tracked(.unknown(doubtful), at: interpreter.place(of: body)), interpreter.place(of: body)
          )
          throw .thrown
        })
    case .threw(var error, let place):
      if let doubtful {
        spoil(run.touched, doubtful)
        error = join(error, Tracked(.unknown(doubtful), at: place), doubtful)
      }
      let (last, left) = try leaving { interpreter throws(Interruption) in try interpreter.execute(finalizer) }
      if last != .normal { return last }
      // A finalizer that may have left keeps the error to itself.
      if let left {
        doubt(left.reason)
        return .normal
      }
      (thrown, thrownPlace) = (error, place)
      throw .thrown
    }
  }

  /// Runs something whose errors are caught: how it ended, what it changed, and why it may have thrown before that.
  mutating func attempt<Result>(
    _ body: (inout Interpreter) throws(Interruption) -> Result
  ) throws(Interruption) -> (run: (outcome: Outcome<Result>, touched: Journal), doubtful: ReasonID?, taint: Taint) {
    let outer = (mayThrow, throwTaint)
    mayThrow = nil
    tries += 1
    defer {
      tries -= 1
      (mayThrow, throwTaint) = outer
    }
    let run = try watch(body)
    return (run, mayThrow, throwTaint)
  }

  private mutating func runTry(
    _ body: StatementID, _ parameter: PatternID?, _ handler: StatementID?
  ) throws(Interruption) -> Completion {
    guard let handler else { return try execute(body) }
    let control = frame.control
    let (run, doubtful, taint) = try attempt { interpreter throws(Interruption) in try interpreter.execute(body) }
    if hasExited { throw .thrown }
    let place = place(of: handler)
    switch run.outcome {
    case .threw(var error, let place):
      // Only an error of these variables' making leads here.
      frame.control = union(control, union(error.taint, taint))
      if let doubtful {
        spoil(run.touched, doubtful)
        error = join(error, Tracked(.unknown(doubtful), at: place), doubtful)
      }
      let result = try runHandler(parameter, handler, error)
      if result == .normal { frame.control = control }
      return result
    case .completed(let completion):
      guard let doubtful else {
        let error = unknown("an error", at: place, taint: taint)
        leaveTaint = union(leaveTaint, taint)
        shadow(taint) { interpreter throws(Interruption) in
          try interpreter.runHandler(parameter, handler, error)
        }
        return completion
      }
      // It may have thrown before it left: what it gave is one of two.
      let value = returned
      let error = Tracked(.unknown(doubtful), at: place, taint: taint)
      return try branch(
        doubtful, taint,
        { (interpreter: inout Interpreter) throws(Interruption) in
          interpreter.returned = value
          return completion
        },
        { (interpreter: inout Interpreter) throws(Interruption) in
          interpreter.spoil(run.touched, doubtful)
          return try interpreter.runHandler(parameter, handler, error)
        })
    }
  }

  private mutating func runHandler(
    _ parameter: PatternID?, _ handler: StatementID, _ error: Tracked
  ) throws(Interruption) -> Completion {
    let outer = scope
    defer { scope = outer }
    if let parameter {
      scope = newScope(parent: outer)
      var names: [Name] = []
      boundNames(parameter, into: &names)
      for name in names { declareLater(key(name), isConstant: false, at: place(of: parameter)) }
      try assign(parameter, error, declaring: true)
    }
    return try execute(handler)
  }

  // MARK: TypeScript

  private mutating func runEnumeration(_ name: Name, _ members: Span, at place: Place) throws(Interruption) {
    guard let cell = lookup(key(name)) else { return }
    let object = cells[Int(cell)].content.object ?? allocate(HeapObject(.plain, at: place))
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    var next: Double? = 0
    for position in members.range {
      let member = code.program.members[position]
      guard case .name(let memberName) = member.key else { continue }
      let key = key(memberName)
      let memberPlace = self.place(code.program.expressions[Int(member.value.value)].offset)
      var value: Tracked
      if case .hole = code.program.expressions[Int(member.value.value)].kind {
        value =
          next.map { Tracked(.number($0), at: memberPlace) }
          ?? unknown("a member of an enum without a value", at: memberPlace)
      } else {
        value = try evaluate(member.value)
      }
      next = nil
      if case .number(let number) = value.value {
        next = number + 1
        let reverse = self.key(numberText(number))
        let text = Tracked(.string(text(key)), at: memberPlace)
        change(object) { $0.set(reverse, to: Property(value: text)) }
      }
      change(object) { $0.set(key, to: Property(value: value)) }
      declare(key, value, in: scope)
    }
    write(cell, Tracked(.object(object), at: place))
  }

  private mutating func runNamespace(
    _ name: Name, _ body: Span, _ exports: Span, at place: Place
  ) throws(Interruption) {
    guard let cell = lookup(key(name)) else { return }
    let object = cells[Int(cell)].content.object ?? allocate(HeapObject(.plain, at: place))
    let outer = scope
    defer { scope = outer }
    scope = newScope(parent: outer)
    try hoist(body)
    _ = try run(body.range)
    for position in exports.range {
      let exported = key(Name(code.program.lists[position]))
      guard let inner = self.cell(of: exported, in: scope) else { continue }
      let value = cells[Int(inner)].content
      change(object) { $0.set(exported, to: Property(value: value)) }
    }
    write(cell, Tracked(.object(object), at: place))
  }
}
