/// The part of the interpreter that holds values against the types of schemas.
extension Interpreter {
  /// What a schema makes of a value. Without `notes`, what it reads is not kept as required.
  mutating func validate(
    _ schema: Tracked, _ input: Tracked, notes: Bool = true
  ) throws(Interruption) -> SchemaVerdict {
    try step(at: schema.place)
    guard depth < Limit.evaluationDepth else {
      abandonment = ("schemas nested more deeply than is followed (a schema that holds itself?)", schema.place)
      throw .abandoned
    }
    depth += 1
    defer { depth -= 1 }
    guard let own = self.schema(schema) else {
      return opaqueVerdict(schema.reason ?? reason("a schema that is not followed", at: schema.place), input)
    }
    var verdict = try validate(own, input, at: schema.place, notes: notes)
    // The steps of an action are for the schema that it is given to.
    if case .action = own.kind { return verdict }
    for step in own.steps {
      guard verdict.issues.isEmpty else { break }
      try apply(step, to: &verdict)
    }
    return verdict
  }

  /// A value of which nothing more is known than what it depended on.
  func opaqueVerdict(_ reason: ReasonID, _ input: Tracked) -> SchemaVerdict {
    var value = input
    value.value = .unknown(input.reason ?? reason)
    return SchemaVerdict(value, doubt: input.reason ?? reason)
  }

  func failed(_ input: Tracked, _ expected: String) -> SchemaVerdict {
    let message = input.isUndefined ? "Required" : "Expected \(expected)"
    return SchemaVerdict(input, issues: [SchemaIssue(message: message, taint: input.taint)])
  }

  private mutating func validate(
    _ schema: Schema, _ input: Tracked, at place: Place, notes: Bool
  ) throws(Interruption) -> SchemaVerdict {
    switch schema.kind {
    case .anything: return SchemaVerdict(input)
    case .action: return opaqueVerdict(reason("an action where a schema was expected", at: place), input)
    case .opaque(let reason): return opaqueVerdict(reason, input)
    case .wrapped(let inner): return try validate(inner, input, notes: notes)
    case .text, .number, .boolean, .flag, .options: return validateScalar(schema.kind, input)
    case .converted(let conversion): return try convert(input, conversion, at: place)
    case .variable(let name, let options): return try clean(name, options, input, at: place)
    case .object(let shape): return try validate(shape, input, at: place, notes: notes)
    case .array(let element): return try validateArray(element, input)
    case .record(let element): return try validateRecord(element, input)
    case .union(let options): return try validateUnion(options, input)
    case .intersection(let first, let second): return try validateBoth(first, second, input, notes: notes)
    case .preprocessed(let function, let inner):
      let value = try call(function, this: Tracked(.undefined, at: place), [input], at: place)
      return try validate(inner, value, notes: notes)
    case .lazy(let function):
      let inner = try call(function, this: Tracked(.undefined, at: place), [], at: place)
      return try validate(inner, input, notes: notes)
    case .absentable, .required, .defaulted, .caught: return try validateMissing(schema, input, notes: notes)
    }
  }

  // MARK: Scalars

  private mutating func validateScalar(_ kind: Schema.Kind, _ input: Tracked) -> SchemaVerdict {
    if let reason = input.reason {
      var value = input
      if case .flag = kind { value.text = .none }
      return SchemaVerdict(value, doubt: reason)
    }
    switch (kind, input.value) {
    case (.text, .string), (.boolean, .boolean): return SchemaVerdict(input)
    case (.number, .number(let number)) where !number.isNaN:
      // zod 4 takes no infinite numbers, zod 3 and valibot do.
      guard number.isFinite else { return SchemaVerdict(input, doubt: reason("an infinite number", at: input.place)) }
      return SchemaVerdict(input)
    case (.text, _): return failed(input, "a string")
    case (.number, _): return failed(input, "a number")
    case (.flag(let truthy, let falsy, let isExact), .string(let text)):
      let folded = isExact ? text : text.lowercased()
      var value = input
      value.text = .none
      value.value = .boolean(true)
      if truthy.contains(where: { isSameText($0, folded) }) { return SchemaVerdict(value) }
      value.value = .boolean(false)
      if falsy.contains(where: { isSameText($0, folded) }) { return SchemaVerdict(value) }
      return failed(input, "a word for true or false")
    case (.options(let options), _):
      steps += options.count
      var doubt: ReasonID?
      for option in options {
        switch strictlyEqual(option, input) {
        case true?: return SchemaVerdict(depending(input, on: option.taint))
        case false?: continue
        case nil: doubt = doubt ?? unknownReason(option)
        }
      }
      return doubt.map { SchemaVerdict(input, doubt: $0) } ?? failed(input, "one of the values that are allowed")
    default: return failed(input, "a boolean")
    }
  }

  private mutating func convert(
    _ input: Tracked, _ conversion: Schema.Conversion, at place: Place
  ) throws(Interruption) -> SchemaVerdict {
    switch conversion {
    case .text: return validateScalar(.text, try text(of: input, at: input.place))
    case .boolean:
      guard let holds = isTruthy(input) else { return SchemaVerdict(keeping(input), doubt: nil) }
      return SchemaVerdict(Tracked(.boolean(holds), at: input.place, taint: input.taint))
    case .number:
      var number = try number(of: input, at: input.place)
      if case .number(let value) = number.value, value.isNaN {
        let message = input.isUndefined ? "Required" : "Expected a number"
        return SchemaVerdict(input, issues: [SchemaIssue(message: message, taint: input.taint)])
      }
      number.text = input.text
      return validateScalar(.number, number)
    }
  }

  // MARK: Objects and lists

  private mutating func validate(
    _ shape: SchemaShape, _ input: Tracked, at place: Place, notes: Bool
  ) throws(Interruption) -> SchemaVerdict {
    guard let id = input.object else {
      return input.reason.map { opaqueVerdict($0, input) } ?? failed(input, "an object")
    }
    if self[id].isArray { return failed(input, "an object") }
    let result = newObject(.plain, at: input.place)
    guard let object = result.object else { return SchemaVerdict(result) }
    var verdict = SchemaVerdict(result)
    var deciders = Taint.none
    if shape.others == .kept { try spread(input, into: object) }
    for (key, schema) in shape.fields {
      let item = try property(input, key, at: schema.place)
      let isRequired = !acceptsMissing(schema)
      if notes { noteNeed(of: item, isRequired: isRequired) }
      if isRequired { deciders = union(deciders, item.taint) }
      let field = try validate(schema, item, notes: notes)
      for issue in field.issues {
        var issue = issue
        issue.path.insert(text(key), at: 0)
        verdict.issues.append(issue)
      }
      verdict.doubt = verdict.doubt ?? field.doubt
      heap[Int(object.index)].set(key, to: Property(value: field.value))
    }
    verdict.deciders = deciders
    if shape.others == .refused { refuseOthers(shape, id, input, &verdict) }
    if let rest = shape.rest {
      heap[Int(object.index)].absent = .unknown(rest)
      verdict.doubt = verdict.doubt ?? rest
    }
    return verdict
  }

  /// Keys that a strict schema does not name.
  private mutating func refuseOthers(
    _ shape: SchemaShape, _ id: ObjectID, _ input: Tracked, _ verdict: inout SchemaVerdict
  ) {
    guard case .plain = self[id].kind, case .undefined = self[id].absent else {
      // What else is in a process's environment is not known: a strict schema rarely starts with it.
      verdict.doubt = verdict.doubt ?? reason("the keys that a strict schema does not name", at: input.place)
      return
    }
    let known = Set(shape.fields.map(\.key))
    for key in ownKeys(of: id) where !known.contains(key) {
      let issue = SchemaIssue(path: [text(key)], message: "Unrecognized key", taint: self[id].keysTaint)
      verdict.issues.append(issue)
    }
  }

  private mutating func validateArray(_ element: Tracked, _ input: Tracked) throws(Interruption) -> SchemaVerdict {
    guard let id = input.object else {
      return input.reason.map { opaqueVerdict($0, input) } ?? failed(input, "an array")
    }
    guard self[id].isArray, case .undefined = self[id].absent else {
      if case .plain = self[id].kind { return failed(input, "an array") }
      return opaqueVerdict(unknownReason(input), input)
    }
    var verdict = SchemaVerdict(input)
    var elements: [Tracked] = []
    for (index, item) in self[id].elements.enumerated() {
      let inner = try validate(element, item, notes: false)
      elements.append(inner.value)
      verdict.doubt = verdict.doubt ?? inner.doubt
      for issue in inner.issues {
        var issue = issue
        issue.path.insert(String(index), at: 0)
        issue.taint = union(issue.taint, input.taint)
        verdict.issues.append(issue)
      }
    }
    verdict.value.value = newArray(elements, at: input.place).value
    return verdict
  }

  private mutating func validateRecord(_ element: Tracked, _ input: Tracked) throws(Interruption) -> SchemaVerdict {
    guard let id = input.object else {
      return input.reason.map { opaqueVerdict($0, input) } ?? failed(input, "an object")
    }
    guard case .plain = self[id].kind, case .undefined = self[id].absent else {
      let reason = reason("a record of all variables, which is not followed", at: input.place)
      return SchemaVerdict(newObject(.external(reason), at: input.place), doubt: reason)
    }
    var shape = SchemaShape()
    for key in ownKeys(of: id) { shape.set(key, to: element) }
    return try validate(shape, input, at: input.place, notes: false)
  }

  /// The first schema that a value passes.
  private mutating func validateUnion(_ options: [Tracked], _ input: Tracked) throws(Interruption) -> SchemaVerdict {
    var doubtful: (verdict: SchemaVerdict, reason: ReasonID)?
    var taint = input.taint
    for option in options {
      let verdict = try validate(option, input, notes: false)
      for issue in verdict.issues { taint = union(taint, issue.taint) }
      guard verdict.issues.isEmpty else { continue }
      guard let doubt = verdict.doubt else {
        guard let doubtful else { return verdict }
        return SchemaVerdict(join(doubtful.verdict.value, verdict.value, doubtful.reason))
      }
      if let before = doubtful {
        doubtful = (SchemaVerdict(join(before.verdict.value, verdict.value, doubt), doubt: doubt), doubt)
      } else {
        doubtful = (verdict, doubt)
      }
    }
    if let doubtful { return doubtful.verdict }
    let message = input.isUndefined ? "Required" : "Invalid input"
    return SchemaVerdict(input, issues: [SchemaIssue(message: message, taint: taint)])
  }

  private mutating func validateBoth(
    _ first: Tracked, _ second: Tracked, _ input: Tracked, notes: Bool
  ) throws(Interruption) -> SchemaVerdict {
    var left = try validate(first, input, notes: notes)
    let right = try validate(second, input, notes: notes)
    left.issues += right.issues
    left.doubt = left.doubt ?? right.doubt
    guard left.value.object != nil, right.value.object != nil else {
      if strictlyEqual(left.value, right.value) == true { return left }
      return SchemaVerdict(
        opaqueVerdict(reason("a value that two schemas give", at: first.place), input).value, issues: left.issues,
        doubt: left.doubt)
    }
    let both = newObject(.plain, at: input.place)
    guard let id = both.object else { return left }
    try spread(left.value, into: id)
    try spread(right.value, into: id)
    left.value = both
    return left
  }
}
