import Facts

/// Reads tokens into a program. What is not understood becomes opaque in its place; the parser itself never fails.
struct Parser {
  let source: SourceText
  let tokens: [Token]
  /// For each token the next `>` before the bracket around it closes, or -1: a `<` without one starts no type arguments.
  private let closingAngles: [Int32]
  var names: NameTable
  var index = 0
  var depth = 0
  /// Whether the value that was read last is passed over because it nests too deeply.
  var isTooDeep = false
  var program: Program
  /// The names that `var` has declared in the function at hand.
  var variables: [Name] = []
  /// Whether the expression at hand is the middle part of a conditional, where `(a): b` is no arrow function.
  var isInConditional = false
  /// Whether `in` ends the expression at hand, as in the head of a loop.
  var excludesIn = false
  /// The names that are used as values: an import of TypeScript without one of them is of types alone.
  var used: Set<Name> = []

  static func program(of source: SourceText) throws(ConfigError) -> Program {
    let (tokens, names) = try Lexer.tokens(of: source)
    var parser = Parser(source: source, tokens: tokens, names: names)
    parser.parseModule()
    parser.program.names = parser.names.texts
    return parser.program
  }

  init(source: SourceText, tokens: [Token], names: NameTable) {
    self.source = source
    self.tokens = tokens
    self.names = names
    program = Program(source: source)
    program.expressions.reserveCapacity(tokens.count / 2)
    var angles = [Int32](repeating: -1, count: tokens.count)
    for index in tokens.indices.dropLast().reversed() {
      let token = tokens[index]
      if token.kind == .punctuator(.greater) {
        angles[index] = Int32(index)
      } else if token.partner > index {
        angles[index] = angles[token.partner + 1]
      } else if token.partner < 0 {
        angles[index] = angles[index + 1]
      }
    }
    closingAngles = angles
  }

  /// Whether the file is TypeScript, in which a name may have type arguments without being called.
  var isTypeScript: Bool { [".ts", ".mts", ".cts", ".tsx"].contains(where: source.path.hasSuffix) }

  /// Whether the list in angle brackets that starts at `start` may have an end.
  func mayCloseAngle(at start: Int) -> Bool { closingAngles[start] >= 0 }

  /// The token at hand; past the end it is the last one, which ends everything.
  var token: Token { tokens[min(index, tokens.count - 1)] }

  func token(after count: Int) -> Token { tokens[min(index + count, tokens.count - 1)] }

  func text(_ token: Token) -> String { source.text(token.offset..<token.end) }

  var word: Word? { token.word }

  func isAt(_ punctuator: Punctuator) -> Bool { token.kind == .punctuator(punctuator) }

  mutating func take(_ punctuator: Punctuator) -> Bool {
    guard isAt(punctuator) else { return false }
    index += 1
    return true
  }

  mutating func take(_ expected: Word) -> Bool {
    guard word == expected else { return false }
    index += 1
    return true
  }

  /// Takes a name that is no keyword of expressions.
  mutating func takeName() -> Name? {
    let token = token
    guard token.kind == .name else { return nil }
    index += 1
    return token.name
  }

  // MARK: Building

  mutating func add(_ expression: Expression, at offset: Int) -> ExpressionID {
    program.expressions.append(Node(kind: expression, offset: Int32(truncatingIfNeeded: offset)))
    return ExpressionID(program.expressions.count - 1)
  }

  mutating func add(_ statement: Statement, at offset: Int) -> StatementID {
    program.statements.append(Node(kind: statement, offset: Int32(truncatingIfNeeded: offset)))
    return StatementID(program.statements.count - 1)
  }

  mutating func add(_ pattern: Pattern, at offset: Int) -> PatternID {
    program.patterns.append(Node(kind: pattern, offset: Int32(truncatingIfNeeded: offset)))
    return PatternID(program.patterns.count - 1)
  }

  mutating func add(text: String) -> TextID {
    program.texts.append(text)
    return TextID(program.texts.count - 1)
  }

  mutating func list<Kind>(_ indices: [Index<Kind>]) -> Span {
    let span = Span(start: Int32(program.lists.count), count: Int32(indices.count))
    for index in indices { program.lists.append(index.value) }
    return span
  }

  mutating func list(_ names: [Name]) -> Span {
    let span = Span(start: Int32(program.lists.count), count: Int32(names.count))
    for name in names { program.lists.append(name.index) }
    return span
  }

  /// Adds elements to one of the program's arrays, and gives their place.
  static func append<Element>(_ elements: [Element], to array: inout [Element]) -> Span {
    let span = Span(start: Int32(array.count), count: Int32(elements.count))
    array.append(contentsOf: elements)
    return span
  }

  /// Something that is passed over, from the token at `start` to before the one at hand.
  mutating func addOpaque(_ phrase: String, from start: Int) -> ExpressionID {
    let names = list(names(in: start..<max(start, min(index, tokens.count))))
    return add(.opaque(add(text: phrase), names: names), at: tokens[start].offset)
  }

  /// The names that stand in a range of tokens, except those of properties.
  func names(in range: Range<Int>) -> [Name] {
    range.compactMap { index in
      guard tokens[index].kind == .name else { return nil }
      let follows = index > 0 ? tokens[index - 1].kind : .end
      return follows == .punctuator(.dot) || follows == .punctuator(.optionalDot) ? nil : tokens[index].name
    }
  }

  // MARK: Stepping over

  /// Whether the token closes whatever the current one stands in.
  func isCloser(_ token: Token) -> Bool {
    switch token.kind {
    case .punctuator(.closeBrace), .punctuator(.closeParenthesis), .punctuator(.closeBracket), .templateMiddle,
      .templateTail, .elementEnd, .end:
      true
    default: false
    }
  }

  /// Steps over a token, and where it is a bracket over all that is inside.
  mutating func skipOne() {
    let partner = token.partner
    index = partner > index ? partner + 1 : min(index + 1, tokens.count - 1)
  }

  /// Steps to the comma, semicolon or closing bracket after the value at hand. Type arguments before a call are stepped
  /// over: their commas end nothing. Outside brackets the end of a line may end the value as well.
  mutating func skipValue(endsWithLine: Bool) {
    let start = index
    while !isCloser(token), !isAt(.comma), !isAt(.semicolon) {
      if endsWithLine, index > start, endsStatement(before: index) { return }
      if isAt(.less), let end = typeArguments(at: index) { index = end } else { skipOne() }
    }
  }

  /// Steps to after the semicolon that ends the statement, written or inserted.
  mutating func skipStatement() {
    while !isCloser(token) {
      skipValue(endsWithLine: true)
      if take(.semicolon) || !take(.comma) { return }
    }
  }

  /// Whether a semicolon is inserted before the token (ECMAScript 12.10): it starts a line, what is before it can end an
  /// expression, and it can't go on with one itself.
  func endsStatement(before next: Int) -> Bool {
    let token = tokens[next]
    guard token.followsLineEnd, next > 0 else { return false }
    if case .punctuator(let last) = tokens[next - 1].kind {
      switch last {
      case .closeBrace, .closeBracket, .closeParenthesis, .increment, .decrement, .not, .greater: break
      default: return false
      }
    }
    switch token.kind {
    case .name: return token.word != .instanceof && token.word != .in
    case .punctuator(let punctuator):
      switch punctuator {
      case .openBrace, .at, .increment, .decrement, .not, .bitNot, .closeBrace, .closeBracket, .closeParenthesis:
        return true
      default: return false
      }
    case .template, .templateHead: return false
    default: return true
    }
  }
}
