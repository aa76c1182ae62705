import Facts
import Yams

extension Manifest {
  /// The largest manifest that is read, in bytes.
  static let maximumSize = 1 << 20
}

/// Parses a manifest's text into YAML nodes, and tells every failure as a `ManifestError` with its place.
func parseManifestYAML(_ text: String, path: String) throws(ManifestError) -> Node {
  let start = Location(file: path, line: 1, column: 1)
  guard text.utf8.count <= Manifest.maximumSize else {
    throw ManifestError("the manifest is larger than \(Manifest.maximumSize) bytes", at: start)
  }
  guard aliasesStayWithinBounds(text) else {
    throw ManifestError("the aliases (`*name`) stand for too much text together; write the values out", at: start)
  }
  let root: Node?
  do {
    // Without rules, a plain scalar stays text: the schema decides what a number is, and no regular expression is built.
    // The encoding is named because Yams otherwise takes it from a variable of the environment, and prints that it did.
    root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
  } catch let error as YamlError {
    throw manifestError(for: error, text: text, path: path)
  } catch {
    throw ManifestError("not valid YAML", at: start)
  }
  guard let root else { throw ManifestError("the manifest is empty; expected a mapping", at: start) }
  return root
}

private func manifestError(for error: YamlError, text: String, path: String) -> ManifestError {
  func at(_ mark: Mark) -> Location { Location(file: path, line: mark.line, column: mark.column) }
  switch error {
  case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
    .composer(let context, let problem, let mark, _):
    let circumstance = context.map { " (\($0.text))" } ?? ""
    return ManifestError("not valid YAML: \(problem)\(circumstance)", at: at(mark))
  case .duplicatedKeysInMapping(let keys, let context):
    let names = keys.map { quoted($0) }.joined(separator: ", ")
    return ManifestError("\(names) is given more than once in the same mapping", at: at(context.mark))
  case .reader(let problem, let offset, _, _):
    let before = text.prefix(offset ?? 0).unicodeScalars
    let lastLine = before.split(separator: "\n", omittingEmptySubsequences: false).last ?? before[...]
    let line = 1 + before.count { $0 == "\n" }
    return ManifestError(
      "not valid YAML: \(problem)", at: Location(file: path, line: line, column: lastLine.count + 1))
  case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
    return ManifestError("not valid YAML", at: Location(file: path, line: 1, column: 1))
  }
}

/// Whether the text's aliases, however they are nested, stand for a bounded amount of text. Yams compares mapping keys
/// by all they hold, aliases expanded, so this has to be known before parsing. With `n` aliases under `m` anchors, no
/// node can be repeated more often than `(n/m + 1)^m` times. What only looks like an alias or an anchor, in a comment or
/// a quoted text, is counted too.
private func aliasesStayWithinBounds(_ text: String) -> Bool {
  let maximumExpandedSize = 1e7
  var anchors = 0.0
  var aliases = 0.0
  var previous = UInt8(ascii: "\n")
  for byte in text.utf8 {
    if " \t\r\n,[]{}:?-\"'".utf8.contains(previous) {
      if byte == UInt8(ascii: "&") { anchors += 1 }
      if byte == UInt8(ascii: "*") { aliases += 1 }
    }
    previous = byte
  }
  if anchors == 0 || aliases == 0 { return true }
  var size = Double(text.utf8.count)
  for _ in 0..<Int(anchors) where size <= maximumExpandedSize { size *= aliases / anchors + 1 }
  return size <= maximumExpandedSize
}
