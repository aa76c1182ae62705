/// The part of the interpreter that knows the methods of arrays that change or read them (ECMAScript 23.1.3).
extension Interpreter {
  /// The methods that change the array.
  mutating func callChanging(
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
    // Those in front stay where they are.
    if method != "push", method != "pop" { taintElements(of: id, control) }
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
  mutating func callReading(
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
      guard whole >= 0, whole < Double(elements.count) else {
        return Tracked(.undefined, at: place, taint: self[id].keysTaint)
      }
      let taint = integer < 0 ? union(first.taint, self[id].keysTaint) : first.taint
      return depending(elements[Int(whole)].filled, on: taint)
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
    var taint = Taint.none
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
          taint = union(taint, order.taint)
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
    var items: [Tracked] = []
    for (item, _) in sorted { items.append(depending(item, on: taint)) }
    return items
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
}
