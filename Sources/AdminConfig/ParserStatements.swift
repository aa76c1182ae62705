/// The part of the parser that reads statements: those that bind names at the top level of the module.
/// All others are passed over as balanced tokens.
extension Parser {
  mutating func parseModule() {
    while token.kind != .end {
      let start = index
      parseStatement()
      if index == start { index += 1 }
    }
  }

  mutating func parseStatement() {
    guard token.kind == .name else {
      if isAt(.openBrace) { skipOne() } else if isAt(.at) { skipDecorator() } else { skipStatement() }
      return
    }
    let next = token(after: 1)
    switch text(token) {
    case "import" where next.kind != .punctuator(.dot) && next.kind != .punctuator(.openParenthesis): parseImport()
    case "export": parseExport()
    case "const" where name(next) == "enum":
      index += 1
      skipNamed("an enum")
    case "const", "var",
      "let" where startsPattern(next):
      parseVariables()
    case "function": skipFunction()
    case "async" where name(next) == "function" && !next.followsLineEnd: skipFunction()
    case "class": skipNamed("a class")
    case "enum" where next.kind == .name: skipNamed("an enum")
    case "namespace" where next.kind == .name, "module" where next.kind == .name: skipNamed("a namespace")
    case "abstract" where name(next) == "class", "declare" where next.kind == .name && !next.followsLineEnd:
      skipDeclaration()
    case "interface" where next.kind == .name && !next.followsLineEnd: skipClass()
    case "type" where next.kind == .name && !next.followsLineEnd: skipTypeAlias()
    case "if", "for", "while", "with", "switch", "try", "catch", "finally", "do", "else": skipControl()
    case "module" where parseAssignedExport(["module", "exports", "default"]): break
    case "module" where parseAssignedExport(["module", "exports"]): break
    case "exports" where parseAssignedExport(["exports", "default"]): break
    default: skipStatement()
    }
  }

  private func startsPattern(_ token: Token) -> Bool {
    token.kind == .name || token.kind == .punctuator(.openBrace) || token.kind == .punctuator(.openBracket)
  }

  /// Steps to after the semicolon that ends the statement, written or inserted.
  mutating func skipStatement() {
    while !isCloser(token) {
      skipValue(endsWithLine: true)
      if take(.semicolon) || !take(.comma) { return }
    }
  }

  /// Steps to after the semicolon of a statement that has been read up to where it may end.
  mutating func finishStatement() {
    if !take(.semicolon), token.kind != .end, !endsStatement(before: index) { skipStatement() }
  }

  /// Steps over the words and the header of a statement with a body and, where that is no statement of the same kind,
  /// over the body.
  private mutating func skipControl() {
    if take(name: "do") {
      if isAt(.openBrace) { skipOne() } else { skipStatement() }
      guard take(name: "while"), isAt(.openParenthesis) else { return }
      skipOne()
      _ = take(.semicolon)
      return
    }
    let hasHeader = !["else", "try", "finally"].contains(text(token))
    index += 1
    _ = take(name: "await")
    if hasHeader, isAt(.openParenthesis) { skipOne() }
    if isAt(.openBrace) { skipOne() } else if !isControlWord { skipStatement() }
  }

  private var isControlWord: Bool {
    name(token).map { ["if", "for", "while", "with", "switch", "try", "do"].contains($0) } ?? false
  }

  private mutating func skipDecorator() {
    index += 1
    while token.kind == .name || isAt(.dot) {
      index += 1
      if token.followsLineEnd { return }
    }
    if isAt(.openParenthesis) { skipOne() }
  }

  private mutating func skipFunction() {
    let offset = token.offset
    while isAt(name: "async") || isAt(name: "function") || isAt(.times) { index += 1 }
    if let name = name(token), !isOverload { bindOpaque(name, "a function, which is not run", at: offset) }
    skipFunctionHead()
    if isAt(.openBrace) { skipOne() } else { _ = take(.semicolon) }
  }

  /// Whether the function at hand has no body: it only declares a type.
  private var isOverload: Bool {
    var ahead = self
    ahead.skipFunctionHead()
    return !ahead.isAt(.openBrace)
  }

  private mutating func bindOpaque(_ name: String, _ phrase: String, at offset: Int) {
    bind(name, to: .opaque("`\(name)`, \(phrase)", offset: offset))
  }

  private mutating func skipNamed(_ phrase: String) {
    let offset = token.offset
    index += 1
    if let name = name(token) { bindOpaque(name, "\(phrase), which is not followed", at: offset) }
    skipClass()
  }

  /// `declare …` and `abstract class …`: no value that could be followed.
  private mutating func skipDeclaration() {
    let isClass = isAt(name: "abstract")
    index += 1
    if isClass {
      skipNamed("a class")
    } else if ["class", "abstract", "enum", "namespace", "module", "interface", "global"].contains(text(token)) {
      skipClass()
    } else {
      skipStatement()
    }
  }

  private mutating func skipTypeAlias() {
    index += 2
    if isAt(.less), let end = typeList(at: index) { index = end }
    guard take(.assign), let end = type(at: index) else { return skipStatement() }
    index = end
    _ = take(.semicolon)
  }

  // MARK: Variables

  private mutating func parseVariables() {
    let isConstant = isAt(name: "const")
    repeat {
      index += 1
      parseDeclarator(isConstant: isConstant)
    } while isAt(.comma)
    _ = take(.semicolon)
  }

  private mutating func parseDeclarator(isConstant: Bool) {
    let pattern = index
    guard startsPattern(token) else { return skipValue(endsWithLine: true) }
    declarations.insert(pattern)
    skipOne()
    if take(.not) || isAt(.colon) {
      guard take(.colon), let end = type(at: index) else {
        bindAll(in: pattern, "syntax that is not understood")
        return skipValue(endsWithLine: true)
      }
      index = end
    }
    guard take(.assign) else { return bindAll(in: pattern, "a variable without an initial value") }
    let first = index
    let initial = value(endsWithLine: true)
    let range = first..<index
    switch tokens[pattern].kind {
    case .name: bind(text(tokens[pattern]), to: .variable(initial, isConstant: isConstant, tokens: range))
    case .punctuator(.openBrace):
      let end = index
      index = pattern + 1
      bindProperties(of: initial, until: tokens[pattern].partner, isConstant: isConstant, tokens: range)
      index = end
    default: bindAll(in: pattern, "an element of an array that is taken apart, which is not followed")
    }
  }

  /// Binds the names of an object pattern: `key`, `key: name`, `key = fallback`, `key: name = fallback`.
  private mutating func bindProperties(
    of value: ExpressionID, until close: Int, isConstant: Bool, tokens range: Range<Int>
  ) {
    while index < close {
      let start = index
      var key: String?
      if isAt(.openBracket) || isAt(.ellipsis) {
        skipOne()
      } else {
        key = token.kind == .string ? cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)]) : name(token)
        index += 1
      }
      var local = start
      if take(.colon) {
        local = index
        skipOne()
      } else if tokens[start].kind == .punctuator(.ellipsis) {
        key = nil
        local = index
        skipOne()
      }
      declarations.insert(local)
      let fallback: ExpressionID? = take(.assign) ? self.value() : nil
      if let key, let name = name(tokens[local]) {
        bind(
          name, to: .destructured(value, key: key, fallback: fallback, isConstant: isConstant, tokens: range))
      } else {
        bindAll(in: local, "a part of a pattern that is not followed")
      }
      if !isAt(.comma), index < close { skipValue(endsWithLine: false) }
      if !take(.comma), index < close { index += 1 }
    }
  }

  /// Binds every name in a pattern to something that is not followed.
  private mutating func bindAll(in pattern: Int, _ phrase: String) {
    let last = max(pattern, tokens[pattern].partner)
    for index in pattern...last {
      if let name = name(tokens[index]) { bindOpaque(name, phrase, at: tokens[index].offset) }
    }
  }
}
