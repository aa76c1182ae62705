/// The part of the interpreter that assigns: to names, to properties, and by patterns (ECMAScript 6.2.5, 13.15.5, 14.3.3).
extension Interpreter {
  /// What an assignment writes to.
  enum Reference {
    case cell(Int32, Key)
    case undeclared(Key, Place)
    case property(Tracked, Key, Place)
    /// A property whose key is unknown.
    case unknownProperty(Tracked, ReasonID)
  }

  mutating func reference(_ id: ExpressionID) throws(Interruption) -> Reference {
    let node = code.program.expressions[Int(id.value)]
    let place = place(node.offset)
    switch node.kind {
    case .name(let name):
      let key = key(name)
      return lookup(key).map { .cell($0, key) } ?? .undeclared(key, place)
    case .property(let object, let name, _): return .property(try evaluate(object), key(name), place)
    case .element(let object, let element, _):
      let base = try evaluate(object)
      let value = try evaluate(element)
      if let key = try propertyKey(value, at: place) {
        // Any other key would have been written as well.
        if !value.taint.isEmpty, let id = base.object, !isEnvironment(id) { taintAll(of: id, value.taint) }
        return .property(depending(base, on: value.taint), key, place)
      }
      return .unknownProperty(base, unknownReason(value))
    default: return .unknownProperty(Tracked(.undefined, at: place), reason("an assignment", at: place))
    }
  }

  /// Keeps that variables decided which key of an object is meant.
  mutating func taintAll(of id: ObjectID, _ taint: Taint) {
    record(id)
    let index = Int(id.index)
    heap[index].hasOpenKeys = true
    heap[index].keysTaint = union(heap[index].keysTaint, taint)
    for position in heap[index].properties.indices {
      heap[index].properties[position].value = depending(heap[index].properties[position].value, on: taint)
    }
    for position in heap[index].elements.indices {
      heap[index].elements[position] = depending(heap[index].elements[position], on: taint)
    }
  }

  private func isEnvironment(_ id: ObjectID) -> Bool {
    if case .environment = self[id].kind { true } else { false }
  }

  mutating func read(_ reference: Reference) throws(Interruption) -> Tracked {
    switch reference {
    case .cell(let cell, let key):
      guard cells[Int(cell)].isInitialized else {
        throw fail(
          "ReferenceError", "Cannot access '\(text(key))' before initialization", at: cells[Int(cell)].content.place)
      }
      return cells[Int(cell)].content
    case .undeclared(let key, let place): return try global(key, at: place)
    case .property(let base, let key, let place): return try property(base, key, at: place)
    case .unknownProperty(let base, let reason):
      return Tracked(.unknown(self.reason(reason, mayBe: [base])), at: base.place, taint: base.taint)
    }
  }

  mutating func write(_ reference: Reference, _ value: Tracked) throws(Interruption) {
    switch reference {
    case .cell(let cell, let key):
      guard cells[Int(cell)].isInitialized else {
        throw fail("ReferenceError", "Cannot access '\(text(key))' before initialization", at: value.place)
      }
      guard !cells[Int(cell)].isConstant else {
        throw fail("TypeError", "Assignment to constant variable.", at: value.place)
      }
      write(cell, value)
    case .undeclared(let key, _):
      // Some other file may have declared it.
      declare(key, value, in: 0)
    case .property(let base, let key, let place): try set(key, of: base, to: value, at: place)
    case .unknownProperty(let base, let reason):
      // A write to a key that is not known may have changed any.
      doubt(reason)
      guard let id = base.object else {
        try escape([value], reason)
        return try escapeCandidates(of: base)
      }
      for accessor in accessors(of: id) { try callPerhaps(Tracked(.object(accessor), at: value.place), reason) }
      if !self[id].isFrozen { spoil(id, self.reason(reason, mayBe: [value])) }
    }
  }

  // MARK: Patterns

  /// Binds or assigns a value to a pattern.
  mutating func assign(_ pattern: PatternID, _ value: Tracked, declaring: Bool) throws(Interruption) {
    let node = code.program.patterns[Int(pattern.value)]
    let place = place(node.offset)
    switch node.kind {
    case .name(let name):
      let key = key(name)
      if declaring {
        // A declaration gives its own binding its first value.
        if let cell = lookup(key) { write(cell, noted(value, at: place)) } else { declare(key, value, in: scope) }
      } else {
        try write(lookup(key).map { .cell($0, key) } ?? .undeclared(key, place), value)
      }
    case .target(let target): try write(try reference(target), value)
    case .withDefault(let inner, let fallback):
      noteFallback(value)
      switch value.value {
      case .undefined:
        let taint = value.taint
        let used = try within(taint) { interpreter throws(Interruption) in
          try interpreter.evaluate(fallback, named: inner)
        }
        try assign(inner, depending(used, on: taint), declaring: declaring)
      case .unknown(let reason):
        let chosen = try choose(
          reason, value.taint, { (_: inout Interpreter) throws(Interruption) in value },
          { (interpreter: inout Interpreter) throws(Interruption) in try interpreter.evaluate(fallback, named: inner) })
        try assign(inner, chosen, declaring: declaring)
      default:
        shadow(value.taint) { interpreter throws(Interruption) in
          _ = try interpreter.evaluate(fallback)
          return .normal
        }
        try assign(inner, value, declaring: declaring)
      }
    case .object(let members, let rest): try assignObject(members, rest, value, declaring: declaring, at: place)
    case .array(let elements, let rest): try assignArray(elements, rest, value, declaring: declaring, at: place)
    }
  }

  private mutating func assignObject(
    _ members: Span, _ rest: PatternID?, _ value: Tracked, declaring: Bool, at place: Place
  ) throws(Interruption) {
    if value.isNullish {
      throw fail(
        "TypeError", "Cannot destructure \(describe(value)) as it is \(describe(value)).", at: place, taint: value.taint
      )
    }
    var taken: Set<Key> = []
    for position in members.range {
      let member = code.program.patternMembers[position]
      let memberPlace = self.place(member.offset)
      var item: Tracked
      switch member.key {
      case .name(let name):
        taken.insert(key(name))
        item = try property(value, key(name), at: memberPlace)
      case .computed(let expression):
        let computed = try evaluate(expression)
        item = try element(value, computed, at: memberPlace)
        if let key = try propertyKey(computed, at: memberPlace) { taken.insert(key) }
      case .spread: continue
      }
      item = noted(item, at: memberPlace)
      try assign(member.pattern, item, declaring: declaring)
    }
    guard let rest else { return }
    let object = newObject(.plain, at: place)
    if let id = object.object {
      try spread(value, into: id)
      for key in taken {
        if case .undefined = heap[Int(id.index)].absent {
          heap[Int(id.index)].remove(key)
        } else {
          // What is taken out must not be found elsewhere.
          let gone = Property(value: Tracked(.undefined, at: place), isEnumerable: false)
          heap[Int(id.index)].set(key, to: gone)
        }
      }
    }
    try assign(rest, object, declaring: declaring)
  }

  private mutating func assignArray(
    _ elements: Span, _ rest: PatternID?, _ value: Tracked, declaring: Bool, at place: Place
  ) throws(Interruption) {
    let items = try iterate(value, at: place)
    let reason = items == nil ? reasonWithin(value) : nil
    let counted = countTaint(of: value)
    for (index, position) in elements.range.enumerated() {
      let pattern = PatternID(code.program.lists[position])
      guard pattern.value >= 0 else { continue }
      var item = Tracked(.undefined, at: self.place(of: pattern), taint: counted)
      if let reason {
        item.value = .unknown(reason)
      } else if let items, index < items.count {
        item = depending(items[index], on: value.taint)
      }
      try assign(pattern, item, declaring: declaring)
    }
    guard let rest else { return }
    if let items {
      let others = newArray(Array(items.dropFirst(Int(elements.count))), at: place)
      try assign(rest, depending(others, on: counted), declaring: declaring)
    } else if let reason {
      try assign(rest, Tracked(.unknown(reason), at: place, taint: value.taint), declaring: declaring)
    }
  }
}
