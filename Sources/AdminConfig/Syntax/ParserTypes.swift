/// The part of the parser that passes over types. Types are read as operands and operators in turn, without recursion:
/// all that matters is where they end.
extension Parser {
  /// The index after the type that starts at `start`; nil where none does.
  func type(at start: Int) -> Int? {
    var scan = TypeScan(tokens: tokens, index: start)
    return scan.run(limit: .max) ? scan.index : nil
  }

  /// The index after type arguments in an expression: a list in angle brackets, followed by a call or a template.
  func typeArguments(at start: Int) -> Int? {
    var scan = TypeScan(tokens: tokens, index: start)
    guard mayCloseAngle(at: start), scan.openList(), scan.run(limit: Limit.typeArgumentTokens) else { return nil }
    switch tokens[scan.index].kind {
    case .punctuator(.openParenthesis), .template, .templateHead: return scan.index
    // What no operand follows is no comparison: the type arguments of a function that is not called yet.
    case .punctuator(.semicolon), .punctuator(.comma), .punctuator(.closeParenthesis), .punctuator(.closeBracket),
      .punctuator(.closeBrace), .punctuator(.colon), .end:
      return isTypeScript ? scan.index : nil
    default: return nil
    }
  }

  /// The index after a list in angle brackets, whatever follows it.
  func typeList(at start: Int) -> Int? {
    var scan = TypeScan(tokens: tokens, index: start)
    return mayCloseAngle(at: start) && scan.openList() && scan.run(limit: Limit.typeArgumentTokens) ? scan.index : nil
  }
}

private struct TypeScan {
  let tokens: [Token]
  var index: Int
  /// The open lists; true for the parameters of a generic function type, which a function type has to follow.
  private var lists: [Bool] = []
  private var expectsOperand = true
  private var afterParameters = false
  private var openConditions = 0
  private var endsWithList = false

  init(tokens: [Token], index: Int) {
    self.tokens = tokens
    self.index = index
  }

  /// Takes the `<` of a list; the scan then ends with that list.
  mutating func openList() -> Bool {
    guard kind == .punctuator(.less) else { return false }
    index += 1
    lists.append(false)
    endsWithList = true
    return true
  }

  private var kind: Token.Kind { tokens[index].kind }

  /// Runs to the end of the type. False for what is no type, or takes more than `limit` tokens.
  mutating func run(limit: Int) -> Bool {
    var steps = 0
    while true {
      steps += 1
      if steps > limit { return false }
      if expectsOperand {
        guard takeOperand() else { return false }
      } else {
        switch takeOperator() {
        case .some(true): if lists.isEmpty && endsWithList { return true }
        case .some(false): return false
        case nil: return lists.isEmpty && !endsWithList
        }
      }
    }
  }

  private mutating func takeOperand() -> Bool {
    switch kind {
    case .name:
      let word = tokens[index].word
      index += 1
      switch word {
      case .const where lists.isEmpty: expectsOperand = false
      case .keyof, .typeof, .readonly, .unique, .infer, .asserts, .abstract, .new, .const:
        expectsOperand = startsOperand && !tokens[index].followsLineEnd
      default: expectsOperand = false
      }
    case .string, .number, .template:
      index += 1
      expectsOperand = false
    case .templateHead, .punctuator(.openBrace), .punctuator(.openBracket), .punctuator(.openParenthesis):
      index = tokens[index].partner + 1
      expectsOperand = false
    case .punctuator(.minus), .punctuator(.ellipsis), .punctuator(.bitOr), .punctuator(.bitAnd):
      index += 1
    case .punctuator(.less):
      index += 1
      lists.append(true)
    case .punctuator(.greater) where lists.last == false && tokens[index - 1].kind == .punctuator(.comma):
      expectsOperand = false
    default: return false
    }
    return true
  }

  private var startsOperand: Bool {
    switch kind {
    case .name, .string, .number, .template, .templateHead, .punctuator(.openBrace), .punctuator(.openBracket),
      .punctuator(.openParenthesis), .punctuator(.less):
      true
    default: false
    }
  }

  /// True when an operator was taken, nil at the end of the type, false for what is no type.
  private mutating func takeOperator() -> Bool? {
    let token = tokens[index]
    if afterParameters {
      afterParameters = false
      guard token.kind == .punctuator(.openParenthesis) else { return false }
      index = token.partner + 1
      return kind == .punctuator(.arrow)
    }
    switch token.kind {
    case .punctuator(.bitOr), .punctuator(.bitAnd): return expectOperand()
    // A function's type begins with its parameters: after a name the arrow belongs to an expression.
    case .punctuator(.arrow):
      return tokens[index - 1].kind == .punctuator(.closeParenthesis) ? expectOperand() : nil
    case .punctuator(.dot):
      guard tokens[index + 1].kind == .name else { return false }
      index += 2
      return true
    case .punctuator(.openBracket) where !token.followsLineEnd:
      index = token.partner + 1
      return true
    case .punctuator(.openParenthesis) where isImport(index - 1):
      index = token.partner + 1
      return true
    case .punctuator(.less) where !token.followsLineEnd:
      lists.append(false)
      return expectOperand()
    case .punctuator(.comma) where !lists.isEmpty, .punctuator(.assign) where !lists.isEmpty:
      return expectOperand()
    case .punctuator(.greater) where !lists.isEmpty:
      index += 1
      afterParameters = lists.removeLast()
      return true
    case .punctuator(.question) where openConditions > 0:
      return expectOperand()
    case .punctuator(.colon) where openConditions > 0:
      openConditions -= 1
      return expectOperand()
    case .name where !token.followsLineEnd:
      switch token.word {
      case .extends:
        if lists.last != true { openConditions += 1 }
        return expectOperand()
      case .is: return expectOperand()
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func expectOperand() -> Bool {
    index += 1
    expectsOperand = true
    return true
  }

  private func isImport(_ index: Int) -> Bool {
    index >= 0 && tokens[index].word == .import
  }
}
