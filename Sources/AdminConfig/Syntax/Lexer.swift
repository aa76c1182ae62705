import Facts

/// Cuts a module into tokens in one pass, and pairs its brackets. What the grammar alone would decide (a regular
/// expression or a division, a JSX element or a comparison) is decided by the token before, as scanners without a
/// parser do.
struct Lexer {
  /// What the lexer is inside of; each but `element` is a bracket waiting for its partner.
  enum Mode {
    case brace(open: Int, isBlock: Bool)
    case parenthesis(open: Int, isControl: Bool)
    case bracket(open: Int)
    case template(head: Int)
    case element(Element)
  }

  let source: SourceText
  /// The bytes of the source, for as long as the lexer runs.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Whether `<` may start a JSX element: in every kind of file but plain TypeScript.
  let allowsElements: Bool
  var tokens: [Token] = []
  var names = NameTable()
  var cursor: Int
  var modes: [Mode] = []
  var followsLineEnd = true
  /// Whether an expression may start here: then `/` starts a regular expression.
  var expectsOperand = true
  var elements = ElementTrials()

  private init(_ source: SourceText, _ bytes: UnsafeBufferPointer<UInt8>) {
    self.source = source
    self.bytes = bytes
    cursor = source.start
    allowsElements = ![".ts", ".mts", ".cts"].contains { source.path.hasSuffix($0) }
  }

  /// The tokens of a file, closed by one of kind `end`. Throws for what leaves no structure to read: brackets that don't
  /// match, and strings, templates and comments that don't end.
  static func tokens(of source: SourceText) throws(ConfigError) -> (tokens: [Token], names: NameTable) {
    try source.bytes.withUnsafeBufferPointer { bytes throws(ConfigError) in try tokens(of: source, bytes) }
  }

  private static func tokens(
    of source: SourceText, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(ConfigError) -> (tokens: [Token], names: NameTable) {
    var lexer = Lexer(source, bytes)
    lexer.tokens.reserveCapacity(source.bytes.count / 5 + 16)
    lexer.skipHashbang()
    while true {
      do {
        if try !lexer.next() { return (lexer.tokens, lexer.names) }
      } catch {
        guard lexer.rewindElement() else { throw error }
      }
    }
  }

  var byte: UInt8? { byte(at: cursor) }

  func byte(at offset: Int) -> UInt8? {
    offset < bytes.count ? bytes[offset] : nil
  }

  func starts(with text: StaticString) -> Bool {
    guard byte == text.utf8Start.pointee else { return false }
    return text.withUTF8Buffer { hasBytes($0) }
  }

  func hasBytes(_ expected: some Collection<UInt8>) -> Bool {
    var offset = cursor
    for next in expected {
      guard byte(at: offset) == next else { return false }
      offset += 1
    }
    return true
  }

  func failure(_ message: String, at offset: Int) -> ConfigError {
    ConfigError(message, at: source.location(of: offset))
  }

  mutating func append(_ kind: Token.Kind, from offset: Int) {
    tokens.append(Token(kind: kind, offset: offset, end: cursor, followsLineEnd: followsLineEnd))
    followsLineEnd = false
  }

  /// Takes one step: a token, or a stretch of JSX text. False once the end of the file has been taken.
  private mutating func next() throws(ConfigError) -> Bool {
    if case .element(let element) = modes.last {
      try continueElement(element)
      return true
    }
    try skipTrivia()
    guard let byte else {
      try requireNothingOpen()
      append(.end, from: cursor)
      return false
    }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try lexString(byte)
    case UInt8(ascii: "`"): try lexTemplate(from: cursor, isStart: true)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): lexNumber()
    case UInt8(ascii: ".") where self.byte(at: cursor + 1).map(isDigit) ?? false: lexNumber()
    case UInt8(ascii: "/") where expectsOperand && lexRegularExpression(): break
    case UInt8(ascii: "<") where expectsOperand && startElement(): break
    case UInt8(ascii: "#"), UInt8(ascii: "\\"): lexName()
    case _ where isNamePart(byte): lexName()
    default: try lexPunctuator(byte)
    }
    return true
  }

  private func requireNothingOpen() throws(ConfigError) {
    guard let mode = modes.last else { return }
    switch mode {
    case .brace(let open, _), .parenthesis(let open, _), .bracket(let open):
      let token = tokens[open]
      throw failure(
        "the bracket `\(source.text(token.offset..<token.end))` is never closed; add its partner, or see whether a bracket below closes too much",
        at: token.offset)
    case .template(let head):
      throw failure("the `${` of this template literal is never closed; add the `}`", at: tokens[head].offset)
    case .element(let element):
      throw failure("this JSX element is never closed; add its closing tag", at: tokens[element.start].offset)
    }
  }

  private mutating func lexPunctuator(_ byte: UInt8) throws(ConfigError) {
    let start = cursor
    guard let match = Punctuator.starting(with: byte).first(where: { hasBytes($0.bytes) })
    else {
      cursor += 1
      append(.stray, from: start)
      expectsOperand = true
      return
    }
    var punctuator = match.punctuator
    // ECMAScript 12.8: `?.` before a digit is a conditional and a number.
    if punctuator == .optionalDot, self.byte(at: cursor + 2).map(isDigit) ?? false { punctuator = .question }
    switch punctuator {
    case .openBrace:
      modes.append(.brace(open: tokens.count, isBlock: !startsObject))
    case .openParenthesis:
      modes.append(.parenthesis(open: tokens.count, isControl: followsControlKeyword))
    case .openBracket:
      modes.append(.bracket(open: tokens.count))
    case .closeBrace, .closeParenthesis, .closeBracket:
      try close(punctuator, at: start)
      return
    default: break
    }
    cursor += punctuator.rawValue.utf8.count
    append(.punctuator(punctuator), from: start)
    expectsOperand = ![.increment, .decrement].contains(punctuator)
  }

  private mutating func close(_ punctuator: Punctuator, at start: Int) throws(ConfigError) {
    let open: Int
    var leavesOperand = true
    switch (punctuator, modes.last) {
    case (.closeBrace, .template):
      try lexTemplate(from: start, isStart: false)
      return
    case (.closeBrace, .brace(let index, let isBlock)):
      (open, leavesOperand) = (index, !isBlock)
    case (.closeParenthesis, .parenthesis(let index, let isControl)):
      (open, leavesOperand) = (index, !isControl)
    case (.closeBracket, .bracket(let index)):
      open = index
    default:
      throw failure("`\(punctuator.rawValue)` closes no bracket; \(describeOpen())", at: start)
    }
    modes.removeLast()
    cursor += 1
    tokens[open].partner = tokens.count
    append(.punctuator(punctuator), from: start)
    tokens[tokens.count - 1].partner = open
    expectsOperand = !leavesOperand
  }

  private func describeOpen() -> String {
    guard let mode = modes.last else { return "nothing is open here: take it away, or see what is missing above" }
    let index =
      switch mode {
      case .brace(let open, _), .parenthesis(let open, _), .bracket(let open), .template(let open): open
      case .element(let element): element.start
      }
    let token = tokens[index]
    let place = source.location(of: token.offset)
    return
      "what is open is the `\(source.text(token.offset..<token.end).prefix(1))` of line \(place.line ?? 0), column \(place.column ?? 0)"
  }

  /// Whether a `{` that follows the last token starts an object literal rather than a block.
  private var startsObject: Bool {
    guard let last = tokens.last else { return false }
    switch last.kind {
    case .punctuator(let punctuator):
      switch punctuator {
      case .semicolon, .closeBrace, .openBrace, .closeParenthesis, .closeBracket, .arrow, .greater: return false
      default: return true
      }
    case .name:
      switch last.word {
      case .else, .do, .try, .finally: return false
      default: return expectsOperand
      }
    case .templateHead, .templateMiddle: return true
    default: return false
    }
  }

  private var followsControlKeyword: Bool {
    guard let last = tokens.last, last.kind == .name, !followsDot(tokens.count - 1) else { return false }
    switch last.word {
    case .if, .for, .while, .with, .switch: return true
    default: return false
    }
  }

  func followsDot(_ index: Int) -> Bool {
    index > 0 && (tokens[index - 1].kind == .punctuator(.dot) || tokens[index - 1].kind == .punctuator(.optionalDot))
  }
}
