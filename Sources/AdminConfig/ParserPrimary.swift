/// The part of the parser that reads primary expressions (ECMAScript 13.2): literals, names, objects, parentheses.
extension Parser {
  mutating func primary() -> ExpressionID? {
    let start = token
    switch start.kind {
    case .string, .template:
      index += 1
      guard let text = cookedText(source.bytes[(start.offset + 1)..<(start.end - 1)]) else {
        return malformedText(start)
      }
      return add(.string(text), at: start.offset)
    case .number:
      index += 1
      guard let number = numberValue(text(start)) else {
        return add(
          .opaque("the number `\(text(start).prefix(40))`, which is not computed", isTruthy: false), at: start.offset)
      }
      return add(.number(number), at: start.offset)
    case .templateHead: return template()
    case .regularExpression: return passOver("a regular expression", isTruthy: true)
    case .elementStart: return passOver("a JSX element", isTruthy: true)
    case .name: return nameOrKeyword()
    case .punctuator(.openBrace): return object()
    case .punctuator(.openBracket):
      let elements = elements()
      return add(.array(elements), at: start.offset)
    case .punctuator(.openParenthesis): return parenthesised()
    case .punctuator(.at): return passOver("a decorated class", isTruthy: true, toEnd: true)
    default: return nil
    }
  }

  private mutating func passOver(_ phrase: String, isTruthy: Bool, toEnd: Bool = false) -> ExpressionID {
    let offset = token.offset
    if toEnd { skipValue(endsWithLine: false) } else { skipOne() }
    return add(.opaque(phrase, isTruthy: isTruthy), at: offset)
  }

  private mutating func malformedText(_ token: Token) -> ExpressionID {
    add(.opaque("text with an escape that is not valid", isTruthy: false), at: token.offset)
  }

  private mutating func nameOrKeyword() -> ExpressionID? {
    let start = token
    let word = text(start)
    switch word {
    case "true", "false":
      index += 1
      return add(.boolean(word == "true"), at: start.offset)
    case "null":
      index += 1
      return add(.null, at: start.offset)
    case "function": return functionExpression()
    case "async" where name(token(after: 1)) == "function" && !token(after: 1).followsLineEnd:
      return functionExpression()
    case "class": return classExpression()
    case "new": return newExpression()
    case "import" where token(after: 1).kind == .punctuator(.dot) && name(token(after: 2)) == "meta":
      index += 3
      return add(.importMeta, at: start.offset)
    case "import" where token(after: 1).kind == .punctuator(.openParenthesis):
      index += 1
      skipOne()
      return add(.opaque("a dynamic `import()`, which is not followed", isTruthy: true), at: start.offset)
    case "if", "for", "while", "switch", "return", "throw", "var", "const", "export", "else", "case", "default", "do",
      "try", "yield", "this", "super":
      guard word == "this" || word == "super" else { return nil }
      index += 1
      return add(.opaque("`\(word)`", isTruthy: false), at: start.offset)
    default:
      index += 1
      return add(.name(word), at: start.offset)
    }
  }

  private mutating func functionExpression() -> ExpressionID? {
    let offset = token.offset
    skipFunctionHead()
    guard isAt(.openBrace) else { return nil }
    skipOne()
    return add(.opaque("a function, which is not run", isTruthy: true), at: offset)
  }

  /// Steps from `function` or a method's parameters to the brace of its body, or to where that is missing.
  mutating func skipFunctionHead() {
    while token.kind == .name || isAt(.times) { index += 1 }
    if isAt(.less), let end = typeArguments(at: index) { index = end }
    guard isAt(.openParenthesis) else { return }
    skipOne()
    if isAt(.colon), let end = type(at: index + 1) { index = end }
  }

  private mutating func classExpression() -> ExpressionID? {
    let offset = token.offset
    skipClass()
    return add(.opaque("a class, which is not followed", isTruthy: true), at: offset)
  }

  /// Steps over a class or an interface, from its first word to after its body. Type arguments may have braces of their own.
  mutating func skipClass() {
    while !isCloser(token), !isAt(.openBrace), !isAt(.semicolon) {
      if isAt(.less), let end = typeList(at: index) { index = end } else { skipOne() }
    }
    if isAt(.openBrace) { skipOne() }
  }

  /// `new` and its operand, up to its arguments.
  private mutating func newExpression() -> ExpressionID? {
    let offset = token.offset
    while isAt(name: "new") { index += 1 }
    guard token.kind == .name || isAt(.openParenthesis) || isAt(.dot) else { return nil }
    if isAt(name: "class") { skipClass() } else { skipOne() }
    while isAt(.dot) || isAt(.openBracket) {
      skipOne()
      if token.kind == .name { index += 1 }
    }
    if isAt(.less), let end = typeArguments(at: index) { index = end }
    if isAt(.openParenthesis) { skipOne() }
    return add(.opaque("an object made with `new`, which is not followed", isTruthy: true), at: offset)
  }

  private mutating func parenthesised() -> ExpressionID? {
    let close = token.partner
    let offset = token.offset
    index += 1
    let outer = isInConditional
    isInConditional = false
    let inner = value()
    isInConditional = outer
    if index == close {
      index += 1
      return inner
    }
    index = close + 1
    return add(.opaque("several expressions in one pair of parentheses", isTruthy: false), at: offset)
  }

  private mutating func template() -> ExpressionID? {
    let start = token
    var texts: [String] = []
    var substitutions: [ExpressionID] = []
    var isWellFormed = true
    let outer = isInConditional
    isInConditional = false
    defer { isInConditional = outer }
    while true {
      let part = token
      let isTail = part.kind == .templateTail
      let text = cookedText(source.bytes[(part.offset + 1)..<(part.end - (isTail ? 1 : 2))])
      if text == nil { isWellFormed = false }
      texts.append(text ?? "")
      index += 1
      if isTail { break }
      substitutions.append(value())
      while token.kind != .templateMiddle, token.kind != .templateTail {
        isWellFormed = false
        skipOne()
      }
    }
    guard isWellFormed else { return malformedText(start) }
    return add(.template(texts: texts, substitutions: substitutions), at: start.offset)
  }

  private mutating func object() -> ExpressionID? {
    let close = token.partner
    let offset = token.offset
    index += 1
    let outer = isInConditional
    isInConditional = false
    defer { isInConditional = outer }
    var members: [Expression.Member] = []
    while index < close {
      let start = index
      if let member = member(), isAt(.comma) || index == close {
        members.append(member)
      } else {
        // What is not understood may set any key: as the spread of something unknown does.
        index = start
        skipValue(endsWithLine: false)
        members.append(.spread(add(.opaque("syntax that is not understood", isTruthy: true), at: tokens[start].offset)))
      }
      if !take(.comma), index < close { index += 1 }
    }
    index = close + 1
    return add(.object(members), at: offset)
  }

  private mutating func member() -> Expression.Member? {
    if take(.ellipsis) { return .spread(value()) }
    let start = token
    if start.kind == .name, ["get", "set", "async"].contains(text(start)), startsKey(token(after: 1)) {
      let phrase = text(start) == "async" ? "a function, which is not run" : "a getter or setter, which is not run"
      index += 1
      return method(phrase, at: start.offset)
    }
    if isAt(.times) { return method("a function, which is not run", at: start.offset) }
    if isAt(.openBracket) {
      guard let key = bracketedKey() else { return nil }
      if take(.colon) { return .computed(key, value()) }
      guard let function = methodBody("a function, which is not run", at: start.offset) else { return nil }
      return .computed(key, function)
    }
    guard let key = literalKey(start) else { return nil }
    index += 1
    if take(.colon) { return key == "__proto__" ? .spread(value()) : .property(key, value()) }
    if start.kind == .name, isAt(.comma) || isCloser(token) {
      return .property(key, add(.name(key), at: start.offset))
    }
    return methodBody("a function, which is not run", at: start.offset).map { .property(key, $0) }
  }

  private func startsKey(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .string, .number, .punctuator(.openBracket), .punctuator(.times): true
    default: false
    }
  }

  private func literalKey(_ token: Token) -> String? {
    switch token.kind {
    case .name: text(token)
    case .string: cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)])
    case .number: numberValue(text(token)).flatMap(numberText)
    default: nil
    }
  }

  private mutating func bracketedKey() -> ExpressionID? {
    index += 1
    let key = value()
    return take(.closeBracket) ? key : nil
  }

  private mutating func method(_ phrase: String, at offset: Int) -> Expression.Member? {
    _ = take(.times)
    if isAt(.openBracket) {
      guard let key = bracketedKey(), let function = methodBody(phrase, at: offset) else { return nil }
      return .computed(key, function)
    }
    guard let key = literalKey(token) else { return nil }
    index += 1
    return methodBody(phrase, at: offset).map { .property(key, $0) }
  }

  private mutating func methodBody(_ phrase: String, at offset: Int) -> ExpressionID? {
    guard isAt(.openParenthesis) || isAt(.less) else { return nil }
    skipFunctionHead()
    guard isAt(.openBrace) else { return nil }
    skipOne()
    return add(.opaque(phrase, isTruthy: true), at: offset)
  }
}
