/// The part of the parser that reads classes (ECMAScript 15.7), with what TypeScript adds to them.
extension Parser {
  mutating func classExpression(isDecorated: Bool) -> ExpressionID? {
    let offset = token.offset
    guard let (_, id) = classDeclaration(isDecorated: isDecorated) else { return nil }
    return add(.classExpression(id), at: offset)
  }

  /// A class from `class` on, with its name.
  mutating func classDeclaration(isDecorated: Bool) -> (name: Name?, id: ClassID)? {
    var result = Class(isDecorated: isDecorated, offset: Int32(truncatingIfNeeded: token.offset))
    index += 1
    if token.kind == .name, word != .extends, word != .implements { result.name = takeName() }
    if isAt(.less) {
      guard let end = typeList(at: index) else { return nil }
      index = end
    }
    if take(.extends) {
      guard let superclass = superclass() else { return nil }
      result.superclass = superclass
    }
    while !isCloser(token), !isAt(.openBrace), !isAt(.semicolon) {
      if isAt(.less), let end = typeList(at: index) { index = end } else { skipOne() }
    }
    guard isAt(.openBrace) else { return nil }
    classBody(&result)
    program.classes.append(result)
    return (result.name, ClassID(program.classes.count - 1))
  }

  /// A name with accesses, or a call of one, with type arguments after it.
  private mutating func superclass() -> ExpressionID? {
    let offset = token.offset
    guard var expression = primary() else { return nil }
    while true {
      if isAt(.dot), token(after: 1).kind == .name {
        expression = add(.property(expression, token(after: 1).name, isOptional: false), at: offset)
        index += 2
      } else if isAt(.openParenthesis) {
        let arguments = elements()
        expression = add(.call(expression, arguments, isOptional: false), at: offset)
      } else if isAt(.less), let end = typeList(at: index) {
        index = end
      } else {
        return expression
      }
    }
  }

  private mutating func classBody(_ result: inout Class) {
    let close = token.partner
    index += 1
    var members: [ClassMember] = []
    while index < close {
      if take(.semicolon) { continue }
      let start = index
      switch classMember(until: close) {
      case .member(let member): members.append(member)
      case .constructor(let function): result.constructor = function
      case .nothing: break
      case .notUnderstood:
        index = start
        skipStatement()
        if index == start { index += 1 }
        result.isDecorated = true
      }
    }
    index = close + 1
    result.members = Self.append(members, to: &program.classMembers)
  }

  private enum ClassElement {
    case member(ClassMember)
    case constructor(FunctionID)
    case nothing
    case notUnderstood
  }

  private mutating func classMember(until close: Int) -> ClassElement {
    skipDecorators()
    let offset = token.offset
    var isStatic = false
    var isDeclared = false
    var kind = ClassMember.Kind.method
    var isAsync = false
    modifiers: while let word, startsClassKey(token(after: 1)) {
      switch word {
      case .static: isStatic = true
      case .declare, .abstract: isDeclared = true
      case .public, .private, .protected, .readonly, .override, .accessor: break
      case .get where !token(after: 1).followsLineEnd: kind = .getter
      case .set where !token(after: 1).followsLineEnd: kind = .setter
      case .async where !token(after: 1).followsLineEnd: isAsync = true
      default: break modifiers
      }
      index += 1
    }
    if isStatic, isAt(.openBrace) {
      let outer = variables
      variables = []
      let function = Function(body: .block(block()), offset: Int32(truncatingIfNeeded: offset))
      variables = outer
      let id = add(function)
      let value = add(.function(id), at: offset)
      return .member(ClassMember(kind: .staticBlock, isStatic: true, key: .spread, value: value))
    }
    if isAt(.openBracket), isIndexSignature() {
      skipStatement()
      return .nothing
    }
    let isGenerator = take(.times)
    guard let key = key() else { return .notUnderstood }
    if isAt(.question) || isAt(.not) { index += 1 }
    if isAt(.openParenthesis) || isAt(.less) {
      let name: Name? = if case .name(let name) = key { name } else { nil }
      let start = index
      guard let function = functionRest(name, isAsync: isAsync, isGenerator: isGenerator, at: offset) else {
        // Without a body it is an overload or abstract.
        guard index > start, isAt(.semicolon) || index == close || token.followsLineEnd else { return .notUnderstood }
        return .nothing
      }
      if kind == .method, !isStatic, name == Name(.constructor) { return .constructor(function) }
      let value = add(.function(function), at: offset)
      return .member(ClassMember(kind: kind, isStatic: isStatic, key: key, value: value))
    }
    if take(.colon) {
      guard let end = type(at: index) else { return .notUnderstood }
      index = end
    }
    let initial = take(.assign) ? value(endsWithLine: true) : nil
    guard take(.semicolon) || index == close || token.followsLineEnd else { return .notUnderstood }
    return isDeclared
      ? .nothing : .member(ClassMember(kind: .field, isStatic: isStatic, key: key, value: initial))
  }

  private func startsClassKey(_ token: Token) -> Bool {
    startsKey(token) || token.kind == .punctuator(.openBrace)
  }

  /// `[key: string]: T`, which declares a type.
  private func isIndexSignature() -> Bool {
    token(after: 1).kind == .name && token(after: 2).kind == .punctuator(.colon)
  }

  /// Steps over decorators, `@name`, `@name.of(…)` and `@(…)`.
  mutating func skipDecorators() {
    while take(.at) {
      if isAt(.openParenthesis) {
        skipOne()
        continue
      }
      while token.kind == .name {
        index += 1
        guard take(.dot) else { break }
      }
      if isAt(.less), let end = typeArguments(at: index) { index = end }
      if isAt(.openParenthesis) { skipOne() }
    }
  }
}
