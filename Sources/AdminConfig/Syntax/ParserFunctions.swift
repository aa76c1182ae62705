/// The part of the parser that reads functions, parameters and patterns (ECMAScript 15), with what TypeScript adds to them.
extension Parser {
  /// An arrow function in any of its forms; nil, and nothing taken, for anything else.
  mutating func arrowFunction() -> ExpressionID? {
    let start = index
    var next = index
    let isAsync =
      word == .async && !token(after: 1).followsLineEnd && token(after: 1).kind != .punctuator(.arrow)
      && token(after: 1).kind != .punctuator(.dot)
    if isAsync { next += 1 }
    if tokens[next].kind == .name, tokens[next + 1].kind == .punctuator(.arrow) {
      index = next
      let pattern = add(Pattern.name(token.name), at: token.offset)
      index += 2
      return arrowBody(Parameters(patterns: [pattern]), isAsync: isAsync, from: start)
    }
    if tokens[next].kind == .punctuator(.less), let end = typeArguments(at: next) { next = end }
    guard tokens[next].kind == .punctuator(.openParenthesis) else { return nil }
    var arrow = tokens[next].partner + 1
    if tokens[arrow].kind == .punctuator(.colon), !isInConditional, let end = type(at: arrow + 1) { arrow = end }
    guard tokens[arrow].kind == .punctuator(.arrow) else { return nil }
    index = next
    guard let parameters = parameters() else {
      index = start
      return nil
    }
    index = arrow + 1
    return arrowBody(parameters, isAsync: isAsync, from: start)
  }

  private mutating func arrowBody(_ parameters: Parameters, isAsync: Bool, from start: Int) -> ExpressionID? {
    let offset = tokens[start].offset
    if isAt(.openBrace) {
      var function = body(parameters, name: nil, at: offset)
      function.isArrow = true
      function.isAsync = isAsync
      let id = add(function)
      return add(.function(id), at: offset)
    }
    guard let expression = expression() else { return nil }
    var function = Function(body: .expression(expression), isArrow: true, isAsync: isAsync)
    function.parameters = list(parameters.patterns)
    function.rest = parameters.rest
    function.offset = Int32(truncatingIfNeeded: offset)
    let id = add(function)
    return add(.function(id), at: offset)
  }

  mutating func add(_ function: Function) -> FunctionID {
    program.functions.append(function)
    return FunctionID(program.functions.count - 1)
  }

  mutating func functionExpression() -> ExpressionID? {
    let offset = token.offset
    guard let (name, function) = functionDeclaration() else { return nil }
    if let function { program.functions[Int(function.value)].bindsName = name != nil }
    return function.map { add(.function($0), at: offset) }
  }

  /// A function from `async` or `function` on, with its name; without a body, as of an overload, no function.
  mutating func functionDeclaration() -> (name: Name?, function: FunctionID?)? {
    let offset = token.offset
    let isAsync = take(.async)
    guard take(.function) else { return nil }
    let isGenerator = take(.times)
    let name = takeName()
    guard isAt(.openParenthesis) || isAt(.less) else { return nil }
    let outer = (isInConditional, excludesIn)
    (isInConditional, excludesIn) = (false, false)
    defer { (isInConditional, excludesIn) = outer }
    guard let head = head() else { return nil }
    guard isAt(.openBrace) else { return (name, nil) }
    var function = body(head, name: name, at: offset)
    function.isAsync = isAsync
    function.isGenerator = isGenerator
    return (name, add(function))
  }

  /// A function from its parameters on; nil where it has no body.
  mutating func functionRest(_ name: Name?, isAsync: Bool, isGenerator: Bool, at offset: Int) -> FunctionID? {
    guard let head = head(), isAt(.openBrace) else { return nil }
    var function = body(head, name: name, at: offset)
    function.isAsync = isAsync
    function.isGenerator = isGenerator
    return add(function)
  }

  /// Parameters with what types surround them, up to the brace of the body or where that is missing.
  private mutating func head() -> Parameters? {
    if isAt(.less) {
      guard let end = typeList(at: index) else { return nil }
      index = end
    }
    guard isAt(.openParenthesis) else { return nil }
    let close = token.partner
    guard let parameters = parameters() else { return nil }
    index = close + 1
    if isAt(.colon), let end = type(at: index + 1) { index = end }
    return parameters
  }

  struct Parameters {
    var patterns: [PatternID] = []
    var rest: PatternID?
    var properties: [Name] = []
  }

  /// The parameters in the parentheses at hand; nil where they are not understood. The position afterwards is anywhere.
  private mutating func parameters() -> Parameters? {
    let close = token.partner
    index += 1
    var parameters = Parameters()
    while index < close {
      skipDecorators()
      let isProperty = skipModifiers()
      if word == .this, tokens[index + 1].kind == .punctuator(.colon) || index + 1 == close {
        skipValue(endsWithLine: false)
      } else if take(.ellipsis) {
        guard let rest = bindingTarget() else { return nil }
        parameters.rest = rest
      } else {
        if isProperty, token.kind == .name { parameters.properties.append(token.name) }
        guard let pattern = bindingElement() else { return nil }
        parameters.patterns.append(pattern)
      }
      guard take(.comma) || index == close else { return nil }
    }
    return parameters
  }

  /// Steps over `public`, `readonly` and the like before the name of a parameter; whether there were any.
  private mutating func skipModifiers() -> Bool {
    let start = index
    while let word, [.public, .private, .protected, .readonly, .override].contains(word) {
      switch token(after: 1).kind {
      case .name, .punctuator(.openBrace), .punctuator(.openBracket): index += 1
      default: return index > start
      }
    }
    return index > start
  }

  /// A binding target with its type and its default.
  mutating func bindingElement() -> PatternID? {
    let offset = token.offset
    guard let target = bindingTarget() else { return nil }
    guard take(.assign) else { return target }
    let fallback = value()
    return add(.withDefault(target, fallback), at: offset)
  }

  /// A name or a pattern, with the type that follows it (ECMAScript 14.3.3).
  mutating func bindingTarget() -> PatternID? {
    guard descend() else { return nil }
    defer { depth -= 1 }
    let start = token
    let pattern: PatternID?
    switch start.kind {
    case .name:
      index += 1
      pattern = add(Pattern.name(start.name), at: start.offset)
    case .punctuator(.openBrace): pattern = objectBinding()
    case .punctuator(.openBracket): pattern = arrayBinding()
    default: return nil
    }
    if isAt(.question) || isAt(.not) { index += 1 }
    if take(.colon) {
      guard let end = type(at: index) else { return nil }
      index = end
    }
    return pattern
  }

  private mutating func objectBinding() -> PatternID? {
    let offset = token.offset
    let close = token.partner
    index += 1
    var members: [PatternMember] = []
    var rest: PatternID?
    while index < close {
      let start = token
      if take(.ellipsis) {
        rest = bindingTarget()
        guard rest != nil else { return nil }
      } else {
        guard let key = key() else { return nil }
        let pattern: PatternID?
        if take(.colon) {
          pattern = bindingElement()
        } else {
          guard start.kind == .name else { return nil }
          let target = add(Pattern.name(start.name), at: start.offset)
          if take(.assign) {
            let fallback = value()
            pattern = add(.withDefault(target, fallback), at: start.offset)
          } else {
            pattern = target
          }
        }
        guard let pattern else { return nil }
        members.append(PatternMember(key: key, pattern: pattern, offset: Int32(truncatingIfNeeded: start.offset)))
      }
      guard take(.comma) || index == close else { return nil }
    }
    index = close + 1
    let span = Self.append(members, to: &program.patternMembers)
    return add(.object(span, rest: rest), at: offset)
  }

  private mutating func arrayBinding() -> PatternID? {
    let offset = token.offset
    let close = token.partner
    index += 1
    var elements: [PatternID] = []
    var rest: PatternID?
    while index < close {
      if take(.comma) {
        elements.append(PatternID(-1))
        continue
      }
      if take(.ellipsis) {
        rest = bindingTarget()
        guard rest != nil else { return nil }
      } else {
        guard let element = bindingElement() else { return nil }
        elements.append(element)
      }
      guard take(.comma) || index == close else { return nil }
    }
    index = close + 1
    let span = list(elements)
    return add(.array(span, rest: rest), at: offset)
  }

  /// A function's body in braces, from the opening to after the closing one.
  private mutating func body(_ parameters: Parameters, name: Name?, at offset: Int) -> Function {
    let outer = variables
    variables = []
    let block = block()
    var function = Function(name: name, body: .block(block))
    function.parameters = list(parameters.patterns)
    function.rest = parameters.rest
    function.parameterProperties = list(parameters.properties)
    function.variables = list(variables)
    function.offset = Int32(truncatingIfNeeded: offset)
    variables = outer
    return function
  }
}
