package import Facts

/// All nodes of one document. They refer to each other by index, so that a shared node is held once and letting go of a
/// tree does not recurse.
final class YAMLTree {
  struct Mark {
    var line: UInt32
    var column: UInt32
  }

  /// A key, which is a scalar, and its value.
  struct Entry {
    var key: Int
    var value: Int
  }

  enum Content {
    /// Text, and whether it stands without quotes, so that it may mean something else.
    case scalar(String, isPlain: Bool)
    case list([Int])
    case mapping([Entry])
  }

  struct Element {
    var content: Content
    var mark: Mark
    /// Its nodes and levels, aliases expanded.
    var size: UInt32 = 1
    var depth: UInt32 = 1
  }

  let path: String
  var nodes: [Element] = []
  /// The tags of the few nodes that have one: `!reset`, `!!int`.
  var tags: [Int: String] = [:]

  init(path: String) { self.path = path }

  func location(of mark: Mark) -> Location {
    Location(file: path, line: Int(mark.line), column: Int(mark.column))
  }

  /// The text of a scalar.
  func text(of index: Int) -> String? {
    if case .scalar(let text, _) = nodes[index].content { return text }
    return nil
  }
}

/// A node of a YAML document with its place. What an alias stands for is shared, not copied, and merge keys (`<<`) are
/// resolved.
package struct YAMLNode {
  package enum Content {
    /// Text, and whether it stands there without quotes.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    case mapping([Entry])
  }

  package struct Entry {
    /// A scalar.
    package var key: YAMLNode
    package var value: YAMLNode
  }

  let tree: YAMLTree
  let index: Int

  package var content: Content {
    switch tree.nodes[index].content {
    case .scalar(let text, let isPlain): .scalar(text, isPlain: isPlain)
    case .list(let elements): .list(elements.map { YAMLNode(tree: tree, index: $0) })
    case .mapping(let entries):
      .mapping(
        entries.map {
          Entry(key: YAMLNode(tree: tree, index: $0.key), value: YAMLNode(tree: tree, index: $0.value))
        })
    }
  }

  /// `!reset`, `!!int`, …; nil where none is given.
  var tag: String? { tree.tags.isEmpty ? nil : tree.tags[index] }

  package var location: Location { tree.location(of: tree.nodes[index].mark) }

  /// The value under a key of a mapping.
  subscript(_ key: String) -> YAMLNode? {
    guard case .mapping(let entries) = tree.nodes[index].content else { return nil }
    return entries.first { tree.text(of: $0.key) == key }.map { YAMLNode(tree: tree, index: $0.value) }
  }

  /// The text of a scalar, whatever type it may have.
  package var text: String? { tree.text(of: index) }

  /// The type and value of a scalar; nil for a mapping or a list.
  var scalar: YAMLScalar? {
    guard case .scalar(let text, let isPlain) = tree.nodes[index].content else { return nil }
    return YAMLScalar(text, isPlain: isPlain, tag: tag)
  }

  /// Whether nothing is given here: `null`, `~` or no text at all.
  var isNull: Bool {
    guard case .scalar(let text, _) = tree.nodes[index].content, YAMLScalar.isNull(text) else { return false }
    return scalar == .null
  }

  /// Whether it is a mapping.
  package var isMapping: Bool {
    if case .mapping = tree.nodes[index].content { return true }
    return false
  }

  /// What stands here, in words.
  var kind: String {
    switch (tree.nodes[index].content, scalar) {
    case (.mapping, _): "a mapping"
    case (.list, _): "a list"
    case (_, .null): "empty"
    case (_, .text): "text"
    case (_, .boolean): "a truth value"
    case (_, .date): "a date"
    default: "a number"
    }
  }

  func error(_ message: String) -> EnvFileError { EnvFileError(.malformed, message, at: location) }
}
