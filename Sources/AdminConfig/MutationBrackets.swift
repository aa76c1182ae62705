/// What a bracket means for the values that are named inside it: whether they are handed to a call, assigned to through
/// what follows the bracket, or reached by a method or a loop.
enum BracketEffect {
  case none
  /// The header of a `for`; once its `of` is met, what follows is reached.
  case loopHeader
  /// The arguments of a call that is not known to leave them alone.
  case handed(to: String)
  /// What follows the bracket is assigned to; `end` is the index of the assignment, and the bracket's own value is its
  /// target where it is direct: `(name as Type) = …`.
  case assigned(end: Int, isDirect: Bool)
  /// A method is called on what the bracket gives, or a loop runs over it. What a literal holds is then handed on itself,
  /// and not only what it is made of.
  case reached(isHeld: Bool)

  /// The same inside an array or object literal.
  var held: BracketEffect {
    switch self {
    case .reached: .reached(isHeld: true)
    case .assigned(let end, _): .assigned(end: end, isDirect: false)
    case .loopHeader: .none
    case .none, .handed: self
    }
  }
}

extension MutationScan {
  /// What the bracket at `index` means for what it holds, inside a bracket that means `outer`.
  func effect(at index: Int, inside outer: BracketEffect) -> BracketEffect {
    let close = tokens[index].partner
    switch tokens[index].kind {
    case .punctuator(.openParenthesis):
      if isHeader(index) { return isWord(index - 1, "for", "await") ? .loopHeader : .none }
      return parenthesis(at: index, inside: outer)
    case .punctuator(.openBracket) where isArrayLiteral(index):
      return effect(ofChainAfter: close, from: index)?.held ?? outer.held
    case .punctuator(.openBrace) where isObjectLiteral(index):
      return effect(ofChainAfter: close, from: index)?.held ?? outer.held
    default: return .none
    }
  }

  private func parenthesis(at index: Int, inside outer: BracketEffect) -> BracketEffect {
    let close = tokens[index].partner
    let after = kind(close + 1)
    guard after != .punctuator(.arrow), after != .punctuator(.openBrace) || isWord(index - 1, "new") else {
      return .none
    }
    let callee = callee(ofCallAt: index)
    if let callee, callee.isRisky { return .handed(to: callee.name) }
    if let callee, Self.copying.contains(callee.name) { return .none }
    if let effect = effect(ofChainAfter: close, from: index) { return effect }
    if case .loopHeader = outer { return .none }
    return outer
  }

  /// What the accesses after a bracket do; nil where they only read.
  private func effect(ofChainAfter close: Int, from index: Int) -> BracketEffect? {
    let end = chainEnd(from: close)
    let isDirect = end == close + 1
    let isParenthesis = tokens[index].kind == .punctuator(.openParenthesis)
    // `[a] = …` is a pattern, and a type may end in `)`: `let a: (typeof names)[number] = …`.
    let mayBeTarget = isParenthesis ? !isWord(index + 1, "typeof") : !isDirect
    if mayBeTarget, isAssignment(end) || isPrefixed(index) { return .assigned(end: end, isDirect: isDirect) }
    return callsMethod(after: close, end: end) ? .reached(isHeld: false) : nil
  }

  /// Whether `++`, `--` or `delete` stands before the token.
  func isPrefixed(_ index: Int) -> Bool {
    kind(index - 1) == .punctuator(.increment) || kind(index - 1) == .punctuator(.decrement)
      || isWord(index - 1, "delete")
  }

  /// Whether the accesses from `start` up to `end` name a method that is then called and may change its object.
  func callsMethod(after start: Int, end: Int) -> Bool {
    guard end > start + 1 else { return false }
    if kind(end - 1) == .name, Self.reading.contains(text(end - 1)) { return false }
    switch kind(end) {
    case .punctuator(.openParenthesis): return true
    case .punctuator(.optionalDot): return kind(end + 1) == .punctuator(.openParenthesis)
    case .punctuator(.less): return parser.typeArguments(at: end) != nil
    default: return false
    }
  }

  /// Methods of arrays and strings that neither change their object nor give any part of it to others.
  private static let reading: Set<String> = [
    "endsWith", "hasOwnProperty", "includes", "indexOf", "join", "lastIndexOf", "replace", "replaceAll", "split",
    "startsWith", "toLowerCase", "toString", "toUpperCase", "trim",
  ]

  /// Functions whose result shares nothing with their arguments.
  private static let copying: Set<String> = [
    "Boolean(…)", "JSON.stringify(…)", "Number(…)", "Object.keys(…)", "String(…)", "structuredClone(…)",
  ]

  /// Whether the parenthesis is a statement's header.
  private func isHeader(_ index: Int) -> Bool {
    let word = isWord(index - 1, "await") && isWord(index - 2, "for") ? index - 2 : index - 1
    return isWord(word, "if", "for", "while", "with", "switch", "catch") && !isAfterDot(word)
  }

  /// Whether the bracket opens an array and no access to an element. Where it can't be told, it does.
  private func isArrayLiteral(_ index: Int) -> Bool {
    switch kind(index - 1) {
    case .name:
      return !isAfterDot(index - 1)
        && isWord(
          index - 1, "return", "of", "in", "typeof", "case", "await", "yield", "default", "void", "delete", "else", "do"
        )
    case .string, .template, .templateTail, .punctuator(.closeBracket), .punctuator(.optionalDot): return false
    case .punctuator(.closeParenthesis): return isHeader(tokens[index - 1].partner)
    default: return true
    }
  }

  /// Whether the brace opens an object and no block or body.
  private func isObjectLiteral(_ index: Int) -> Bool {
    switch kind(index - 1) {
    case .name: isWord(index - 1, "return", "of", "in", "await", "yield", "default")
    case .punctuator(.arrow), .punctuator(.closeParenthesis), .punctuator(.semicolon), .punctuator(.openBrace),
      .punctuator(.closeBrace), nil:
      false
    default: true
    }
  }

  /// Whether the bracket opens a pattern that is assigned to, and no declaration, no element and no annotation.
  func isAssignedPattern(_ index: Int) -> Bool {
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

  /// What is called with the arguments in the parenthesis, and whether it may change them; nil where it holds none.
  private func callee(ofCallAt index: Int) -> (name: String, isRisky: Bool)? {
    let last = beforeTypeArguments(index - 1)
    switch kind(last) {
    case .name:
      var first = last
      while isAfterDot(first), kind(first - 2) == .name { first -= 2 }
      let callee = source.text(tokens[first].offset..<tokens[last].end)
      let isRisky =
        isAfterDot(first) || !isWord(first - 1, "function") && !isHarmless(root: text(first), callee: callee)
      return ("\(callee)(…)", isRisky)
    case .punctuator(.closeParenthesis), .punctuator(.closeBracket), .punctuator(.greater), .punctuator(.optionalDot),
      .punctuator(.not):
      return ("a function", true)
    default: return nil
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
}
