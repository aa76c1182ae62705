/// The part of the interpreter that knows arrays, maps and sets (ECMAScript 23.1, 24.1, 24.2) and URL queries.
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
    if let id = first.object, case .plain = self[id].kind, case .undefined = self[id].absent {
      guard case .number(let length) = try property(first, Key(.length), at: place).value, length >= 0,
        length <= Double(Limit.arrayElements)
      else { return newArray([], at: place) }
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
    return depending(newArray(items, at: place), on: first.taint)
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
    result.taint = union(result.taint, union(this.taint, self[id].keysTaint))
    return result
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
      if let id = array.object { heap[Int(id.index)].keysTaint = taint }
      return array
    case "some": return Tracked(.boolean(false), at: place, taint: taint)
    case "every": return Tracked(.boolean(true), at: place, taint: taint)
    case "find", "findLast": return Tracked(.undefined, at: place, taint: taint)
    default: return Tracked(.number(-1), at: place, taint: taint)
    }
  }

  /// The methods that change the array.
  private mutating func callChanging(
    _ method: String, _ id: ObjectID, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked? {
    let changing: Set<String> = ["push", "pop", "shift", "unshift", "splice", "reverse", "sort", "fill"]
    guard changing.contains(method) else { return nil }
    if self[id].isFrozen { throw fail("TypeError", "Cannot add property, object is not extensible", at: place) }
    let control = self.control()
    let given = arguments.map { argument in
      var value = argument
      value.taint = union(value.taint, control)
      return value
    }
    guard self[id].elements.count + given.count <= Limit.arrayElements else {
      spoil(id, reason("a longer array than is followed", at: place))
      return Tracked(.undefined, at: place)
    }
    // What decides that the array is changed decides which elements there are.
    let taint = union(self[id].keysTaint, control)
    change(id) { $0.keysTaint = taint }
    switch method {
    case "push", "unshift":
      change(id) { object in
        if method == "push" { object.elements += given } else { object.elements.insert(contentsOf: given, at: 0) }
      }
      return Tracked(.number(Double(self[id].elements.count)), at: place)
    case "pop", "shift":
      guard let item = method == "pop" ? self[id].elements.last : self[id].elements.first else {
        return Tracked(.undefined, at: place)
      }
      change(id) { object in
        if method == "pop" { object.elements.removeLast() } else { object.elements.removeFirst() }
      }
      return item
    case "reverse":
      change(id) { $0.elements.reverse() }
      return Tracked(.object(id), at: place)
    case "fill" where given.count == 1:
      change(id) { object in for index in object.elements.indices { object.elements[index] = given[0] } }
      return Tracked(.object(id), at: place)
    case "splice":
      let count = self[id].elements.count
      guard let start = try position(given.first, count, default: count, at: place),
        let length = try number(given.dropFirst().first, default: Double(count), at: place)
      else { break }
      let end = start + min(max(0, clampedInteger(length, to: 0...count)), count - start)
      let removed = Array(self[id].elements[start..<end])
      change(id) { $0.elements.replaceSubrange(start..<end, with: given.dropFirst(2)) }
      return newArray(removed, at: place)
    case "sort":
      guard let sorted = try sort(self[id].elements, given.first, at: place) else { break }
      change(id) { $0.elements = sorted }
      return Tracked(.object(id), at: place)
    default: break
    }
    let reason = reason("a call of `.\(method)(…)`, which is not followed", at: place)
    spoil(id, reason)
    return Tracked(.unknown(reason), at: place)
  }

  /// The methods that only read the array.
  private mutating func callReading(
    _ method: String, _ id: ObjectID, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    let elements = self[id].elements
    let first = arguments.first ?? Tracked(.undefined, at: place)
    switch method {
    case "join":
      let separator = first.isUndefined ? "," : try text(of: first, at: place).string
      guard let separator else { return keeping(first) }
      return try joinElements(this, separator, at: place)
    case "toString": return try joinElements(this, ",", at: place)
    case "includes", "indexOf", "lastIndexOf": return find(method, elements, first, at: place)
    case "slice":
      guard let start = try position(first, elements.count, default: 0, at: place),
        let end = try position(arguments.dropFirst().first, elements.count, default: elements.count, at: place)
      else { break }
      return newArray(start < end ? Array(elements[start..<end]) : [], at: place)
    case "at":
      guard let index = try number(first, default: 0, at: place) else { break }
      let integer = toIntegerOrInfinity(index)
      let whole = integer < 0 ? integer + Double(elements.count) : integer
      guard whole >= 0, whole < Double(elements.count) else { return Tracked(.undefined, at: place) }
      return depending(elements[Int(whole)].filled, on: first.taint)
    case "concat":
      var all = elements
      for argument in arguments {
        if argument.reason != nil { return unknownArray(unknownReason(argument), at: place, holding: all + arguments) }
        if let other = argument.object, self[other].isArray {
          if case .unknown(let reason) = self[other].absent {
            return unknownArray(reason, at: place, holding: all + arguments)
          }
          all += self[other].elements
        } else {
          all.append(argument)
        }
      }
      return newArray(all, at: place)
    case "flat": return try flatten(elements, first, at: place)
    case "keys": return newArray(elements.indices.map { Tracked(.number(Double($0)), at: place) }, at: place)
    case "values": return newArray(elements, at: place)
    case "entries":
      var pairs: [Tracked] = []
      for (index, item) in elements.enumerated() {
        pairs.append(newArray([Tracked(.number(Double(index)), at: place), item], at: place))
      }
      return newArray(pairs, at: place)
    case "toReversed": return newArray(elements.reversed(), at: place)
    case "toSorted":
      if let sorted = try sort(elements, arguments.first, at: place) { return newArray(sorted, at: place) }
    default: break
    }
    return try callOpaque(
      reason("a call of `.\(method)(…)`, which is not followed", at: place), Tracked(.undefined, at: place),
      Tracked(.undefined, at: place), arguments, at: place)
  }

  private mutating func find(_ method: String, _ elements: [Tracked], _ item: Tracked, at place: Place) -> Tracked {
    var taint = item.taint
    var problem: ReasonID? = item.reason
    var found: Int?
    for (index, element) in elements.enumerated() {
      taint = union(taint, element.taint)
      let same = method == "includes" ? areSame(element, item) : strictlyEqual(element, item)
      if element.reason != nil || same == nil {
        problem = problem ?? unknownReason(element)
      } else if same == true, found == nil || method == "lastIndexOf" {
        found = index
      }
    }
    if let problem, found == nil || method != "includes" {
      return Tracked(.unknown(problem), at: place, taint: taint)
    }
    return method == "includes"
      ? Tracked(.boolean(found != nil), at: place, taint: taint)
      : Tracked(.number(Double(found ?? -1)), at: place, taint: taint)
  }

  private mutating func flatten(_ elements: [Tracked], _ depth: Tracked, at place: Place) throws(Interruption)
    -> Tracked
  {
    guard let levels = try number(depth.isUndefined ? nil : depth, default: 1, at: place) else {
      return unknownArray(unknownReason(depth), at: place)
    }
    var current = elements.filter { !$0.isHole }
    for _ in 0..<clampedInteger(levels, to: 0...Limit.flattenedDepth) {
      var next: [Tracked] = []
      var isFlat = true
      for item in current {
        if item.reason != nil { return unknownArray(unknownReason(item), at: place, holding: deep(current)) }
        guard let id = item.object, self[id].isArray else {
          next.append(item)
          continue
        }
        if case .unknown(let reason) = self[id].absent {
          return unknownArray(reason, at: place, holding: deep(current))
        }
        isFlat = false
        next += self[id].elements.filter { !$0.isHole }
        guard next.count <= Limit.arrayElements else {
          return unknownArray(reason("a longer array than is followed", at: place), at: place)
        }
      }
      current = next
      if isFlat { break }
    }
    return newArray(current, at: place)
  }

  /// Values, and those that the arrays among them hold.
  private func deep(_ values: [Tracked]) -> [Tracked] {
    var all = values
    for value in values {
      if let id = value.object { all += self[id].elements }
    }
    return all
  }

  func isArray(_ value: Tracked) -> Bool {
    guard let id = value.object else { return false }
    return self[id].isArray
  }

  /// The elements in order; nil where how they compare is not known.
  private mutating func sort(
    _ elements: [Tracked], _ compare: Tracked?, at place: Place
  ) throws(Interruption) -> [Tracked]? {
    guard elements.count <= Limit.sortedElements else { return nil }
    var sorted: [(item: Tracked, text: [UInt16])] = []
    for item in elements {
      guard compare == nil || compare?.isUndefined == true else {
        sorted.append((item, []))
        continue
      }
      guard case .string(let text) = try text(of: item, at: place).value else { return nil }
      sorted.append((item, Array(text.utf16)))
    }
    // Insertion keeps equal elements in order, and what compares may stop it. A function is given them as V8 does.
    for index in sorted.indices.dropFirst() {
      var position = index
      while position > 0 {
        if let compare, !compare.isUndefined {
          let given = [sorted[position].item, sorted[position - 1].item]
          let order = try call(compare, this: Tracked(.undefined, at: place), given, at: place)
          guard case .number(let number) = try number(of: order, at: place).value else {
            try callPerhaps(compare, unknownReason(order))
            return nil
          }
          if !(number < 0) { break }
        } else if !sorted[position].text.lexicographicallyPrecedes(sorted[position - 1].text) {
          break
        }
        sorted.swapAt(position, position - 1)
        position -= 1
      }
    }
    return sorted.map(\.item)
  }

  /// A position relative to the end where it is negative; nil where it is unknown.
  private mutating func position(
    _ value: Tracked?, _ count: Int, default fallback: Int, at place: Place
  ) throws(Interruption) -> Int? {
    guard let number = try number(value, default: Double(fallback), at: place) else { return nil }
    let whole = toIntegerOrInfinity(number)
    return clampedInteger(whole < 0 ? max(0, whole + Double(count)) : whole, to: 0...count)
  }

  private mutating func number(
    _ value: Tracked?, default fallback: Double, at place: Place
  ) throws(Interruption) -> Double? {
    guard let value, !value.isUndefined else { return fallback }
    guard case .number(let number) = try number(of: value, at: place).value else { return nil }
    return number
  }

  // MARK: Maps and sets

  mutating func makeCollection(isSet: Bool, _ source: Tracked, at place: Place) throws(Interruption) -> Tracked {
    let result = newObject(.map(isSet: isSet, []), at: place)
    guard let id = result.object, !source.isNullish else { return result }
    guard let items = try iterate(source, at: place) else {
      spoil(id, unknownReason(source))
      return result
    }
    for item in items {
      var pair = (key: item, value: item)
      if !isSet {
        pair.key = try element(item, Tracked(.number(0), at: place), at: place)
        pair.value = try element(item, Tracked(.number(1), at: place), at: place)
      }
      put(depending(pair.key, on: source.taint), depending(pair.value, on: source.taint), in: id)
    }
    return depending(result, on: source.taint)
  }

  private mutating func put(_ key: Tracked, _ value: Tracked, in id: ObjectID) {
    guard case .map(let isSet, var entries) = self[id].kind else { return }
    if case .unknown(let reason) = self[id].absent {
      let absent = HeapObject.Absent.unknown(self.reason(reason, mayBe: [key, value]))
      return change(id) { $0.absent = absent }
    }
    if let reason = key.reason { return spoil(id, self.reason(reason, mayBe: [key, value])) }
    if let position = entries.firstIndex(where: { areSame($0.key, key) == true }) {
      if !isSet { entries[position].value = value }
    } else {
      entries.append((key, value))
    }
    // How many there are depends on whether this one was there.
    let taint = union(self[id].keysTaint, key.taint)
    let changed = HeapObject.Kind.map(isSet: isSet, entries)
    change(id) {
      $0.kind = changed
      $0.keysTaint = taint
    }
  }

  mutating func callCollection(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    guard let id = this.object, case .map(let isSet, var entries) = self[id].kind else {
      return try callOpaque(unknownReason(this), this, this, arguments, at: place)
    }
    let first = arguments.first ?? Tracked(.undefined, at: place)
    let second = arguments.dropFirst().first ?? Tracked(.undefined, at: place)
    switch method {
    case "add", "set":
      put(depending(first, on: control()), depending(isSet ? first : second, on: control()), in: id)
      return this
    default: break
    }
    if case .unknown(let reason) = self[id].absent {
      try escape(arguments, reason)
      return Tracked(.unknown(reason), at: place, taint: this.taint)
    }
    let position = entries.firstIndex { areSame($0.key, first) == true }
    switch method {
    case "get", "has":
      if let reason = first.reason {
        return Tracked(.unknown(self.reason(reason, mayBe: [this])), at: place, taint: first.taint)
      }
      let taint = union(union(this.taint, first.taint), self[id].keysTaint)
      if method == "has" { return Tracked(.boolean(position != nil), at: place, taint: taint) }
      return depending(position.map { entries[$0].value } ?? Tracked(.undefined, at: place), on: taint)
    case "delete":
      if let position { entries.remove(at: position) }
      let changed = HeapObject.Kind.map(isSet: isSet, entries)
      let taint = union(union(self[id].keysTaint, control()), first.taint)
      change(id) {
        $0.kind = changed
        $0.keysTaint = taint
      }
      return Tracked(.boolean(position != nil), at: place, taint: taint)
    case "clear":
      let taint = union(self[id].keysTaint, control())
      change(id) {
        $0.kind = .map(isSet: isSet, [])
        $0.keysTaint = taint
      }
      return Tracked(.undefined, at: place)
    case "forEach":
      for entry in entries {
        _ = try call(first, this: Tracked(.undefined, at: place), [entry.value, entry.key, this], at: place)
      }
      return Tracked(.undefined, at: place)
    case "keys": return depending(newArray(entries.map(\.key), at: place), on: countTaint(of: this))
    case "values": return depending(newArray(entries.map(\.value), at: place), on: countTaint(of: this))
    default:
      var pairs: [Tracked] = []
      for entry in entries { pairs.append(newArray([entry.key, entry.value], at: place)) }
      return depending(newArray(pairs, at: place), on: countTaint(of: this))
    }
  }

  // MARK: Queries of URLs

  /// The names and values of a URL's query; nil where they are unknown.
  mutating func searchEntries(_ value: Tracked, at place: Place) throws(Interruption) -> [Tracked]? {
    guard let id = value.object, case .builtinOf("URLSearchParams", let parts) = self[id].kind,
      case .string(let query)? = parts.first?.value
    else { return nil }
    let source = parts.first ?? value
    var pairs: [Tracked] = []
    for (name, text) in parseForm(query) {
      let key = Tracked(.string(name), at: place, taint: source.taint, text: source.text)
      let item = Tracked(.string(text), at: place, taint: source.taint, text: source.text)
      pairs.append(newArray([key, item], at: place))
    }
    return pairs
  }

  mutating func callSearch(
    _ method: String, _ this: Tracked, _ arguments: [Tracked], at place: Place
  ) throws(Interruption) -> Tracked {
    guard let entries = try searchEntries(this, at: place), let id = this.object,
      case .builtinOf(_, let parts) = self[id].kind
    else { return try callOpaque(unknownReason(this), this, this, arguments, at: place) }
    var taint = this.taint
    for part in parts { taint = union(taint, part.taint) }
    let name = try text(of: arguments.first ?? Tracked(.undefined, at: place), at: place)
    var found: [Tracked] = []
    for entry in entries {
      let key = try element(entry, Tracked(.number(0), at: place), at: place)
      if areSame(key, name) == true { found.append(try element(entry, Tracked(.number(1), at: place), at: place)) }
    }
    switch method {
    case "get": return depending(found.first ?? Tracked(.null, at: place), on: taint)
    case "has": return Tracked(.boolean(!found.isEmpty), at: place, taint: taint)
    case "getAll": return newArray(found, at: place)
    case "entries": return newArray(entries, at: place)
    case "toString": return parts.first ?? this
    default:
      return try callOpaque(
        reason("a call of `.\(method)(…)`, which is not followed", at: place), this, this, arguments, at: place)
    }
  }
}
