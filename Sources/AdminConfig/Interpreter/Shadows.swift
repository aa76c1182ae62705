/// The part of the interpreter that runs what is not taken, so that each value knows the variables that it depended on.
extension Interpreter {
  /// Runs something that other values of these variables would have run, and takes back what it did: what it would have
  /// changed depends on them from now on, and so does what follows, if it would have left it.
  ///
  /// It keeps what is no part of the state of the program: the variables that the config reads, and the steps taken here.
  mutating func shadow(_ taint: Taint, _ body: (inout Interpreter) throws(Interruption) -> Completion) {
    guard !taint.isEmpty else { return }
    guard shadows < Limit.shadowDepth, shadowSteps <= Limit.shadowSteps else { return taintReachable(taint) }
    let outer = (frame, returned, thrown, thrownPlace, throwDoubt, throwTaint, leaveTaint, abandonment, shadowTaint)
    let before = (explicit: explicitThrows, errors: shadowErrors, leaked: leaked.count, calls: shadowCalls)
    shadows += 1
    throwDoubt = nil
    shadowTaint = union(shadowTaint, taint)
    let run = try? speculate(body)
    shadows -= 1
    let hasThrown = explicitThrows > before.explicit
    let mayHaveThrown = hasThrown || shadowErrors > before.errors || throwDoubt != nil
    let (value, inner) = (returned, throwTaint)
    (explicitThrows, shadowCalls) = (before.explicit, before.calls)
    for id in leaked[before.leaked...] { leakedSet.remove(id) }
    leaked.removeLast(leaked.count - before.leaked)
    (frame, returned, thrown, thrownPlace, throwDoubt, throwTaint, leaveTaint, abandonment, shadowTaint) = outer
    if mayHaveThrown || inner != throwTaint { mayThrow(on: union(taint, inner)) }
    guard let run, shadowSteps <= Limit.shadowSteps else { return taintReachable(taint) }
    for (index, change) in run.effects.cells {
      let (old, new) = (change.old.content, change.new.content)
      guard areSame(old, new) != true || old.taint != new.taint else { continue }
      record(cell: index)
      let content = depending(cells[Int(index)].content, on: union(taint, new.taint))
      cells[Int(index)].content = either(content, or: new)
    }
    for (id, change) in run.effects.objects { taintDifferences(of: id, change.old, change.new, taint) }
    switch run.outcome {
    case .completed(let completion):
      noteLeft(completion, taint)
      if completion == .returned {
        frame.otherReturns = alternatives.union(frame.otherReturns, alternatives(of: value))
      }
    case .threw: if hasThrown { perhapsRequired.formUnion(taints.variables(taint)) }
    }
  }

  /// Takes what is not followed to its end to change whatever it can name: the variables around it, and what they hold.
  private mutating func taintReachable(_ taint: Taint) {
    // That costs as much as there is, and may be due again and again.
    guard reached < Limit.reachableObjects else {
      unfollowed = union(unfollowed, taint)
      return
    }
    var pending: [ObjectID] = []
    var current = scope
    while current >= 0 {
      for index in scopes[Int(current)].cells {
        if let id = cells[Int(index)].content.object { pending.append(id) }
        guard !cells[Int(index)].isConstant, cells[Int(index)].isInitialized else { continue }
        record(cell: index)
        cells[Int(index)].content = depending(cells[Int(index)].content, on: taint)
      }
      current = scopes[Int(current)].parent
    }
    var next = 0
    var seen = Set(pending)
    while next < pending.count, reached < Limit.reachableObjects {
      let id = pending[next]
      next += 1
      reached += 1 + (self[id].elements.count + self[id].keys.count) >> 4
      switch self[id].kind {
      case .plain, .array, .map, .url: break
      default: continue
      }
      pending += (self[id].properties.map(\.value) + self[id].elements).compactMap(\.object).filter {
        seen.insert($0).inserted
      }
      if !self[id].isFrozen { taintAll(of: id, taint) }
    }
  }

  private mutating func taintDifferences(of id: ObjectID, _ old: HeapObject, _ new: HeapObject, _ taint: Taint) {
    record(id)
    shadowSteps += (old.elements.count + old.keys.count) >> 4
    let index = Int(id.index)
    for (position, key) in new.keys.enumerated() {
      guard let own = heap[index].property(key) else {
        heap[index].keysTaint = union(heap[index].keysTaint, taint)
        let added = alternatives.id(Alternatives(keys: [key]))
        heap[index].otherKeys = alternatives.union(heap[index].otherKeys, added)
        continue
      }
      let other = new.properties[position].value
      if areSame(own.value, other) != true || own.value.taint != other.taint {
        var property = own
        property.value = either(depending(own.value, on: union(taint, other.taint)), or: other)
        heap[index].set(key, to: property)
      }
    }
    for (position, key) in old.keys.enumerated() where new.position(of: key) == nil {
      var property = old.properties[position]
      property.value = depending(property.value, on: taint)
      heap[index].set(key, to: property)
    }
    if old.elements.count != new.elements.count { heap[index].keysTaint = union(heap[index].keysTaint, taint) }
    heap[index].keysTaint = union(heap[index].keysTaint, new.keysTaint)
    if case .url(let url) = old.kind {
      guard case .url(let other) = new.kind, isSameText(url.href, other.href) else {
        heap[index].keysTaint = union(heap[index].keysTaint, taint)
        return
      }
    }
    for position in heap[index].elements.indices {
      guard position < new.elements.count else {
        heap[index].elements[position] = depending(heap[index].elements[position], on: taint)
        continue
      }
      let (element, other) = (heap[index].elements[position], new.elements[position])
      if areSame(element, other) != true || element.taint != other.taint {
        heap[index].elements[position] = depending(element, on: union(taint, other.taint))
      }
    }
    if case .map(let isSet, var entries) = heap[index].kind, case .map(_, let others) = new.kind {
      for position in entries.indices {
        let other = others.first { areSame($0.key, entries[position].key) == true }
        guard let other, areSame(other.value, entries[position].value) == true else {
          entries[position].value = depending(entries[position].value, on: taint)
          continue
        }
      }
      heap[index].kind = .map(isSet: isSet, entries)
      if entries.count != others.count { heap[index].keysTaint = union(heap[index].keysTaint, taint) }
    }
  }
}
