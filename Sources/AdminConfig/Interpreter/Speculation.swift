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
    if shadows > 0 { shadowSteps += (heap[Int(id.index)].elements.count + heap[Int(id.index)].keys.count) >> 4 }
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

  /// Runs both arms of a decision that is not known, and goes on with what they agree on.
  mutating func branch(
    _ reason: ReasonID, _ taint: Taint,
    _ first: (inout Interpreter) throws(Interruption) -> Completion,
    _ second: (inout Interpreter) throws(Interruption) -> Completion
  ) throws(Interruption) -> Completion {
    let mark = freshMark
    freshMark = heap.count
    defer { freshMark = mark }
    let control = frame.decided.control
    frame.decided.control = union(control, taint)
    defer { frame.decided.control = control }
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
    if tries > 0 { throwDoubt = throwDoubt ?? reason }
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
}
