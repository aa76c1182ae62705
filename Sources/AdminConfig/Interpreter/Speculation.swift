/// The part of the interpreter that runs what may not run: it keeps what was changed, takes it back, and joins what two
/// ways give.
extension Interpreter {
  /// What the cells, objects and modules were that have been changed since it was opened.
  struct Journal {
    var number: Int32
    /// What is newer than these has no one outside who could see it change.
    var cellMark: Int
    var heapMark: Int
    var cells: [(index: Int32, old: Cell)] = []
    var objects: [(id: ObjectID, old: HeapObject)] = []
    var modules: [(index: Int, old: ModuleState)] = []
    var seen: Set<ObjectID> = []
  }

  /// What a run changed, by what things were before and after it.
  struct Effects {
    var cells: [Int32: (old: Cell, new: Cell)] = [:]
    var objects: [ObjectID: (old: HeapObject, new: HeapObject)] = [:]
  }

  /// How a run ended.
  enum Outcome<Result> {
    case completed(Result)
    case threw(Tracked, Place)
  }

  mutating func record(cell: Int32) {
    guard let last = journals.indices.last, Int(cell) < journals[last].cellMark,
      cells[Int(cell)].journal != journals[last].number
    else { return }
    journals[last].cells.append((cell, cells[Int(cell)]))
    cells[Int(cell)].journal = journals[last].number
  }

  mutating func record(_ id: ObjectID) {
    guard let last = journals.indices.last, Int(id.index) < journals[last].heapMark,
      journals[last].seen.insert(id).inserted
    else { return }
    journals[last].objects.append((id, heap[Int(id.index)]))
  }

  mutating func record(module: Int) {
    guard let last = journals.indices.last else { return }
    journals[last].modules.append((module, modules[module]))
  }

  /// Changes an object, for the journal's sake.
  mutating func change(_ id: ObjectID, _ body: (inout HeapObject) -> Void) {
    record(id)
    body(&heap[Int(id.index)])
  }

  /// Runs something and takes back what it changed.
  mutating func speculate<Result>(
    _ body: (inout Interpreter) throws(Interruption) -> Result
  ) throws(Interruption) -> (outcome: Outcome<Result>, effects: Effects) {
    journalCount += 1
    journals.append(Journal(number: journalCount, cellMark: cells.count, heapMark: heap.count))
    let outer = (code, scope, depth, label, hasExited)
    let outcome: Outcome<Result>
    var abandoned = false
    do {
      outcome = .completed(try body(&self))
    } catch {
      abandoned = error == .abandoned
      outcome = .threw(thrown, thrownPlace)
    }
    (code, scope, depth, label, hasExited) = outer
    guard let journal = journals.popLast() else { throw .abandoned }
    var effects = Effects()
    for (index, old) in journal.cells {
      effects.cells[index] = (old, cells[Int(index)])
      cells[Int(index)] = old
    }
    for (id, old) in journal.objects {
      effects.objects[id] = (old, heap[Int(id.index)])
      heap[Int(id.index)] = old
    }
    for (module, old) in journal.modules.reversed() { modules[module] = old }
    if abandoned { throw .abandoned }
    return (outcome, effects)
  }

  /// Runs something that may have stopped anywhere, and gives what it changed: also what is again what it was.
  mutating func watch<Result>(
    _ body: (inout Interpreter) throws(Interruption) -> Result
  ) throws(Interruption) -> (outcome: Outcome<Result>, touched: Journal) {
    journalCount += 1
    journals.append(Journal(number: journalCount, cellMark: cells.count, heapMark: heap.count))
    let outer = (code, scope, depth, label)
    var outcome: Outcome<Result>?
    do {
      outcome = .completed(try body(&self))
    } catch {
      if error == .thrown { outcome = .threw(thrown, thrownPlace) }
    }
    guard let journal = journals.popLast() else { throw .abandoned }
    if let last = journals.indices.last {
      for (index, old) in journal.cells {
        cells[Int(index)].journal = old.journal
        guard Int(index) < journals[last].cellMark, old.journal != journals[last].number else { continue }
        journals[last].cells.append((index, old))
        cells[Int(index)].journal = journals[last].number
      }
      for (id, old) in journal.objects where Int(id.index) < journals[last].heapMark {
        if journals[last].seen.insert(id).inserted { journals[last].objects.append((id, old)) }
      }
      journals[last].modules += journal.modules
    }
    guard let outcome else { throw .abandoned }
    if case .threw = outcome { (code, scope, depth, label) = outer }
    return (outcome, journal)
  }

  /// Makes unknown what a run changed of which it is not known where it stopped.
  mutating func spoil(_ touched: Journal, _ reason: ReasonID) {
    for (index, old) in touched.cells {
      record(cell: index)
      cells[Int(index)].content = unknownFor(reason, like: old.content, cells[Int(index)].content)
      cells[Int(index)].isInitialized = true
    }
    for (id, old) in touched.objects {
      switch self[id].kind {
      case .plain, .array, .map, .url, .error, .regularExpression: spoil(id, reason)
      case .environment:
        for position in self[id].properties.indices {
          let value = self[id].properties[position].value
          let doubtful = unknownFor(reason, like: value)
          change(id) { $0.properties[position].value = doubtful }
        }
      default:
        let joined = join(old, self[id], reason)
        change(id) { $0 = joined }
      }
    }
  }

  /// Makes what either of two runs gave what both would have given, and the rest unknown.
  mutating func merge(_ first: Effects, _ second: Effects, _ reason: ReasonID) {
    for index in Set(first.cells.keys).union(second.cells.keys).sorted() {
      guard let old = first.cells[index]?.old ?? second.cells[index]?.old else { continue }
      let left = first.cells[index]?.new ?? old
      let right = second.cells[index]?.new ?? old
      record(cell: index)
      cells[Int(index)].content = join(left.content, right.content, reason)
      cells[Int(index)].isInitialized = left.isInitialized || right.isInitialized
    }
    let objects = Set(first.objects.keys).union(second.objects.keys).sorted { $0.index < $1.index }
    for id in objects {
      guard let old = first.objects[id]?.old ?? second.objects[id]?.old else { continue }
      let joined = join(first.objects[id]?.new ?? old, second.objects[id]?.new ?? old, reason)
      change(id) { $0 = joined }
    }
  }

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

  private mutating func join(
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

  // MARK: Branches

  /// Runs both arms of a decision that is not known, and goes on with what they agree on.
  mutating func branch(
    _ reason: ReasonID, _ taint: Taint,
    _ first: (inout Interpreter) throws(Interruption) -> Completion,
    _ second: (inout Interpreter) throws(Interruption) -> Completion
  ) throws(Interruption) -> Completion {
    let mark = freshMark
    freshMark = heap.count
    defer { freshMark = mark }
    let control = frame.control
    frame.control = union(control, taint)
    defer { frame.control = control }
    let left = try speculate { interpreter throws(Interruption) in
      let completion = try first(&interpreter)
      return (completion, interpreter.returned)
    }
    let right = try speculate { interpreter throws(Interruption) in
      let completion = try second(&interpreter)
      return (completion, interpreter.returned)
    }
    switch (left.outcome, right.outcome) {
    case (.threw(let error, let place), .threw(let other, _)):
      merge(left.effects, right.effects, reason)
      (thrown, thrownPlace) = (eitherError(error, other, reason), place)
      throw .thrown
    case (.threw, .completed(let other)):
      leaveOut(left.effects, beside: right.effects, reason)
      returned = other.1
      return other.0
    case (.completed(let other), .threw):
      leaveOut(right.effects, beside: left.effects, reason)
      returned = other.1
      return other.0
    case (.completed(let one), .completed(let other)):
      merge(left.effects, right.effects, reason)
      return combine(one, other, reason)
    }
  }

  /// What is thrown where both of two ways throw; where nothing catches it, the words that they share are kept.
  private mutating func eitherError(_ error: Tracked, _ other: Tracked, _ reason: ReasonID) -> Tracked {
    if tries == 0, let first = error.object, let second = other.object,
      let words = self[first].property(Key(.message))?.value, let others = self[second].property(Key(.message))?.value,
      areSame(words, others) == true, words.reason == nil
    {
      return depending(error, on: other.taint)
    }
    return join(error, other, reason)
  }

  /// Goes on with one arm where the other threw: then the config would not have started, unless something catches it.
  private mutating func leaveOut(_ thrown: Effects, beside effects: Effects, _ reason: ReasonID) {
    if tries > 0 {
      doubt(reason)
      // Whoever catches it may find what was changed before.
      for index in thrown.cells.keys { record(cell: index) }
      for id in thrown.objects.keys { record(id) }
    } else {
      doubtStart(reason)
    }
    merge(effects, effects, reason)
  }

  /// Keeps that something may have thrown, where something would catch it.
  mutating func doubt(_ reason: ReasonID) {
    if tries > 0 { mayThrow = mayThrow ?? reason }
  }

  private mutating func combine(
    _ one: (completion: Completion, value: Tracked), _ other: (completion: Completion, value: Tracked),
    _ reason: ReasonID
  ) -> Completion {
    if one.completion == other.completion {
      if one.completion == .returned { returned = join(one.value, other.value, reason) }
      return one.completion
    }
    for arm in [one, other] {
      switch arm.completion {
      case .normal: break
      case .returned:
        frame.alternatives.append(arm.value)
        frame.mayReturn = frame.mayReturn ?? reason
      case .broke, .continued: noteJump(arm.completion, reason)
      }
    }
    // Neither goes on: whatever follows does not run, and what the function gives is among the alternatives.
    return .normal
  }

  mutating func noteJump(_ jump: Completion, _ reason: ReasonID) {
    let known = frame.mayJump ?? (reason, [])
    frame.mayJump = (known.reason, known.jumps.contains(jump) ? known.jumps : known.jumps + [jump])
  }

  /// Begins something of which it is asked whether it may have left what surrounds it.
  mutating func openLeaves() -> Frame {
    let outer = frame
    (frame.mayReturn, frame.mayJump) = (nil, nil)
    return outer
  }

  /// Ends it: whether it may have returned or jumped, and whether it may only have returned.
  @discardableResult
  mutating func closeLeaves(_ outer: Frame) -> (reason: ReasonID, onlyReturns: Bool)? {
    let (mayReturn, mayJump) = (frame.mayReturn, frame.mayJump)
    (frame.mayReturn, frame.mayJump) = (outer.mayReturn ?? mayReturn, outer.mayJump)
    if let mayJump { for jump in mayJump.jumps { noteJump(jump, mayJump.reason) } }
    return (mayReturn ?? mayJump?.reason).map { ($0, mayJump == nil) }
  }

  /// Jumps that end here lead no further.
  mutating func endJumps(_ ended: [Completion]) {
    guard let (reason, jumps) = frame.mayJump else { return }
    let rest = jumps.filter { !ended.contains($0) }
    frame.mayJump = rest.isEmpty ? nil : (reason, rest)
  }

  /// Runs what may not run, and goes on with what is the same either way.
  mutating func perhaps(
    _ reason: ReasonID, _ body: (inout Interpreter) throws(Interruption) -> Completion
  ) throws(Interruption) {
    _ = try branch(reason, .none, body, { (_: inout Interpreter) throws(Interruption) in .normal })
  }

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

  /// Runs the body of a loop whose number of rounds is not known, until it changes nothing more that is known.
  mutating func loop(
    _ reason: ReasonID, _ body: (inout Interpreter) throws(Interruption) -> Completion
  ) throws(Interruption) {
    for _ in 0..<Limit.unknownRounds {
      let run = try speculate(body)
      var isChanged = false
      for (index, change) in run.effects.cells {
        // Also what is again what it was, for whoever catches an error thrown meanwhile.
        record(cell: index)
        if areSame(change.old.content, change.new.content) == true, change.old.content.reason == nil { continue }
        // What is unknown already may only be one thing more.
        if change.old.content.reason == nil { isChanged = true }
        cells[Int(index)].content = unknownFor(reason, like: change.old.content, change.new.content)
        cells[Int(index)].isInitialized = true
      }
      for (id, change) in run.effects.objects {
        let joined = join(change.old, change.new, reason)
        if isDifferent(change.old, joined) { isChanged = true }
        self.change(id) { $0 = joined }
      }
      switch run.outcome {
      case .completed(.returned):
        frame.alternatives.append(unknownFor(reason, like: returned))
        frame.mayReturn = frame.mayReturn ?? reason
      case .completed(.normal): break
      case .completed(let jump): noteJump(jump, reason)
      case .threw:
        doubt(reason)
        doubtStart(reason)
      }
      if !isChanged { return }
    }
    abandonment = ("a loop whose rounds are not known", place(0))
    throw .abandoned
  }

  private func isDifferent(_ left: HeapObject, _ right: HeapObject) -> Bool {
    if left.keys != right.keys || left.elements.count != right.elements.count { return true }
    if (left.unknownKeys == nil) != (right.unknownKeys == nil) || left.isFrozen != right.isFrozen { return true }
    if case .url = left.kind { if case .url = right.kind {} else { return true } }
    if case .unknown = right.absent { if case .unknown = left.absent {} else { return true } }
    let properties = zip(left.properties, right.properties).allSatisfy { areSame($0.value, $1.value) == true }
    return !properties || !zip(left.elements, right.elements).allSatisfy { areSame($0, $1) == true }
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

  // MARK: Escapes

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
