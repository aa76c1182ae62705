/// The tsconfig.json or jsconfig.json that a module belongs to, as far as it moves imports: `baseUrl`, `paths` and what they
/// inherit through `extends` (TypeScript handbook, TSConfig reference).

/// What a config and those it extends say about imports; each part remembers the config that said it.
struct ProjectPaths: Sendable {
  var baseURL: DeclaredPath?
  var aliases: PathAliases?
}

/// A project: its settings, and the folder of its own config.
struct TypeScriptProject: Sendable {
  var paths: ProjectPaths
  var folder: String

  /// The folder in which bare specifiers are looked up before the packages.
  var baseFolder: String? { paths.baseURL?.path(inProject: folder, baseURL: nil) }

  /// The paths that an alias leads to, in order; nil where no alias matches.
  func places(for specifier: String) -> (paths: [String], isCatchAll: Bool)? {
    guard let match = paths.aliases?.match(specifier) else { return nil }
    return (match.places.map { $0.path(inProject: folder, baseURL: baseFolder) }, match.isCatchAll)
  }
}

/// Finds and reads projects, each config once.
struct ProjectReader: Sendable {
  private var projects: [[UInt8]: Result<TypeScriptProject?, ResolutionFailure>] = [:]
  private var configs: [[UInt8]: Result<ProjectPaths, ResolutionFailure>] = [:]

  /// The project of the modules in a folder: of the nearest tsconfig.json, or jsconfig.json beside no other.
  mutating func project(
    ofFolder folder: String, _ files: inout KnownFiles
  ) throws(ResolutionFailure) -> TypeScriptProject? {
    let key = Array(folder.utf8)
    if let known = projects[key] { return try known.get() }
    let project: Result<TypeScriptProject?, ResolutionFailure>
    do { project = .success(try nearest(to: folder, &files)) } catch { project = .failure(error) }
    if projects.count >= ResolutionLimit.knownPaths { projects.removeAll() }
    projects[key] = project
    return try project.get()
  }

  private mutating func nearest(
    to start: String, _ files: inout KnownFiles
  ) throws(ResolutionFailure) -> TypeScriptProject? {
    for folder in foldersUpward(from: start) {
      for name in ["tsconfig.json", "jsconfig.json"] {
        guard let file = try files.document(at: joinedPath(folder, name), .commented) else { continue }
        return TypeScriptProject(paths: try paths(of: file, extendedBy: [], &files), folder: folder)
      }
    }
    return nil
  }

  /// What a config says, its own settings before inherited ones; of several that it extends, the later ones before the
  /// earlier. One that extends itself in the end adds nothing the second time.
  private mutating func paths(
    of file: JSONFile, extendedBy chain: [[UInt8]], _ files: inout KnownFiles
  ) throws(ResolutionFailure) -> ProjectPaths {
    let key = Array(file.source.path.utf8)
    if let known = configs[key] { return try known.get() }
    let result: Result<ProjectPaths, ResolutionFailure>
    do { result = .success(try unknownPaths(of: file, chain + [key], &files)) } catch { result = .failure(error) }
    if configs.count >= ResolutionLimit.knownPaths { configs.removeAll() }
    configs[key] = result
    return try result.get()
  }

  private mutating func unknownPaths(
    of file: JSONFile, _ chain: [[UInt8]], _ files: inout KnownFiles
  ) throws(ResolutionFailure) -> ProjectPaths {
    var paths = ProjectPaths()
    let extended = file.root["extends"]
    for node in extended?.elements ?? extended.map({ [$0] }) ?? [] {
      guard let name = node.string, !name.isEmpty else { continue }
      guard let base = try extendedConfig(name, node, of: file, &files) else { continue }
      guard !chain.contains(Array(base.source.path.utf8)) else { continue }
      guard chain.count < ResolutionLimit.extendedConfigs else {
        throw file.failure("more than \(ResolutionLimit.extendedConfigs) configs extend each other", at: node)
      }
      let inherited = try self.paths(of: base, extendedBy: chain, &files)
      paths.baseURL = inherited.baseURL ?? paths.baseURL
      paths.aliases = inherited.aliases ?? paths.aliases
    }
    let options = file.root["compilerOptions"]
    switch options?["baseUrl"]?.value {
    case .string(let text)?: paths.baseURL = DeclaredPath(text: text, folder: file.folder)
    case .null?: paths.baseURL = nil
    default: break
    }
    if let node = options?["paths"] {
      switch node.value {
      case .object: paths.aliases = try PathAliases(node, in: file)
      case .null: paths.aliases = nil
      default: break
      }
    }
    return paths
  }

  /// The config that `extends` names: a file, with or without `.json`, or one in a package. A package that is not
  /// installed is passed over, as the aliases of a project do not come from packages.
  private func extendedConfig(
    _ name: String, _ node: JSONNode, of file: JSONFile, _ files: inout KnownFiles
  ) throws(ResolutionFailure) -> JSONFile? {
    guard isRelativeSpecifier(name) else { return try packageConfig(name, from: file.folder, &files) }
    let path = joinedPath(file.folder, name)
    if let base = try config(at: path, &files) { return base }
    throw file.failure("`extends` leads to `\(path)`, and there is no such file", at: node)
  }

  private func config(at path: String, _ files: inout KnownFiles) throws(ResolutionFailure) -> JSONFile? {
    if let file = try files.document(at: path, .commented) { return file }
    return Array(path.utf8).hasSuffix(".json".utf8) ? nil : try files.document(at: path + ".json", .commented)
  }

  private func packageConfig(
    _ name: String, from start: String, _ files: inout KnownFiles
  ) throws(ResolutionFailure) -> JSONFile? {
    guard let root = installedPackage(of: name, from: start, &files) else { return nil }
    let path = joinedPath(root.container, name)
    if let file = try config(at: path, &files) { return file }
    let manifest = try files.document(at: joinedPath(path, "package.json"), .strict)
    return try config(at: joinedPath(path, manifest?.root["tsconfig"]?.string ?? "tsconfig.json"), &files)
  }
}

/// The folder of the package that a bare specifier names, and the `node_modules` that holds it; nil where it is not
/// installed in a folder above.
func installedPackage(
  of specifier: String, from start: String, _ files: inout KnownFiles
) -> (container: String, folder: String)? {
  let segments = specifier.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
  let isScoped = specifier.utf8.first == UInt8(ascii: "@")
  let name = segments.prefix(isScoped ? 2 : 1).map { String(Substring($0)) }
  guard name.count == (isScoped ? 2 : 1), !name.contains(where: { ["", ".", "..", "@"].contains($0) }) else {
    return nil
  }
  for folder in foldersUpward(from: start) {
    let container = joinedPath(folder, "node_modules")
    let package = joinedPath(container, name.joined(separator: "/"))
    if files.kind(of: package) == .folder { return (container, package) }
  }
  return nil
}
