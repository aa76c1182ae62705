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
  let parser: Parser
  private var found = Mutations()
  /// The open brackets, with what happens to the values that are named inside.
  private var brackets: [BracketEffect] = []
  /// The end of the pattern that is being assigned to.
  private var patternEnd = -1

  init(of parser: Parser) { self.parser = parser }

  var source: SourceText { parser.source }
  var tokens: [Token] { parser.tokens }
  var program: Program { parser.program }

  func mutations() -> Mutations {
    var scan = self
    for index in tokens.indices { scan.visit(index) }
    scan.spreadToAliases()
    return scan.found
  }

  private mutating func visit(_ index: Int) {
    let token = tokens[index]
    if token.partner > index {
      brackets.append(effect(at: index, inside: brackets.last ?? .none))
      if isAssignedPattern(index) { patternEnd = max(patternEnd, token.partner) }
    } else if token.partner >= 0 {
      _ = brackets.popLast()
    } else if token.kind == .name, !isAfterDot(index) {
      if isLoopWord(index), case .loopHeader = brackets.last { brackets[brackets.count - 1] = .reached(isHeld: false) }
      visitName(index)
    }
  }

  /// Whether the word may be the `of` of a loop's header, and no variable of that name.
  private func isLoopWord(_ index: Int) -> Bool {
    isWord(index, "of") && !isWord(index - 1, "const", "let", "var")
  }

  func text(_ index: Int) -> String { source.text(tokens[index].offset..<tokens[index].end) }

  func kind(_ index: Int) -> Token.Kind? { tokens.indices.contains(index) ? tokens[index].kind : nil }

  func isWord(_ index: Int, _ words: String...) -> Bool {
    kind(index) == .name && words.contains(text(index))
  }

  func isAfterDot(_ index: Int) -> Bool {
    kind(index - 1) == .punctuator(.dot) || kind(index - 1) == .punctuator(.optionalDot)
  }

  /// Whether the token at `index` is an assignment operator; `>>=` and `>>>=` are three and four tokens.
  func isAssignment(_ index: Int) -> Bool {
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
    let isLoopVariable =
      isWord(end, "of", "in") && kind(index - 1) == .punctuator(.openParenthesis) && isWord(index - 2, "for", "await")
    if !parser.declarations.contains(index),
      isAssignment(end) || isPrefixed(index) || isLoopVariable || index < patternEnd
    {
      record(name, index: index, end: end, isDirect: isDirect)
    }
    if callsMethod(after: index, end: end) {
      recordChange(name, "on which a method is called that may change it", index)
    }
    switch brackets.last ?? .none {
    case .none, .loopHeader: break
    case .handed(let callee):
      guard isArgument(index, end: end) else { break }
      recordChange(name, "which is handed to `\(callee)` and may be changed there", index)
      if isWholeEnvironment(name, index, end: end) { recordEnvironment(name, handedTo: callee, index) }
    case .assigned(let outerEnd, let isDirect):
      if !isKey(index) { record(name, index: index, end: outerEnd, isDirect: isDirect && end == index + 1) }
    case .reached(let isHeld):
      guard !isKey(index) else { break }
      recordChange(name, "which a loop or a method may change", index)
      if isHeld, isWholeEnvironment(name, index, end: end) { recordEnvironment(name, handedTo: nil, index) }
    }
  }

  private mutating func recordChange(_ name: String, _ phrase: String, _ index: Int) {
    guard found.changed[name] == nil else { return }
    found.changed[name] = Mutation(phrase: "`\(name)`, \(phrase)", offset: tokens[index].offset)
  }

  private mutating func recordEnvironment(_ name: String, handedTo callee: String?, _ index: Int) {
    guard found.environment == nil else { return }
    let phrase = callee.map { "which is handed to `\($0)` and may be changed there" }
    found.environment = Mutation(
      phrase: "`\(name)`, \(phrase ?? "which a loop or a method may change")", offset: tokens[index].offset)
  }

  /// Whether a name and its accesses are the environment as a whole or what holds it, and not one variable's text.
  private func isWholeEnvironment(_ name: String, _ index: Int, end: Int) -> Bool {
    var end = end
    while kind(end - 1) == .punctuator(.not) { end -= 1 }
    switch name {
    case "process", "Bun": return !(isWord(index + 2, "env") && end > index + 3)
    case "import": return isWord(index + 2, "meta") && end <= index + 5
    default: return isEnvironment(name) && end == index + 1
    }
  }

  /// Whether the name is a key of an object literal with a value of its own.
  private func isKey(_ index: Int) -> Bool {
    (kind(index - 1) == .punctuator(.openBrace) || kind(index - 1) == .punctuator(.comma))
      && kind(index + 1) == .punctuator(.colon)
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
    // Behind a cast, which part of the exports it is can't be told from the tokens after the name.
    if text(index) == "exports", kind(index + 1) != .punctuator(.dot) { return true }
    return text(index) == "module" ? isWord(index + 2, "exports") : isWord(index + 2, "default")
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
  func chainEnd(from index: Int) -> Int {
    var end = index + 1
    while true {
      switch kind(end) {
      case .punctuator(.dot) where kind(end + 1) == .name, .punctuator(.optionalDot) where kind(end + 1) == .name:
        end += 2
      case .punctuator(.optionalDot) where kind(end + 1) == .punctuator(.openBracket): end = tokens[end + 1].partner + 1
      case .punctuator(.openBracket): end = tokens[end].partner + 1
      case .punctuator(.not) where !tokens[end].followsLineEnd: end += 1
      default: return end
      }
    }
  }

  /// Whether the name and its accesses are a whole argument, or a whole part of one.
  private func isArgument(_ index: Int, end: Int) -> Bool {
    guard !isKey(index) else { return false }
    let startsPart =
      switch kind(index - 1) {
      case .punctuator(let before):
        [
          .openParenthesis, .openBracket, .openBrace, .comma, .colon, .question, .ellipsis, .or, .and, .coalesce,
          .greater,
        ]
        .contains(before)
      default: isWord(index - 1, "await")
      }
    let endsPart =
      switch kind(end) {
      case .punctuator(let after):
        [.closeParenthesis, .closeBracket, .closeBrace, .comma, .colon, .or, .and, .coalesce].contains(after)
      default: isWord(end, "as", "satisfies")
      }
    return startsPart && endsPart
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
