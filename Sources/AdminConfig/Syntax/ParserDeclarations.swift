/// The part of the parser that reads declarations (ECMAScript 14.3, 15), and those that only TypeScript has.
extension Parser {
  /// `const`, `let` or `var`.
  mutating func declaration() -> StatementID?? {
    let offset = token.offset
    guard let kind = declarationKind(), let span = declarators(kind), finish() else { return nil }
    return add(.variables(kind, span), at: offset)
  }

  mutating func declarationKind() -> DeclarationKind? {
    defer { index += 1 }
    switch word {
    case .const: return .const
    case .let: return .let
    case .var: return .var
    default: return nil
    }
  }

  mutating func declarators(_ kind: DeclarationKind) -> Span? {
    var all: [Declarator] = []
    repeat {
      guard let pattern = bindingTarget() else { return nil }
      if kind == .var { boundNames(pattern, into: &variables) }
      let initial = take(.assign) ? value(endsWithLine: true) : nil
      all.append(Declarator(pattern: pattern, initial: initial))
    } while take(.comma)
    return Self.append(all, to: &program.declarators)
  }

  /// The names that a pattern binds.
  func boundNames(_ pattern: PatternID, into names: inout [Name]) {
    guard pattern.value >= 0 else { return }
    switch program.patterns[Int(pattern.value)].kind {
    case .name(let name): names.append(name)
    case .target: break
    case .withDefault(let inner, _): boundNames(inner, into: &names)
    case .object(let span, let rest):
      for member in program.patternMembers[span.range] { boundNames(member.pattern, into: &names) }
      if let rest { boundNames(rest, into: &names) }
    case .array(let span, let rest):
      for element in program.lists[span.range] { boundNames(PatternID(element), into: &names) }
      if let rest { boundNames(rest, into: &names) }
    }
  }

  mutating func functionStatement() -> StatementID?? {
    let offset = token.offset
    guard let (name, function) = functionDeclaration() else { return nil }
    guard let function else { return finish() ? .some(nil) : nil }
    guard let name else { return nil }
    return add(.function(name, function), at: offset)
  }

  mutating func classStatement(isDecorated: Bool) -> StatementID?? {
    let offset = token.offset
    guard let (name, id) = classDeclaration(isDecorated: isDecorated), let name else { return nil }
    return add(.classDeclaration(name, id), at: offset)
  }

  mutating func enumeration() -> StatementID?? {
    let offset = token.offset
    index += 1
    guard let name = takeName(), isAt(.openBrace) else { return nil }
    let close = token.partner
    index += 1
    var members: [Member] = []
    while index < close {
      let memberOffset = token.offset
      guard let key = key() else { return nil }
      let value = take(.assign) ? value() : add(.hole, at: memberOffset)
      members.append(Member(key: key, value: value))
      guard take(.comma) || index == close else { return nil }
    }
    index = close + 1
    let span = Self.append(members, to: &program.members)
    return add(.enumeration(name, span), at: offset)
  }

  /// `namespace A { … }`; what it exports are the names of its declarations with `export`.
  mutating func namespace() -> StatementID?? {
    let offset = token.offset
    index += 1
    guard let name = takeName() else { return nil }
    if isAt(.dot) {
      // `namespace A.B { … }` is B, exported from A.
      let outer = name
      guard let inner = token(after: 1).kind == .name ? token(after: 1).name : nil,
        let nested = namespace(), let nested
      else { return nil }
      let body = list([nested])
      let exports = list([inner])
      return add(.namespace(outer, body, exports: exports), at: offset)
    }
    guard isAt(.openBrace) else { return nil }
    let close = token.partner
    var exported: [Name] = []
    for position in index..<close where tokens[position].word == .export && depthOf(position, in: index) {
      exported.append(contentsOf: declaredNames(after: position))
    }
    let body = namespaceBody(until: close)
    let span = list(exported)
    return add(.namespace(name, body, exports: span), at: offset)
  }

  /// Whether a token stands directly in the block that opens at `open`.
  private func depthOf(_ position: Int, in open: Int) -> Bool {
    var index = open + 1
    while index < position { index = tokens[index].partner > index ? tokens[index].partner + 1 : index + 1 }
    return index == position
  }

  private func declaredNames(after export: Int) -> [Name] {
    var position = export + 1
    let words: [Word?] = [.const, .let, .var, .async, .function, .class, .abstract, .enum, .namespace, .module]
    while words.contains(tokens[position].word) {
      position += 1
    }
    return tokens[position].kind == .name ? [tokens[position].name] : []
  }

  private mutating func namespaceBody(until close: Int) -> Span {
    index += 1
    var statements: [StatementID] = []
    while index < close {
      let start = index
      _ = take(.export)
      if let statement = statement() { statements.append(statement) }
      if index == start { index += 1 }
    }
    index = close + 1
    return list(statements)
  }

  /// `declare …`: no value that could be followed.
  mutating func skipDeclaration() {
    if word == .declare { index += 1 }
    switch word {
    case .class, .abstract, .enum, .namespace, .module, .interface, .global: skipClassLike()
    case .type: _ = skipTypeAlias()
    case .function: _ = functionStatement()
    default: skipStatement()
    }
  }

  /// Steps over an interface or a declared class, to after its body. Type arguments may have braces of their own.
  mutating func skipClassLike() {
    while !isCloser(token), !isAt(.openBrace), !isAt(.semicolon) {
      if isAt(.less), let end = typeList(at: index) { index = end } else { skipOne() }
    }
    if isAt(.openBrace) { skipOne() }
  }

  mutating func skipTypeAlias() -> Bool {
    index += 2
    if isAt(.less), let end = typeList(at: index) { index = end }
    guard take(.assign), let end = type(at: index) else { return false }
    index = end
    return finish()
  }
}
