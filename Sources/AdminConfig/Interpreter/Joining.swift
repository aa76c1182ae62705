/// The part of the interpreter that makes one value of those that several ways give: what all agree on, or unknown.
extension Interpreter {
  /// What two ways may give: what both agree on, or unknown.
  mutating func join(_ left: Tracked, _ right: Tracked, _ reason: ReasonID, depth: Int = 0) -> Tracked {
    var result = left
    result.taint = union(left.taint, right.taint)
    result.text = union(left.text, right.text)
    switch (left.value, right.value) {
    case (.undefined, .undefined) where left.isHole == right.isHole: return result
    case (.null, .null): return result
    case (.boolean(let first), .boolean(let second)) where first == second: return result
    case (.number(let first), .number(let second))
    where first == second && first.sign == second.sign || first.isNaN && second.isNaN:
      return result
    case (.string(let first), .string(let second)) where isSameText(first, second): return result
    case (.object(let first), .object(let second)):
      if first == second { return result }
      if let joined = joinLiterals(first, second, reason, depth) {
        result.value = .object(joined)
        return result
      }
    default: break
    }
    result.isHole = false
    result.value = .unknown(self.reason(left.reason ?? right.reason ?? reason, mayBe: [left, right]))
    return result
  }

  /// A reason for an unknown value that may be one of these: what is done to it may be done to them.
  mutating func reason(_ reason: ReasonID, mayBe values: [Tracked]) -> ReasonID {
    var objects: [Tracked] = candidates[reason] ?? []
    var isNew = false
    for value in values {
      if value.object != nil {
        objects.append(value)
        isNew = true
      } else if let other = value.reason, other != reason, let more = candidates[other] {
        objects += more
        isNew = true
      }
    }
    guard isNew else { return reason }
    reasons.append(reasons[Int(reason.index)])
    let own = ReasonID(index: Int32(reasons.count - 1))
    candidates[own] = Array(objects.suffix(Limit.candidates))
    return own
  }

  /// Two plain objects as one that has what both agree on; nil for all others. It stands for either: nothing that is
  /// written to it later reaches them, and so only the newest objects may be joined, which no one else holds.
  private mutating func joinLiterals(
    _ first: ObjectID, _ second: ObjectID, _ reason: ReasonID, _ depth: Int
  ) -> ObjectID? {
    let mark = journals.last?.heapMark ?? 0
    if let known = joinedPairs[[first, second]] { return known }
    guard depth < 4, case .plain = self[first].kind, case .plain = self[second].kind,
      self[first].prototype == self[second].prototype, Int(first.index) >= max(mark, freshMark),
      Int(second.index) >= max(mark, freshMark)
    else { return nil }
    let joined = allocate(join(self[first], self[second], reason, depth: depth + 1))
    joinedPairs[[first, second]] = joined
    // Whoever still holds one of the two by another way does not see what becomes of the joined one.
    for id in [first, second] {
      spoil(id, reason)
      joinedInto[id, default: []].append(joined)
    }
    return joined
  }

  mutating func join(
    _ left: HeapObject, _ right: HeapObject, _ reason: ReasonID, depth: Int = 0
  ) -> HeapObject {
    var result = left
    result.keysTaint = union(left.keysTaint, right.keysTaint)
    if case .unknown = left.absent {} else if case .unknown = right.absent { result.absent = right.absent }
    for (position, key) in left.keys.enumerated() {
      let own = left.properties[position]
      let other = right.property(key)
      if own.getter == nil, own.setter == nil, let other, other.getter == nil, other.setter == nil {
        var property = own
        property.value = join(own.value, other.value, reason, depth: depth)
        result.properties[position] = property
      } else if let other, own.getter == other.getter, own.setter == other.setter {
        continue
      } else {
        result.properties[position] = Property(value: unknownFor(reason, like: own.value))
      }
    }
    for (position, key) in right.keys.enumerated() where left.position(of: key) == nil {
      result.set(key, to: Property(value: unknownFor(reason, like: right.properties[position].value)))
    }
    result.unknownKeys = left.unknownKeys ?? right.unknownKeys
    if left.keys != right.keys, result.unknownKeys == nil { result.unknownKeys = reason }
    if left.isFrozen != right.isFrozen {
      // What is written to it may be kept or not.
      result.isFrozen = true
      result.absent = .unknown(reason)
      for position in result.properties.indices {
        result.properties[position].value = unknownFor(reason, like: result.properties[position].value)
      }
    }
    if left.elements.count == right.elements.count {
      for position in left.elements.indices {
        result.elements[position] = join(left.elements[position], right.elements[position], reason, depth: depth)
      }
    } else {
      result.elements = []
      result.absent = .unknown(self.reason(reason, mayBe: left.elements + right.elements))
    }
    switch (left.kind, right.kind) {
    case (.map(let isSet, let first), .map(_, let second)):
      if first.count != second.count || !isSameStart(first, second) {
        result.kind = .map(isSet: isSet, [])
        result.absent = .unknown(reason)
      }
    case (.url(let first), .url(let second)):
      if !isSameText(first.href, second.href) { result.kind = .external(reason) }
    default: break
    }
    return result
  }

  func isSameStart(
    _ first: [(key: Tracked, value: Tracked)], _ second: [(key: Tracked, value: Tracked)]
  ) -> Bool {
    zip(first, second).allSatisfy { left, right in
      areSame(left.key, right.key) == true && areSame(left.value, right.value) == true
    }
  }

  mutating func unknownFor(_ reason: ReasonID, like value: Tracked, _ other: Tracked? = nil) -> Tracked {
    var result = value
    result.value = .unknown(self.reason(value.reason ?? reason, mayBe: [value] + (other.map { [$0] } ?? [])))
    return result
  }

  /// Whether two values are the same in every respect; nil for what can't be told.
  func areSame(_ left: Tracked, _ right: Tracked) -> Bool? {
    switch (left.value, right.value) {
    case (.undefined, .undefined), (.null, .null): true
    case (.boolean(let first), .boolean(let second)): first == second
    case (.number(let first), .number(let second)): first == second || first.isNaN && second.isNaN
    case (.string(let first), .string(let second)): isSameText(first, second)
    case (.bigInteger(let first), .bigInteger(let second)): isSameText(first, second)
    case (.object(let first), .object(let second)): first == second
    // Unknown is as unknown as it gets, whatever the reason.
    case (.unknown, .unknown): true
    case (.unknown, _), (_, .unknown): nil
    default: false
    }
  }
}
