import Facts

/// The lock files that package managers write, and how each of them names a package and its version.
enum LockFileFormat: CaseIterable {
  case npm, npmShrinkwrap, pnpm, yarn, bun, bunBinary

  /// The file's name.
  var fileName: String {
    switch self {
    case .npm: "package-lock.json"
    case .npmShrinkwrap: "npm-shrinkwrap.json"
    case .pnpm: "pnpm-lock.yaml"
    case .yarn: "yarn.lock"
    case .bun: "bun.lock"
    case .bunBinary: "bun.lockb"
    }
  }

  /// Calls `visit` with every package, its version and the place that names it, as far as the file names them; says what
  /// is wrong with a file of another form.
  func entries(of bytes: [UInt8], _ visit: (_ name: String, _ version: String, _ offset: Int) -> Void) -> String? {
    switch self {
    case .npm, .npmShrinkwrap: npmEntries(of: bytes, visit)
    case .bun: bunEntries(of: bytes, visit)
    case .pnpm: pnpmEntries(of: bytes, visit)
    case .yarn: yarnEntries(of: bytes, visit)
    case .bunBinary: "it is in bun's binary form; bun install --save-text-lockfile writes one that can be read"
    }
  }
}

/// Versions 2 and 3 keep packages by the folder they are installed in, version 1 as a tree of dependencies.
private func npmEntries(of bytes: [UInt8], _ visit: (String, String, Int) -> Void) -> String? {
  jsonEntries(of: bytes) { keys, value, offset in
    guard keys.count >= 3, keys.last == "version" else { return }
    let key = keys[keys.count - 2]
    if keys.count == 3, keys[0] == "packages", let folder = key.lastRange(of: "node_modules/") {
      visit(String(key[folder.upperBound...]), value, offset)
    } else if stride(from: 0, to: keys.count - 1, by: 2).allSatisfy({ keys[$0] == "dependencies" }), keys.count % 2 == 1
    {
      visit(key, value, offset)
    }
  }
}

/// Each package is an array that begins with `name@version`.
private func bunEntries(of bytes: [UInt8], _ visit: (String, String, Int) -> Void) -> String? {
  jsonEntries(of: bytes) { keys, value, offset in
    guard keys.count == 3, keys[0] == "packages", keys[2] == "0", let package = nameAndVersion(value[...]) else {
      return
    }
    visit(package.name, package.version, offset)
  }
}

private func jsonEntries(of bytes: [UInt8], _ visit: ([String], String, Int) -> Void) -> String? {
  do {
    try JSONStrings.visit(bytes, visit)
    return nil
  } catch {
    return "\(error.phrase) in line \(Location(file: "", offset: error.offset, in: bytes).line ?? 1)"
  }
}

/// The section `packages` has a key for each: `ioredis@5.11.1`, since version 9 of the format without a leading slash, and
/// before version 6 with a slash between name and version.
private func pnpmEntries(of bytes: [UInt8], _ visit: (String, String, Int) -> Void) -> String? {
  var section = ""
  var isPnpm = false
  for (offset, line) in TextLines(bytes) where !line.isEmpty {
    if !line.hasPrefix(" ") {
      section = String(line.prefix { $0 != ":" })
      isPnpm = isPnpm || section == "lockfileVersion"
    } else if section == "packages", line.hasPrefix("  "), !line.hasPrefix("   "), let key = yamlKey(line.dropFirst(2))
    {
      let path = key.hasPrefix("/") ? key.dropFirst() : key
      // What follows in brackets, or in older files after an underscore, are peers.
      let plain = path.prefix { $0 != "(" }
      let parts = plain.split(separator: "/", omittingEmptySubsequences: false)
      if let last = parts.last, parts.count == (plain.hasPrefix("@") ? 3 : 2) {
        visit(parts.dropLast().joined(separator: "/"), String(last.prefix { $0 != "_" }), offset)
      } else if let package = nameAndVersion(plain) {
        visit(package.name, package.version, offset)
      }
    }
  }
  return isPnpm ? nil : "it has no lockfileVersion, so it is not what pnpm writes"
}

/// An entry begins with the ranges that it answers, `"ioredis@^5.10.1, ioredis@^5.11.0":`, and has its version in a line
/// of its own.
private func yarnEntries(of bytes: [UInt8], _ visit: (String, String, Int) -> Void) -> String? {
  var names: Set<String> = []
  var isYarn = false
  var entryOffset = 0
  for (offset, line) in TextLines(bytes) {
    if line.hasPrefix("#") {
      isYarn = isYarn || line.contains("yarn lockfile v1")
    } else if !line.hasPrefix(" "), line.hasSuffix(":") {
      isYarn = isYarn || line == "__metadata:"
      entryOffset = offset
      names = Set(
        line.dropLast().split(separator: ",").compactMap { range in
          nameAndVersion(range.drop { $0 == " " || $0 == "\"" })?.name
        })
    } else if line.hasPrefix("  version"), !names.isEmpty {
      let version = line.dropFirst(9).filter { !" :\"".contains($0) }
      for name in names { visit(name, version, entryOffset) }
      names = []
    }
  }
  return isYarn ? nil : "it has neither yarn's heading nor __metadata, so it is not what yarn writes"
}

/// `@scope/name@1.2.3` as its two parts, at the first `@` that is not the scope's.
private func nameAndVersion(_ text: Substring) -> (name: String, version: String)? {
  guard text.count > 1, let at = text.dropFirst().firstIndex(of: "@") else { return nil }
  let version = text[text.index(after: at)...]
  return version.isEmpty ? nil : (String(text[..<at]), String(version))
}

/// The key of a YAML line `key:` or `'key': …`, without its quotes; nil for another line.
private func yamlKey(_ line: Substring) -> Substring? {
  for quote in ["'", "\""] where line.hasPrefix(quote) { return line.dropFirst().prefix { String($0) != quote } }
  if line.last == ":" { return line.dropLast() }
  return line.firstRange(of: ": ").map { line[..<$0.lowerBound] }
}

extension String {
  fileprivate func lastRange(of text: String) -> Range<String.Index>? { ranges(of: text).last }
}
