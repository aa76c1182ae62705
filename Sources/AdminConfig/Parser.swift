import Facts

/// Reads tokens into a program. Expressions that are not understood become opaque in their place; the parser itself
/// never fails.
struct Parser {
  let source: SourceText
  let tokens: [Token]
  /// For each token the next `>` before the bracket around it closes, or -1: a `<` without one starts no type arguments.
  private let closingAngles: [Int]
  var index = 0
  var depth = 0
  /// Whether the value that was read last is passed over because it nests too deeply.
  var isTooDeep = false
  var program = Program()
  /// The tokens that give a name its first value or the module its export: no later change of either.
  var declarations: Set<Int> = []
  /// Names that are bound more than once, which only `var` and merged declarations may be.
  var rebound: Set<String> = []
  /// Whether the expression at hand is the middle part of a conditional, where `(a): b` is no arrow function.
  var isInConditional = false

  static func program(of source: SourceText) throws(ConfigError) -> Program {
    let tokens = try Lexer.tokens(of: source)
    var parser = Parser(source: source, tokens: tokens)
    parser.parseModule()
    parser.program.mutations = MutationScan(of: parser).mutations()
    return parser.program
  }

  init(source: SourceText, tokens: [Token]) {
    self.source = source
    self.tokens = tokens
    var angles = [Int](repeating: -1, count: tokens.count)
    for index in tokens.indices.dropLast().reversed() {
      let token = tokens[index]
      if token.kind == .punctuator(.greater) {
        angles[index] = index
      } else if token.partner > index {
        angles[index] = angles[token.partner + 1]
      } else if token.partner < 0 {
        angles[index] = angles[index + 1]
      }
    }
    closingAngles = angles
  }

  /// Whether the list in angle brackets that starts at `start` may have an end.
  func mayCloseAngle(at start: Int) -> Bool { closingAngles[start] >= 0 }

  var token: Token { tokens[index] }

  func token(after count: Int) -> Token { tokens[min(index + count, tokens.count - 1)] }

  func text(_ token: Token) -> String { source.text(token.offset..<token.end) }

  /// The text of a name; escapes in names are kept as written, and so match nothing.
  func name(_ token: Token) -> String? { token.kind == .name ? text(token) : nil }

  func isAt(_ punctuator: Punctuator) -> Bool { token.kind == .punctuator(punctuator) }

  func isAt(name expected: String) -> Bool { name(token) == expected }

  mutating func take(_ punctuator: Punctuator) -> Bool {
    guard isAt(punctuator) else { return false }
    index += 1
    return true
  }

  mutating func take(name expected: String) -> Bool {
    guard isAt(name: expected) else { return false }
    index += 1
    return true
  }

  mutating func add(_ expression: Expression, at offset: Int) -> ExpressionID {
    program.nodes.append(Node(expression: expression, offset: offset))
    return ExpressionID(index: program.nodes.count - 1)
  }

  mutating func bind(_ name: String, to binding: Binding) {
    if program.bindings.updateValue(binding, forKey: name) != nil { rebound.insert(name) }
    if rebound.contains(name) {
      program.bindings[name] = .opaque("`\(name)`, which is declared more than once", offset: token.offset)
    }
  }

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
    case .name:
      return !["instanceof", "in"].contains(text(token))
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
