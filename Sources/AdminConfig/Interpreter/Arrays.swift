/// The part of the interpreter that makes arrays, and calls functions with each of their elements (ECMAScript 23.1).
extension Interpreter {
  mutating func makeArray(_ arguments: [Tracked], at place: Place) throws(Interruption) -> Tracked {
    guard arguments.count == 1, case .number(let length) = arguments[0].value else {
      return newArray(arguments, at: place)
    }
    guard length >= 0, length == length.rounded() else { throw fail("RangeError", "Invalid array length", at: place) }
    guard length <= Double(Limit.arrayElements) else { return external("a longer array than is followed", at: place) }
    return newArray([Tracked](repeating: hole(at: place), count: Int(length)), at: place)
  }

  mutating func callArrayFunction(
    _ name: String, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch name {
    case "isArray":
      if first.reason != nil { return keeping(first) }
      if let id = first.object, case .external = self[id].kind { return keeping(first) }
      return Tracked(.boolean(isArray(first)), at: place, taint: first.taint)
    case "of": return newArray(arguments, at: place)
    default: break
    }
    var items: [Tracked]
    var taint = countTaint(of: first)
    if let id = first.object, case .plain = self[id].kind, case .undefined = self[id].absent {
      let counted = try property(first, Key(.length), at: place)
      guard case .number(let length) = counted.value, length >= 0, length <= Double(Limit.arrayElements) else {
        return depending(newArray([], at: place), on: counted.taint)
      }
      taint = union(taint, counted.taint)
      items = []
      for index in 0..<Int(length) {
        items.append(try element(first, Tracked(.number(Double(index)), at: place), at: place))
      }
    } else {
      guard let known = try iterate(first, at: place) else { return unknownArray(unknownReason(first), at: place) }
      items = known
    }
    if arguments.count > 1, !arguments[1].isUndefined {
      for index in items.indices {
        items[index] = try call(
          arguments[1], this: Tracked(.undefined, at: place),
          [items[index], Tracked(.number(Double(index)), at: place)], at: place)
      }
    }
    return depending(newArray(items, at: place), on: taint)
  }

  /// An array of which it is not known what it holds; at most these.
  mutating func unknownArray(
    _ reason: ReasonID, at place: Place, taint: Taint = .none, holding values: [Tracked] = []
  ) -> Tracked {
    var array = HeapObject(.array, at: place)
    array.absent = .unknown(self.reason(reason, mayBe: values))
    return Tracked(.object(allocate(array)), at: place, taint: taint)
  }

  /// The elements one after the other as text (23.1.3.18).
  mutating func joinElements(_ array: Tracked, _ separator: String, at place: Place) throws(Interruption) -> Tracked {
    guard let id = array.object else { return array }
    var parts: [Tracked] = []
    for (index, item) in self[id].elements.enumerated() {
      if index > 0 { parts.append(Tracked(.string(separator), at: place)) }
      parts.append(item.isNullish ? Tracked(.string(""), at: place, taint: item.taint) : item)
    }
    return depending(try concatenate(parts, at: place), on: array.taint)
  }

  mutating func callArrayMethod(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    guard let id = this.object, case .array = self[id].kind else {
      return try callOpaque(unknownReason(this), this, this, arguments, at: place)
    }
    if case .unknown(let reason) = self[id].absent {
      try escape(arguments + [this], reason)
      doubt(reason)
      let absent = HeapObject.Absent.unknown(self.reason(reason, mayBe: arguments + [this]))
      change(id) { $0.absent = absent }
      switch method {
      case "map", "filter", "concat", "slice", "flat", "flatMap", "reverse", "sort", "toSorted", "toReversed":
        return unknownArray(reason, at: place, taint: this.taint)
      default: return Tracked(.unknown(reason), at: place, taint: this.taint)
      }
    }
    var result: Tracked
    let counted = countTaint(of: this)
    let each = try within(counted) { interpreter throws(Interruption) -> Tracked? in
      try interpreter.callEach(method, id, this, arguments, at: place)
    }
    if let each {
      result = each
      if let function = arguments.first {
        shadow(union(counted, each.taint)) { interpreter throws(Interruption) in
          try interpreter.callPerhaps(function, interpreter.reason("another element", at: place))
          return .normal
        }
      }
    } else if let changing = try callChanging(method, id, arguments, at: place) {
      result = changing
    } else {
      result = try callReading(method, id, this, arguments, at: place)
    }
    let count = countTaint(of: this)
    guard let made = result.object, made != id, self[made].isArray else {
      result.taint = union(result.taint, method == "at" || method == "push" ? this.taint : count)
      return result
    }
    // What stands where depends on how many there are, except where each element gives one.
    heap[Int(made.index)].keysTaint = union(heap[Int(made.index)].keysTaint, count)
    if method != "map" { taintElements(of: made, count) }
    return depending(result, on: this.taint)
  }

  /// Keeps that variables decided which element stands where.
  mutating func taintElements(of id: ObjectID, _ taint: Taint) {
    guard !taint.isEmpty else { return }
    record(id)
    for position in heap[Int(id.index)].elements.indices {
      heap[Int(id.index)].elements[position] = depending(heap[Int(id.index)].elements[position], on: taint)
    }
  }

  /// The methods that call a function with each element.
  private mutating func callEach(
    _ method: String, _ id: ObjectID, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    let elements = self[id].elements
    guard let function = arguments.first else { return nil }
    func given(_ index: Int) -> [Tracked] {
      [elements[index].filled, Tracked(.number(Double(index)), at: place), this]
    }
    let nothing = Tracked(.undefined, at: place)
    switch method {
    case "map", "flatMap":
      var results: [Tracked] = []
      for index in elements.indices {
        if elements[index].isHole {
          if method == "map" { results.append(elements[index]) }
          continue
        }
        let value = try call(function, this: nothing, given(index), at: place)
        if method == "flatMap", let inner = value.object, self[inner].isArray {
          guard let items = try iterate(value, at: place) else {
            return unknownArray(unknownReason(value), at: place, holding: results)
          }
          results += items
        } else {
          results.append(value)
        }
      }
      return newArray(results, at: place)
    case "forEach":
      for index in elements.indices where !elements[index].isHole {
        _ = try call(function, this: nothing, given(index), at: place)
      }
      return nothing
    case "filter", "find", "findIndex", "some", "every", "findLast", "findLastIndex":
      return try search(method, elements, function, this, at: place)
    case "reduce", "reduceRight":
      var rest = elements.indices.filter { !elements[$0].isHole }
      if method == "reduceRight" { rest.reverse() }
      var total: Tracked
      if arguments.count > 1 {
        total = arguments[1]
      } else {
        guard !rest.isEmpty else {
          throw fail("TypeError", "Reduce of empty array with no initial value", at: place)
        }
        total = elements[rest.removeFirst()]
      }
      for index in rest { total = try call(function, this: nothing, [total] + given(index), at: place) }
      return total
    default: return nil
    }
  }

  /// The methods that ask a function about each element, as far as its answers are known.
  private mutating func search(
    _ method: String, _ elements: [Tracked], _ function: Tracked, _ this: Tracked, at place: Place
  ) throws(Interruption) -> Tracked {
    var taint = Taint.none
    var kept: [Tracked] = []
    var problem: ReasonID?
    let isLast = method.hasPrefix("findLast")
    // Looking for an element sees the holes, asking about all or some does not.
    let seesHoles = method.hasPrefix("find")
    for index in isLast ? elements.indices.reversed() : Array(elements.indices)
    where seesHoles || !elements[index].isHole {
      let given = [elements[index].filled, Tracked(.number(Double(index)), at: place), this]
      // Where it may have stopped before, it may not be called again.
      var answer = Tracked(.undefined, at: place)
      if let problem, method != "filter" {
        answer = try choose(
          problem, .none, { (_: inout Interpreter) throws(Interruption) in Tracked(.unknown(problem), at: place) },
          { (interpreter: inout Interpreter) throws(Interruption) in
            try interpreter.call(function, this: Tracked(.undefined, at: place), given, at: place)
          })
      } else {
        answer = try call(function, this: Tracked(.undefined, at: place), given, at: place)
      }
      taint = union(taint, answer.taint)
      guard let holds = isTruthy(answer) else {
        problem = problem ?? unknownReason(answer)
        continue
      }
      switch (method, holds) {
      case ("filter", true): kept.append(elements[index])
      case ("some", true): return Tracked(.boolean(true), at: place, taint: taint)
      case ("every", false): return Tracked(.boolean(false), at: place, taint: taint)
      case ("find", true), ("findLast", true):
        if problem == nil { return depending(elements[index].filled, on: taint) }
      case ("findIndex", true), ("findLastIndex", true):
        if problem == nil { return Tracked(.number(Double(index)), at: place, taint: taint) }
      default: continue
      }
    }
    if let problem {
      if method == "filter" { return unknownArray(problem, at: place, taint: taint, holding: elements) }
      let reason = method.hasPrefix("findIndex") ? problem : self.reason(problem, mayBe: elements)
      return Tracked(.unknown(reason), at: place, taint: taint)
    }
    switch method {
    case "filter":
      // Which elements there are depended on each answer.
      let array = newArray(kept, at: place)
      if let id = array.object {
        heap[Int(id.index)].keysTaint = taint
        taintElements(of: id, taint)
      }
      return array
    case "some": return Tracked(.boolean(false), at: place, taint: taint)
    case "every": return Tracked(.boolean(true), at: place, taint: taint)
    case "find", "findLast": return Tracked(.undefined, at: place, taint: taint)
    default: return Tracked(.number(-1), at: place, taint: taint)
    }
  }
}
