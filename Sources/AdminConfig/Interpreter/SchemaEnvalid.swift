/// The part of the interpreter that knows envalid: `cleanEnv` and its validators.
extension Interpreter {
  private static let validators: Set<String> = ["str", "url", "num", "bool", "port", "host", "email", "json"]

  /// Calls one of envalid's exports; nil for any other function.
  mutating func callEnvalid(
    _ name: String, this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    guard name.hasPrefix("envalid.") else { return nil }
    let export = String(name.dropFirst(8))
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch export {
    case "cleanEnv": return try cleanEnvironment(arguments, at: place)
    case "makeValidator", "makeExactValidator", "makeStructuredValidator":
      return newObject(.bound(callee("envalid.made", at: place), this: first, arguments: []), at: place)
    case "made":
      let step = SchemaStep(action: .transformed(this), place: place)
      return newSchema(Schema(kind: .variable("made", options: first), library: .envalid, steps: [step]), at: place)
    case "testOnly":
      let stage = try property(processEnvironment(at: place), key("NODE_ENV"), at: place)
      let holds = isSame(stage, "test")
      guard let holds else { return keeping(stage) }
      return depending(holds ? first : Tracked(.undefined, at: place), on: stage.taint)
    case "customCleanEnv":
      return unknown("`customCleanEnv(…)`, which is not followed", at: place)
    case "isProduction", "isProd", "isDevelopment", "isDev", "isTest": return try stage(export, of: this, at: place)
    default:
      guard Self.validators.contains(export) else {
        return opaqueSchema("`\(export.prefix(80))(…)` of envalid, which is not followed", .envalid, at: place)
      }
      return newSchema(Schema(kind: .variable(export, options: first), library: .envalid), at: place)
    }
  }

  private mutating func callee(_ name: String, at place: Place) -> ObjectID {
    builtin(name, at: place).object ?? ObjectID(index: 0)
  }

  /// Whether a value is a text; nil where it is unknown.
  private func isSame(_ value: Tracked, _ text: String) -> Bool? {
    if value.reason != nil { return nil }
    return value.string.map { isSameText($0, text) } ?? false
  }

  // MARK: cleanEnv

  private mutating func cleanEnvironment(_ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    let environment = arguments.first ?? Tracked(.undefined, at: place)
    let options = arguments.dropFirst(2).first
    let shape = try shape(arguments.dropFirst().first ?? Tracked(.undefined, at: place))
    let result = newObject(.plain, at: place)
    guard let object = result.object else { return result }
    var issues: [SchemaIssue] = []
    var doubt = shape.rest
    for (key, schema) in shape.fields {
      let verdict = try clean(key, schema, from: environment)
      for issue in verdict.issues {
        var issue = issue
        issue.path = [text(key)]
        issues.append(issue)
      }
      doubt = doubt ?? verdict.doubt
      let value =
        verdict.issues.isEmpty ? verdict.value : Tracked(.undefined, at: schema.place, taint: verdict.value.taint)
      heap[Int(object.index)].set(key, to: Property(value: value))
    }
    heap[Int(object.index)].set(key("[[Environment]]"), to: Property(value: environment, isEnumerable: false))
    for name in ["isProduction", "isProd", "isDevelopment", "isDev", "isTest"] {
      let property = Property(
        value: Tracked(.undefined, at: place), getter: callee("envalid.\(name)", at: place), isEnumerable: false)
      heap[Int(object.index)].set(key(name), to: property)
    }
    heap[Int(object.index)].absent = .unknown(reason("a variable that `cleanEnv` does not name", at: place))
    try report(issues, result, options, at: place)
    noteDoubt(SchemaVerdict(result, doubt: doubt))
    heap[Int(object.index)].isFrozen = true
    return result
  }

  /// envalid's own reporter prints what is wrong and ends the process.
  private mutating func report(
    _ issues: [SchemaIssue], _ result: Tracked, _ options: Tracked?, at place: Place
  ) throws(Interruption) {
    let own = try option("reporter", of: options)
    if case .null? = own?.value, !issues.isEmpty { throw failure("EnvError", issues, at: place) }
    if let own, !own.isNullish {
      let errors = newObject(.plain, at: place)
      for issue in issues {
        guard let id = errors.object, let name = issue.path.first else { continue }
        let error = schemaError(issue.message == "Required" ? "EnvMissingError" : "EnvError", [issue], at: place)
        heap[Int(id.index)].set(key(name), to: Property(value: error))
      }
      let given = newObject(.plain, at: place)
      if let id = given.object {
        heap[Int(id.index)].set(key("errors"), to: Property(value: errors))
        heap[Int(id.index)].set(key("env"), to: Property(value: result))
      }
      let taint = taint(of: issues)
      _ = try within(taint) { interpreter throws(Interruption) in
        try interpreter.call(own, this: Tracked(.undefined, at: place), [given], at: place)
      }
      return
    }
    guard !issues.isEmpty else { return }
    hasExited = shadows == 0
    explicitThrows += 1
    throw fail("Error", "Invalid environment variables: \(summary(issues))", at: place, taint: taint(of: issues))
  }

  /// A variable's value, its default, or what is wrong with it.
  private mutating func clean(
    _ key: Key, _ schema: Tracked, from environment: Tracked
  ) throws(Interruption) -> SchemaVerdict {
    let value = try property(environment, key, at: schema.place)
    guard let own = self.schema(schema), case .variable(_, let options) = own.kind else {
      noteNeed(of: value, isRequired: false)
      return opaqueVerdict(schema.reason ?? reason("a validator that is not followed", at: schema.place), value)
    }
    // `default: undefined` is a default too.
    let standIn = try standIn(options, environment, at: schema.place)
    noteNeed(of: value, isRequired: standIn == nil)
    let isRequiredLater = try option("requiredWhen", of: options) != nil
    if let reason = value.reason {
      var verdict = try self.verdict(of: schema, on: value)
      if standIn != nil || verdict.value.reason == nil { verdict.value = unknownFor(reason, like: verdict.value) }
      verdict.doubt = verdict.doubt ?? reason
      return verdict
    }
    guard value.isUndefined else { return try verdict(of: schema, on: value) }
    guard let standIn else {
      return SchemaVerdict(value, issues: [SchemaIssue(message: "Required", taint: value.taint)])
    }
    let doubt = isRequiredLater ? reason("`requiredWhen`, which is not computed", at: schema.place) : nil
    return SchemaVerdict(depending(standIn, on: value.taint), doubt: doubt)
  }

  /// What a validator makes of a value; one of the config's own says by throwing that it does not pass.
  private mutating func verdict(of schema: Tracked, on value: Tracked) throws(Interruption) -> SchemaVerdict {
    let (run, doubtful, _) = try attempt { interpreter throws(Interruption) in
      try interpreter.validate(schema, value)
    }
    if hasExited { throw .thrown }
    switch run.outcome {
    case .completed(var verdict):
      verdict.doubt = verdict.doubt ?? doubtful
      return verdict
    case .threw(let error, _):
      return SchemaVerdict(
        value, issues: [SchemaIssue(message: "Invalid value", taint: union(value.taint, error.taint))])
    }
  }

  /// The value that stands in for a variable that is not set; nil where there is none.
  private mutating func standIn(
    _ options: Tracked, _ environment: Tracked, at place: Place
  ) throws(Interruption) -> Tracked? {
    guard let id = options.object else {
      return options.isUndefined ? nil : Tracked(.unknown(unknownReason(options)), at: place)
    }
    if case .undefined = self[id].absent {} else { return Tracked(.unknown(unknownReason(options)), at: place) }
    func own(_ name: String, _ interpreter: inout Interpreter) throws(Interruption) -> Tracked? {
      guard interpreter[id].position(of: interpreter.key(name)) != nil else { return nil }
      return try interpreter.property(options, interpreter.key(name), at: options.place)
    }
    let standard = try own("default", &self)
    let development = try own("devDefault", &self)
    let test = try own("testDefault", &self)
    guard development != nil || test != nil else { return standard }
    let stage = try property(environment, key("NODE_ENV"), at: place)
    guard stage.reason == nil else {
      return Tracked(.unknown(unknownReason(stage)), at: place, taint: stage.taint)
    }
    if let test, isSame(stage, "test") == true { return depending(test, on: stage.taint) }
    // Only where NODE_ENV is set: without it a process counts as one of production.
    if let development, isTruthy(stage) == true, isSame(stage, "production") == false {
      return depending(development, on: stage.taint)
    }
    return standard.map { depending($0, on: stage.taint) }
  }

  /// `isProduction` and its like: by the variable as it was cleaned, or as it is.
  private mutating func stage(_ name: String, of env: Tracked, at place: Place) throws(Interruption) -> Tracked {
    guard let id = env.object, let raw = self[id].property(key("[[Environment]]"))?.value else {
      return unknown("`\(name)` without the variables that it belongs to", at: place)
    }
    var stage = self[id].property(key("NODE_ENV"))?.value ?? Tracked(.undefined, at: place)
    if isTruthy(stage) == false {
      stage = depending(try property(raw, key("NODE_ENV"), at: place), on: stage.taint)
    }
    guard let isSet = isTruthy(stage) else { return keeping(stage) }
    let holds: Bool? =
      switch name {
      case "isProduction", "isProd": isSet ? isSame(stage, "production") : true
      case "isTest": isSame(stage, "test")
      default: isSame(stage, "development")
      }
    return Tracked(.boolean(holds == true), at: place, taint: stage.taint)
  }

  // MARK: Validators

  /// What one of the validators makes of a text.
  mutating func clean(
    _ name: String, _ options: Tracked, _ input: Tracked, at place: Place
  ) throws(Interruption) -> SchemaVerdict {
    if let reason = input.reason { return SchemaVerdict(input, doubt: reason) }
    var verdict = try convert(name, input, at: place)
    // What a validator of the config's own gives is not here yet.
    if name == "made", try option("choices", of: options) != nil {
      verdict.doubt = reason("the choices of a validator of its own", at: place)
      return verdict
    }
    guard verdict.issues.isEmpty, let choices = try option("choices", of: options) else { return verdict }
    let kind = try self.options(choices)
    let allowed = try validate(newSchema(Schema(kind: kind), at: place), verdict.value)
    verdict.doubt = verdict.doubt ?? allowed.doubt
    if !allowed.issues.isEmpty { verdict.issues = [SchemaIssue(message: "Not one of its choices", taint: input.taint)] }
    return verdict
  }

  private mutating func convert(
    _ name: String, _ input: Tracked, at place: Place
  ) throws(Interruption) -> SchemaVerdict {
    func failed(_ message: String) -> SchemaVerdict {
      SchemaVerdict(input, issues: [SchemaIssue(message: message, taint: input.taint)])
    }
    var value = input
    switch (name, input.value) {
    case ("made", _): return SchemaVerdict(input)
    case ("str", .string): return SchemaVerdict(input)
    case ("bool", .boolean): return SchemaVerdict(input)
    case ("bool", .string(let text)):
      let isTrue = ["true", "t", "yes", "1"].contains(text)
      guard isTrue || ["false", "f", "no", "0"].contains(text) else { return failed("Expected a boolean") }
      value.value = .boolean(isTrue)
      value.text = .none
      return SchemaVerdict(value)
    case ("num", _):
      value = try callBuiltin("parseFloat", this: Tracked(.undefined, at: place), [input], at: place)
      guard case .number(let number) = value.value else { return opaqueVerdict(unknownReason(value), input) }
      value.place = input.place
      return number.isNaN ? failed("Expected a number") : SchemaVerdict(value)
    case ("port", _):
      let converted = try self.number(of: input, at: place)
      guard case .number(let number) = converted.value, let text = try text(of: input, at: place).string else {
        return opaqueVerdict(unknownReason(converted), input)
      }
      let isPort = number >= 1 && number <= 65535 && number == number.rounded() && numberText(number) == text
      value.value = converted.value
      return isPort ? SchemaVerdict(value) : failed("Expected a port")
    case ("url", .string):
      var verdict = SchemaVerdict(input)
      let step = SchemaStep(action: .url(options: Tracked(.undefined, at: place)), place: place)
      try apply(step, to: &verdict)
      verdict.value = input
      return verdict
    case ("email", .string):
      return try matching("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", "Expected an email address", input, at: place)
    case ("host", .string(let text)):
      if Self.isPlainHost(text) { return SchemaVerdict(input) }
      if text.isEmpty { return failed("Expected a host") }
      return SchemaVerdict(input, doubt: reason("a check of a host's name, which is not computed", at: place))
    case ("json", .string):
      do {
        return SchemaVerdict(try callJSON("parse", [input], at: place))
      } catch .thrown {
        return failed("Expected JSON")
      }
    default: return failed("Expected a string")
    }
  }

  private mutating func matching(
    _ pattern: String, _ message: String, _ input: Tracked, at place: Place
  ) throws(Interruption) -> SchemaVerdict {
    var verdict = SchemaVerdict(input)
    let expression = makeRegularExpression(pattern, "", at: place)
    try apply(SchemaStep(action: .matches(expression), place: place, message: message), to: &verdict)
    return verdict
  }

  /// Labels of letters, digits and hyphens, with dots between them: a host for every version of envalid.
  private static func isPlainHost(_ text: String) -> Bool {
    text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.first, let last = label.last else { return false }
      let isPlain = label.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
          || byte == UInt8(ascii: "-")
      }
      return isPlain && first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
    }
  }
}
