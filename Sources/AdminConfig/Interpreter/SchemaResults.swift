/// The part of the interpreter that turns what schemas say into what their packages' functions give or throw.
extension Interpreter {
  /// The keys that failed and why, in the words of the config or of this module.
  func summary(_ issues: [SchemaIssue]) -> String {
    let parts = issues.prefix(20).map { issue in
      issue.path.isEmpty ? issue.message : "\(issue.path.joined(separator: ".")): \(issue.message)"
    }
    return parts.joined(separator: "; ")
  }

  /// The variables that made values fail.
  mutating func taint(of issues: [SchemaIssue]) -> Taint {
    var taint = Taint.none
    for issue in issues { taint = union(taint, issue.taint) }
    return taint
  }

  /// The error that a schema throws or gives.
  mutating func schemaError(_ kind: String, _ issues: [SchemaIssue], at place: Place) -> Tracked {
    let taint = taint(of: issues)
    var error = newError(kind, Tracked(.string(summary(issues)), at: place), at: place)
    error.taint = taint
    guard let id = error.object else { return error }
    let list = issueList(issues, at: place)
    heap[Int(id.index)].set(key("issues"), to: Property(value: list))
    if kind == "ZodError" { heap[Int(id.index)].set(key("errors"), to: Property(value: list)) }
    heap[Int(id.index)].absent = .unknown(reason("the error of a schema, which is not looked into", at: place))
    return error
  }

  /// Issues as the packages give them: their paths and the config's own messages, as the wording differs by version.
  mutating func issueList(_ issues: [SchemaIssue], at place: Place) -> Tracked {
    let phrase = reason("the wording of a schema's message", at: place)
    var list: [Tracked] = []
    for issue in issues {
      let object = newObject(.plain, at: place)
      guard let id = object.object else { continue }
      let path = newArray(issue.path.map { Tracked(.string($0), at: place) }, at: place)
      let message = Tracked(issue.isOwn ? .string(issue.message) : .unknown(phrase), at: place, taint: issue.taint)
      heap[Int(id.index)].set(key("path"), to: Property(value: path))
      heap[Int(id.index)].set(Key(.message), to: Property(value: message))
      heap[Int(id.index)].absent = .unknown(phrase)
      list.append(object)
    }
    return newArray(list, at: place)
  }

  /// What fails at start: the issues' variables are the ones that it depends on.
  mutating func failure(_ kind: String, _ issues: [SchemaIssue], at place: Place) -> Interruption {
    let error = schemaError(kind, issues, at: place)
    thrown = depending(error, on: control())
    thrownPlace = place
    explicitThrows += 1
    return .thrown
  }

  /// What may fail is taken to have started, unless something catches it.
  mutating func noteDoubt(_ verdict: SchemaVerdict) {
    if tries > 0, let doubt = verdict.doubt { throwDoubt = throwDoubt ?? doubt }
  }

  /// `parse`: the value, or an error that is thrown.
  mutating func parse(_ schema: Tracked, _ input: Tracked, at place: Place) throws(Interruption) -> Tracked {
    let verdict = try validate(schema, input)
    guard verdict.issues.isEmpty else { throw failure(errorKind(of: schema), verdict.issues, at: place) }
    noteDoubt(verdict)
    mayThrow(on: verdict.deciders ?? input.taint)
    return verdict.value
  }

  private func errorKind(of schema: Tracked) -> String {
    switch self.schema(schema)?.library {
    case .valibot?: "ValiError"
    default: "ZodError"
    }
  }

  /// `safeParse`: what it gives names the value `data` in zod and `output` in valibot.
  mutating func safeParse(_ schema: Tracked, _ input: Tracked, at place: Place) throws(Interruption) -> Tracked {
    let verdict = try validate(schema, input)
    let isValibot = self.schema(schema)?.library == .valibot
    let taint = taint(of: verdict.issues)
    let result = newObject(.plain, at: place)
    guard let id = result.object else { return result }
    var success = Tracked(.boolean(verdict.issues.isEmpty), at: place, taint: taint)
    var value = verdict.value
    var error = Tracked(.undefined, at: place)
    if !verdict.issues.isEmpty {
      error =
        isValibot ? issueList(verdict.issues, at: place) : schemaError("ZodError", verdict.issues, at: place)
      error.taint = taint
      // valibot gives what it has so far.
      value = isValibot ? unknown("the output of a schema that failed", at: place) : Tracked(.undefined, at: place)
      value.taint = taint
    } else if let doubt = verdict.doubt {
      success.value = .unknown(doubt)
      success.taint = verdict.deciders ?? input.taint
      value = Tracked(.unknown(doubt), at: place, taint: success.taint)
      error = Tracked(.unknown(doubt), at: place, taint: success.taint)
    } else {
      // Without these variables it would have failed.
      success.taint = verdict.deciders ?? input.taint
    }
    heap[Int(id.index)].set(key("success"), to: Property(value: success))
    heap[Int(id.index)].set(key(isValibot ? "output" : "data"), to: Property(value: value))
    heap[Int(id.index)].set(key(isValibot ? "issues" : "error"), to: Property(value: error))
    if isValibot { heap[Int(id.index)].set(key("typed"), to: Property(value: success)) }
    return result
  }

  /// A result or what was thrown instead, as a promise.
  mutating func promise(
    at place: Place, _ body: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    do {
      let value = try body(&self)
      return newObject(.promise(value, isRejected: false), at: place)
    } catch {
      guard error == .thrown, !hasExited else { throw error }
      return newObject(.promise(thrown, isRejected: true), at: place)
    }
  }
}
