import Glibc

/// The source files of a project, found without leaving its folder: no symbolic link is followed, and folders that hold
/// what others wrote or what a build made are passed over.
struct SourceTree {
  /// The paths relative to the project, sorted.
  private(set) var files: [String] = []
  /// Why some files are not among them; nil where all are.
  private(set) var shortfall: String?

  /// What bounds the search.
  struct Bounds {
    var files = 5000
    /// Everything that stands in a folder counts, be it a source or not.
    var entries = 200_000
    var depth = 32
  }

  private static let passedOver: Set<String> = ["node_modules", "dist", "build", "coverage", "out", "public"]
  private static let extensions: Set<Substring> = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"]

  /// Looks through a folder.
  init(_ root: String, within bounds: Bounds = Bounds()) {
    var entriesLeft = bounds.entries
    var pending: [(folder: String, depth: Int)] = [("", 0)]
    while let (folder, depth) = pending.popLast() {
      let shown = folder.isEmpty ? root : path(folder, in: root)
      guard let entries = Entries(of: shown, atMost: entriesLeft) else {
        fallShort("the folder \(shown) can't be read")
        continue
      }
      entriesLeft -= entries.count
      if entries.isCutShort {
        fallShort("\(root) has more than \(bounds.entries) files and folders")
        break
      }
      for name in entries.files where isSource(name) {
        guard files.count < bounds.files else {
          fallShort("\(root) has more than \(bounds.files) source files")
          pending = []
          break
        }
        files.append(folder.isEmpty ? name : "\(folder)/\(name)")
      }
      let inner = entries.folders.filter { !$0.hasPrefix(".") && !Self.passedOver.contains($0) }
      if depth >= bounds.depth, !inner.isEmpty {
        fallShort("the folder \(shown) lies deeper than \(bounds.depth) levels")
      } else if files.count < bounds.files || shortfall == nil {
        pending += inner.map { (folder.isEmpty ? $0 : "\(folder)/\($0)", depth + 1) }
      }
    }
    files.sort()
  }

  private mutating func fallShort(_ reason: String) {
    shortfall = shortfall ?? reason
  }

  private func isSource(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
    return Self.extensions.contains(name[name.index(after: dot)...]) && !name.hasSuffix(".d.ts")
  }
}

/// The plain files and folders in one folder, sorted by name.
private struct Entries {
  var files: [String] = []
  var folders: [String] = []
  /// How many entries there are, of any kind.
  var count = 0
  var isCutShort = false

  /// Nil for a folder that can't be read.
  init?(of folder: String, atMost limit: Int) {
    // An entry is as long as its name: the array at its end is not to be read as a whole.
    guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name), let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let nameStart = UnsafeRawPointer(entry) + nameOffset
      let name = String(cString: nameStart.assumingMemoryBound(to: CChar.self))
      if name == "." || name == ".." { continue }
      if count >= limit {
        isCutShort = true
        break
      }
      count += 1
      var status = stat()
      guard lstat(path(name, in: folder), &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFREG: files.append(name)
      case S_IFDIR: folders.append(name)
      default: break
      }
    }
    files.sort()
    folders.sort()
  }
}
