/// What happens to the module's names after their first value, found by one pass over all tokens, also those that the
/// parser passes over: assignments anywhere, and objects handed to code that is not followed. It errs on the side of
/// finding too much: then a value is unknown, never wrong.
struct Mutations: Sendable {
  /// Names that are assigned again.
  var reassigned: [String: Mutation] = [:]
  /// Names whose object is changed, or handed to something that may change it.
  var changed: [String: Mutation] = [:]
  /// Environment variables that the module itself sets.
  var variables: [String: Mutation] = [:]
  /// A change to the environment as a whole.
  var environment: Mutation?
  /// A second assignment to the module's export.
  var export: Mutation?
}

/// One change: what is said about it, and where it is.
struct Mutation: Sendable {
  var phrase: String
  var offset: Int
}

struct MutationScan {
  let source: SourceText
  let tokens: [Token]
  let program: Program
  let declarations: Set<Int>
  private var found = Mutations()
  /// The open brackets; true for the arguments of a call that is not known to leave them alone.
  private var brackets: [(isRiskyCall: Bool, callee: String)] = []
  /// The end of the pattern that is being assigned to.
  private var patternEnd = -1

  init(source: SourceText, tokens: [Token], program: Program, declarations: Set<Int>) {
    self.source = source
    self.tokens = tokens
    self.program = program
    self.declarations = declarations
  }

  func mutations() -> Mutations {
    var scan = self
    for index in tokens.indices { scan.visit(index) }
    scan.spreadToAliases()
    return scan.found
  }

  private mutating func visit(_ index: Int) {
    let token = tokens[index]
    if token.partner > index {
      brackets.append(token.kind == .punctuator(.openParenthesis) ? call(at: index) : (false, ""))
      if isAssignedPattern(index) { patternEnd = max(patternEnd, token.partner) }
    } else if token.partner >= 0 {
      _ = brackets.popLast()
    } else if token.kind == .name, !isAfterDot(index) {
      visitName(index)
    }
  }

  private func text(_ index: Int) -> String { source.text(tokens[index].offset..<tokens[index].end) }

  private func kind(_ index: Int) -> Token.Kind? { tokens.indices.contains(index) ? tokens[index].kind : nil }

  private func isWord(_ index: Int, _ words: String...) -> Bool {
    kind(index) == .name && words.contains(text(index))
  }

  private func isAfterDot(_ index: Int) -> Bool {
    kind(index - 1) == .punctuator(.dot) || kind(index - 1) == .punctuator(.optionalDot)
  }

  /// Whether the token at `index` is an assignment operator; `>>=` and `>>>=` are three and four tokens.
  private func isAssignment(_ index: Int) -> Bool {
    guard case .punctuator(let punctuator) = kind(index) else { return false }
    if punctuator.isAssignment || punctuator == .increment || punctuator == .decrement { return true }
    guard punctuator == .greater, kind(index + 1) == .punctuator(.greater) else { return false }
    return kind(index + 2) == .punctuator(.assign)
      || kind(index + 2) == .punctuator(.greater) && kind(index + 3) == .punctuator(.assign)
  }

  private mutating func visitName(_ index: Int) {
    let name = text(index)
    let end = chainEnd(from: index)
    let isDirect = end == index + 1
    let isPrefixed =
      kind(index - 1) == .punctuator(.increment) || kind(index - 1) == .punctuator(.decrement)
      || isWord(index - 1, "delete")
    let isLoopVariable =
      isWord(end, "of", "in") && kind(index - 1) == .punctuator(.openParenthesis) && isWord(index - 2, "for", "await")
    if !declarations.contains(index), isAssignment(end) || isPrefixed || isLoopVariable || index < patternEnd {
      record(name, index: index, end: end, isDirect: isDirect)
    }
    if isArgument(index, end: end), let bracket = brackets.last, bracket.isRiskyCall {
      let mutation = Mutation(
        phrase: "`\(name)`, which is handed to `\(bracket.callee)` and may be changed there",
        offset: tokens[index].offset)
      if name == "process" || isEnvironment(name) { found.environment = found.environment ?? mutation }
      if found.changed[name] == nil { found.changed[name] = mutation }
    }
  }

  private mutating func record(_ name: String, index: Int, end: Int, isDirect: Bool) {
    let offset = tokens[index].offset
    if isDirect {
      guard !isWord(index - 1, "const", "let") else { return }
      if found.reassigned[name] == nil {
        found.reassigned[name] = Mutation(phrase: "`\(name)`, which is assigned more than once", offset: offset)
      }
      return
    }
    let changed = Mutation(phrase: "`\(name)`, which is changed after it was made", offset: offset)
    if name == "module" || name == "exports", isExport(index, end: end) {
      found.export = found.export ?? Mutation(phrase: "`\(name)`, which is assigned more than once", offset: offset)
    } else if name == "process" || name == "Bun" || name == "import" || isEnvironment(name) {
      recordVariable(lastOfChainEndingAt: end, offset: offset)
    }
    if found.changed[name] == nil { found.changed[name] = changed }
  }

  /// Whether a chain of `module` or `exports` is the export itself or a part of it.
  private func isExport(_ index: Int, end: Int) -> Bool {
    text(index) == "module" ? isWord(index + 2, "exports") : isWord(index + 2, "default")
  }

  /// Whether a name stands for `process.env`, taken from it under another name.
  private func isEnvironment(_ name: String) -> Bool {
    switch program.bindings[name] {
    case .imported(name: "env", _): true
    case .variable(let initial, _, _):
      if case .property(_, name: "env", _) = program.nodes[initial.index].expression { true } else { false }
    case .destructured(_, key: "env", _, _, _): true
    default: false
    }
  }

  private mutating func recordVariable(lastOfChainEndingAt end: Int, offset: Int) {
    var last = end - 1
    if kind(last) == .punctuator(.not) { last -= 1 }
    var name: String?
    if kind(last) == .name, text(last) != "env" { name = text(last) }
    if kind(last) == .punctuator(.closeBracket), kind(last - 1) == .string, kind(last - 2) == .punctuator(.openBracket)
    {
      name = cookedText(source.bytes[(tokens[last - 1].offset + 1)..<(tokens[last - 1].end - 1)])
    }
    if let name {
      found.variables[name] = Mutation(phrase: "`\(name)`, which the module sets itself", offset: offset)
    } else {
      found.environment = Mutation(phrase: "the environment, which the module changes itself", offset: offset)
    }
  }

  /// The index after a name and the accesses that follow it.
  private func chainEnd(from index: Int) -> Int {
    var end = index + 1
    while true {
      switch kind(end) {
      case .punctuator(.dot) where kind(end + 1) == .name, .punctuator(.optionalDot) where kind(end + 1) == .name:
        end += 2
      case .punctuator(.openBracket): end = tokens[end].partner + 1
      case .punctuator(.not) where !tokens[end].followsLineEnd: end += 1
      default: return end
      }
    }
  }

  /// Whether the name and its accesses are a whole argument.
  private func isArgument(_ index: Int, end: Int) -> Bool {
    let before = kind(index - 1)
    let after = kind(end)
    return (before == .punctuator(.openParenthesis) || before == .punctuator(.comma))
      && (after == .punctuator(.closeParenthesis) || after == .punctuator(.comma) || isWord(end, "as", "satisfies"))
  }

  /// Whether the bracket opens a pattern that is assigned to, and no declaration, no element and no annotation.
  private func isAssignedPattern(_ index: Int) -> Bool {
    guard tokens[index].kind == .punctuator(.openBrace) || tokens[index].kind == .punctuator(.openBracket) else {
      return false
    }
    let after = tokens[index].partner + 1
    let isLoop = isWord(after, "of", "in") && kind(index - 1) == .punctuator(.openParenthesis)
    guard kind(after) == .punctuator(.assign) || isLoop else { return false }
    if isWord(index - 1, "const", "let", "var") { return false }
    switch kind(index - 1) {
    case .name, .punctuator(.closeParenthesis), .punctuator(.closeBracket):
      return tokens[index].kind == .punctuator(.openBrace) || tokens[index].followsLineEnd
    default: return true
    }
  }

  /// Whether the parenthesis opens the arguments of a call that may change them, and of what.
  private func call(at index: Int) -> (isRiskyCall: Bool, callee: String) {
    let after = kind(tokens[index].partner + 1)
    guard after != .punctuator(.arrow), after != .punctuator(.openBrace) || isWord(index - 1, "new") else {
      return (false, "")
    }
    let last = beforeTypeArguments(index - 1)
    switch kind(last) {
    case .name:
      var first = last
      while isAfterDot(first), kind(first - 2) == .name { first -= 2 }
      let callee = source.text(tokens[first].offset..<tokens[last].end)
      if isAfterDot(first) { return (true, "\(callee)(…)") }
      return (!isWord(first - 1, "function") && !isHarmless(root: text(first), callee: callee), "\(callee)(…)")
    case .punctuator(.closeParenthesis), .punctuator(.closeBracket), .punctuator(.greater), .punctuator(.optionalDot),
      .punctuator(.not):
      return (true, "a function")
    default: return (false, "")
    }
  }

  /// The index before the type arguments that end at `index`; `index` itself where there are none.
  private func beforeTypeArguments(_ index: Int) -> Int {
    var position = index
    var depth = 0
    for _ in 0..<Limit.typeArgumentTokens {
      switch kind(position) {
      case .punctuator(.greater): depth += 1
      case .punctuator(.less): depth -= 1
      default: break
      }
      if depth == 0 { return position == index ? index : position - 1 }
      let partner = tokens[position].partner
      position = (partner >= 0 && partner < position ? partner : position) - 1
      guard position > 0 else { break }
    }
    return index
  }

  /// Calls that leave their arguments alone: keywords before parentheses, a few of the language's own functions, and
  /// whatever comes from flowpanel, which reads the config it is given.
  private func isHarmless(root: String, callee: String) -> Bool {
    switch callee {
    case "if", "for", "while", "switch", "with", "catch", "return", "typeof", "await", "async", "throw", "void", "in",
      "of",
      "case", "do", "else", "yield", "function", "constructor", "import", "require", "Boolean", "String", "Number",
      "defineAdmin", "structuredClone", "JSON.stringify", "Object.freeze", "Object.keys", "Object.values",
      "Object.entries":
      return true
    default: break
    }
    if root == "console" { return true }
    switch program.bindings[root] {
    case .imported(let name, let module): return name == "defineAdmin" || isFlowpanel(module)
    case .namespace(let module): return isFlowpanel(module)
    default: return false
    }
  }

  /// What a changed name was made from is changed as well: `const realtime = config.realtime; realtime.driver = …`.
  private mutating func spreadToAliases() {
    var pending = found.changed.map { (name: $0.key, mutation: $0.value) }.sorted {
      $0.mutation.offset < $1.mutation.offset
    }
    while let (name, mutation) = pending.popLast() {
      let range: Range<Int>
      switch program.bindings[name] {
      case .variable(_, _, let tokens), .destructured(_, _, _, _, let tokens): range = tokens
      default: continue
      }
      for index in range where tokens[index].kind == .name && !isAfterDot(index) {
        let source = text(index)
        guard found.changed[source] == nil, program.bindings[source] != nil else { continue }
        let spread = Mutation(
          phrase: "`\(source)`, which may be changed through `\(name)`", offset: mutation.offset)
        found.changed[source] = spread
        pending.append((source, spread))
      }
    }
  }
}

/// Whether a module is a part of flowpanel: `flowpanel`, `flowpanel/server`, `@flowpanel/kit` …
func isFlowpanel(_ module: String) -> Bool {
  module == "flowpanel" || module.hasPrefix("flowpanel/") || module.hasPrefix("@flowpanel/")
}
