/// Runs a pattern's program at one position: backtracking on a stack of its own, within a bound on the steps.
struct PatternMatcher {
  /// What is undone or tried when a way fails.
  private enum Entry {
    case way(address: Int, position: Int)
    case register(Int, value: Int)
  }

  private let program: PatternProgram
  private let text: [UInt16]
  private(set) var steps: Int
  private var registers: [Int] = []
  private var stack: [Entry] = []
  private var position = 0
  private var address = 0

  init(_ program: PatternProgram, text: [UInt16], steps: Int) {
    self.program = program
    self.text = text
    self.steps = steps
  }

  mutating func run(at start: Int) -> MatchOutcome {
    registers = Array(repeating: -1, count: program.registerCount)
    stack.removeAll(keepingCapacity: true)
    position = start
    address = 0
    steps -= 1 + program.registerCount / 16
    while steps > 0 {
      steps -= 1
      let instruction = program.instructions[address]
      if case .accept = instruction { return .match(found) }
      guard perform(instruction) || backtrack() else { return .noMatch }
    }
    return .gaveUp
  }

  private var found: Match {
    let captures = (1..<program.groupCount + 1).map { range(ofGroup: $0) }
    return Match(range: range(ofGroup: 0) ?? position..<position, captures: captures)
  }

  private func range(ofGroup number: Int) -> Range<Int>? {
    let start = registers[number * 2]
    let end = registers[number * 2 + 1]
    return start >= 0 && end >= start ? start..<end : nil
  }

  private mutating func set(_ register: Int, to value: Int) {
    guard registers[register] != value else { return }
    stack.append(.register(register, value: registers[register]))
    registers[register] = value
  }

  private mutating func backtrack() -> Bool {
    while let entry = stack.popLast() {
      switch entry {
      case .register(let register, let value): registers[register] = value
      case .way(let address, let position):
        self.address = address
        self.position = position
        return true
      }
    }
    return false
  }

  /// Whether the instruction succeeds; then the address is that of the next one.
  private mutating func perform(_ instruction: PatternInstruction) -> Bool {
    address += 1
    switch instruction {
    case .character(let character, let backward):
      guard let read = read(backward: backward) else { return false }
      return read == character || program.folding?.canonical(read) == character
    case .set(let index, let backward):
      guard let read = read(backward: backward) else { return false }
      let set = program.sets[index]
      steps -= set.ranges.count / 8
      return (program.folding?.lists(read, in: set) ?? set.lists(read)) != set.isNegative
    case .backReference(let number, let backward): return performBackReference(number, backward: backward)
    case .lineStart: return position == 0 || program.flags.isMultiline && isLineEnd(text[position - 1])
    case .lineEnd: return position == text.count || program.flags.isMultiline && isLineEnd(text[position])
    case .wordBoundary(let isNegative): return (isWord(position - 1) != isWord(position)) != isNegative
    case .choice(let first, let otherwise):
      stack.append(.way(address: otherwise, position: position))
      address = first
    case .jump(let target): address = target
    case .savePosition(let register): set(register, to: position)
    case .clear(let range):
      steps -= range.count
      for register in range { set(register, to: -1) }
    case .startCounting(let counter): set(counter, to: 0)
    case .loop(let loop, let exit): performLoop(loop, exit: exit)
    case .endRound(let loop, let head):
      let isNeeded = registers[loop.counter] < loop.minimum
      guard isNeeded || registers[loop.start] != position else { return false }
      set(loop.counter, to: registers[loop.counter] + 1)
      address = head
    case .enterLook(let look, let negativeExit):
      set(look.position, to: position)
      set(look.height, to: stack.count)
      if let negativeExit { stack.append(.way(address: negativeExit, position: position)) }
    case .leaveLook(let look, let isNegative): return performLeave(look, isNegative: isNegative)
    case .accept: break
    }
    return true
  }

  private mutating func performLoop(_ loop: PatternInstruction.Loop, exit: Int) {
    let round = address
    let count = registers[loop.counter]
    if count >= loop.maximum {
      address = exit
    } else if count >= loop.minimum {
      stack.append(.way(address: loop.isLazy ? round : exit, position: position))
      address = loop.isLazy ? exit : round
    }
  }

  /// A lookaround gives up the ways inside it, and a negative one also what its inside captured.
  private mutating func performLeave(_ look: PatternInstruction.Look, isNegative: Bool) -> Bool {
    let height = registers[look.height]
    steps -= stack.count - height
    position = registers[look.position]
    guard !isNegative else {
      while stack.count > height, let entry = stack.popLast() {
        if case .register(let register, let value) = entry { registers[register] = value }
      }
      return false
    }
    var kept = height
    for index in height..<stack.count {
      guard case .register = stack[index] else { continue }
      stack[kept] = stack[index]
      kept += 1
    }
    stack.removeSubrange(kept...)
    return true
  }

  private mutating func performBackReference(_ number: Int, backward: Bool) -> Bool {
    guard let range = range(ofGroup: number) else { return true }
    let start = backward ? position - range.count : position
    guard start >= 0, start + range.count <= text.count else { return false }
    steps -= range.count
    for offset in 0..<range.count {
      let left = UInt32(text[range.lowerBound + offset])
      let right = UInt32(text[start + offset])
      guard left == right || program.folding.map({ $0.canonical(left) == $0.canonical(right) }) ?? false else {
        return false
      }
    }
    position = backward ? start : start + range.count
    return true
  }

  /// The character after the position or before it, past which the position moves.
  private mutating func read(backward: Bool) -> UInt32? {
    guard backward ? position > 0 : position < text.count else { return nil }
    let step = backward ? -1 : 1
    let unit = text[backward ? position - 1 : position]
    position += step
    guard program.flags.isUnicode, isInsidePair(text, position) else { return UInt32(unit) }
    let other = text[backward ? position - 1 : position]
    position += step
    let (high, low) = backward ? (other, unit) : (unit, other)
    return 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
  }

  private func isLineEnd(_ unit: UInt16) -> Bool {
    CharacterSet.lineEnds.lists(UInt32(unit))
  }

  private func isWord(_ index: Int) -> Bool {
    guard text.indices.contains(index) else { return false }
    let folds = program.flags.isUnicode && program.flags.ignoresCase
    return (folds ? CharacterSet.foldedWordCharacters : .wordCharacters).lists(UInt32(text[index]))
  }
}
