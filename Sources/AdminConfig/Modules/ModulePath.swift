/// Paths as modules are looked up by: '/'-separated, without `.` and `a/..`; the empty one is the folder in which relative
/// paths begin.

private let slash = UInt8(ascii: "/")

/// The path without `.`, `a/..`, doubled and trailing slashes. What leads out of the first folder stays: `../a`; above the
/// root there is nothing.
func normalisedPath(_ path: String) -> String {
  let isAbsolute = path.utf8.first == slash
  var segments: [Substring] = []
  for segment in path.utf8.split(separator: slash).map({ Substring($0) }) where segment != "." {
    if segment != ".." {
      segments.append(segment)
    } else if let last = segments.last, last != ".." {
      segments.removeLast()
    } else if !isAbsolute {
      segments.append(segment)
    }
  }
  return (isAbsolute ? "/" : "") + segments.joined(separator: "/")
}

/// A path inside a folder, normalised; an absolute one stays what it is.
func joinedPath(_ folder: String, _ path: String) -> String {
  normalisedPath(folder.isEmpty || path.utf8.first == slash ? path : folder + "/" + path)
}

/// The folder of a normalised path. Nothing is above the root, nor above the folder in which relative paths begin unless
/// the path itself leads out of it; how far that goes on is bounded, as nothing tells where the root is.
func parentFolder(of path: String) -> String? {
  let segments = path.utf8.split(separator: slash, omittingEmptySubsequences: true)
  guard let last = segments.last else { return nil }
  if Substring(last) == ".." { return segments.count < ResolutionLimit.levelsUp ? path + "/.." : nil }
  let parent = Substring(path.utf8[..<last.startIndex].dropLast())
  return parent.isEmpty && path.utf8.first == slash ? "/" : String(parent)
}

/// The folder itself and those above it.
func foldersUpward(from folder: String) -> some Sequence<String> {
  sequence(first: folder) { parentFolder(of: $0) }
}

/// Whether a path leads through a `node_modules` folder.
func isInsidePackages(_ path: String) -> Bool {
  path.utf8.split(separator: slash).contains { $0.elementsEqual("node_modules".utf8) }
}

/// The nearest file of one of the names, looked for in the folder of `path` and those above it; where one folder has
/// several, the first name wins.
func nearestFile(named names: [String], from path: String, files: ConfigFiles) -> String? {
  guard let start = parentFolder(of: normalisedPath(path)) else { return nil }
  for folder in foldersUpward(from: start) {
    for candidate in names.map({ joinedPath(folder, $0) }) {
      if case .file = files.content(candidate) { return candidate }
    }
  }
  return nil
}

/// Bounds on what looking up a module may take.
enum ResolutionLimit {
  /// The length of a specifier and of what an alias makes of it, in bytes; longer paths no system opens.
  static let pathBytes = 4096
  /// The size of a tsconfig or package.json, in bytes.
  static let fileBytes = 1 << 20
  /// How many tsconfigs may extend each other.
  static let extendedConfigs = 32
  /// How many places one alias may name.
  static let alternatives = 64
  /// How many folders above the one in which relative paths begin are looked into.
  static let levelsUp = 16
  /// How many paths are remembered, and how many a missing module lists.
  static let knownPaths = 1 << 14
  static let listedPaths = 64
}
