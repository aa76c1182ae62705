/// The part of the interpreter that takes values through the steps of schemas: checks, and what changes them.
extension Interpreter {
  mutating func apply(_ step: SchemaStep, to verdict: inout SchemaVerdict) throws(Interruption) {
    let value = verdict.value
    switch step.action {
    case .transformed(let function): try transform(function, step, &verdict)
    case .refined(let function):
      let result = try call(function, this: Tracked(.undefined, at: step.place), [value], at: step.place)
      decide(result.object == nil ? isTruthy(result) : nil, step, "Invalid input", result, &verdict)
    case .examined(let function, let valueInContext): try examine(function, valueInContext, step, &verdict)
    case .schema(let schema):
      let inner = try validate(schema, value, notes: false)
      verdict.value = inner.value
      verdict.issues = inner.issues
      verdict.doubt = verdict.doubt ?? inner.doubt
    case .undecided(let name):
      verdict.doubt =
        verdict.doubt ?? value.reason ?? reason("the check `\(name.prefix(80))`, which is not computed", at: step.place)
    case .opaque(let name):
      let reason = value.reason ?? reason("`\(name.prefix(80))` of a schema, which is not followed", at: step.place)
      verdict.value = unknownFor(reason, like: value)
      verdict.doubt = verdict.doubt ?? reason
    default:
      if let reason = value.reason {
        verdict.doubt = verdict.doubt ?? reason
        return
      }
      try check(step, &verdict)
    }
  }

  /// Whether a value passes a check, as far as that is known.
  private mutating func decide(
    _ holds: Bool?, _ step: SchemaStep, _ message: String, _ decider: Tracked, _ verdict: inout SchemaVerdict
  ) {
    switch holds {
    case true?: return
    case false?:
      let issue = SchemaIssue(
        path: step.path, message: step.message ?? message, isOwn: step.message != nil,
        taint: union(decider.taint, decider.text))
      verdict.issues.append(issue)
    case nil: verdict.doubt = verdict.doubt ?? unknownReason(decider)
    }
  }

  private mutating func check(_ step: SchemaStep, _ verdict: inout SchemaVerdict) throws(Interruption) {
    let value = verdict.value
    switch step.action {
    case .atLeast(let bound):
      decide(compare(value, bound) { $0 >= $1 }, step, tooSmall(value), value, &verdict)
    case .atMost(let bound):
      decide(compare(value, bound) { $0 <= $1 }, step, tooLarge(value), value, &verdict)
    case .above(let bound): decide(compare(value, bound) { $0 > $1 }, step, tooSmall(value), value, &verdict)
    case .below(let bound): decide(compare(value, bound) { $0 < $1 }, step, tooLarge(value), value, &verdict)
    case .exactly(let bound): decide(compare(value, bound) { $0 == $1 }, step, "Wrong length", value, &verdict)
    case .integer:
      guard case .number(let number) = value.value else { return decide(nil, step, "", value, &verdict) }
      // zod 4 takes only integers that are exact.
      let isExact = number.magnitude <= 9_007_199_254_740_991
      let isWhole = number.isFinite && number == number.rounded(.towardZero)
      decide(isWhole ? (isExact ? true : nil) : false, step, "Expected an integer", value, &verdict)
    case .finite:
      guard case .number(let number) = value.value else { return decide(nil, step, "", value, &verdict) }
      decide(number.isFinite, step, "Expected a finite number", value, &verdict)
    case .multiple(let divisor):
      guard case .number(let number) = value.value, case .number(let other) = divisor.value,
        number == number.rounded(.towardZero), other == other.rounded(.towardZero)
      else { return decide(nil, step, "", value, &verdict) }
      decide(remainder(number, other) == 0, step, "Not a multiple", value, &verdict)
    case .url(let options): try checkURL(options, step, &verdict)
    case .holds(let method, let part):
      guard value.string != nil else { return decide(nil, step, "", value, &verdict) }
      let result = try callBuiltin("String#\(method)", this: value, [part], at: step.place)
      decide(isTruthy(result), step, "Invalid text", result, &verdict)
    case .matches(let expression):
      guard value.string != nil, let id = expression.object, case .regularExpression = self[id].kind else {
        return decide(nil, step, "", expression.reason == nil ? value : expression, &verdict)
      }
      let result = try callBuiltin("RegExp#test", this: expression, [value], at: step.place)
      decide(isTruthy(result), step, "Invalid format", result, &verdict)
    case .changed(let method):
      guard value.string != nil else { return decide(nil, step, "", value, &verdict) }
      verdict.value = try callBuiltin("String#\(method)", this: value, [], at: step.place)
    case .numeric:
      let number = try number(of: value, at: value.place)
      guard case .number(let converted) = number.value else { return decide(nil, step, "", number, &verdict) }
      if converted.isNaN { return decide(false, step, "Expected a number", value, &verdict) }
      verdict.value.value = number.value
    case .refined, .examined, .transformed, .schema, .undecided, .opaque: return
    }
  }

  private func tooSmall(_ value: Tracked) -> String { value.string == nil ? "Too small" : "Too short" }
  private func tooLarge(_ value: Tracked) -> String { value.string == nil ? "Too large" : "Too long" }

  /// Compares the length of a text or list, or a number, with a bound; nil where either is not known.
  private func compare(_ value: Tracked, _ bound: Tracked, _ body: (Double, Double) -> Bool) -> Bool? {
    guard case .number(let limit) = bound.value else { return nil }
    switch value.value {
    case .string(let text): return body(Double(text.utf16.count), limit)
    case .number(let number): return body(number, limit)
    case .object(let id):
      guard self[id].isArray, case .undefined = self[id].absent else { return nil }
      return body(Double(self[id].elements.count), limit)
    default: return nil
    }
  }

  /// `url()`: whether `new URL(value)` takes the text.
  private mutating func checkURL(
    _ options: Tracked, _ step: SchemaStep, _ verdict: inout SchemaVerdict
  ) throws(Interruption) {
    let value = verdict.value
    guard case .string(let text) = value.value else { return decide(nil, step, "", value, &verdict) }
    let url: WebURL
    do {
      url = try WebURL(text)
    } catch .unsupported(let phrase) {
      verdict.doubt = verdict.doubt ?? reason(phrase, at: value.place)
      return
    } catch {
      return decide(false, step, "Invalid URL", value, &verdict)
    }
    // zod 4 cuts white space off the value, zod 3 and valibot leave it.
    let trimmed = try callBuiltin("String#trim", this: value, [], at: step.place)
    if areSame(trimmed, value) != true {
      verdict.value = unknownFor(reason("a URL with white space around it", at: value.place), like: value)
    }
    if let expression = try option("protocol", of: options) {
      let scheme = Tracked(.string(String(url.scheme.dropLast())), at: value.place, taint: value.taint)
      let result = try callBuiltin("RegExp#test", this: expression, [scheme], at: step.place)
      decide(isTruthy(result), step, "Invalid URL", result, &verdict)
    }
    if let expression = try option("hostname", of: options) {
      let name = Tracked(.string(url.hostname), at: value.place, taint: value.taint)
      let result = try callBuiltin("RegExp#test", this: expression, [name], at: step.place)
      decide(isTruthy(result), step, "Invalid URL", result, &verdict)
    }
    if let normalize = try option("normalize", of: options), isTruthy(normalize) != false {
      verdict.value = unknownFor(reason("a normalized URL", at: value.place), like: value)
    }
  }

  // MARK: Functions

  /// The context that a function of a schema is called with: what it adds to `issues` makes the value fail.
  private mutating func context(at place: Place) -> Tracked {
    let context = newObject(.plain, at: place)
    guard let id = context.object else { return context }
    let issues = newArray([], at: place)
    heap[Int(id.index)].set(key("issues"), to: Property(value: issues))
    heap[Int(id.index)].set(key("addIssue"), to: Property(value: builtin("schema.addIssue", at: place)))
    heap[Int(id.index)].absent = .unknown(reason("the context of a schema's function", at: place))
    return context
  }

  /// `context.addIssue(issue)`.
  mutating func addIssue(_ context: Tracked, _ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    guard let id = context.object, let list = self[id].property(key("issues"))?.value.object, self[list].isArray else {
      return unknown("an issue that is added to a schema's context", at: place)
    }
    var issue = arguments.first ?? Tracked(.undefined, at: place)
    issue.taint = union(issue.taint, control())
    let added = issue
    change(list) { $0.elements.append(added) }
    return Tracked(.undefined, at: place)
  }

  private mutating func transform(
    _ function: Tracked, _ step: SchemaStep, _ verdict: inout SchemaVerdict
  ) throws(Interruption) {
    let value = verdict.value
    let context = context(at: step.place)
    verdict.value = try call(function, this: Tracked(.undefined, at: step.place), [value, context], at: step.place)
    if let id = verdict.value.object, case .promise = self[id].kind {
      verdict.value = unknown("what an asynchronous function of a schema gives", at: step.place, taint: value.taint)
    }
    try collect(context, step, value, &verdict)
  }

  private mutating func examine(
    _ function: Tracked, _ valueInContext: Bool, _ step: SchemaStep, _ verdict: inout SchemaVerdict
  ) throws(Interruption) {
    let value = verdict.value
    let context = context(at: step.place)
    if valueInContext, let id = context.object { heap[Int(id.index)].set(key("value"), to: Property(value: value)) }
    _ = try call(
      function, this: Tracked(.undefined, at: step.place), valueInContext ? [context] : [value, context], at: step.place
    )
    if valueInContext, let id = context.object, let changed = self[id].property(key("value"))?.value {
      verdict.value = changed
    }
    try collect(context, step, value, &verdict)
  }

  /// What a function added to its context.
  private mutating func collect(
    _ context: Tracked, _ step: SchemaStep, _ value: Tracked, _ verdict: inout SchemaVerdict
  ) throws(Interruption) {
    guard let id = context.object, let list = self[id].property(key("issues"))?.value.object else { return }
    if case .unknown(let reason) = self[list].absent { verdict.doubt = verdict.doubt ?? reason }
    for added in self[list].elements {
      var issue = SchemaIssue(path: [], message: "Invalid input", taint: union(value.taint, added.taint))
      if let message = try option("message", of: added), case .string(let text) = message.value, message.text.isEmpty {
        (issue.message, issue.isOwn) = (text, true)
      }
      if let path = try option("path", of: added) { issue.path = keys(of: path) }
      verdict.issues.append(issue)
    }
  }

  /// The keys of an issue's path.
  func keys(of path: Tracked) -> [String] {
    guard let id = path.object else { return [] }
    return self[id].elements.compactMap { element in
      switch element.value {
      case .string(let text): element.text.isEmpty ? text : nil
      case .number(let number): numberText(number)
      default: nil
      }
    }
  }
}
