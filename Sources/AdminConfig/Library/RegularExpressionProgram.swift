/// The program that a pattern is compiled into. Inside a lookbehind everything runs backwards (ECMAScript 22.2.2.4).

/// One step of a program. Addresses are indices of instructions, registers those of `PatternMatcher.registers`.
enum PatternInstruction: Sendable {
  case character(UInt32, backward: Bool)
  case set(Int, backward: Bool)
  case backReference(Int, backward: Bool)
  case lineStart
  case lineEnd
  case wordBoundary(isNegative: Bool)
  /// Goes on at the first address, and at the second when that fails.
  case choice(Int, otherwise: Int)
  case jump(Int)
  /// Puts the position into a register.
  case savePosition(Int)
  case clear(Range<Int>)
  /// Puts zero into a counter.
  case startCounting(Int)
  /// The head of a loop: a further round, the way out, or a choice between them.
  case loop(Loop, exit: Int)
  /// The end of a round: fails when the round was not needed and matched nothing.
  case endRound(Loop, head: Int)
  /// Begins a lookaround whose inside follows; a negative one goes on at an address when the inside fails.
  case enterLook(Look, negativeExit: Int?)
  case leaveLook(Look, isNegative: Bool)
  case accept

  struct Loop: Sendable {
    var counter: Int
    /// The register with the position at which the round began.
    var start: Int
    var minimum: Int
    var maximum: Int
    var isLazy: Bool
  }

  struct Look: Sendable {
    /// The register with the stack's height at its beginning.
    var height: Int
    /// The register with the position at its beginning.
    var position: Int
  }
}

struct PatternProgram: Sendable {
  private(set) var instructions: [PatternInstruction] = []
  private(set) var sets: [CharacterSet] = []
  let flags: PatternFlags
  private(set) var groupCount = 0
  /// The whole match and the groups have two registers each; after them come those of loops and lookarounds.
  private(set) var registerCount = 0
  let folding: CaseFolding?

  init(_ pattern: PatternNode, flags: PatternFlags) {
    self.flags = flags
    folding = flags.ignoresCase ? CaseFolding(isUnicode: flags.isUnicode) : nil
    groupCount = Self.countGroups(pattern)
    registerCount = (groupCount + 1) * 2
    compileGroup(pattern, number: 0, backward: false)
    instructions.append(.accept)
  }

  private static func countGroups(_ node: PatternNode) -> Int {
    switch node {
    case .sequence(let nodes), .alternatives(let nodes): nodes.reduce(0) { $0 + countGroups($1) }
    case .group(let inside, let number): countGroups(inside) + (number == nil ? 0 : 1)
    case .look(let inside, _, _), .repeated(let inside, _, _, _, _): countGroups(inside)
    default: 0
    }
  }

  private mutating func compile(_ node: PatternNode, backward: Bool) {
    switch node {
    case .empty: break
    case .character(let character):
      instructions.append(.character(folding?.canonical(character) ?? character, backward: backward))
    case .set(let set):
      sets.append(set)
      instructions.append(.set(sets.count - 1, backward: backward))
    case .sequence(let nodes):
      if backward {
        for node in nodes.reversed() { compile(node, backward: true) }
      } else {
        for node in nodes { compile(node, backward: false) }
      }
    case .alternatives(let nodes): compileAlternatives(nodes, backward: backward)
    case .group(let inside, nil): compile(inside, backward: backward)
    case .group(let inside, let number?): compileGroup(inside, number: number, backward: backward)
    case .backReference(let number): instructions.append(.backReference(number, backward: backward))
    case .look(let inside, let isBehind, let isNegative):
      compileLook(inside, isBehind: isBehind, isNegative: isNegative)
    case .lineStart: instructions.append(.lineStart)
    case .lineEnd: instructions.append(.lineEnd)
    case .wordBoundary(let isNegative): instructions.append(.wordBoundary(isNegative: isNegative))
    case .repeated(let inside, let minimum, let maximum, let isLazy, let groups):
      let loop = PatternInstruction.Loop(
        counter: newRegister(), start: newRegister(), minimum: minimum, maximum: maximum, isLazy: isLazy)
      compileLoop(inside, loop, groups: groups, backward: backward)
    }
  }

  private mutating func newRegister() -> Int {
    registerCount += 1
    return registerCount - 1
  }

  private mutating func compileGroup(_ inside: PatternNode, number: Int, backward: Bool) {
    instructions.append(.savePosition(number * 2 + (backward ? 1 : 0)))
    compile(inside, backward: backward)
    instructions.append(.savePosition(number * 2 + (backward ? 0 : 1)))
  }

  private mutating func compileAlternatives(_ nodes: [PatternNode], backward: Bool) {
    var jumps: [Int] = []
    for node in nodes.dropLast() {
      let choice = instructions.count
      instructions.append(.accept)
      compile(node, backward: backward)
      jumps.append(instructions.count)
      instructions.append(.accept)
      instructions[choice] = .choice(choice + 1, otherwise: instructions.count)
    }
    if let last = nodes.last { compile(last, backward: backward) }
    for jump in jumps { instructions[jump] = .jump(instructions.count) }
  }

  private mutating func compileLook(_ inside: PatternNode, isBehind: Bool, isNegative: Bool) {
    let look = PatternInstruction.Look(height: newRegister(), position: newRegister())
    let entry = instructions.count
    instructions.append(.accept)
    compile(inside, backward: isBehind)
    instructions.append(.leaveLook(look, isNegative: isNegative))
    instructions[entry] = .enterLook(look, negativeExit: isNegative ? instructions.count : nil)
  }

  private mutating func compileLoop(
    _ inside: PatternNode, _ loop: PatternInstruction.Loop, groups: Range<Int>, backward: Bool
  ) {
    let isPlain = loop.minimum == 0 && loop.maximum == Int.max
    switch inside {
    case .character where isPlain, .set where isPlain:
      // One character cannot match nothing: neither counter nor start is needed.
      let head = instructions.count
      instructions.append(.accept)
      compile(inside, backward: backward)
      instructions.append(.jump(head))
      let exit = instructions.count
      instructions[head] = loop.isLazy ? .choice(exit, otherwise: head + 1) : .choice(head + 1, otherwise: exit)
    default:
      instructions.append(.startCounting(loop.counter))
      let head = instructions.count
      instructions.append(.accept)
      instructions.append(.savePosition(loop.start))
      if !groups.isEmpty {
        instructions.append(.clear((groups.lowerBound + 1) * 2..<(groups.upperBound + 1) * 2))
      }
      compile(inside, backward: backward)
      instructions.append(.endRound(loop, head: head))
      instructions[head] = .loop(loop, exit: instructions.count)
    }
  }
}
