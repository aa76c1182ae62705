/// The part of the interpreter that knows maps and sets (ECMAScript 24.1, 24.2).
extension Interpreter {
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
      var taint = union(this.taint, first.taint)
      if position == nil { taint = union(taint, self[id].keysTaint) }
      if let position { taint = union(taint, entries[position].key.taint) }
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
}
