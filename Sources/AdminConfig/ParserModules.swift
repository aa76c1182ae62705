/// The part of the parser that reads imports and exports, those of ECMAScript 16.2 and those of CommonJS.
extension Parser {
  mutating func parseImport() {
    index += 1
    if token.kind == .string { return finishImport([], equals: nil) }
    var names: [(local: String, binding: (String) -> Binding)] = []
    let isTypeOnly =
      isAt(name: "type") && token(after: 1).kind != .punctuator(.comma)
      && !(name(token(after: 1)) == "from" && token(after: 2).kind == .string)
    if isTypeOnly { index += 1 }
    if let local = name(token) {
      index += 1
      if isAt(.assign) { return finishImport([], equals: local) }
      names.append((local, { .imported(name: "default", module: $0) }))
      _ = take(.comma)
    }
    if take(.times), take(name: "as"), let local = name(token) {
      index += 1
      names.append((local, { .namespace(module: $0) }))
    } else if isAt(.openBrace) {
      for specifier in specifiers() where !specifier.isTypeOnly {
        names.append((specifier.local, { .imported(name: specifier.name, module: $0) }))
      }
    }
    _ = take(name: "from")
    finishImport(isTypeOnly ? [] : names, equals: nil)
  }

  /// The rest of an import from its module's name on, or from the `=` of `import x = require("…")`.
  private mutating func finishImport(_ names: [(local: String, binding: (String) -> Binding)], equals local: String?) {
    if let local {
      index += 1
      let initial = value(endsWithLine: true)
      bind(local, to: .variable(initial, isConstant: true, tokens: index..<index))
    } else if token.kind == .string, let module = cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)]) {
      program.modules.append((module, token.offset))
      for (local, binding) in names { bind(local, to: binding(module)) }
      index += 1
    }
    finishStatement()
  }

  /// The list in the braces of an import or export: `name`, `name as local`, `type Name`, `"any text" as local`.
  private mutating func specifiers() -> [(name: String, local: String, isTypeOnly: Bool)] {
    let close = token.partner
    index += 1
    var list: [(name: String, local: String, isTypeOnly: Bool)] = []
    while index < close {
      var words: [String] = []
      while index < close, !isAt(.comma) {
        words.append(
          token.kind == .string ? cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)]) ?? "" : text(token))
        index += 1
      }
      _ = take(.comma)
      let isTypeOnly = words.first == "type" && (words.count == 2 || words.count == 4)
      if let first = words.first, let last = words.last { list.append((first, last, isTypeOnly)) }
    }
    index = close + 1
    return list
  }

  mutating func parseExport() {
    let offset = token.offset
    index += 1
    if take(name: "default") { return parseDefaultExport() }
    if take(.assign) {
      program.defaultExport = value(endsWithLine: true)
      _ = take(.semicolon)
      return
    }
    if isAt(name: "type"),
      token(after: 1).kind == .punctuator(.openBrace) || token(after: 1).kind == .punctuator(.times)
    {
      return skipStatement()
    }
    guard isAt(.openBrace) else {
      if isAt(.times) { skipStatement() } else if !isAt(name: "default") { parseStatement() }
      return
    }
    let specifiers = specifiers()
    var module: String?
    if take(name: "from"), token.kind == .string {
      module = cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)])
      index += 1
    }
    if let specifier = specifiers.first(where: { $0.local == "default" && !$0.isTypeOnly }) {
      let phrase = module.map { "`\(specifier.name)`, exported from \"\($0)\", which is not followed" }
      program.defaultExport = add(
        phrase.map { .opaque($0, isTruthy: false) } ?? .name(specifier.name), at: offset)
    }
    finishStatement()
  }

  private mutating func parseDefaultExport() {
    if isAt(name: "interface"), token(after: 1).kind == .name { return skipClass() }
    if isAt(name: "abstract") { index += 1 }
    // A function or a class here is a declaration: nothing is called or accessed after its body.
    let isDeclaration =
      isAt(name: "function") || isAt(name: "class")
      || isAt(name: "async") && name(token(after: 1)) == "function"
    program.defaultExport = isDeclaration ? primary() : value(endsWithLine: true)
    _ = take(.semicolon)
  }

  /// `module.exports = …` and the like; false, and nothing taken, for any other statement.
  mutating func parseAssignedExport(_ path: [String]) -> Bool {
    let start = index
    for (position, word) in path.enumerated() {
      guard position == 0 || take(.dot), take(name: word) else {
        index = start
        return false
      }
    }
    guard take(.assign), program.defaultExport == nil else {
      index = start
      return false
    }
    declarations.insert(start)
    program.defaultExport = value(endsWithLine: true)
    _ = take(.semicolon)
    return true
  }
}
