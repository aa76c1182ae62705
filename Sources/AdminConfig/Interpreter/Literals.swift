/// The part of the interpreter that evaluates templates, arrays and objects (ECMAScript 13.2).
extension Interpreter {
  mutating func template(_ parts: Span, at place: Place) throws(Interruption) -> Tracked {
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

  mutating func taggedTemplate(
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

  mutating func array(_ span: Span, at place: Place) throws(Interruption) -> Tracked {
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

  mutating func object(_ members: Span, at place: Place) throws(Interruption) -> Tracked {
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
    var others = value.alternatives
    if let source = value.object {
      isAny = self[source].hasOpenKeys
      others = alternatives.union(others, self[source].otherKeys)
    }
    if isAny { heap[index].hasOpenKeys = true }
    let keys = alternatives[others].keys
    heap[index].otherKeys = alternatives.union(heap[index].otherKeys, others)
    for position in heap[index].properties.indices where isAny || keys.contains(heap[index].keys[position]) {
      heap[index].properties[position].value = depending(heap[index].properties[position].value, on: taint)
    }
  }

  private mutating func set(
    _ key: Key, _ member: Member, in id: ObjectID, taint: Taint = .none
  ) throws(Interruption) {
    var value = try evaluate(member.value)
    value.taint = union(value.taint, taint)
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
}
