/// The part of the interpreter that runs `if` and `switch` (ECMAScript 14.6, 14.12).
extension Interpreter {
  mutating func runIf(
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
    shadow(taint, left)
    return try within(taint, taken)
  }

  mutating func runSwitch(_ subject: ExpressionID, _ cases: Span) throws(Interruption) -> Completion {
    enter(.choice)
    defer { exit() }
    return try leaving(ending: [.broke(nil)]) { interpreter throws(Interruption) in
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
}
