import Facts
import InstanceEnvironment

/// Which versions of some packages the lock files above a folder hold.
struct LockFileReading {
  /// The lock files that were found.
  var files: [LockFile] = []
  /// The highest version of each package, with where it stands.
  var versions: [String: PackagePresence.Locked] = [:]

  /// The largest lock file that is read, in bytes.
  private static let maximumBytes = 32 * 1024 * 1024

  /// Looks in the folders, nearest first, and stops at the first that has a lock file.
  init(in folders: [String], asking names: Set<String>) {
    for folder in folders {
      let found = LockFileFormat.allCases.filter { PathKind(path($0.fileName, in: folder)) != .missing }
      // Beside its successor the binary file is a leftover.
      for format in found where format != .bunBinary || !found.contains(.bun) {
        read(format, at: path(format.fileName, in: folder), asking: names)
      }
      if !files.isEmpty { return }
    }
  }

  private mutating func read(_ format: LockFileFormat, at path: String, asking names: Set<String>) {
    let bytes: [UInt8]
    do {
      bytes = format == .bunBinary ? [] : try readRegularFile(path, atMost: Self.maximumBytes)
    } catch {
      files.append(LockFile(path: path, problem: error.message))
      return
    }
    var found: [String: (version: String, offset: Int)] = [:]
    let problem = format.entries(of: bytes) { name, version, offset in
      guard names.contains(name), found[name].map({ isLower($0.version, than: version) }) ?? true else { return }
      // A version that is a URL may hold a token.
      found[name] = (version.contains("://") ? "(a URL)" : String(version.prefix(60)), offset)
    }
    files.append(LockFile(path: path, problem: problem))
    if problem != nil { return }
    for (name, package) in found where versions[name] == nil {
      versions[name] = PackagePresence.Locked(
        version: package.version, location: Location(file: path, offset: package.offset, in: bytes))
    }
  }
}

/// Whether a version's numbers come before another's; what is no number counts as 0.
private func isLower(_ version: String, than other: String) -> Bool {
  func numbers(_ text: String) -> [Int] {
    text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").map { Int($0) ?? 0 }
  }
  return numbers(version).lexicographicallyPrecedes(numbers(other))
}
