import Facts

/// A config's entry and the modules that it leads to, each read and parsed once. Nothing of them has run.
final class Project: Sendable {
  /// Where a module's import leads.
  enum Link: Sendable {
    case module(Int32)
    case package(String)
    /// What can't be followed; the phrase says why.
    case unavailable(String)
  }

  /// One file.
  struct Module: Sendable {
    var path: String
    var content: Content
    var links: [String: Link] = [:]

    enum Content: Sendable {
      case code(Code)
      case json(JSONNode)
      /// What can't be read; the phrase says why.
      case unreadable(String)
    }
  }

  let modules: [Module]
  /// The names of all modules.
  let names: NameTable
  let entry: Code
  /// The contents of files that the modules may ask for while they run.
  let files: ConfigFiles

  /// Reads the entry and whatever it imports.
  init(entry path: String, files: ConfigFiles) throws(ConfigError) {
    var loader = Loader(files: files)
    let first = try loader.entry(path)
    loader.follow()
    modules = loader.modules
    names = loader.names
    entry = first
    self.files = files
  }

  /// A place as a person would look it up.
  func location(of place: Place) -> Location {
    let module = modules[Int(place.module)]
    guard case .code(let code) = module.content else { return Location(file: module.path) }
    return code.program.source.location(of: Int(place.offset))
  }
}

/// Follows imports from file to file.
private struct Loader {
  let files: ConfigFiles
  var resolver: ModuleResolver
  var modules: [Project.Module] = []
  var names = NameTable()
  private var indices: [String: Int32] = [:]
  private var bytes = 0

  init(files: ConfigFiles) {
    self.files = files
    resolver = ModuleResolver(files: files)
  }

  mutating func entry(_ path: String) throws(ConfigError) -> Code {
    let source = try text(of: path)
    if path.hasSuffix(".json") {
      let node = try json(source, path)
      // A JSON config has no imports: it is a module whose default export is its value.
      modules.append(Project.Module(path: path, content: .json(node)))
      return Code(Program(source: SourceText([], path: path)), keys: [], module: 0)
    }
    let code = link(try Parser.program(of: SourceText(source, path: path)), module: 0)
    modules.append(Project.Module(path: path, content: .code(code)))
    indices[path] = 0
    return code
  }

  /// Reads what the modules import, and what those import.
  mutating func follow() {
    var next = 0
    while next < modules.count {
      defer { next += 1 }
      guard case .code(let code) = modules[next].content else { continue }
      let program = code.program
      let specifiers =
        program.imports.map(\.module) + program.exports.compactMap { $0.module?.name } + program.laterModules
      for specifier in specifiers where modules[next].links[specifier] == nil {
        modules[next].links[specifier] = link(to: specifier, from: modules[next].path)
      }
    }
  }

  private mutating func link(to specifier: String, from importer: String) -> Project.Link {
    switch resolver.resolve(specifier, from: importer) {
    case .package(let name): return .package(name)
    case .builtin(let name): return .package("node:\(name)")
    case .missing: return .unavailable("\"\(specifier.prefix(200))\", which is not found")
    case .failed(let phrase, let location):
      return .unavailable("\"\(specifier.prefix(200))\", which is not found (\(phrase), \(location))")
    case .file(let path):
      if let index = indices[path] { return .module(index) }
      guard modules.count < Limit.modules, bytes < Limit.allBytes else {
        return .unavailable("\"\(specifier.prefix(200))\", beyond the number of files that are followed")
      }
      let index = Int32(modules.count)
      indices[path] = index
      modules.append(Project.Module(path: path, content: content(of: path, module: index)))
      return .module(index)
    }
  }

  private mutating func content(of path: String, module: Int32) -> Project.Module.Content {
    do {
      let source = try text(of: path)
      if path.hasSuffix(".json") { return .json(try json(source, path)) }
      let extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"]
      guard extensions.contains(where: path.hasSuffix) else {
        return .unreadable("\"\(path.prefix(200))\", which is no JavaScript")
      }
      return .code(link(try Parser.program(of: SourceText(source, path: path)), module: module))
    } catch {
      return .unreadable("\"\(path.prefix(200))\", which can't be read (\(error.location): \(error.message))")
    }
  }

  private mutating func text(of path: String) throws(ConfigError) -> [UInt8] {
    let source: [UInt8]
    switch files.content(path) {
    case .file(let bytes): source = bytes
    case .folder: throw ConfigError("this is a folder; name the config file in it", at: Location(file: path))
    case .missing: throw ConfigError("there is no such file", at: Location(file: path))
    case .unreadable(let phrase): throw ConfigError(phrase, at: Location(file: path))
    }
    guard source.count <= Limit.sourceBytes else {
      throw ConfigError(
        "the file has \(source.count) bytes and only files up to \(Limit.sourceBytes) are read; name the config's own source rather than a bundle of it",
        at: Location(file: path))
    }
    bytes += source.count
    if let offset = invalidText(in: source) {
      throw ConfigError(
        "the file is not UTF-8 text; save it as UTF-8", at: SourceText(source, path: path).location(of: offset))
    }
    return source
  }

  private func json(_ source: [UInt8], _ path: String) throws(ConfigError) -> JSONNode {
    do {
      return try parseJSON(source, .strict)
    } catch {
      throw ConfigError(error.message, at: SourceText(source, path: path).location(of: error.offset))
    }
  }

  /// Gives the names of a program their places among all names.
  private mutating func link(_ program: Program, module: Int32) -> Code {
    let keys = program.names.map { text in
      var text = text
      return text.withUTF8 { Key(names.intern(Array($0)[...]).index) }
    }
    return Code(program, keys: keys, module: module)
  }
}

/// The offset of the first byte that is no UTF-8; nil where all is.
private func invalidText(in bytes: [UInt8]) -> Int? {
  guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
  var low = 0
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  while true {
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar): low += UTF8.width(scalar)
    case .emptyInput: return nil
    case .error: return low
    }
  }
}
