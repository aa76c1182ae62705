import Facts

/// What is known of the files so far, so that none is asked for twice.

/// Why a module can't be looked up: something on the way can't be read.
struct ResolutionFailure: Error, Sendable, Equatable {
  var phrase: String
  var location: Location
}

/// A tsconfig or package.json.
struct JSONFile: Sendable {
  var root: JSONNode
  var source: SourceText

  var folder: String { parentFolder(of: source.path) ?? "" }

  func failure(_ phrase: String, at node: JSONNode) -> ResolutionFailure {
    ResolutionFailure(phrase: phrase, location: source.location(of: node.offset))
  }
}

/// Files behind a cache of kinds and of JSON. Keys are bytes: Swift's equality of strings takes names for the same that a
/// file system tells apart.
struct KnownFiles: Sendable {
  /// What stands at a path, without its bytes.
  enum Kind: Sendable { case file, folder, missing, unreadable }

  private let files: ConfigFiles
  private var kinds: [[UInt8]: Kind] = [:]
  private var documents: [[UInt8]: Result<JSONFile, ResolutionFailure>] = [:]

  init(_ files: ConfigFiles) { self.files = files }

  mutating func kind(of path: String) -> Kind {
    let key = Array(path.utf8)
    if let known = kinds[key] { return known }
    return kind(of: content(of: path), at: key)
  }

  /// The JSON file at a path; nil where there is no file.
  mutating func document(at path: String, _ dialect: JSONDialect) throws(ResolutionFailure) -> JSONFile? {
    let key = Array(path.utf8)
    if let known = documents[key] { return try known.get() }
    switch kinds[key] {
    case .folder, .missing: return nil
    case .file, .unreadable, nil: break
    }
    let content = content(of: path)
    _ = kind(of: content, at: key)
    let document: Result<JSONFile, ResolutionFailure>
    switch content {
    case .folder, .missing: return nil
    case .unreadable(let reason):
      document = .failure(ResolutionFailure(phrase: "it can't be read: \(reason)", location: Location(file: path)))
    case .file(let bytes): document = Self.parsed(bytes, path, dialect)
    }
    if documents.count >= ResolutionLimit.knownPaths { documents.removeAll() }
    documents[key] = document
    return try document.get()
  }

  private func content(of path: String) -> ConfigFileContent {
    // A name with NUL or of such a length can't exist, and a NUL would cut the path for the system.
    guard path.utf8.count <= 2 * ResolutionLimit.pathBytes, !path.utf8.contains(0) else { return .missing }
    return files.content(path.isEmpty ? "." : path)
  }

  private mutating func kind(of content: ConfigFileContent, at key: [UInt8]) -> Kind {
    if kinds.count >= ResolutionLimit.knownPaths { kinds.removeAll() }
    let kind: Kind =
      switch content {
      case .file: .file
      case .folder: .folder
      case .missing: .missing
      case .unreadable: .unreadable
      }
    kinds[key] = kind
    return kind
  }

  private static func parsed(
    _ bytes: [UInt8], _ path: String, _ dialect: JSONDialect
  ) -> Result<JSONFile, ResolutionFailure> {
    guard bytes.count <= ResolutionLimit.fileBytes else {
      let phrase = "it has \(bytes.count) bytes, and up to \(ResolutionLimit.fileBytes) are read"
      return .failure(ResolutionFailure(phrase: phrase, location: Location(file: path)))
    }
    let source = SourceText(bytes, path: path)
    // Package managers pass over a byte order mark, which JSON.parse does not.
    var text = bytes
    text.replaceSubrange(..<source.start, with: repeatElement(0x20, count: source.start))
    // TypeScript takes an empty file for `{}`.
    if dialect == .commented, text.allSatisfy({ [0x09, 0x0A, 0x0D, 0x20].contains($0) }) {
      return .success(JSONFile(root: JSONNode(.object([])), source: source))
    }
    do {
      let root = try parseJSON(text, dialect)
      guard root.members != nil else {
        let phrase = "it holds no object, which was expected"
        return .failure(ResolutionFailure(phrase: phrase, location: source.location(of: root.offset)))
      }
      return .success(JSONFile(root: root, source: source))
    } catch {
      let phrase = "it can't be parsed: \(error.message)"
      return .failure(ResolutionFailure(phrase: phrase, location: source.location(of: error.offset)))
    }
  }
}
