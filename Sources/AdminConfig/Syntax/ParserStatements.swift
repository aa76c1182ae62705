/// The part of the parser that reads statements (ECMAScript 14), and steps over what TypeScript declares without a value.
extension Parser {
  mutating func parseModule() {
    var statements: [StatementID] = []
    while token.kind != .end {
      let start = index
      if let statement = statement() { statements.append(statement) }
      if index == start { index += 1 }
    }
    program.body = list(statements)
    program.variables = list(variables)
    program.namesCommonExports = used.contains(Name(.module)) || used.contains(Name(.exports))
    leaveOutTypeImports()
  }

  /// The statements in the braces at hand, from the opening to after the closing one.
  mutating func block() -> Span {
    let close = token.partner
    index += 1
    let outer = (isInConditional, excludesIn)
    (isInConditional, excludesIn) = (false, false)
    defer { (isInConditional, excludesIn) = outer }
    var statements: [StatementID] = []
    while index < close {
      let start = index
      if let statement = statement() { statements.append(statement) }
      if index == start { index += 1 }
      // What is not understood must not run past the end of its block.
      if index > close { break }
    }
    index = close + 1
    return list(statements)
  }

  /// One statement; nil for what leaves nothing to run, and opaque for what is not understood.
  mutating func statement() -> StatementID? {
    let start = index
    isTooDeep = false
    if descend() {
      defer { depth -= 1 }
      switch anyStatement() {
      case .some(let statement): return statement
      case .none: index = start
      }
    }
    if isAt(.openBrace) { skipOne() } else { skipStatement() }
    if index == start { skipOne() }
    let names = list(names(in: start..<index))
    return add(.opaque(names: names), at: tokens[start].offset)
  }

  /// A statement; the inner nil for what leaves nothing to run, the outer for what is not understood.
  private mutating func anyStatement() -> StatementID?? {
    let offset = token.offset
    switch token.kind {
    case .punctuator(.openBrace):
      let block = block()
      return add(.block(block), at: offset)
    case .punctuator(.semicolon):
      index += 1
      return .some(nil)
    case .punctuator(.at):
      skipDecorators()
      if word == .export { return .some(parseExport(isDecorated: true)) }
      _ = take(.abstract)
      return word == .class ? classStatement(isDecorated: true) : nil
    case .name: return wordStatement(at: offset)
    default: return expressionStatement()
    }
  }

  private mutating func wordStatement(at offset: Int) -> StatementID?? {
    let next = token(after: 1)
    switch word {
    case .import where next.kind != .punctuator(.dot) && next.kind != .punctuator(.openParenthesis):
      return .some(parseImport())
    case .export: return .some(parseExport(isDecorated: false))
    case .const where next.word == .enum:
      index += 1
      return enumeration()
    case .const, .var,
      .let where startsPattern(next):
      return declaration()
    case .function: return functionStatement()
    case .async where next.word == .function && !next.followsLineEnd: return functionStatement()
    case .class: return classStatement(isDecorated: false)
    case .abstract where next.word == .class:
      index += 1
      return classStatement(isDecorated: false)
    case .enum where next.kind == .name: return enumeration()
    case .namespace where next.kind == .name && !next.followsLineEnd,
      .module where next.kind == .name && !next.followsLineEnd:
      return namespace()
    case .declare where next.kind == .name && !next.followsLineEnd, .module where next.kind == .string,
      .global where next.kind == .punctuator(.openBrace):
      skipDeclaration()
      return .some(nil)
    case .interface where next.kind == .name && !next.followsLineEnd:
      skipClassLike()
      return .some(nil)
    case .type where next.kind == .name && !next.followsLineEnd:
      return skipTypeAlias() ? .some(nil) : nil
    case .if: return ifStatement()
    case .for: return forStatement()
    case .while: return whileStatement()
    case .do: return doStatement()
    case .switch: return switchStatement()
    case .try: return tryStatement()
    case .return, .throw: return leavingStatement()
    case .break, .continue: return jumpStatement()
    case .debugger:
      index += 1
      return finish() ? .some(nil) : nil
    case .with, .else, .case, .catch, .finally: return nil
    default:
      if next.kind == .punctuator(.colon), word != .default {
        let label = token.name
        index += 2
        let body = body()
        return add(.labelled(label, body), at: offset)
      }
      return expressionStatement()
    }
  }

  private func startsPattern(_ token: Token) -> Bool {
    token.kind == .name || token.kind == .punctuator(.openBrace) || token.kind == .punctuator(.openBracket)
  }

  /// Steps to after the semicolon that ends the statement, written or inserted; false where none can stand.
  mutating func finish() -> Bool {
    take(.semicolon) || isCloser(token) || token.followsLineEnd
  }

  private mutating func expressionStatement() -> StatementID?? {
    let offset = token.offset
    guard let expression = sequence(), finish() else { return nil }
    return add(.expression(expression), at: offset)
  }

  /// The statement that another one has for its body.
  private mutating func body() -> StatementID {
    let offset = token.offset
    return statement() ?? add(.empty, at: offset)
  }

  // MARK: Control

  /// The expression in the parentheses at hand.
  private mutating func header() -> ExpressionID? {
    isAt(.openParenthesis) ? bracketed() : nil
  }

  private mutating func ifStatement() -> StatementID?? {
    // A row of `else if` is read in a loop: it may be long.
    var arms: [(offset: Int, test: ExpressionID, body: StatementID)] = []
    var last: StatementID?
    while true {
      let offset = token.offset
      index += 1
      guard let test = header() else { return nil }
      arms.append((offset, test, body()))
      guard take(.else) else { break }
      if word != .if {
        last = body()
        break
      }
    }
    for arm in arms.reversed() { last = add(.if(arm.test, arm.body, last), at: arm.offset) }
    return .some(last)
  }

  private mutating func whileStatement() -> StatementID?? {
    let offset = token.offset
    index += 1
    guard let test = header() else { return nil }
    let body = body()
    return add(.while(test, body), at: offset)
  }

  private mutating func doStatement() -> StatementID?? {
    let offset = token.offset
    index += 1
    let body = body()
    guard take(.while), let test = header() else { return nil }
    _ = take(.semicolon)
    return add(.doWhile(body, test), at: offset)
  }

  private mutating func forStatement() -> StatementID?? {
    let offset = token.offset
    index += 1
    let isAsync = take(.await)
    guard isAt(.openParenthesis) else { return nil }
    let close = token.partner
    index += 1
    let outer = excludesIn
    excludesIn = true
    let head = forHead(until: close, isAsync: isAsync)
    excludesIn = outer
    guard let head, index == close else { return nil }
    index = close + 1
    let body = body()
    switch head {
    case .three(let initial, let test, let update): return add(.for(initial, test, update, body), at: offset)
    case .in(let binding, let object): return add(.forIn(binding, object, body), at: offset)
    case .of(let binding, let values): return add(.forOf(binding, values, body, isAsync: isAsync), at: offset)
    }
  }

  private enum ForHead {
    case three(StatementID?, ExpressionID?, ExpressionID?)
    case `in`(ForBinding, ExpressionID)
    case of(ForBinding, ExpressionID)
  }

  private mutating func forHead(until close: Int, isAsync: Bool) -> ForHead? {
    let offset = token.offset
    var initial: StatementID?
    if word == .const || word == .var || word == .let && startsPattern(token(after: 1)) {
      guard let kind = declarationKind() else { return nil }
      let start = index
      guard let pattern = bindingTarget() else { return nil }
      if word == .of || word == .in {
        if kind == .var { boundNames(pattern, into: &variables) }
        return forEach(ForBinding(kind: kind, pattern: pattern), until: close)
      }
      index = start
      guard let span = declarators(kind) else { return nil }
      initial = add(.variables(kind, span), at: offset)
    } else if !isAt(.semicolon) {
      guard let first = sequence() else { return nil }
      if word == .of || word == .in {
        guard let pattern = pattern(from: first) else { return nil }
        return forEach(ForBinding(kind: nil, pattern: pattern), until: close)
      }
      initial = add(.expression(first), at: offset)
    }
    guard take(.semicolon) else { return nil }
    excludesIn = false
    let test = isAt(.semicolon) ? nil : sequence()
    guard take(.semicolon) else { return nil }
    let update = index == close ? nil : sequence()
    return .three(initial, test, update)
  }

  private mutating func forEach(_ binding: ForBinding, until close: Int) -> ForHead? {
    let isOf = word == .of
    index += 1
    let values = wholeExpression(until: close)
    return isOf ? .of(binding, values) : .in(binding, values)
  }

  private mutating func switchStatement() -> StatementID?? {
    let offset = token.offset
    index += 1
    guard let subject = header(), isAt(.openBrace) else { return nil }
    let close = token.partner
    index += 1
    var cases: [Case] = []
    while index < close {
      var test: ExpressionID?
      if take(.case) {
        guard let expression = sequence() else { return nil }
        test = expression
      } else if !take(.default) {
        return nil
      }
      guard take(.colon) else { return nil }
      var body: [StatementID] = []
      while index < close, word != .case, word != .default {
        let start = index
        if let statement = statement() { body.append(statement) }
        if index == start { index += 1 }
      }
      cases.append(Case(test: test, body: list(body)))
    }
    index = close + 1
    let span = Self.append(cases, to: &program.cases)
    return add(.switch(subject, span), at: offset)
  }

  private mutating func tryStatement() -> StatementID?? {
    let offset = token.offset
    index += 1
    guard isAt(.openBrace), let body = statement() else { return nil }
    var parameter: PatternID?
    var handler: StatementID?
    var finalizer: StatementID?
    if take(.catch) {
      if isAt(.openParenthesis) {
        let close = token.partner
        index += 1
        guard let pattern = bindingTarget(), index == close else { return nil }
        parameter = pattern
        index = close + 1
      }
      guard isAt(.openBrace) else { return nil }
      handler = statement()
    }
    if take(.finally) {
      guard isAt(.openBrace) else { return nil }
      finalizer = statement()
    }
    return add(.try(body, parameter, handler, finalizer), at: offset)
  }

  private mutating func leavingStatement() -> StatementID?? {
    let offset = token.offset
    let isThrow = word == .throw
    index += 1
    var value: ExpressionID?
    if !isAt(.semicolon), !isCloser(token), !token.followsLineEnd {
      guard let expression = sequence() else { return nil }
      value = expression
    }
    guard finish() else { return nil }
    guard isThrow else { return add(.return(value), at: offset) }
    return value.map { add(.throw($0), at: offset) }
  }

  private mutating func jumpStatement() -> StatementID?? {
    let offset = token.offset
    let isBreak = word == .break
    index += 1
    let label = token.kind == .name && !token.followsLineEnd ? takeName() : nil
    guard finish() else { return nil }
    return add(isBreak ? .break(label) : .continue(label), at: offset)
  }
}
