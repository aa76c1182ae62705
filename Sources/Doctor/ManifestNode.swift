import Facts
import InstanceEnvironment

/// A YAML node with its place in the file and its path in the manifest (`instances[0].name`), asked for the one shape
/// that the schema allows there.
struct ManifestNode {
  var node: YAMLNode
  var path: String

  var location: Location { node.location }

  func error(_ message: String) -> ManifestError { ManifestError(message, at: location) }

  func located<Value>(_ value: Value) -> Located<Value> { Located(value, at: location) }

  private var title: String { path.isEmpty ? "the manifest" : quoted(path) }

  private func expected(_ shape: String) -> ManifestError {
    let hint = isLooseScalar ? "; put it in quotes if text is meant" : ""
    return error("\(title) must be \(shape), not \(met)\(shape.hasPrefix("text") ? hint : "")")
  }

  /// A mapping with text keys, none of them outside `keys`.
  func mapping(keys: [String]) throws(ManifestError) -> ManifestMapping {
    var entries: [(key: Located<String>, value: ManifestNode)] = []
    for (key, value) in try entriesOfAnyName() {
      guard keys.contains(key.value) else {
        let place = path.isEmpty ? "" : " in \(quoted(path))"
        throw ManifestError(
          "unknown key \(quoted(key.value))\(place)\(suggestion(for: key.value, among: keys))", at: key.location)
      }
      entries.append((key, value))
    }
    return ManifestMapping(entries: entries, location: location, path: path)
  }

  /// A mapping whose keys the caller knows.
  func entriesOfAnyName() throws(ManifestError) -> [(key: Located<String>, value: ManifestNode)] {
    guard case .mapping(let entries) = node.content else { throw expected("a mapping of keys") }
    return entries.map { entry in
      let name = entry.key.text ?? ""
      let inside = path.isEmpty ? name : "\(path).\(name)"
      return (Located(name, at: entry.key.location), ManifestNode(node: entry.value, path: inside))
    }
  }

  /// A list.
  func list() throws(ManifestError) -> [ManifestNode] {
    guard let elements = elements else { throw expected("a list") }
    return elements
  }

  /// The elements of a list, nil for everything else.
  var elements: [ManifestNode]? {
    guard case .list(let elements) = node.content else { return nil }
    return elements.enumerated().map { index, element in ManifestNode(node: element, path: "\(path)[\(index)]") }
  }

  /// Whether it is a mapping, for values that have several shapes.
  var isMapping: Bool { node.isMapping }

  /// Text that is not empty and has no control characters; `shape` says what other shapes would do.
  func text(_ shape: String = "text") throws(ManifestError) -> String {
    guard let text = node.text, !isLooseScalar else { throw expected(shape) }
    if text.isEmpty { throw error("\(title) must not be empty") }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw error("\(title) must not hold control characters or line ends")
    }
    return text
  }

  /// `true` or `false`.
  func boolean() throws(ManifestError) -> Bool {
    guard case .scalar(let text, isPlain: true) = node.content, let value = Bool(text) else {
      throw expected("true or false")
    }
    return value
  }

  /// One of the names that an enumeration has.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type
  ) throws(ManifestError) -> Choice where Choice.RawValue == String {
    let name = try text()
    if let choice = Choice(rawValue: name) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    throw error("unknown value \(quoted(name)) for \(title)\(suggestion(for: name, among: known))")
  }

  /// Whether it is a plain scalar that YAML's core schema takes for something other than text.
  private var isLooseScalar: Bool {
    guard case .scalar(let text, isPlain: true) = node.content else { return false }
    return isNull(text) || isBoolean(text) || isNumber(text)
  }

  /// What stands here, in words.
  private var met: String {
    switch node.content {
    case .mapping: "a mapping"
    case .list: "a list"
    case .scalar(let text, isPlain: true) where isNull(text): "empty"
    case .scalar(let text, isPlain: true) where isBoolean(text): "a truth value"
    case .scalar(let text, isPlain: true) where isNumber(text): "a number"
    case .scalar: "text"
    }
  }
}

/// The entries of a mapping whose keys are known to be right.
struct ManifestMapping {
  var entries: [(key: Located<String>, value: ManifestNode)]
  var location: Location
  var path: String

  subscript(_ key: String) -> ManifestNode? { entries.first { $0.key.value == key }?.value }

  /// The value of a key that must be there.
  func required(_ key: String) throws(ManifestError) -> ManifestNode {
    if let value = self[key] { return value }
    throw ManifestError("\(quoted(path)) lacks the key \(quoted(key))", at: location)
  }
}

private func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

private func isBoolean(_ text: String) -> Bool {
  ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text)
}

private func isNumber(_ text: String) -> Bool {
  guard let first = text.utf8.first, "0123456789+-.".utf8.contains(first) else { return false }
  return Double(text) != nil || [".inf", "-.inf", "+.inf", ".nan"].contains(text.lowercased()) || text.hasPrefix("0o")
}
