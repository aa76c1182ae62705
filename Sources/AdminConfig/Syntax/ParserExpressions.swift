/// The part of the parser that reads expressions: assignments, accesses and calls (ECMAScript 13.3 and 13.15).
extension Parser {
  /// A whole value: up to a comma, a semicolon, a closing bracket or, for a statement, the end of a line. What is not
  /// understood up to there becomes opaque.
  mutating func value(endsWithLine: Bool = false) -> ExpressionID {
    let start = index
    isTooDeep = false
    if let expression = expression(), endsValue(endsWithLine: endsWithLine) { return expression }
    let phrase = isTooDeep ? "an expression that is nested too deeply" : "syntax that is not understood"
    index = start
    skipValue(endsWithLine: endsWithLine)
    return addOpaque(phrase, from: start)
  }

  private func endsValue(endsWithLine: Bool) -> Bool {
    isCloser(token) || isAt(.comma) || isAt(.semicolon) || endsWithLine && token.followsLineEnd
  }

  /// An expression with the comma operator, up to the bracket that closes at `close`; what is not understood is opaque.
  mutating func wholeExpression(until close: Int) -> ExpressionID {
    let start = index
    let outer = (isInConditional, excludesIn)
    (isInConditional, excludesIn) = (false, false)
    defer { (isInConditional, excludesIn) = outer }
    isTooDeep = false
    if let expression = sequence(), index == close { return expression }
    let phrase = isTooDeep ? "an expression that is nested too deeply" : "syntax that is not understood"
    index = close
    return addOpaque(phrase, from: min(start, close))
  }

  /// Expressions with commas between them.
  mutating func sequence() -> ExpressionID? {
    let start = token.offset
    guard let first = expression() else { return nil }
    guard isAt(.comma) else { return first }
    var all = [first]
    while take(.comma) {
      guard let next = expression() else { return nil }
      all.append(next)
    }
    let span = list(all)
    return add(.sequence(span), at: start)
  }

  mutating func descend() -> Bool {
    guard depth < Limit.expressionDepth else {
      isTooDeep = true
      return false
    }
    depth += 1
    return true
  }

  /// An assignment expression (13.15): everything but the comma operator.
  mutating func expression() -> ExpressionID? {
    guard descend() else { return nil }
    defer { depth -= 1 }
    let start = token.offset
    if let function = arrowFunction() { return function }
    if word == .yield, !isAtArrow(after: 1) { return yieldExpression() }
    guard let target = binary(above: 0) else { return nil }
    if case .punctuator(let punctuator) = token.kind, punctuator.isAssignment {
      index += 1
      return assignment(punctuator, to: target, at: start)
    }
    if let (kind, length) = shiftAssignment() {
      index += length
      guard let value = expression() else { return nil }
      return add(.assignBinary(kind, target, value), at: start)
    }
    guard take(.question) else { return target }
    let outer = isInConditional
    isInConditional = true
    let then = expression()
    isInConditional = outer
    guard let then, take(.colon), let otherwise = expression() else { return nil }
    return add(.conditional(target, then, otherwise), at: start)
  }

  private mutating func yieldExpression() -> ExpressionID? {
    let start = index
    index += 1
    _ = take(.times)
    if !isCloser(token), !isAt(.comma), !isAt(.semicolon), !token.followsLineEnd { _ = expression() }
    return addOpaque("a generator, which is not run", from: start)
  }

  private mutating func assignment(_ punctuator: Punctuator, to target: ExpressionID, at start: Int) -> ExpressionID? {
    let logical: LogicalOperator? =
      switch punctuator {
      case .assignCoalesce: .coalesce
      case .assignOr: .or
      case .assignAnd: .and
      default: nil
      }
    guard punctuator == .assign || isSimpleTarget(target) else { return nil }
    let pattern = punctuator == .assign ? pattern(from: target) : nil
    guard let value = expression() else { return nil }
    if punctuator == .assign { return pattern.map { add(.assign($0, value), at: start) } }
    if let logical { return add(.assignLogical(logical, target, value), at: start) }
    return Self.binaryOperator(of: punctuator).map { add(.assignBinary($0, target, value), at: start) }
  }

  func isSimpleTarget(_ id: ExpressionID) -> Bool {
    switch program.expressions[Int(id.value)].kind {
    case .name, .property(_, _, isOptional: false), .element(_, _, isOptional: false): true
    default: false
    }
  }

  private static func binaryOperator(of assignment: Punctuator) -> BinaryOperator? {
    switch assignment {
    case .assignPlus: .add
    case .assignMinus: .subtract
    case .assignTimes: .multiply
    case .assignDivide: .divide
    case .assignRemainder: .remainder
    case .assignPower: .power
    case .assignShiftLeft: .shiftLeft
    case .assignBitAnd: .bitAnd
    case .assignBitOr: .bitOr
    case .assignBitXor: .bitXor
    default: nil
    }
  }

  /// `>>=` and `>>>=`, which the lexer leaves apart.
  private func shiftAssignment() -> (kind: BinaryOperator, length: Int)? {
    guard isAt(.greater) else { return nil }
    let length = greaterRun()
    let next = token(after: length)
    guard length > 1, next.kind == .punctuator(.assign), next.offset == token(after: length - 1).end else { return nil }
    return (length == 2 ? .shiftRight : .shiftRightUnsigned, length + 1)
  }

  /// An expression that has been read, as what is assigned to (13.15.5).
  mutating func pattern(from id: ExpressionID) -> PatternID? {
    guard descend() else { return nil }
    defer { depth -= 1 }
    let node = program.expressions[Int(id.value)]
    let offset = Int(node.offset)
    switch node.kind {
    case .name(let name): return add(Pattern.name(name), at: offset)
    case .property(_, _, isOptional: false), .element(_, _, isOptional: false): return add(.target(id), at: offset)
    case .assign(let inner, let value): return add(.withDefault(inner, value), at: offset)
    case .array(let span): return arrayPattern(from: span, at: offset)
    case .object(let span): return objectPattern(from: span, at: offset)
    default: return nil
    }
  }

  private mutating func arrayPattern(from span: Span, at offset: Int) -> PatternID? {
    var elements: [PatternID] = []
    for position in span.range {
      let element = ExpressionID(program.lists[position])
      switch program.expressions[Int(element.value)].kind {
      case .hole: elements.append(PatternID(-1))
      case .spread(let inner):
        guard position == span.range.upperBound - 1, let rest = pattern(from: inner) else { return nil }
        let list = list(elements)
        return add(.array(list, rest: rest), at: offset)
      default:
        guard let pattern = pattern(from: element) else { return nil }
        elements.append(pattern)
      }
    }
    let list = list(elements)
    return add(.array(list, rest: nil), at: offset)
  }

  private mutating func objectPattern(from span: Span, at offset: Int) -> PatternID? {
    var members: [PatternMember] = []
    var rest: PatternID?
    for position in span.range {
      let member = program.members[position]
      guard let inner = pattern(from: member.value) else { return nil }
      let place = program.expressions[Int(member.value.value)].offset
      switch (member.kind, member.key) {
      case (_, .spread):
        guard position == span.range.upperBound - 1 else { return nil }
        rest = inner
      case (.shorthandFallback(let fallback), let key):
        let pattern = add(.withDefault(inner, fallback), at: Int(place))
        members.append(PatternMember(key: key, pattern: pattern, offset: place))
      case (.value, let key): members.append(PatternMember(key: key, pattern: inner, offset: place))
      default: return nil
      }
    }
    let list = Self.append(members, to: &program.patternMembers)
    return add(.object(list, rest: rest), at: offset)
  }

  // MARK: Accesses and calls

  /// A left-hand-side expression (13.3): a primary expression and the accesses and calls after it.
  mutating func postfix() -> ExpressionID? {
    let start = token.offset
    guard var expression = primary() else { return nil }
    var isChain = false
    while true {
      switch token.kind {
      case .punctuator(.dot):
        guard token(after: 1).kind == .name else { return nil }
        expression = add(.property(expression, token(after: 1).name, isOptional: false), at: start)
        index += 2
      case .punctuator(.optionalDot):
        isChain = true
        index += 1
        if let name = takeName() {
          expression = add(.property(expression, name, isOptional: true), at: start)
        } else if isAt(.openBracket) {
          let key = bracketed()
          expression = add(.element(expression, key, isOptional: true), at: start)
        } else if isAt(.openParenthesis) {
          let arguments = elements()
          expression = add(.call(expression, arguments, isOptional: true), at: start)
        } else {
          return nil
        }
      case .punctuator(.openBracket):
        let key = bracketed()
        expression = add(.element(expression, key, isOptional: false), at: start)
      case .punctuator(.openParenthesis):
        let arguments = elements()
        noteRequire(expression, arguments)
        expression = add(.call(expression, arguments, isOptional: false), at: start)
      case .punctuator(.less):
        guard let end = typeArguments(at: index) else { return finishChain(expression, isChain, at: start) }
        index = end
      case .punctuator(.not) where !token.followsLineEnd:
        index += 1
      case .template, .templateHead:
        let raw = rawTexts()
        guard let parts = templateParts() else { return nil }
        expression = add(.taggedTemplate(expression, parts, raw: raw), at: start)
      case .punctuator(.increment) where !token.followsLineEnd, .punctuator(.decrement) where !token.followsLineEnd:
        guard isSimpleTarget(expression) else { return nil }
        let isIncrement = isAt(.increment)
        index += 1
        expression = add(.update(expression, isIncrement: isIncrement, isPrefix: false), at: start)
      default: return finishChain(expression, isChain, at: start)
      }
    }
  }

  private mutating func noteRequire(_ callee: ExpressionID, _ arguments: Span) {
    guard case .name(Name(.require)) = program.expressions[Int(callee.value)].kind, arguments.count > 0 else { return }
    noteModule(ExpressionID(program.lists[Int(arguments.start)]))
  }

  /// Keeps the name of a module that is loaded by a call, where it is a literal.
  mutating func noteModule(_ id: ExpressionID) {
    if let text = constantText(id) { program.laterModules.append(text) }
  }

  /// The text of a literal, or of literals that are added up.
  private func constantText(_ id: ExpressionID) -> String? {
    switch program.expressions[Int(id.value)].kind {
    case .string(let text): return program.texts[Int(text.value)]
    case .binary(.add, let left, let right):
      guard case .string(let last) = program.expressions[Int(right.value)].kind else { return nil }
      return constantText(left).map { $0 + program.texts[Int(last.value)] }
    default: return nil
    }
  }

  private mutating func finishChain(_ expression: ExpressionID, _ isChain: Bool, at offset: Int) -> ExpressionID {
    isChain ? add(.optionalChain(expression), at: offset) : expression
  }

  /// The expression between two square brackets, from the opening to after the closing one.
  mutating func bracketed() -> ExpressionID {
    let close = token.partner
    index += 1
    let key = wholeExpression(until: close)
    index = close + 1
    return key
  }

  /// The elements between two brackets, from the opening to after the closing one. The lexer has paired them.
  mutating func elements() -> Span {
    let close = token.partner
    index += 1
    let outer = (isInConditional, excludesIn)
    (isInConditional, excludesIn) = (false, false)
    defer { (isInConditional, excludesIn) = outer }
    var elements: [ExpressionID] = []
    while index < close {
      let offset = token.offset
      if isAt(.comma) {
        elements.append(add(.hole, at: offset))
      } else if take(.ellipsis) {
        let inner = value()
        elements.append(add(.spread(inner), at: offset))
      } else {
        elements.append(value())
      }
      if !take(.comma), index < close { index += 1 }
    }
    index = close + 1
    return list(elements)
  }
}
