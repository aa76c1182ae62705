/// The part of the interpreter that knows what something that is not followed may change or call.
extension Interpreter {
  /// What is done to an unknown value is done to any object that it may be.
  mutating func escapeCandidates(of value: Tracked) throws(Interruption) {
    guard let reason = value.reason else { return }
    try escape((candidates[reason] ?? []) + leakedValues(), reason, leaks: false)
  }

  /// What something that is not followed holds and may give back.
  func leakedValues() -> [Tracked] {
    var values: [Tracked] = []
    for id in leaked { values.append(Tracked(.object(id), at: self[id].place)) }
    return values
  }

  /// What a function that is not followed gets hold of it may change, and what it gets to call it may call.
  mutating func escape(_ values: [Tracked], _ reason: ReasonID, leaks: Bool = true) throws(Interruption) {
    var pending = values.flatMap { objects(of: $0) }
    if leaks { for id in pending where leakedSet.insert(id).inserted { leaked.append(id) } }
    var seen: Set<ObjectID> = []
    var next = 0
    while next < pending.count {
      let id = pending[next]
      next += 1
      guard seen.insert(id).inserted else { continue }
      let place = self[id].place
      try step(at: place)
      pending += held(by: id, at: place).flatMap { objects(of: $0) } + (joinedInto[id] ?? [])
      switch self[id].kind {
      case .function, .classObject: try callPerhaps(Tracked(.object(id), at: place), reason)
      default: break
      }
      if isChangeable(id) { spoil(id, reason) }
    }
  }

  /// The object that a value is, or those that it may be.
  private func objects(of value: Tracked) -> [ObjectID] {
    if let id = value.object { return [id] }
    guard let reason = value.reason else { return [] }
    return (candidates[reason] ?? []).compactMap(\.object)
  }

  /// Whether an object may be changed by whoever holds it.
  private func isChangeable(_ id: ObjectID) -> Bool {
    switch self[id].kind {
    case .plain, .array, .map, .url, .environment, .classObject, .error, .regularExpression: !self[id].isFrozen
    default: false
    }
  }

  /// What whoever holds an object gets hold of through it.
  private func held(by id: ObjectID, at place: Place) -> [Tracked] {
    let object = self[id]
    var values: [Tracked] = []
    if case .unknown(let own) = object.absent, let objects = candidates[own] { values += objects }
    switch object.kind {
    case .plain, .array, .map, .url, .environment, .classObject, .error, .regularExpression, .function:
      values += object.properties.map(\.value) + object.elements
      values += functions(in: object).map { Tracked(.object($0), at: place) }
      if case .map(_, let entries) = object.kind { values += entries.flatMap { [$0.key, $0.value] } }
    case .bound(let function, let this, let arguments):
      values += [Tracked(.object(function), at: place), this] + arguments
    case .promise(let settled, _): values.append(settled)
    case .builtin, .builtinOf, .namespace, .schema, .external: break
    }
    return values
  }

  /// The functions that run where an object is read or written, and those that it inherits.
  private func functions(in object: HeapObject) -> [ObjectID] {
    var found = object.properties.flatMap { [$0.getter, $0.setter].compactMap { $0 } }
    var current = object.prototype
    while let next = current, found.count < Limit.candidates {
      for property in self[next].properties {
        found += [property.getter, property.setter, property.value.object].compactMap { $0 }.filter {
          if case .function = self[$0].kind { true } else { false }
        }
      }
      current = self[next].prototype
    }
    return found
  }

  /// Makes everything in an object unknown.
  mutating func spoil(_ id: ObjectID, _ reason: ReasonID) {
    record(id)
    let prototypeKey = key("prototype")
    let index = Int(id.index)
    var held = heap[index].elements
    if case .map(_, let entries) = heap[index].kind { held += entries.flatMap { [$0.key, $0.value] } }
    if case .unknown(let own) = heap[index].absent {
      heap[index].absent = .unknown(self.reason(own, mayBe: held))
    } else {
      heap[index].absent = .unknown(self.reason(reason, mayBe: held))
    }
    for position in heap[index].properties.indices {
      if case .classObject = heap[index].kind, heap[index].keys[position] == prototypeKey { continue }
      let value = heap[index].properties[position].value
      heap[index].properties[position].value = unknownFor(reason, like: value)
    }
    heap[index].elements = []
    switch heap[index].kind {
    case .map(let isSet, _): heap[index].kind = .map(isSet: isSet, [])
    case .url: heap[index].kind = .external(reason)
    default: break
    }
  }
}
