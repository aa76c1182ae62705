/// The part of the interpreter that runs `try` (ECMAScript 14.15), and knows what may have thrown in it.
extension Interpreter {
  mutating func runTry(
    _ body: StatementID, _ parameter: PatternID?, _ handler: StatementID?, _ finalizer: StatementID?
  ) throws(Interruption) -> Completion {
    guard let finalizer else { return try runTry(body, parameter, handler) }
    let (run, doubtful, _) = try attempt { interpreter throws(Interruption) in
      try interpreter.runTry(body, parameter, handler)
    }
    if hasExited { throw .thrown }
    let (value, leave) = (returned, leaveTaint)
    switch run.outcome {
    case .completed(let completion):
      let finish = { (interpreter: inout Interpreter) throws(Interruption) in
        let last = try interpreter.execute(finalizer)
        if last != .normal { return last }
        (interpreter.returned, interpreter.leaveTaint) = (value, leave)
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

  /// Runs something whose errors are caught: how it ended, what it changed, why it may have thrown before that, and the
  /// variables on which it depends whether it did.
  mutating func attempt<Result>(
    endsOnErrors ends: Bool = false, _ body: (inout Interpreter) throws(Interruption) -> Result
  ) throws(Interruption) -> (run: (outcome: Outcome<Result>, touched: Journal), doubtful: ReasonID?, taint: Taint) {
    let outer = (throwDoubt, throwTaint, endsOnErrors)
    throwDoubt = nil
    tries += 1
    endsOnErrors = ends
    defer {
      tries -= 1
      (throwDoubt, throwTaint, endsOnErrors) = outer
    }
    let run = try watch(body)
    return (run, throwDoubt, throwTaint)
  }

  private mutating func runTry(
    _ body: StatementID, _ parameter: PatternID?, _ handler: StatementID?
  ) throws(Interruption) -> Completion {
    guard let handler else { return try execute(body) }
    let control = frame.decided.control
    let (run, doubtful, taint) = try attempt(endsOnErrors: endsConfig(handler)) {
      interpreter throws(Interruption) in try interpreter.execute(body)
    }
    if hasExited { throw .thrown }
    let place = place(of: handler)
    switch run.outcome {
    case .threw(var error, let place):
      // Only an error of these variables' making leads here.
      frame.decided.control = union(control, union(error.taint, taint))
      if let doubtful {
        spoil(run.touched, doubtful)
        error = join(error, Tracked(.unknown(doubtful), at: place), doubtful)
      }
      let result = try runHandler(parameter, handler, error)
      if result == .normal { frame.decided.control = control }
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

  /// Whether a handler throws or ends the process whatever it is given.
  private func endsConfig(_ handler: StatementID) -> Bool {
    let program = code.program
    switch program.statements[Int(handler.value)].kind {
    case .throw: return true
    case .expression(let expression):
      guard case .call(let callee, _, _) = program.expressions[Int(expression.value)].kind else { return false }
      return isSameText(source(of: callee), "process.exit")
    case .block(let span):
      return program.lists[span.range].contains { endsConfig(StatementID($0)) }
    default: return false
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
}
