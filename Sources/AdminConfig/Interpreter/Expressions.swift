/// The part of the interpreter that evaluates expressions (ECMAScript 13).
extension Interpreter {
  mutating func evaluate(_ id: ExpressionID) throws(Interruption) -> Tracked {
    if shadows == 0 { return try evaluateNode(id) }
    let explicit = explicitThrows
    do {
      return try evaluateNode(id)
    } catch {
      // What is not taken may throw only because its condition does not hold: `if (URL) new URL(URL)`.
      guard error == .thrown, goesOn || explicitThrows == explicit, !hasExited, shadowSteps <= Limit.shadowSteps else {
        throw error
      }
      shadowErrors += 1
      let taint = thrown.taint
      mayThrow(on: taint)
      let result = unknown(
        "an error", at: place(code.program.expressions[Int(id.value)].offset), taint: taint)
      if let reason = result.reason { doubt(reason) }
      return result
    }
  }

  private mutating func evaluateNode(_ id: ExpressionID) throws(Interruption) -> Tracked {
    let node = code.program.expressions[Int(id.value)]
    let place = place(node.offset)
    try step(at: place)
    guard depth < Limit.evaluationDepth else {
      abandonment = ("calls or expressions nested more deeply than is followed (an endless recursion?)", place)
      throw .abandoned
    }
    depth += 1
    defer { depth -= 1 }
    switch node.kind {
    case .string(let text): return Tracked(.string(code.program.texts[Int(text.value)]), at: place)
    case .number(let number): return Tracked(.number(number), at: place)
    case .bigInteger(let digits): return Tracked(.bigInteger(code.program.texts[Int(digits.value)]), at: place)
    case .boolean(let boolean): return Tracked(.boolean(boolean), at: place)
    case .null: return Tracked(.null, at: place)
    case .name(let name): return try read(key(name), at: place)
    case .this: return lookup(Key(.this)).map { cells[Int($0)].content } ?? Tracked(.undefined, at: place)
    case .superclass: return unknown("`super`", at: place)
    case .importMeta: return builtin("import.meta", at: place)
    case .newTarget: return unknown("`new.target`", at: place)
    case .template(let parts): return try template(parts, at: place)
    case .taggedTemplate(let tag, let parts, let raw): return try taggedTemplate(tag, parts, raw, at: place)
    case .regularExpression(let pattern, let flags):
      return makeRegularExpression(
        code.program.texts[Int(pattern.value)], code.program.texts[Int(flags.value)], at: place)
    case .object(let members): return try object(members, at: place)
    case .array(let elements): return try array(elements, at: place)
    case .hole: return hole(at: place)
    case .spread(let inner): return try evaluate(inner)
    case .function(let function): return makeFunction(function, at: place)
    case .classExpression(let id): return try makeClass(id, at: place)
    case .property, .element, .call, .optionalChain: return try chain(id)
    case .new(let callee, let arguments): return try construct(callee, arguments, at: place)
    case .unary(let kind, let operand): return try unary(kind, operand, at: place)
    case .update(let target, let isIncrement, let isPrefix):
      return try update(target, isIncrement: isIncrement, isPrefix: isPrefix, at: place)
    case .binary(let kind, let left, let right): return try binary(kind, left, right, at: place)
    case .logical(let kind, let left, let right):
      return try logical(kind, try evaluate(left)) { interpreter throws(Interruption) in try interpreter.evaluate(right)
      }
    case .conditional(let test, let then, let otherwise): return try conditional(test, then, otherwise, at: place)
    case .assign(let pattern, let value):
      // What is assigned to is looked up before the value is computed.
      if case .target(let target) = code.program.patterns[Int(pattern.value)].kind {
        let reference = try reference(target)
        let value = try evaluate(value)
        try write(reference, value)
        return value
      }
      let value = try evaluate(value, named: pattern)
      try assign(pattern, value, declaring: false)
      return value
    case .assignBinary(let kind, let target, let value):
      let reference = try reference(target)
      let old = try read(reference)
      let result = try operate(kind, old, try evaluate(value), at: place)
      try write(reference, result)
      return result
    case .assignLogical(let kind, let target, let value): return try assignLogical(kind, target, value)
    case .sequence(let span):
      var last = Tracked(.undefined, at: place)
      for position in span.range { last = try evaluate(ExpressionID(code.program.lists[position])) }
      return last
    case .await(let operand): return try settled(try evaluate(operand))
    case .importCall(let module): return try importCall(module, at: place)
    case .opaque(let phrase, let names):
      let phrase = code.program.texts[Int(phrase.value)]
      let isElement = phrase == "a JSX element"
      if isElement { return external(phrase, at: place) }
      try runOpaque(names, phrase, at: place)
      return unknown(phrase, at: place)
    }
  }

  /// Evaluates what a name is given: a function or class without a name of its own takes it.
  mutating func evaluate(_ id: ExpressionID, named pattern: PatternID) throws(Interruption) -> Tracked {
    let value = try evaluate(id)
    guard case .name(let name) = code.program.patterns[Int(pattern.value)].kind, let object = value.object,
      self[object].isCallable
    else { return value }
    switch code.program.expressions[Int(id.value)].kind {
    case .function, .classExpression:
      if self[object].position(of: Key(.name)) == nil {
        let text = Tracked(.string(text(key(name))), at: value.place)
        heap[Int(object.index)].set(Key(.name), to: Property(value: text, isEnumerable: false))
      }
    default: break
    }
    return value
  }

  /// What a name stands for.
  mutating func read(_ key: Key, at place: Place) throws(Interruption) -> Tracked {
    guard let cell = lookup(key) else { return try global(key, at: place) }
    guard cells[Int(cell)].isInitialized else {
      throw fail("ReferenceError", "Cannot access '\(text(key))' before initialization", at: place)
    }
    let content = cells[Int(cell)].content
    guard cells[Int(cell)].isImport, let reason = content.reason,
      case .cause(let phrase, _) = reasons[Int(reason.index)]
    else { return noted(content, at: place) }
    // What is imported and not followed is unknown where it is used.
    return unknown(phrase, at: place)
  }

  /// Records an expression that led to a value.
  mutating func noted(_ value: Tracked, at place: Place, from others: [Int32] = []) -> Tracked {
    guard isTracing, value.trace < 0 || traces[Int(value.trace)].place != place else { return value }
    var result = value
    let previous = others.isEmpty ? (value.trace >= 0 ? [value.trace] : []) : others
    if previous.isEmpty, value.place != place {
      traces.append(TraceStep(place: value.place, previous: []))
      traces.append(TraceStep(place: place, previous: [Int32(traces.count - 1)]))
    } else {
      traces.append(TraceStep(place: place, previous: previous))
    }
    result.trace = Int32(traces.count - 1)
    return result
  }

  // MARK: Decisions

  private mutating func conditional(
    _ test: ExpressionID, _ then: ExpressionID, _ otherwise: ExpressionID, at place: Place
  ) throws(Interruption) -> Tracked {
    let condition = try evaluate(test)
    noteFallback(condition)
    guard let holds = isTruthy(condition) else {
      return try choose(
        unknownReason(condition), condition.taint,
        { (interpreter: inout Interpreter) throws(Interruption) in try interpreter.evaluate(then) },
        { (interpreter: inout Interpreter) throws(Interruption) in try interpreter.evaluate(otherwise) })
    }
    let left = holds ? otherwise : then
    shadow(condition.taint) { interpreter throws(Interruption) in
      interpreter.noteOther(try interpreter.evaluate(left))
      return .normal
    }
    let value = try within(condition.taint) { interpreter throws(Interruption) in
      try interpreter.evaluate(holds ? then : otherwise)
    }
    return noted(
      depending(value, on: condition.taint), at: place, from: [value.trace, condition.trace].filter { $0 >= 0 })
  }

  /// Evaluates something that runs only because of a decision on these variables.
  mutating func within<Result>(
    _ taint: Taint, _ body: (inout Interpreter) throws(Interruption) -> Result
  ) throws(Interruption) -> Result {
    let control = frame.control
    frame.control = union(control, taint)
    defer { frame.control = control }
    return try body(&self)
  }

  /// Evaluates both of two expressions of which one is the value.
  mutating func choose(
    _ reason: ReasonID, _ taint: Taint, _ first: (inout Interpreter) throws(Interruption) -> Tracked,
    _ second: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    let outer = returned
    defer { returned = outer }
    let before = frame.alternatives.count
    let completion = try branch(
      reason, taint,
      { (interpreter: inout Interpreter) throws(Interruption) in
        interpreter.returned = try first(&interpreter)
        return .returned
      },
      { (interpreter: inout Interpreter) throws(Interruption) in
        interpreter.returned = try second(&interpreter)
        return .returned
      })
    assert(completion == .returned && frame.alternatives.count >= before)
    return depending(returned, on: taint)
  }

  /// `??`, `||` and `&&` (13.13).
  mutating func logical(
    _ kind: LogicalOperator, _ first: Tracked, _ second: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    if kind != .and { noteFallback(first) }
    let decision: Bool? =
      switch kind {
      case .coalesce: isNullish(first)
      case .or: isTruthy(first).map { !$0 }
      case .and: isTruthy(first)
      }
    guard let goesOn = decision else {
      let reason = unknownReason(first)
      return try choose(
        reason, first.taint, { (_: inout Interpreter) throws(Interruption) in first }, second)
    }
    guard goesOn else {
      shadow(first.taint) { interpreter throws(Interruption) in
        interpreter.noteOther(try second(&interpreter))
        return .normal
      }
      return first
    }
    let value = try within(first.taint, second)
    return depending(value, on: first.taint)
  }

  /// Whether a value is null or undefined; nil where that is unknown.
  func isNullish(_ value: Tracked) -> Bool? {
    switch value.value {
    case .undefined, .null: true
    case .unknown: nil
    default: false
    }
  }

  /// Keeps that there is something else where a variable is missing.
  mutating func noteFallback(_ value: Tracked) {
    for name in taints.variables(value.taint) { reads[name]?.hasFallback = true }
  }

  private mutating func assignLogical(
    _ kind: LogicalOperator, _ target: ExpressionID, _ value: ExpressionID
  ) throws(Interruption) -> Tracked {
    let reference = try reference(target)
    let old = try read(reference)
    return try logical(kind, old) { interpreter throws(Interruption) in
      let result = try interpreter.evaluate(value)
      try interpreter.write(reference, result)
      return result
    }
  }

  // MARK: Literals

  private mutating func template(_ parts: Span, at place: Place) throws(Interruption) -> Tracked {
    var values: [Tracked] = []
    for position in parts.range { values.append(try evaluate(ExpressionID(code.program.lists[position]))) }
    return try concatenate(values, at: place)
  }

  /// Texts one after the other; unknown as soon as one of them is.
  mutating func concatenate(_ parts: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    var result = Tracked(.undefined, at: place)
    var whole = ""
    var problem: ReasonID?
    var steps: [Int32] = []
    for part in parts {
      result.taint = union(result.taint, part.taint)
      if part.trace >= 0 { steps.append(part.trace) }
      let converted = try text(of: part, at: place)
      result.taint = union(result.taint, converted.taint)
      result.text = union(result.text, converted.text)
      guard case .string(let text) = converted.value else {
        problem = problem ?? unknownReason(converted)
        continue
      }
      if whole.utf8.count + text.utf8.count <= Limit.stringBytes {
        whole += text
      } else if problem == nil {
        problem = reason("a longer text than is computed", at: place)
      }
    }
    if parts.count > 1 { charge(whole.utf8.count) }
    result.value = problem.map { .unknown($0) } ?? .string(whole)
    return noted(result, at: place, from: steps)
  }

  private mutating func taggedTemplate(
    _ tag: ExpressionID, _ parts: Span, _ raw: Span, at place: Place
  ) throws(Interruption) -> Tracked {
    let target = try callTarget(tag)
    var texts: [Tracked] = []
    var values: [Tracked] = []
    for (index, position) in parts.range.enumerated() {
      let value = try evaluate(ExpressionID(code.program.lists[position]))
      if index % 2 == 0 { texts.append(value) } else { values.append(value) }
    }
    var strings = HeapObject(.array, at: place)
    strings.elements = texts
    var written: [Tracked] = []
    for position in raw.range { written.append(try evaluate(ExpressionID(code.program.lists[position]))) }
    let rawTexts = newArray(written, at: place)
    strings.set(self.key("raw"), to: Property(value: rawTexts, isEnumerable: false))
    let first = Tracked(.object(allocate(strings)), at: place)
    return try call(
      target.value, this: target.this ?? Tracked(.undefined, at: place), [first] + values, at: place)
  }

  /// A function that is called, and the object that it is taken from.
  private mutating func callTarget(_ id: ExpressionID) throws(Interruption) -> (value: Tracked, this: Tracked?) {
    var end = ChainEnd()
    return try link(id, &end)
  }

  private mutating func array(_ span: Span, at place: Place) throws(Interruption) -> Tracked {
    switch try list(span) {
    case .known(let elements, let taint):
      let array = newArray(elements, at: place)
      if let id = array.object { heap[Int(id.index)].keysTaint = taint }
      return array
    case .unknown(let reason, let taint, let values):
      return unknownArray(reason, at: place, taint: taint, holding: values)
    }
  }

  enum Elements {
    /// With the variables that decided how many there are.
    case known([Tracked], Taint)
    /// How many there are is not known; these are among them.
    case unknown(ReasonID, Taint, [Tracked])
  }

  /// The values of elements or arguments, with what is spread among them.
  mutating func list(_ span: Span) throws(Interruption) -> Elements {
    var values: [Tracked] = []
    var problem: (ReasonID, Taint)?
    var counted = Taint.none
    for position in span.range {
      let id = ExpressionID(code.program.lists[position])
      let value = try evaluate(id)
      guard case .spread(let inner) = code.program.expressions[Int(id.value)].kind else {
        values.append(value)
        continue
      }
      if let items = try iterate(value, at: place(code.program.expressions[Int(inner.value)].offset)) {
        for item in items { values.append(depending(item, on: value.taint)) }
        counted = union(counted, countTaint(of: value))
      } else {
        problem = problem ?? (unknownReason(value), value.taint)
        values.append(value)
      }
    }
    return problem.map { .unknown($0.0, $0.1, values) } ?? .known(values, counted)
  }

  private mutating func object(_ members: Span, at place: Place) throws(Interruption) -> Tracked {
    let id = allocate(HeapObject(.plain, at: place))
    for position in members.range {
      let member = code.program.members[position]
      switch member.key {
      case .spread:
        try spread(try evaluate(member.value), into: id)
      case .name(let name): try set(key(name), member, in: id)
      case .computed(let expression):
        let computed = try text(of: try evaluate(expression), at: place)
        if let key = try propertyKey(computed, at: computed.place) {
          heap[Int(id.index)].keysText = union(heap[Int(id.index)].keysText, computed.text)
          heap[Int(id.index)].keysTaint = union(heap[Int(id.index)].keysTaint, computed.taint)
          if !computed.taint.isEmpty { heap[Int(id.index)].hasOpenKeys = true }
          try set(key, member, in: id, taint: computed.taint)
        } else {
          _ = try evaluate(member.value)
          overwrite(id, unknownReason(computed), computed.taint)
        }
      }
    }
    return Tracked(.object(id), at: place)
  }

  /// Where variables decide what is copied into an object, what something else would have overwritten depends on them.
  mutating func taintOverwritten(by value: Tracked, in id: ObjectID) {
    let taint = countTaint(of: value)
    guard !taint.isEmpty else { return }
    record(id)
    let index = Int(id.index)
    heap[index].keysTaint = union(heap[index].keysTaint, taint)
    var isAny = false
    if let source = value.object { isAny = self[source].hasOpenKeys }
    if isAny { heap[index].hasOpenKeys = true }
    for position in heap[index].properties.indices where isAny || otherKeys.contains(heap[index].keys[position]) {
      heap[index].properties[position].value = depending(heap[index].properties[position].value, on: taint)
    }
  }

  private mutating func set(
    _ key: Key, _ member: Member, in id: ObjectID, taint: Taint = .none
  ) throws(Interruption) {
    var value = try evaluate(member.value)
    value.taint = union(value.taint, taint)
    if shadows > 0 { otherKeys.insert(key) }
    let index = Int(id.index)
    switch member.kind {
    case .value, .shorthandFallback: heap[index].set(key, to: Property(value: value))
    case .getter, .setter:
      var property = heap[index].property(key) ?? Property(value: Tracked(.undefined, at: value.place))
      if case .getter = member.kind { property.getter = value.object } else { property.setter = value.object }
      heap[index].set(key, to: property)
    }
  }

  /// Copies the properties of a value into an object that is being made (7.3.26).
  mutating func spread(_ value: Tracked, into id: ObjectID) throws(Interruption) {
    taintOverwritten(by: value, in: id)
    switch value.value {
    case .undefined, .null, .boolean, .number, .bigInteger: break
    case .string(let text):
      for (position, character) in text.utf16.enumerated() {
        let part = textOfUnits([character]).map { Value.string($0) } ?? .undefined
        let key = key(numberText(Double(position)))
        heap[Int(id.index)].set(
          key, to: Property(value: Tracked(part, at: value.place, taint: value.taint, text: value.text)))
      }
    case .unknown(let reason): overwrite(id, reason, value.taint)
    case .object(let source):
      switch self[source].kind {
      case .external(let reason):
        overwrite(id, reason, value.taint)
        return
      case .environment:
        if case .undefined = heap[Int(id.index)].absent { heap[Int(id.index)].absent = .environment }
      default: break
      }
      if case .unknown(let reason) = self[source].absent { overwrite(id, reason, value.taint) }
      if case .environment = self[source].absent { heap[Int(id.index)].absent = .environment }
      heap[Int(id.index)].keysText = union(heap[Int(id.index)].keysText, self[source].keysText)
      heap[Int(id.index)].unknownKeys = heap[Int(id.index)].unknownKeys ?? self[source].unknownKeys
      for (position, item) in self[source].elements.enumerated() where !item.isHole {
        let key = key(numberText(Double(position)))
        heap[Int(id.index)].set(key, to: Property(value: depending(item, on: value.taint)))
      }
      for key in ownKeys(of: source) {
        let item = try property(value, key, at: value.place)
        if shadows > 0 { otherKeys.insert(key) }
        heap[Int(id.index)].set(key, to: Property(value: item))
      }
    }
  }

  /// After something unknown was copied into it, every key of an object may have another value.
  mutating func overwrite(_ id: ObjectID, _ reason: ReasonID, _ taint: Taint) {
    spoil(id, reason)
    heap[Int(id.index)].keysTaint = union(heap[Int(id.index)].keysTaint, taint)
    for position in heap[Int(id.index)].properties.indices {
      let value = heap[Int(id.index)].properties[position].value
      heap[Int(id.index)].properties[position].value = depending(value, on: taint)
    }
  }

  // MARK: Accesses and calls

  /// An access or a call, with those inside it; a `?.` that meets nothing ends the whole chain.
  private mutating func chain(_ id: ExpressionID) throws(Interruption) -> Tracked {
    var end = ChainEnd()
    let result = try link(id, &end).value
    if case .optionalChain = code.program.expressions[Int(id.value)].kind { return end.value ?? result }
    return result
  }

  /// Whether a `?.` has ended a chain, with what value, or may have.
  private struct ChainEnd {
    var value: Tracked?
    var doubt: ReasonID?
  }

  /// Evaluates the rest of a chain that may have ended.
  private mutating func rest(
    of end: ChainEnd, at place: Place, _ body: (inout Interpreter) throws(Interruption) -> Tracked
  ) throws(Interruption) -> Tracked {
    guard let reason = end.doubt else { return try body(&self) }
    return try choose(
      reason, .none, { (_: inout Interpreter) throws(Interruption) in Tracked(.undefined, at: place) }, body)
  }

  /// One link of a chain: its value, and the object it was taken from.
  private mutating func link(
    _ id: ExpressionID, _ ended: inout ChainEnd
  ) throws(Interruption) -> (value: Tracked, this: Tracked?) {
    let node = code.program.expressions[Int(id.value)]
    let place = place(node.offset)
    switch node.kind {
    case .optionalChain(let inner):
      var end = ChainEnd()
      let result = try link(inner, &end)
      return (end.value ?? result.value, result.this)
    case .property(let object, let name, let isOptional):
      if case .superclass = code.program.expressions[Int(object.value)].kind {
        return try superProperty(key(name), at: place)
      }
      let base = try inner(object, &ended)
      if ended.value != nil { return (base, nil) }
      if isOptional, try endChain(base, at: place, &ended) { return (base, nil) }
      return (noted(try property(base, key(name), at: place), at: place, from: []), base)
    case .element(let object, let key, let isOptional):
      let base = try inner(object, &ended)
      if ended.value != nil { return (base, nil) }
      if isOptional, try endChain(base, at: place, &ended) { return (base, nil) }
      let value = try rest(of: ended, at: place) { interpreter throws(Interruption) in
        try interpreter.element(base, try interpreter.evaluate(key), at: place)
      }
      return (noted(value, at: place), base)
    case .call(let callee, let arguments, let isOptional):
      return (try callExpression(callee, arguments, isOptional: isOptional, at: place, &ended), nil)
    default: return (try evaluate(id), nil)
    }
  }

  private mutating func inner(_ id: ExpressionID, _ ended: inout ChainEnd) throws(Interruption) -> Tracked {
    switch code.program.expressions[Int(id.value)].kind {
    case .property, .element, .call:
      try step(at: place(code.program.expressions[Int(id.value)].offset))
      guard depth < Limit.evaluationDepth else {
        abandonment = ("an expression nested more deeply than is followed", place(0))
        throw .abandoned
      }
      depth += 1
      defer { depth -= 1 }
      return try link(id, &ended).value
    default: return try evaluate(id)
    }
  }

  /// Whether a `?.` after a value ends its chain; where that is unknown, the chain goes on with what is unknown.
  private mutating func endChain(
    _ base: Tracked, at place: Place, _ ended: inout ChainEnd
  ) throws(Interruption) -> Bool {
    if let reason = base.reason { ended.doubt = ended.doubt ?? reason }
    guard base.isNullish else { return false }
    ended.value = Tracked(.undefined, at: place, taint: base.taint)
    return true
  }

  private mutating func callExpression(
    _ callee: ExpressionID, _ arguments: Span, isOptional: Bool, at place: Place, _ ended: inout ChainEnd
  ) throws(Interruption) -> Tracked {
    if case .superclass = code.program.expressions[Int(callee.value)].kind {
      return try superCall(arguments, at: place)
    }
    let target: (value: Tracked, this: Tracked?)
    switch code.program.expressions[Int(callee.value)].kind {
    case .property, .element, .call: target = try link(callee, &ended)
    case .optionalChain: target = try link(callee, &ended)
    default: target = (try evaluate(callee), nil)
    }
    if isOptional, ended.value == nil { _ = try endChain(target.value, at: place, &ended) }
    if let end = ended.value {
      shadowCall(arguments, end.taint, at: place)
      return target.value
    }
    return try rest(of: ended, at: place) { interpreter throws(Interruption) in
      try interpreter.call(target, callee, arguments, at: place)
    }
  }

  /// Runs what a call would have run that these variables left out: its arguments, and whatever gets hold of them.
  private mutating func shadowCall(_ arguments: Span, _ taint: Taint, at place: Place) {
    shadow(taint) { interpreter throws(Interruption) in
      var values: [Tracked] = []
      switch try interpreter.list(arguments) {
      case .known(let known, _): values = known
      case .unknown(_, _, let known): values = known
      }
      try interpreter.escape(values, interpreter.reason("a call that is left out", at: place), leaks: false)
      return .normal
    }
    shadowOthers(taint, at: place)
  }

  /// Calls the functions that other values of these variables may have put in the place of one.
  mutating func shadowOthers(_ taint: Taint, at place: Place) {
    for function in otherFunctions {
      shadow(taint) { interpreter throws(Interruption) in
        try interpreter.callPerhaps(
          Tracked(.object(function), at: place), interpreter.reason("a call that is left out", at: place))
        return .normal
      }
    }
  }

  private mutating func call(
    _ target: (value: Tracked, this: Tracked?), _ callee: ExpressionID, _ arguments: Span, at place: Place
  ) throws(Interruption) -> Tracked {
    let this = target.this ?? Tracked(.undefined, at: place)
    switch try list(arguments) {
    case .known(let values, let counted):
      if case .undefined = target.value.value {
        throw fail(
          "TypeError", "\(source(of: callee)) is not a function", at: place, taint: target.value.taint)
      }
      let result = try within(counted) { interpreter throws(Interruption) in
        try interpreter.call(target.value, this: this, values, at: place, callee: callee)
      }
      return noted(depending(result, on: counted), at: place)
    case .unknown(let reason, let taint, let values):
      try escape(values, reason)
      return try callUnknown(target.value, this: this, reason, taint, at: place)
    }
  }

  /// The text of an expression, for messages.
  func source(of id: ExpressionID) -> String {
    switch code.program.expressions[Int(id.value)].kind {
    case .name(let name): text(key(name))
    case .this: "this"
    case .property(let object, let name, _): "\(source(of: object)).\(text(key(name)))"
    case .optionalChain(let inner): source(of: inner)
    default: "(intermediate value)"
    }
  }

  private mutating func construct(
    _ callee: ExpressionID, _ arguments: Span, at place: Place
  ) throws(Interruption) -> Tracked {
    let function = try evaluate(callee)
    switch try list(arguments) {
    case .known(let values, let counted):
      let result = try within(counted) { interpreter throws(Interruption) in
        try interpreter.construct(function, values, at: place, callee: callee)
      }
      return noted(
        depending(result, on: counted), at: place, from: values.map(\.trace).filter { $0 >= 0 })
    case .unknown(let reason, _, let values):
      try escape([function] + values, reason)
      return newObject(.external(reason), at: place)
    }
  }

  private mutating func importCall(_ module: ExpressionID, at place: Place) throws(Interruption) -> Tracked {
    let name = try evaluate(module)
    guard case .string(let text) = name.value, name.text.isEmpty else {
      doubt(unknownReason(name))
      let phrase = name.text.isEmpty ? "a module whose name is not known" : "a module named by a variable"
      return unknown(phrase, at: place, taint: name.taint)
    }
    let exports = try load(text, at: place)
    return newObject(.promise(exports, isRejected: false), at: place)
  }

  /// What a promise came to; what is no promise is its own value (27.7.5.3).
  mutating func settled(_ value: Tracked) throws(Interruption) -> Tracked {
    if let reason = value.reason {
      // Whatever else runs meanwhile.
      doubt(reason)
      try escape(leakedValues(), reason)
    }
    guard let id = value.object, case .promise(let result, let isRejected) = self[id].kind else { return value }
    if isRejected {
      thrown = result
      throw .thrown
    }
    return depending(result, on: value.taint)
  }
}
