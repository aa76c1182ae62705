/// The part of the interpreter that runs what is not taken, so that each value knows the variables that it depended on.
extension Interpreter {
  /// Runs a decision whose value is known for the arm that is not taken, so that what the arm would have changed depends
  /// on the variables that decided.
  mutating func shadow(_ taint: Taint, _ body: (inout Interpreter) throws(Interruption) -> Completion) {
    guard !taint.isEmpty else { return }
    guard shadows < Limit.shadowDepth, shadowSteps <= Limit.shadowSteps else {
      unfollowed = union(unfollowed, taint)
      return
    }
    let outer = (frame, returned, thrown, thrownPlace, mayThrow, throwTaint, leaveTaint, abandonment)
    let before = (explicit: explicitThrows, errors: shadowErrors, leaked: leaked.count)
    shadows += 1
    mayThrow = nil
    let run = try? speculate(body)
    shadows -= 1
    let threw = explicitThrows > before.explicit
    let mayThrow = threw || shadowErrors > before.errors || mayThrow != nil
    explicitThrows = before.explicit
    for id in leaked[before.leaked...] { leakedSet.remove(id) }
    leaked.removeLast(leaked.count - before.leaked)
    let inner = throwTaint
    (frame, returned, thrown, thrownPlace, self.mayThrow, throwTaint, leaveTaint, abandonment) = outer
    if mayThrow || inner != throwTaint { self.mayThrow(on: union(taint, inner)) }
    guard let run, shadowSteps <= Limit.shadowSteps else {
      unfollowed = union(unfollowed, taint)
      return
    }
    for (index, change) in run.effects.cells {
      let (old, new) = (change.old.content, change.new.content)
      noteOther(new)
      guard areSame(old, new) != true || old.taint != new.taint else { continue }
      record(cell: index)
      cells[Int(index)].content = depending(cells[Int(index)].content, on: union(taint, new.taint))
    }
    for (id, change) in run.effects.objects { taintDifferences(of: id, change.old, change.new, taint) }
    switch run.outcome {
    case .completed(.normal): break
    case .completed: frame.control = union(frame.control, taint)
    case .threw: if threw { noteRequired(taint) }
    }
  }

  /// Keeps a function that is a value only in an arm that is not taken.
  mutating func noteOther(_ value: Tracked) {
    guard let id = value.object, !otherFunctions.contains(id) else { return }
    switch self[id].kind {
    case .function, .classObject: break
    default: return
    }
    if otherFunctions.count < Limit.otherFunctions {
      otherFunctions.append(id)
    } else {
      unfollowed = union(unfollowed, value.taint)
    }
  }

  private mutating func taintDifferences(of id: ObjectID, _ old: HeapObject, _ new: HeapObject, _ taint: Taint) {
    record(id)
    let index = Int(id.index)
    for (position, key) in new.keys.enumerated() {
      guard let own = heap[index].property(key) else {
        heap[index].keysTaint = union(heap[index].keysTaint, taint)
        continue
      }
      let other = new.properties[position].value
      if areSame(own.value, other) != true || own.value.taint != other.taint {
        var property = own
        property.value = depending(own.value, on: union(taint, other.taint))
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
    if case .map(let isSet, var entries) = heap[index].kind, case .map(_, let others) = new.kind,
      entries.count != others.count || !isSameStart(entries, others)
    {
      for position in entries.indices {
        entries[position].key = depending(entries[position].key, on: taint)
        entries[position].value = depending(entries[position].value, on: taint)
      }
      heap[index].kind = .map(isSet: isSet, entries)
      heap[index].keysTaint = union(heap[index].keysTaint, taint)
    }
  }

  /// Keeps that without these variables the config throws.
  mutating func noteRequired(_ taint: Taint) {
    for name in taints.variables(taint) { reads[name]?.failsWithout = true }
  }
}
