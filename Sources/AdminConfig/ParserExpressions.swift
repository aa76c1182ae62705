/// The part of the parser that reads expressions, after ECMAScript 13. A function that returns nil has met something
/// that it doesn't understand; `value` then makes the whole value opaque and goes on after it.
extension Parser {
  /// An expression that ends before a comma, a semicolon or a closing bracket; outside brackets also before a line's end.
  mutating func value(endsWithLine: Bool = false) -> ExpressionID {
    let start = index
    isTooDeep = false
    if let expression = expression(), endsValue(endsWithLine: endsWithLine) { return expression }
    let reason = isTooDeep ? "an expression that is nested too deeply" : "syntax that is not understood"
    let offset = tokens[start].offset
    index = start
    skipValue(endsWithLine: endsWithLine)
    return add(.opaque(reason, isTruthy: false), at: offset)
  }

  private func endsValue(endsWithLine: Bool) -> Bool {
    isCloser(token) || isAt(.comma) || isAt(.semicolon) || endsWithLine && token.followsLineEnd
  }

  private mutating func descend() -> Bool {
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
    let start = token
    if let function = function() { return function }
    guard let condition = binary(above: 0) else { return nil }
    if case .punctuator(let punctuator) = token.kind, punctuator.isAssignment {
      index += 1
      guard expression() != nil else { return nil }
      return add(.opaque("an assignment", isTruthy: false), at: start.offset)
    }
    guard take(.question) else { return condition }
    let outer = isInConditional
    isInConditional = true
    let then = expression()
    isInConditional = outer
    guard let then, take(.colon), let otherwise = expression() else { return nil }
    return add(.conditional(condition, then: then, otherwise: otherwise), at: start.offset)
  }

  /// An arrow function in any of its forms, passed over.
  private mutating func function() -> ExpressionID? {
    let start = index
    var next = index
    if isAt(name: "async"), !token(after: 1).followsLineEnd { next += 1 }
    if tokens[next].kind == .name, tokens[next + 1].kind == .punctuator(.arrow) {
      return arrowFunction(from: start, arrow: next + 1)
    }
    if tokens[next].kind == .punctuator(.less), let end = typeArguments(at: next) { next = end }
    guard tokens[next].kind == .punctuator(.openParenthesis) else { return nil }
    var arrow = tokens[next].partner + 1
    if tokens[arrow].kind == .punctuator(.colon), !isInConditional, let end = type(at: arrow + 1) {
      // A return type that is itself a name ends at the arrow; one that ends in a function type has taken it already.
      arrow = tokens[end].kind == .punctuator(.arrow) ? end : arrow
    }
    return tokens[arrow].kind == .punctuator(.arrow) ? arrowFunction(from: start, arrow: arrow) : nil
  }

  private mutating func arrowFunction(from start: Int, arrow: Int) -> ExpressionID {
    index = arrow + 1
    if isAt(.openBrace) { skipOne() } else { _ = expression() }
    return add(.opaque("a function, which is not run", isTruthy: true), at: tokens[start].offset)
  }

  private mutating func binary(above minimum: Int) -> ExpressionID? {
    let start = token.offset
    guard var left = unary() else { return nil }
    while true {
      if !token.followsLineEnd, isAt(name: "as") || isAt(name: "satisfies"), let end = type(at: index + 1) {
        index = end
        continue
      }
      guard let (kind, precedence, length) = binaryOperator(), precedence > minimum else { return left }
      index += length
      guard let right = binary(above: precedence) else { return nil }
      left = add(.binary(kind, left, right), at: start)
    }
  }

  /// The operator at hand, how tightly it binds, and how many tokens it takes.
  private func binaryOperator() -> (kind: BinaryOperator, precedence: Int, length: Int)? {
    switch token.kind {
    case .name:
      let word = text(token)
      return word == "in" || word == "instanceof" ? (.uncomputed(word), 7, 1) : nil
    case .punctuator(let punctuator):
      switch punctuator {
      case .coalesce: return (.coalesce, 1, 1)
      case .or: return (.or, 1, 1)
      case .and: return (.and, 2, 1)
      case .bitOr: return (.uncomputed("|"), 3, 1)
      case .bitXor: return (.uncomputed("^"), 4, 1)
      case .bitAnd: return (.uncomputed("&"), 5, 1)
      case .strictlyEqual: return (.strictlyEqual, 6, 1)
      case .strictlyNotEqual: return (.strictlyNotEqual, 6, 1)
      case .equal: return (.equal, 6, 1)
      case .notEqual: return (.notEqual, 6, 1)
      case .less, .lessOrEqual: return (.uncomputed(punctuator.rawValue), 7, 1)
      case .greater: return greaterOperator()
      case .shiftLeft: return (.uncomputed("<<"), 8, 1)
      case .plus: return (.add, 9, 1)
      case .minus: return (.uncomputed("-"), 9, 1)
      case .times, .divide, .remainder: return (.uncomputed(punctuator.rawValue), 10, 1)
      // `**` binds to the right, which for something that is not computed makes no difference.
      case .power: return (.uncomputed("**"), 11, 1)
      default: return nil
      }
    default: return nil
    }
  }

  /// `>`, `>=`, `>>` and `>>>`, which the lexer leaves apart; nil for the assignments `>>=` and `>>>=`.
  private func greaterOperator() -> (kind: BinaryOperator, precedence: Int, length: Int)? {
    var length = 1
    while token(after: length).kind == .punctuator(.greater),
      token(after: length).offset == token(after: length - 1).end
    {
      length += 1
    }
    let next = token(after: length)
    let isAssigned = next.kind == .punctuator(.assign) && next.offset == token(after: length - 1).end
    if isAssigned { return length == 1 ? (.uncomputed(">="), 7, 2) : nil }
    return (.uncomputed(String(repeating: ">", count: length)), length == 1 ? 7 : 8, length)
  }

  private mutating func unary() -> ExpressionID? {
    let start = token
    // A row of prefix operators is as deep as it is long.
    guard descend() else { return nil }
    defer { depth -= 1 }
    switch start.kind {
    case .punctuator(.not):
      index += 1
      return unary().map { add(.not($0), at: start.offset) }
    case .punctuator(.minus):
      index += 1
      return unary().map { add(.negate($0), at: start.offset) }
    case .punctuator(.plus), .punctuator(.bitNot), .punctuator(.increment), .punctuator(.decrement):
      return uncomputedUnary(text(start), at: start.offset)
    case .punctuator(.less):
      guard let end = typeList(at: index) else { return nil }
      index = end
      return unary()
    case .name where !token(after: 1).followsLineEnd || text(start) != "await":
      switch text(start) {
      case "await" where !isCloser(token(after: 1)):
        index += 1
        return unary()
      case "typeof", "void", "delete": return uncomputedUnary(text(start), at: start.offset)
      default: return postfix()
      }
    default: return postfix()
    }
  }

  private mutating func uncomputedUnary(_ word: String, at offset: Int) -> ExpressionID? {
    index += 1
    return unary().map { _ in add(.opaque("the operator `\(word)`, which is not computed", isTruthy: false), at: offset)
    }
  }

  /// A left-hand-side expression (13.3): a primary expression and the accesses and calls after it.
  private mutating func postfix() -> ExpressionID? {
    let start = token.offset
    guard var expression = primary() else { return nil }
    var isChain = false
    while true {
      switch token.kind {
      case .punctuator(.dot):
        guard let name = name(token(after: 1)) else { return nil }
        index += 2
        expression = add(.property(of: expression, name: name, isOptional: false), at: start)
      case .punctuator(.optionalDot):
        isChain = true
        index += 1
        if let name = name(token) {
          index += 1
          expression = add(.property(of: expression, name: name, isOptional: true), at: start)
        } else if isAt(.openBracket) {
          guard let key = bracketed() else { return nil }
          expression = add(.element(of: expression, key: key, isOptional: true), at: start)
        } else if isAt(.openParenthesis) {
          let arguments = elements()
          expression = add(.call(expression, arguments: arguments, isOptional: true), at: start)
        } else {
          return nil
        }
      case .punctuator(.openBracket):
        guard let key = bracketed() else { return nil }
        expression = add(.element(of: expression, key: key, isOptional: false), at: start)
      case .punctuator(.openParenthesis):
        let arguments = elements()
        expression = add(.call(expression, arguments: arguments, isOptional: false), at: start)
      case .punctuator(.less):
        guard let end = typeArguments(at: index) else { return finishChain(expression, isChain, at: start) }
        index = end
      case .punctuator(.not) where !token.followsLineEnd:
        index += 1
      case .template, .templateHead:
        skipOne()
        expression = add(.opaque("a tagged template, which is not run", isTruthy: false), at: start)
      case .punctuator(.increment) where !token.followsLineEnd, .punctuator(.decrement) where !token.followsLineEnd:
        index += 1
        expression = add(.opaque("an assignment", isTruthy: false), at: start)
      default: return finishChain(expression, isChain, at: start)
      }
    }
  }

  private mutating func finishChain(_ expression: ExpressionID, _ isChain: Bool, at offset: Int) -> ExpressionID {
    isChain ? add(.optionalChain(expression), at: offset) : expression
  }

  private mutating func bracketed() -> ExpressionID? {
    index += 1
    let key = value()
    return take(.closeBracket) ? key : nil
  }

  /// The elements between two brackets, from the opening to after the closing one. The lexer has paired them.
  mutating func elements() -> [Expression.Element] {
    let close = token.partner
    index += 1
    let outer = isInConditional
    isInConditional = false
    defer { isInConditional = outer }
    var elements: [Expression.Element] = []
    while index < close {
      if isAt(.comma) {
        elements.append(.hole)
      } else if take(.ellipsis) {
        elements.append(.spread(value()))
      } else {
        elements.append(.value(value()))
      }
      if !take(.comma), index < close { index += 1 }
    }
    index = close + 1
    return elements
  }
}
