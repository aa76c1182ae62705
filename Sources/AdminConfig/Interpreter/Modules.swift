import Facts

/// The part of the interpreter that runs modules, and binds what they import from each other (ECMAScript 16.2).
extension Interpreter {
  /// Binds what every module declares, before any of them runs.
  mutating func instantiate() throws(Interruption) {
    for (index, module) in project.modules.enumerated() {
      guard case .code(let own) = module.content else { continue }
      code = own
      scope = newScope(parent: 0)
      modules[index].scope = scope
      let start = Place(module: Int32(index), offset: 0)
      modules[index].defaultExport = newCell(Tracked(.undefined, at: start), isInitialized: false)
      for position in own.program.variables.range {
        declare(key(Name(own.program.lists[position])), Tracked(.undefined, at: start), in: scope)
      }
      try hoist(own.program.body)
      if !own.program.isModule {
        let exports = newObject(.plain, at: start)
        let object = newObject(.plain, at: start)
        if let id = object.object { heap[Int(id.index)].set(Key(.exports), to: Property(value: exports)) }
        modules[index].commonModule = object.object
        declare(Key(.module), object, in: scope)
        declare(Key(.exports), exports, in: scope)
        declare(Key(.this), exports, in: scope)
      }
    }
  }

  /// Runs a module, after those that it imports; once.
  mutating func run(module: Int) throws(Interruption) {
    switch modules[module].phase {
    case .running, .done: return
    case .failed:
      throw fail("Error", "a module that failed before", at: Place(module: Int32(module), offset: 0))
    case .new: break
    }
    guard case .code(let own) = project.modules[module].content else { return }
    record(module: module)
    modules[module].phase = .running
    let links = project.modules[module].links
    let specifiers =
      own.program.imports.map { ($0.module, $0.offset) }
      + own.program.exports.compactMap { $0.module.map { ($0.name, $0.offset) } }
    do {
      for (specifier, offset) in specifiers {
        switch links[specifier] {
        case .module(let index)?: try run(module: Int(index))
        case .package(let name)?: try runPackage(name, at: Place(module: Int32(module), offset: offset))
        case .unavailable(let phrase)?:
          doubtStart("the module \(phrase)", at: Place(module: Int32(module), offset: offset))
        case nil: break
        }
      }
      let saved = (code, scope, frame, label)
      defer { (code, scope, frame, label) = saved }
      code = own
      scope = modules[module].scope
      frame = Frame()
      label = nil
      try bindImports(own, links)
      _ = try run(own.program.body.range)
    } catch {
      modules[module].phase = .failed
      throw error
    }
    modules[module].phase = .done
  }

  private mutating func bindImports(_ own: Code, _ links: [String: Project.Link]) throws(Interruption) {
    for declaration in own.program.imports {
      let place = Place(module: own.module, offset: declaration.offset)
      let link = links[declaration.module] ?? .unavailable("\"\(declaration.module.prefix(200))\", which is not found")
      for (imported, local) in declaration.names {
        let cell = try importedCell(imported, local: local, from: link, at: place)
        bind(key(local), to: cell, in: scope)
      }
    }
  }

  private mutating func importedCell(
    _ imported: ImportDeclaration.Imported, local: Name, from link: Project.Link, at place: Place
  ) throws(Interruption) -> Int32 {
    switch (link, imported) {
    case (.module(let module), .name(let name)):
      switch try resolve(name, from: module, at: place) {
      case .cell(let cell): return cell
      case .value(let value): return importCell(value)
      }
    case (.module(let module), .namespace): return importCell(namespace(of: module, at: place))
    case (.package(let package), .name(let name)):
      return importCell(try packageExport(name, of: package, local: text(key(local)), at: place))
    case (.package(let package), .namespace): return importCell(try packageNamespace(package, at: place))
    case (.unavailable(let phrase), .name(let name)):
      doubtStart("the module \(phrase)", at: place)
      return importCell(unknown("`\(name.prefix(80))`, imported from \(phrase)", at: place))
    case (.unavailable(let phrase), .namespace): return importCell(unknown("the module \(phrase)", at: place))
    }
  }

  private mutating func importCell(_ value: Tracked) -> Int32 {
    let cell = newCell(value, isInitialized: true, isConstant: true)
    cells[Int(cell)].isImport = true
    return cell
  }

  enum Export {
    case cell(Int32)
    case value(Tracked)
  }

  /// What a module exports by a name.
  mutating func resolve(
    _ name: String, from module: Int32, at place: Place, seen: Set<Int32> = []
  ) throws(Interruption) -> Export {
    let file = project.modules[Int(module)]
    switch file.content {
    case .unreadable(let phrase):
      doubtStart("the module \(phrase)", at: place)
      return .value(unknown("`\(name.prefix(80))`, imported from \(phrase)", at: place))
    case .json(let node):
      let whole = value(of: node, at: Place(module: module, offset: 0), .none, .none)
      if isSameText(name, "default") { return .value(whole) }
      return .value(try property(whole, key(name), at: place))
    case .code(let own):
      guard own.program.isModule, !own.program.exportsWhole else {
        return .value(try commonExport(name, of: module, at: place))
      }
      if isSameText(name, "default"), own.hasDefaultExport { return .cell(modules[Int(module)].defaultExport) }
      switch own.exports[name] {
      case .local(let local, _, _)?:
        if let cell = cell(of: own.keys[Int(local.index)], in: modules[Int(module)].scope) { return .cell(cell) }
      case .indirect(let imported, let specifier, _, let offset)?:
        return try follow(imported, specifier, from: module, at: Place(module: module, offset: offset), seen)
      case .namespace(let specifier, _, let offset)?:
        let link = file.links[specifier] ?? .unavailable("\"\(specifier.prefix(200))\", which is not found")
        let cell = try importedCell(
          .namespace, local: Name(.undefined), from: link, at: Place(module: module, offset: offset))
        return .cell(cell)
      case .star?, nil: break
      }
      return try resolveStars(name, own, module, at: place, seen)
    }
  }

  private mutating func resolveStars(
    _ name: String, _ own: Code, _ module: Int32, at place: Place, _ seen: Set<Int32>
  ) throws(Interruption) -> Export {
    var doubt: Tracked?
    for (specifier, offset) in own.passedOn where !isSameText(name, "default") {
      switch project.modules[Int(module)].links[specifier] {
      case .module(let next)?:
        guard next != module, !seen.contains(next) else { continue }
        if exportNames(of: next).contains(name) {
          return try resolve(name, from: next, at: place, seen: seen.union([module]))
        }
      case .package(let package)?:
        doubt = try packageExport(name, of: package, local: name, at: Place(module: module, offset: offset))
      case .unavailable(let phrase)?:
        doubt = unknown("`\(name.prefix(80))`, imported from \(phrase)", at: place)
      case nil: continue
      }
    }
    let path = project.modules[Int(module)].path
    if doubt == nil, own.passedOn.isEmpty {
      doubtStart("`\(name.prefix(80))`, which \"\(path.prefix(200))\" does not export", at: place)
    }
    return .value(doubt ?? unknown("`\(name.prefix(80))`, which \"\(path.prefix(200))\" does not export", at: place))
  }

  private mutating func follow(
    _ name: String, _ specifier: String, from module: Int32, at place: Place, _ seen: Set<Int32>
  ) throws(Interruption) -> Export {
    guard !seen.contains(module) else { return .value(unknown("exports that lead in a circle", at: place)) }
    switch project.modules[Int(module)].links[specifier] {
    case .module(let next)?: return try resolve(name, from: next, at: place, seen: seen.union([module]))
    case .package(let package)?: return .value(try packageExport(name, of: package, local: name, at: place))
    case .unavailable(let phrase)?:
      return .value(unknown("`\(name.prefix(80))`, imported from \(phrase)", at: place))
    case nil: return .value(unknown("`\(name.prefix(80))`, imported from \"\(specifier.prefix(200))\"", at: place))
    }
  }

  /// The names that a module exports, those of `export *` too.
  mutating func exportNames(of module: Int32) -> Set<String> {
    if let names = exportNames[module] { return names }
    let names = exportNames(of: module, seen: [])
    exportNames[module] = names
    return names
  }

  private func exportNames(of module: Int32, seen: Set<Int32>) -> Set<String> {
    guard !seen.contains(module), seen.count < Limit.exportDepth else { return [] }
    switch project.modules[Int(module)].content {
    case .unreadable: return []
    case .json(let node): return Set((node.members ?? []).map(\.key) + ["default"])
    case .code(let own):
      guard own.program.isModule, !own.program.exportsWhole else { return [] }
      var names = Set(own.exports.keys)
      if own.hasDefaultExport { names.insert("default") }
      for (specifier, _) in own.passedOn {
        guard case .module(let next)? = project.modules[Int(module)].links[specifier] else { continue }
        names.formUnion(exportNames(of: next, seen: seen.union([module])).subtracting(["default"]))
      }
      return names
    }
  }

  /// The object that stands for all that a module exports.
  mutating func namespace(of module: Int32, at place: Place) -> Tracked {
    if let id = modules[Int(module)].namespace { return Tracked(.object(id), at: place) }
    if case .unreadable(let phrase) = project.modules[Int(module)].content {
      return unknown("the module \(phrase)", at: place)
    }
    let value = newObject(.namespace(module), at: place)
    record(module: Int(module))
    modules[Int(module)].namespace = value.object
    return value
  }

  /// What a module's namespace has under a name.
  mutating func exported(_ name: String, from module: Int32, at place: Place) throws(Interruption) -> Tracked {
    if case .code(let own) = project.modules[Int(module)].content, own.program.isModule, !own.program.exportsWhole,
      !exportNames(of: module).contains(name), own.passedOn.isEmpty
    {
      return Tracked(.undefined, at: place)
    }
    switch try resolve(name, from: module, at: place) {
    case .value(let value): return value
    case .cell(let cell):
      guard cells[Int(cell)].isInitialized else {
        throw fail("ReferenceError", "Cannot access '\(name)' before initialization", at: place)
      }
      return cells[Int(cell)].content
    }
  }

  // MARK: CommonJS

  /// `module` or `exports` where no module declares them.
  mutating func commonModule(_ name: String, at place: Place) -> Tracked {
    unknown("`\(name)` in a module of another kind", at: place)
  }

  /// `module.exports` of a module of CommonJS.
  mutating func commonExports(of module: Int32, at place: Place) throws(Interruption) -> Tracked {
    if case .code(let own) = project.modules[Int(module)].content, own.program.exportsWhole {
      return cells[Int(modules[Int(module)].defaultExport)].content
    }
    guard let id = modules[Int(module)].commonModule else { return Tracked(.undefined, at: place) }
    return try property(Tracked(.object(id), at: place), Key(.exports), at: place)
  }

  private mutating func commonExport(_ name: String, of module: Int32, at place: Place) throws(Interruption) -> Tracked
  {
    let exports = try commonExports(of: module, at: place)
    guard isSameText(name, "default") else {
      return exports.object == nil && exports.reason == nil
        ? Tracked(.undefined, at: place) : try property(exports, key(name), at: place)
    }
    guard exports.object != nil else { return exports }
    let mark = try property(exports, key("__esModule"), at: place)
    return isTruthy(mark) == true ? try property(exports, Key(.default), at: place) : exports
  }

  /// What `require` and `import()` give.
  mutating func load(_ specifier: String, at place: Place) throws(Interruption) -> Tracked {
    switch project.modules[Int(code.module)].links[specifier] {
    case .module(let module)?:
      try run(module: Int(module))
      switch project.modules[Int(module)].content {
      case .json(let node): return value(of: node, at: Place(module: module, offset: 0), .none, .none)
      case .code(let own) where !own.program.isModule || own.program.exportsWhole:
        return try commonExports(of: module, at: place)
      default: return namespace(of: module, at: place)
      }
    case .package(let name)?:
      try runPackage(name, at: place)
      return try packageNamespace(name, at: place)
    case .unavailable(let phrase)?:
      let reason = reason("the module \(phrase)", at: place)
      doubt(reason)
      return Tracked(.unknown(reason), at: place)
    case nil:
      let reason = reason("the module \"\(specifier.prefix(200))\", which is not followed", at: place)
      doubt(reason)
      return Tracked(.unknown(reason), at: place)
    }
  }
}

extension Program {
  var hasDefaultExport: Bool {
    lists[body.range].contains { statement in
      if case .exportDefault = statements[Int(statement)].kind { true } else { false }
    }
  }
}
