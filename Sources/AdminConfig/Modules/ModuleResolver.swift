import Facts

/// Which file an import means: as TypeScript looks modules up for a bundler (`moduleResolution: "bundler"`), and as Next.js
/// and Node.js do where they look further. Packages are not looked into.

/// What a specifier leads to.
enum Resolution: Equatable, Sendable {
  /// A file that exists; its path is normalised. One that exists and can't be read is found here and fails on reading.
  case file(String)
  /// A package, by its specifier, or something of another kind that is no file of the project: a URL.
  case package(String)
  /// A module of Node.js, without `node:`.
  case builtin(String)
  /// A file of the project that is not there, and the paths at which it was looked for.
  case missing(tried: [String])
  /// It can't be told, since a tsconfig or package.json on the way can't be read: why, and where.
  case failed(String, Location)
}

/// Looks modules up, and remembers what it saw on the way.
struct ModuleResolver: Sendable {
  private var files: KnownFiles
  private var projects = ProjectReader()

  init(files: ConfigFiles) { self.files = KnownFiles(files) }

  /// What a specifier in the module at `importer` leads to.
  mutating func resolve(_ specifier: String, from importer: String) -> Resolution {
    // What follows a `?` is for the bundler's loaders.
    let name = String(specifier.utf8.prefix { $0 != UInt8(ascii: "?") }) ?? specifier
    let folder = parentFolder(of: normalisedPath(importer)) ?? ""
    let isPrivate = name.utf8.first == UInt8(ascii: "#")
    let isRelative = isRelativeSpecifier(name)
    if let builtin = nodeBuiltin(name) { return .builtin(builtin) }
    guard !name.isEmpty, name.utf8.count <= ResolutionLimit.pathBytes, !name.utf8.contains(0) else {
      return isRelative || isPrivate || name.isEmpty ? .missing(tried: []) : .package(name)
    }
    var tried: [String] = []
    do {
      if isRelative {
        let path = joinedPath(folder, name)
        if let file = try module(at: path, isFolder: namesFolder(name), &tried) { return .file(file) }
        return .missing(tried: tried)
      }
      if let resolution = try aliased(name, folder, &tried) { return resolution }
      if isPrivate { return try imported(name, folder, &tried) ?? .missing(tried: tried) }
      // An alias that leads nowhere may still be the name of a package, as the pattern `@acme/*` in a workspace is.
      let isPackage = tried.isEmpty || installedPackage(of: name, from: folder, &files) != nil
      return isPackage ? .package(name) : .missing(tried: tried)
    } catch {
      return .failed(error.phrase, error.location)
    }
  }

  /// What `paths` and `baseUrl` of the importer's tsconfig make of a specifier; nil where they lead to no file. The paths
  /// of an alias are listed as tried, those that merely might have been one are not.
  private mutating func aliased(
    _ name: String, _ folder: String, _ tried: inout [String]
  ) throws(ResolutionFailure) -> Resolution? {
    guard !isInsidePackages(folder), let project = try projects.project(ofFolder: folder, &files) else { return nil }
    var unlisted: [String] = []
    func resolution(_ file: String) -> Resolution { isInsidePackages(file) ? .package(name) : .file(file) }
    if let places = project.places(for: name) {
      for path in places.paths {
        let file =
          places.isCatchAll
          ? try module(at: path, isFolder: false, &unlisted) : try module(at: path, isFolder: false, &tried)
        if let file { return resolution(file) }
      }
    }
    guard let base = project.baseFolder else { return nil }
    return try module(at: joinedPath(base, name), isFolder: namesFolder(name), &unlisted).map(resolution)
  }

  /// Where the `imports` of the importer's own package lead.
  private mutating func imported(
    _ name: String, _ folder: String, _ tried: inout [String]
  ) throws(ResolutionFailure) -> Resolution? {
    for folder in foldersUpward(from: folder) {
      guard !Array(folder.utf8).hasSuffix("node_modules".utf8) else { return nil }
      guard let manifest = try files.document(at: joinedPath(folder, "package.json"), .strict) else { continue }
      for target in importTargets(of: name, in: manifest.root) {
        guard let first = target.utf8.first, first != UInt8(ascii: "#") else { continue }
        guard isRelativeSpecifier(target) else { return nodeBuiltin(target).map { .builtin($0) } ?? .package(target) }
        guard isInsidePackage(target) else { continue }
        if let file = try module(at: joinedPath(folder, target), isFolder: false, &tried) { return .file(file) }
      }
      return nil
    }
    return nil
  }

  /// The module at a path: a file, or what a folder's package.json and index say. Files come before folders.
  private mutating func module(
    at path: String, isFolder: Bool, _ tried: inout [String]
  ) throws(ResolutionFailure) -> String? {
    if !isFolder, let file = file(at: path, &tried) { return file }
    guard files.kind(of: path) == .folder else {
      if isFolder { list(path, &tried) }
      return nil
    }
    let manifest = try files.document(at: joinedPath(path, "package.json"), .strict)
    for field in ["main", "module"] {
      guard let main = manifest?.root[field]?.string, !main.isEmpty else { continue }
      let target = joinedPath(path, "./" + main)
      if let file = file(at: target, &tried) ?? index(in: target, &tried) { return file }
    }
    return index(in: path, &tried)
  }

  private mutating func index(in folder: String, _ tried: inout [String]) -> String? {
    files.kind(of: folder) == .folder ? first(of: extensions.map { joinedPath(folder, "index" + $0) }, &tried) : nil
  }

  /// The file at a path, or at it with an extension. Where the path names what a compiler would write, the TypeScript
  /// source comes first.
  private mutating func file(at path: String, _ tried: inout [String]) -> String? {
    guard let last = path.utf8.split(separator: UInt8(ascii: "/")).last, Substring(last) != ".." else { return nil }
    var candidates = [path] + extensions.map { path + $0 }
    for (written, sources) in sourceExtensions where Array(last).hasSuffix(written.utf8) {
      let stem = String(Substring(path.utf8.dropLast(written.utf8.count)))
      candidates.insert(contentsOf: sources.map { stem + $0 }, at: 0)
    }
    return first(of: candidates, &tried)
  }

  private mutating func first(of candidates: [String], _ tried: inout [String]) -> String? {
    for candidate in candidates {
      switch files.kind(of: candidate) {
      case .file, .unreadable: return candidate
      case .folder, .missing: list(candidate, &tried)
      }
    }
    return nil
  }

  private func list(_ path: String, _ tried: inout [String]) {
    if tried.count < ResolutionLimit.listedPaths { tried.append(path) }
  }
}

/// What is added to a path without extension, in order.
private let extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"]

/// The extensions of written files, and those of the sources that they are written from.
private let sourceExtensions = [
  (".js", [".ts", ".tsx"]), (".jsx", [".tsx", ".ts"]), (".mjs", [".mts"]), (".cjs", [".cts"]),
]

/// Whether a specifier is a path: relative or absolute.
func isRelativeSpecifier(_ name: String) -> Bool {
  name == "." || name == ".." || ["/", "./", "../"].contains { name.utf8.starts(with: $0.utf8) }
}

/// Whether a specifier can only mean a folder.
private func namesFolder(_ name: String) -> Bool {
  let last = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last
  return last.map { ["", ".", ".."].contains(String(Substring($0))) } ?? true
}
