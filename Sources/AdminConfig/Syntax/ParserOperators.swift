/// The part of the parser that reads operators (ECMAScript 13.4 to 13.14).
extension Parser {
  mutating func binary(above minimum: Int) -> ExpressionID? {
    // A row of operators that bind to the right is as deep as it is long.
    guard descend() else { return nil }
    defer { depth -= 1 }
    let start = token.offset
    guard var left = unary() else { return nil }
    while true {
      if !token.followsLineEnd, word == .as || word == .satisfies, let end = type(at: index + 1) {
        index = end
        continue
      }
      guard let next = binaryOperator(), next.precedence > minimum else { return left }
      index += next.length
      // `**` binds to the right.
      guard let right = binary(above: next.precedence == 11 ? 10 : next.precedence) else { return nil }
      switch next.kind {
      case .plain(let kind): left = add(.binary(kind, left, right), at: start)
      case .logical(let kind): left = add(.logical(kind, left, right), at: start)
      }
    }
  }

  private enum AnyOperator {
    case plain(BinaryOperator)
    case logical(LogicalOperator)
  }

  /// The operator at hand, how tightly it binds, and how many tokens it takes.
  private func binaryOperator() -> (kind: AnyOperator, precedence: Int, length: Int)? {
    switch token.kind {
    case .name:
      switch token.word {
      case .in where !excludesIn: return (.plain(.in), 7, 1)
      case .instanceof: return (.plain(.instanceOf), 7, 1)
      default: return nil
      }
    case .punctuator(let punctuator):
      switch punctuator {
      case .coalesce: return (.logical(.coalesce), 1, 1)
      case .or: return (.logical(.or), 1, 1)
      case .and: return (.logical(.and), 2, 1)
      case .bitOr: return (.plain(.bitOr), 3, 1)
      case .bitXor: return (.plain(.bitXor), 4, 1)
      case .bitAnd: return (.plain(.bitAnd), 5, 1)
      case .strictlyEqual: return (.plain(.strictlyEqual), 6, 1)
      case .strictlyNotEqual: return (.plain(.strictlyNotEqual), 6, 1)
      case .equal: return (.plain(.equal), 6, 1)
      case .notEqual: return (.plain(.notEqual), 6, 1)
      case .less: return (.plain(.less), 7, 1)
      case .lessOrEqual: return (.plain(.lessOrEqual), 7, 1)
      case .greater: return greaterOperator()
      case .shiftLeft: return (.plain(.shiftLeft), 8, 1)
      case .plus: return (.plain(.add), 9, 1)
      case .minus: return (.plain(.subtract), 9, 1)
      case .times: return (.plain(.multiply), 10, 1)
      case .divide: return (.plain(.divide), 10, 1)
      case .remainder: return (.plain(.remainder), 10, 1)
      case .power: return (.plain(.power), 11, 1)
      default: return nil
      }
    default: return nil
    }
  }

  /// How many `>` stand here without a space between them.
  func greaterRun() -> Int {
    var length = 1
    while token(after: length).kind == .punctuator(.greater),
      token(after: length).offset == token(after: length - 1).end
    {
      length += 1
    }
    return length
  }

  /// `>`, `>=`, `>>` and `>>>`, which the lexer leaves apart; nil for the assignments `>>=` and `>>>=`.
  private func greaterOperator() -> (kind: AnyOperator, precedence: Int, length: Int)? {
    let length = greaterRun()
    let next = token(after: length)
    if next.kind == .punctuator(.assign), next.offset == token(after: length - 1).end {
      return length == 1 ? (.plain(.greaterOrEqual), 7, 2) : nil
    }
    switch length {
    case 1: return (.plain(.greater), 7, 1)
    case 2: return (.plain(.shiftRight), 8, 2)
    case 3: return (.plain(.shiftRightUnsigned), 8, 3)
    default: return nil
    }
  }

  private mutating func unary() -> ExpressionID? {
    let start = token
    // A row of prefix operators is as deep as it is long.
    guard descend() else { return nil }
    defer { depth -= 1 }
    switch start.kind {
    case .punctuator(.not): return unary(.not)
    case .punctuator(.minus): return unary(.minus)
    case .punctuator(.plus): return unary(.plus)
    case .punctuator(.bitNot): return unary(.bitNot)
    case .punctuator(.increment), .punctuator(.decrement):
      index += 1
      guard let target = unary(), isSimpleTarget(target) else { return nil }
      return add(
        .update(target, isIncrement: start.kind == .punctuator(.increment), isPrefix: true), at: start.offset)
    case .punctuator(.less):
      guard let end = typeList(at: index) else { return nil }
      index = end
      return unary()
    case .name:
      switch start.word {
      case .await where !isCloser(token(after: 1)) && !token(after: 1).followsLineEnd && !isAtArrow(after: 1):
        index += 1
        return unary().map { add(.await($0), at: start.offset) }
      case .typeof: return unary(.typeof)
      case .void: return unary(.void)
      case .delete: return unary(.delete)
      default: return postfix()
      }
    default: return postfix()
    }
  }

  func isAtArrow(after count: Int) -> Bool { token(after: count).kind == .punctuator(.arrow) }

  private mutating func unary(_ kind: UnaryOperator) -> ExpressionID? {
    let offset = token.offset
    index += 1
    return unary().map { add(.unary(kind, $0), at: offset) }
  }
}
