import Facts

/// What package.json says of the packages that the checks ask about, and the commands that it starts.
struct PackageManifest {
  /// The declarations by package name; of several sections the one that production installs.
  var declarations: [String: PackagePresence.Declaration] = [:]
  /// The scripts by name, sorted.
  var scripts: [(name: String, command: String)] = []

  /// The sections in the order in which they count.
  private static let sections = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"]

  /// Reads a package.json.
  init(_ bytes: [UInt8], path: String, asking names: Set<String>) throws(JSONStrings.Problem) {
    var declarations: [String: PackagePresence.Declaration] = [:]
    var scripts: [String: String] = [:]
    try JSONStrings.visit(bytes) { keys, value, offset in
      guard keys.count == 2 else { return }
      if keys[0] == "scripts" { scripts[keys[1]] = value }
      guard names.contains(keys[1]), let rank = Self.sections.firstIndex(of: keys[0]) else { return }
      let known = declarations[keys[1]].flatMap { Self.sections.firstIndex(of: $0.section) }
      if known.map({ $0 <= rank }) ?? false { return }
      declarations[keys[1]] = PackagePresence.Declaration(
        section: keys[0], range: Self.shown(value), location: Location(file: path, offset: offset, in: bytes))
    }
    self.declarations = declarations
    self.scripts = scripts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// A range as it may be shown: a URL may hold a token.
  private static func shown(_ range: String) -> String {
    range.contains("://") || range.contains("@") && !range.hasPrefix("npm:") ? "(a URL)" : String(range.prefix(100))
  }

  /// The first script whose command names a file, with or without its extension.
  func script(starting file: String) -> String? {
    let plain = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    return scripts.first { script in
      script.command.split { " \t\"'`;&|()=".contains($0) }.contains { word in
        let path = word.hasPrefix("./") ? word.dropFirst(2) : word
        return path == file || path == plain
      }
    }?.name
  }
}
