/// The part of the parser that reads primary expressions (ECMAScript 13.2): literals, names, objects, parentheses.
extension Parser {
  mutating func primary() -> ExpressionID? {
    let start = token
    switch start.kind {
    case .string, .template:
      index += 1
      guard let text = cooked(start, trailing: 1) else { return malformedText(from: index - 1) }
      let id = add(text: text)
      return add(.string(id), at: start.offset)
    case .number: return number()
    case .templateHead:
      let first = index
      guard let parts = templateParts() else { return malformedText(from: first) }
      return add(.template(parts), at: start.offset)
    case .regularExpression: return regularExpression()
    case .elementStart:
      let first = index
      skipOne()
      return addOpaque("a JSX element", from: first)
    case .name: return nameOrKeyword()
    case .punctuator(.openBrace): return object()
    case .punctuator(.openBracket):
      let elements = elements()
      return add(.array(elements), at: start.offset)
    case .punctuator(.openParenthesis):
      let close = start.partner
      index += 1
      let inner = wholeExpression(until: close)
      index = close + 1
      return inner
    case .punctuator(.at):
      skipDecorators()
      return word == .class ? classExpression(isDecorated: true) : nil
    default: return nil
    }
  }

  private func cooked(_ token: Token, trailing: Int) -> String? {
    cookedText(source.bytes[(token.offset + 1)..<(token.end - trailing)])
  }

  private mutating func malformedText(from start: Int) -> ExpressionID {
    addOpaque("text with an escape that is not valid", from: start)
  }

  private mutating func number() -> ExpressionID {
    let start = index
    let text = text(token)
    index += 1
    if let number = numberValue(text) { return add(.number(number), at: tokens[start].offset) }
    if let digits = bigIntegerDigits(text) {
      let id = add(text: digits)
      return add(.bigInteger(id), at: tokens[start].offset)
    }
    return addOpaque("the number `\(text.prefix(40))`, which is not computed", from: start)
  }

  private mutating func regularExpression() -> ExpressionID {
    let start = token
    index += 1
    let text = source.bytes[start.offset..<start.end]
    // The lexer ends one at its last slash.
    let slash = text.lastIndex(of: UInt8(ascii: "/")) ?? text.startIndex
    let pattern = add(text: source.text((start.offset + 1)..<max(start.offset + 1, slash)))
    let flags = add(text: source.text((slash + 1)..<max(slash + 1, start.end)))
    return add(.regularExpression(pattern: pattern, flags: flags), at: start.offset)
  }

  private mutating func nameOrKeyword() -> ExpressionID? {
    let start = token
    switch start.word {
    case .true, .false:
      index += 1
      return add(.boolean(start.word == .true), at: start.offset)
    case .null:
      index += 1
      return add(.null, at: start.offset)
    case .this:
      index += 1
      return add(.this, at: start.offset)
    case .super:
      index += 1
      return add(.superclass, at: start.offset)
    case .function: return functionExpression()
    case .async where token(after: 1).word == .function && !token(after: 1).followsLineEnd: return functionExpression()
    case .class: return classExpression(isDecorated: false)
    case .new: return newExpression()
    case .import: return importExpression()
    case .if, .for, .while, .with, .switch, .return, .throw, .var, .const, .export, .else, .case, .default, .do, .try,
      .enum, .extends, .catch, .finally, .break, .continue, .in, .instanceof:
      return nil
    default:
      index += 1
      used.insert(start.name)
      return add(Expression.name(start.name), at: start.offset)
    }
  }

  private mutating func importExpression() -> ExpressionID? {
    let offset = token.offset
    index += 1
    if take(.dot) { return take(.meta) ? add(.importMeta, at: offset) : nil }
    guard isAt(.openParenthesis) else { return nil }
    let arguments = elements()
    guard arguments.count > 0 else { return nil }
    let module = ExpressionID(program.lists[Int(arguments.start)])
    noteModule(module)
    return add(.importCall(module), at: offset)
  }

  /// `new` and its operand with the accesses before its arguments (13.3.5).
  private mutating func newExpression() -> ExpressionID? {
    guard descend() else { return nil }
    defer { depth -= 1 }
    let offset = token.offset
    index += 1
    if take(.dot) { return take(.target) ? add(.newTarget, at: offset) : nil }
    guard var callee = word == .new ? newExpression() : primary() else { return nil }
    while true {
      if isAt(.dot), token(after: 1).kind == .name {
        callee = add(.property(callee, token(after: 1).name, isOptional: false), at: offset)
        index += 2
      } else if isAt(.openBracket) {
        let key = bracketed()
        callee = add(.element(callee, key, isOptional: false), at: offset)
      } else if isAt(.less), let end = typeArguments(at: index) {
        index = end
      } else {
        break
      }
    }
    let arguments = isAt(.openParenthesis) ? elements() : .empty
    return add(.new(callee, arguments), at: offset)
  }

  /// The texts of a template as they are written, from the token at hand on; nothing is taken.
  mutating func rawTexts() -> Span {
    var texts: [ExpressionID] = []
    var position = index
    while true {
      let part = tokens[position]
      let isLast = part.kind == .templateTail || part.kind == .template
      let raw = source.text((part.offset + 1)..<(part.end - (isLast ? 1 : 2)))
      let id = add(text: raw.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))
      texts.append(add(.string(id), at: part.offset))
      if isLast { return list(texts) }
      position += 1
      while tokens[position].kind != .templateMiddle, tokens[position].kind != .templateTail {
        position = tokens[position].partner > position ? tokens[position].partner + 1 : position + 1
      }
    }
  }

  /// Text and substitutions in turn, from the token at hand to after the end of the template.
  mutating func templateParts() -> Span? {
    let outer = (isInConditional, excludesIn)
    (isInConditional, excludesIn) = (false, false)
    defer { (isInConditional, excludesIn) = outer }
    var parts: [ExpressionID] = []
    var isWellFormed = true
    while true {
      let part = token
      let isLast = part.kind == .templateTail || part.kind == .template
      let text = cooked(part, trailing: isLast ? 1 : 2)
      if text == nil { isWellFormed = false }
      let id = add(text: text ?? "")
      parts.append(add(.string(id), at: part.offset))
      index += 1
      if isLast { break }
      parts.append(templateSubstitution())
    }
    return isWellFormed ? list(parts) : nil
  }

  private mutating func templateSubstitution() -> ExpressionID {
    let start = index
    isTooDeep = false
    if let expression = sequence(), token.kind == .templateMiddle || token.kind == .templateTail { return expression }
    let phrase = isTooDeep ? "an expression that is nested too deeply" : "syntax that is not understood"
    index = start
    while token.kind != .templateMiddle, token.kind != .templateTail { skipOne() }
    return addOpaque(phrase, from: start)
  }

  // MARK: Objects

  private mutating func object() -> ExpressionID {
    let close = token.partner
    let offset = token.offset
    index += 1
    let outer = (isInConditional, excludesIn)
    (isInConditional, excludesIn) = (false, false)
    defer { (isInConditional, excludesIn) = outer }
    var members: [Member] = []
    while index < close {
      let start = index
      if let member = member(), isAt(.comma) || index == close {
        members.append(member)
      } else {
        // What is not understood may set any key: as the spread of something unknown does.
        index = start
        skipValue(endsWithLine: false)
        members.append(Member(key: .spread, value: addOpaque("syntax that is not understood", from: start)))
      }
      if !take(.comma), index < close { index += 1 }
    }
    index = close + 1
    let span = Self.append(members, to: &program.members)
    return add(.object(span), at: offset)
  }

  private mutating func member() -> Member? {
    let start = token
    if take(.ellipsis) { return Member(key: .spread, value: value()) }
    var kind = Member.Kind.value
    var isAsync = false
    if startsKey(token(after: 1)) {
      switch start.word {
      case .get: kind = .getter
      case .set: kind = .setter
      case .async: isAsync = true
      default: break
      }
      if start.word == .get || start.word == .set || start.word == .async { index += 1 }
    }
    let isGenerator = take(.times)
    let keyToken = token
    guard let key = key() else { return nil }
    if isAt(.openParenthesis) || isAt(.less) {
      return method(key, kind: kind, isAsync: isAsync, isGenerator: isGenerator, at: start.offset)
    }
    guard case .value = kind, !isAsync, !isGenerator else { return nil }
    if take(.colon) {
      // Not computed, this key sets what properties are inherited (B.3.1): as far as is followed, like a spread.
      if case .name(Name(.proto)) = key { return Member(key: .spread, value: value()) }
      return Member(key: key, value: value())
    }
    guard keyToken.kind == .name, case .name(let name) = key else { return nil }
    used.insert(name)
    let value = add(Expression.name(name), at: keyToken.offset)
    guard take(.assign) else { return Member(key: key, value: value) }
    let fallback = self.value()
    return Member(key: key, kind: .shorthandFallback(fallback), value: value)
  }

  /// Whether a token may start the key that makes `get`, `set` and `async` before it modifiers.
  func startsKey(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .string, .number, .punctuator(.openBracket), .punctuator(.times): true
    default: false
    }
  }

  /// The key of a member: a name, a literal, or an expression in brackets.
  mutating func key() -> Member.Key? {
    let start = token
    switch start.kind {
    case .name:
      index += 1
      return .name(start.name)
    case .string:
      index += 1
      return cooked(start, trailing: 1).map { .name(names.intern(Array($0.utf8)[...])) }
    case .number:
      index += 1
      return numberValue(text(start)).map { .name(names.intern(Array(numberText($0).utf8)[...])) }
    case .punctuator(.openBracket): return .computed(bracketed())
    default: return nil
    }
  }

  private mutating func method(
    _ key: Member.Key, kind: Member.Kind, isAsync: Bool, isGenerator: Bool, at offset: Int
  ) -> Member? {
    let name: Name? = if case .name(let name) = key { name } else { nil }
    guard let function = functionRest(name, isAsync: isAsync, isGenerator: isGenerator, at: offset) else { return nil }
    let value = add(.function(function), at: offset)
    return Member(key: key, kind: kind, value: value)
  }
}
