/// The part of the parser that reads imports and exports (ECMAScript 16.2), and TypeScript's forms of them.
extension Parser {
  mutating func parseImport() -> StatementID? {
    let offset = token.offset
    index += 1
    if token.kind == .string {
      finishImport([], hasClause: false, at: offset)
      return nil
    }
    var names: [(imported: ImportDeclaration.Imported, local: Name)] = []
    let isTypeOnly =
      word == .type && token(after: 1).kind != .punctuator(.comma)
      && !(token(after: 1).word == .from && token(after: 2).kind == .string)
    if isTypeOnly { index += 1 }
    if let local = takeName() {
      if isAt(.assign) { return importEquals(local, isTypeOnly: isTypeOnly, at: offset) }
      names.append((.name("default"), local))
      _ = take(.comma)
    }
    if take(.times) {
      if take(.as), let local = takeName() { names.append((.namespace, local)) }
    } else if isAt(.openBrace) {
      for specifier in specifiers() where !specifier.isTypeOnly {
        names.append((.name(specifier.name), specifier.local))
      }
    }
    _ = take(.from)
    if isTypeOnly {
      index += 1
      finishModule()
      return nil
    }
    finishImport(names, hasClause: true, at: offset)
    return nil
  }

  /// `import x = require("…")`, or an alias of a namespace.
  private mutating func importEquals(_ local: Name, isTypeOnly: Bool, at offset: Int) -> StatementID? {
    index += 1
    let pattern = add(Pattern.name(local), at: offset)
    let initial = value(endsWithLine: true)
    _ = take(.semicolon)
    if isTypeOnly { return nil }
    let span = Self.append([Declarator(pattern: pattern, initial: initial)], to: &program.declarators)
    return add(.variables(.const, span), at: offset)
  }

  private mutating func finishImport(
    _ names: [(imported: ImportDeclaration.Imported, local: Name)], hasClause: Bool, at offset: Int
  ) {
    program.isModule = true
    // A clause that names only types imports nothing.
    if token.kind == .string, !hasClause || !names.isEmpty, let module = moduleName() {
      program.imports.append(
        ImportDeclaration(module: module, offset: Int32(truncatingIfNeeded: offset), names: names))
    } else if token.kind == .string {
      index += 1
    }
    finishModule()
  }

  private mutating func moduleName() -> String? {
    guard token.kind == .string else { return nil }
    defer { index += 1 }
    return cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)])
  }

  /// Steps over import attributes, `with { type: "json" }`, and the semicolon.
  private mutating func finishModule() {
    if word == .with || token.kind == .name && text(token) == "assert", token(after: 1).kind == .punctuator(.openBrace)
    {
      index += 1
      skipOne()
    }
    _ = take(.semicolon)
  }

  /// In TypeScript an import whose names are all used as types alone is left out, and its module is not loaded for it.
  mutating func leaveOutTypeImports() {
    guard isTypeScript else { return }
    for export in program.exports {
      if case .local(let name, _, _) = export { used.insert(name) }
    }
    program.imports.removeAll { declaration in
      !declaration.names.isEmpty && !declaration.names.contains { used.contains($0.local) }
    }
  }

  /// The list in the braces of an import or export: `name`, `name as local`, `type Name`, `"any text" as local`.
  private mutating func specifiers() -> [(name: String, local: Name, localText: String, isTypeOnly: Bool)] {
    let close = token.partner
    index += 1
    var list: [(name: String, local: Name, localText: String, isTypeOnly: Bool)] = []
    while index < close {
      var words: [(text: String, name: Name)] = []
      while index < close, !isAt(.comma) {
        let text =
          token.kind == .string ? cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)]) ?? "" : text(token)
        words.append((text, token.name))
        index += 1
      }
      _ = take(.comma)
      let isTypeOnly = words.first?.text == "type" && (words.count == 2 || words.count == 4)
      if let first = words.first, let last = words.last {
        // The name that a local export leads from stands first, the one that an import binds stands last.
        list.append((first.text, last.name.index >= 0 ? last.name : first.name, last.text, isTypeOnly))
      }
    }
    index = close + 1
    return list
  }

  mutating func parseExport(isDecorated: Bool) -> StatementID? {
    let offset = token.offset
    index += 1
    if take(.assign) {
      let value = value(endsWithLine: true)
      _ = take(.semicolon)
      program.isModule = true
      program.exportsWhole = true
      return add(.exportDefault(value), at: offset)
    }
    program.isModule = true
    if take(.default) { return defaultExport(isDecorated: isDecorated, at: offset) }
    if word == .type, token(after: 1).kind == .punctuator(.openBrace) || token(after: 1).kind == .punctuator(.times) {
      skipStatement()
      return nil
    }
    if word == .as {
      skipStatement()
      return nil
    }
    if take(.times) { return exportAll(at: offset) }
    if isAt(.openBrace) { return exportList(at: offset) }
    if word == .import { return exportedImport(at: offset) }
    return exportedDeclaration(at: offset)
  }

  private mutating func exportAll(at offset: Int) -> StatementID? {
    let place = Int32(truncatingIfNeeded: offset)
    var exported: String?
    if take(.as) {
      exported =
        token.kind == .string ? cookedText(source.bytes[(token.offset + 1)..<(token.end - 1)]) : text(token)
      index += 1
    }
    guard take(.from), let module = moduleName() else { return nil }
    if let exported {
      program.exports.append(.namespace(from: module, as: exported, offset: place))
    } else {
      program.exports.append(.star(from: module, offset: place))
    }
    finishModule()
    return nil
  }

  private mutating func exportList(at offset: Int) -> StatementID? {
    let place = Int32(truncatingIfNeeded: offset)
    let start = index
    let specifiers = specifiers()
    if take(.from), let module = moduleName() {
      for specifier in specifiers where !specifier.isTypeOnly {
        program.exports.append(.indirect(specifier.name, from: module, as: specifier.localText, offset: place))
      }
      finishModule()
      return nil
    }
    for specifier in specifiers where !specifier.isTypeOnly {
      let name = names.intern(Array(specifier.name.utf8)[...])
      program.exports.append(.local(name, as: specifier.localText, offset: place))
    }
    if index == start { skipOne() }
    _ = take(.semicolon)
    return nil
  }

  /// `export import a = …`.
  private mutating func exportedImport(at offset: Int) -> StatementID? {
    index += 1
    guard let local = takeName(), isAt(.assign) else { return nil }
    program.exports.append(
      .local(local, as: names.text(local), offset: Int32(truncatingIfNeeded: offset)))
    return importEquals(local, isTypeOnly: false, at: offset)
  }

  private mutating func exportedDeclaration(at offset: Int) -> StatementID? {
    guard let statement = statement() else { return nil }
    var exported: [Name] = []
    switch program.statements[Int(statement.value)].kind {
    case .variables(_, let span):
      for declarator in program.declarators[span.range] { boundNames(declarator.pattern, into: &exported) }
    case .function(let name, _), .classDeclaration(let name, _), .enumeration(let name, _), .namespace(let name, _, _):
      exported = [name]
    default: break
    }
    for name in exported {
      program.exports.append(.local(name, as: names.text(name), offset: Int32(truncatingIfNeeded: offset)))
    }
    return statement
  }

  private mutating func defaultExport(isDecorated: Bool, at offset: Int) -> StatementID? {
    let place = Int32(truncatingIfNeeded: offset)
    if word == .interface, token(after: 1).kind == .name {
      _ = statement()
      return nil
    }
    if word == .abstract, token(after: 1).word == .class { index += 1 }
    let start = index
    // A function or a class here is a declaration: nothing is called or accessed after its body.
    if word == .function || word == .async && token(after: 1).word == .function && !token(after: 1).followsLineEnd {
      if let (name, function) = functionDeclaration() {
        guard let function else { return nil }
        if let name {
          program.exports.append(.local(name, as: "default", offset: place))
          return add(.function(name, function), at: offset)
        }
        let value = add(.function(function), at: tokens[start].offset)
        return add(.exportDefault(value), at: offset)
      }
      index = start
    } else if word == .class, let (name, id) = classDeclaration(isDecorated: isDecorated) {
      if let name {
        program.exports.append(.local(name, as: "default", offset: place))
        return add(.classDeclaration(name, id), at: offset)
      }
      let value = add(.classExpression(id), at: tokens[start].offset)
      return add(.exportDefault(value), at: offset)
    }
    index = start
    let value = value(endsWithLine: true)
    _ = take(.semicolon)
    return add(.exportDefault(value), at: offset)
  }
}
