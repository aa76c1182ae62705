// The library that Yams wraps. Yams makes a product of itself alone, so Package.swift can't name it. What Yams makes public
// are whole trees, in which aliases in keys are expanded and keys are compared by all they hold before anyone can count: a
// file of 500 bytes keeps it busy for good.
internal import CYaml
import Facts

/// What a file may hold at most. The bounds are counted while the text is read, before there is a tree.
enum YAMLBounds {
  /// Nodes of one file, aliases expanded, and what merge keys copy.
  static let nodes = 6_000_000
  /// How deep a document may be nested, aliases expanded.
  static let depth = 100
}

/// Why a file in YAML is not read. No part of a value is in it.
package struct YAMLError: Error {
  package enum Kind { case malformed, tooLarge }

  package var kind: Kind
  package var message: String
  package var location: Location
  /// The key that stands twice, and the place of its mapping; nil for every other error.
  package var repeated: (key: String, mapping: Location)?
}

/// Reads the documents of a file in YAML, of which JSON is a part. Empty ones are left out.
///
/// The events of libyaml are read: an alias is a second reference to the same node, a key is a scalar, nothing recurses,
/// and what the aliases stand for is counted, so that a small file can't be a large tree.
///
/// - Throws: `tooLarge` with the line at which a bound is passed, `malformed` for what is not YAML.
func readYAMLDocuments(_ bytes: [UInt8], path: String) throws(EnvFileError) -> [YAMLNode] {
  do throws(YAMLError) {
    return try readDocuments(bytes, path: path, isSingle: false)
  } catch {
    throw EnvFileError(error.kind == .tooLarge ? .tooLarge : .malformed, error.message, at: error.location)
  }
}

/// Reads a file in YAML that may hold one document, in the same way; nil where it holds none.
package func readYAMLDocument(_ bytes: [UInt8], path: String) throws(YAMLError) -> YAMLNode? {
  try readDocuments(bytes, path: path, isSingle: true).first
}

private func readDocuments(_ bytes: [UInt8], path: String, isSingle: Bool) throws(YAMLError) -> [YAMLNode] {
  try requireFewDirectives(bytes, path: path)
  return try bytes.withUnsafeBufferPointer { buffer throws(YAMLError) in
    let events = YAMLEvents(buffer, path: path)
    var documents: [YAMLNode] = []
    var nodes = 0
    while try events.next() != .streamEnd {
      guard events.type == YAML_DOCUMENT_START_EVENT else { continue }
      if isSingle, nodes > 0 {
        throw YAMLError(
          kind: .malformed, message: "not valid YAML: expected a single document, but found another document",
          location: events.location)
      }
      var builder = YAMLTreeBuilder(events, nodes: nodes)
      let document = try builder.readDocument()
      if !document.isNull { documents.append(document) }
      nodes = builder.nodes
    }
    return documents
  }
}

/// libyaml compares each `%TAG` with all before it, which a file of nothing else would make slow.
private func requireFewDirectives(_ bytes: [UInt8], path: String) throws(YAMLError) {
  var isLineStart = true
  var count = 0
  for byte in bytes {
    if isLineStart, byte == UInt8(ascii: "%") { count += 1 }
    isLineStart = byte == Byte.lineFeed || byte == Byte.carriageReturn
  }
  if count > 100 {
    throw YAMLError(
      kind: .malformed, message: "more than 100 lines begin with `%`: no file of this kind needs that",
      location: Location(file: path))
  }
}

/// libyaml's events, one after the other.
private final class YAMLEvents {
  enum Step { case event, streamEnd }

  let path: String
  private let bytes: UnsafeBufferPointer<UInt8>
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private(set) var event = yaml_event_t()

  init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) {
    self.path = path
    self.bytes = bytes
    parser.initialize(to: yaml_parser_t())
    yaml_parser_initialize(parser)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_event_delete(&event)
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  var type: yaml_event_type_t { event.type }

  var location: Location {
    Location(file: path, line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
  }

  @discardableResult func next() throws(YAMLError) -> Step {
    yaml_event_delete(&event)
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    return event.type == YAML_STREAM_END_EVENT ? .streamEnd : .event
  }

  private func failure() -> YAMLError {
    // libyaml's words are fixed: no part of the file is in them.
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be read"
    let context = parser.pointee.context.map { " (\(String(cString: $0)))" } ?? ""
    let mark = parser.pointee.problem_mark
    var location = Location(file: path, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    if parser.pointee.error == YAML_READER_ERROR {
      // What is no text has an offset instead of a mark.
      let before = bytes.prefix(parser.pointee.problem_offset)
      let start = before.lastIndex(of: Byte.lineFeed).map { $0 + 1 } ?? 0
      location = Location(
        file: path, line: 1 + before.count { $0 == Byte.lineFeed },
        column: 1 + String(decoding: before[start...], as: UTF8.self).unicodeScalars.count)
    }
    return YAMLError(kind: .malformed, message: "not valid YAML: \(problem)\(context)", location: location)
  }
}

/// Builds one document's tree from events.
private struct YAMLTreeBuilder {
  private let events: YAMLEvents
  private let tree: YAMLTree
  private var anchors: [String: Int] = [:]
  private var open: [Collection] = []
  /// Nodes and merged entries of the file so far.
  private(set) var nodes: Int

  private struct Collection {
    var mark: YAMLTree.Mark
    var anchor: String?
    var tag: String?
    var isMapping: Bool
    /// Its nodes and levels so far, aliases expanded.
    var size = 1
    var depth = 1
    var elements: [Int] = []
    var entries: [YAMLTree.Entry] = []
    var names: Set<String> = []
    /// Values of `<<`, in order.
    var merged: [Int] = []
    var key: (index: Int, isMerge: Bool)?
  }

  init(_ events: YAMLEvents, nodes: Int) {
    self.events = events
    tree = YAMLTree(path: events.path)
    self.nodes = nodes
  }

  mutating func readDocument() throws(YAMLError) -> YAMLNode {
    try count(1)
    var root = 0
    while true {
      try events.next()
      switch events.type {
      case YAML_SCALAR_EVENT: try add(try scalar(), root: &root)
      case YAML_ALIAS_EVENT:
        let name = text(events.event.data.alias.anchor)
        guard let target = name.flatMap({ anchors[$0] }) else {
          throw failure("not valid YAML: undefined alias: its anchor is not complete before it")
        }
        try add(target, root: &root)
      case YAML_SEQUENCE_START_EVENT:
        let start = events.event.data.sequence_start
        try begin(isMapping: false, anchor: text(start.anchor), tag: tag(start.tag))
      case YAML_MAPPING_START_EVENT:
        let start = events.event.data.mapping_start
        try begin(isMapping: true, anchor: text(start.anchor), tag: tag(start.tag))
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        guard let collection = open.popLast() else { continue }
        try add(try close(collection), root: &root)
      case YAML_DOCUMENT_END_EVENT: return YAMLNode(tree: tree, index: root)
      default: continue
      }
    }
  }

  private mutating func scalar() throws(YAMLError) -> Int {
    let scalar = events.event.data.scalar
    let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    return try append(.scalar(value, isPlain: isPlain), mark, anchor: text(scalar.anchor), tag: tag(scalar.tag))
  }

  private mutating func begin(isMapping: Bool, anchor: String?, tag: String?) throws(YAMLError) {
    if let parent = open.last, parent.isMapping, parent.key == nil {
      throw failure("a key must be text, not \(isMapping ? "a mapping" : "a list")")
    }
    guard open.count < YAMLBounds.depth else { throw tooDeep() }
    open.append(Collection(mark: mark, anchor: anchor, tag: tag, isMapping: isMapping))
  }

  private mutating func close(_ collection: Collection) throws(YAMLError) -> Int {
    var collection = collection
    for index in collection.merged { try merge(index, into: &collection) }
    let content: YAMLTree.Content = collection.isMapping ? .mapping(collection.entries) : .list(collection.elements)
    let index = try append(content, collection.mark, anchor: collection.anchor, tag: collection.tag)
    tree.nodes[index].size = UInt32(collection.size)
    tree.nodes[index].depth = UInt32(collection.depth)
    return index
  }

  /// Keys of the mapping itself win over merged ones, and earlier merged mappings over later ones
  /// (https://yaml.org/type/merge.html).
  private mutating func merge(_ index: Int, into collection: inout Collection) throws(YAMLError) {
    let sources: [Int] = if case .list(let elements) = tree.nodes[index].content { elements } else { [index] }
    for source in sources {
      guard case .mapping(let entries) = tree.nodes[source].content else {
        throw failure("`<<` must be followed by an alias of a mapping, or a list of such")
      }
      try count(entries.count + 1)
      for entry in entries where collection.names.insert(tree.text(of: entry.key) ?? "").inserted {
        collection.entries.append(entry)
      }
    }
  }

  /// Puts a node where it belongs: into the innermost open collection, or as the document's root.
  private mutating func add(_ index: Int, root: inout Int) throws(YAMLError) {
    guard let parent = open.indices.last else {
      root = index
      return
    }
    open[parent].size += Int(tree.nodes[index].size)
    open[parent].depth = max(open[parent].depth, Int(tree.nodes[index].depth) + 1)
    guard open[parent].size <= YAMLBounds.nodes else { throw tooManyNodes() }
    guard open.count + Int(tree.nodes[index].depth) <= YAMLBounds.depth else { throw tooDeep() }
    guard open[parent].isMapping else {
      open[parent].elements.append(index)
      return
    }
    guard let key = open[parent].key else { return try takeKey(index, of: parent) }
    open[parent].key = nil
    if key.isMerge {
      open[parent].merged.append(index)
    } else {
      open[parent].entries.append(YAMLTree.Entry(key: key.index, value: index))
    }
  }

  private mutating func takeKey(_ index: Int, of parent: Int) throws(YAMLError) {
    guard case .scalar(let name, let isPlain) = tree.nodes[index].content else {
      throw failure("a key must be text, not \(YAMLNode(tree: tree, index: index).kind)")
    }
    guard open[parent].names.insert(name).inserted else {
      var error = failure("the key stands twice in the same mapping")
      error.repeated = (name, tree.location(of: open[parent].mark))
      throw error
    }
    open[parent].key = (index, isMerge: isPlain && name == "<<" && tree.tags[index] == nil)
  }

  private mutating func append(
    _ content: YAMLTree.Content, _ mark: YAMLTree.Mark, anchor: String?, tag: String?
  ) throws(YAMLError) -> Int {
    try count(1)
    let index = tree.nodes.count
    tree.nodes.append(YAMLTree.Element(content: content, mark: mark))
    if let tag { tree.tags[index] = tag }
    if let anchor { anchors[anchor] = index }
    return index
  }

  private mutating func count(_ more: Int) throws(YAMLError) {
    nodes += more
    if nodes > YAMLBounds.nodes { throw tooManyNodes() }
  }

  private var mark: YAMLTree.Mark {
    let mark = events.event.start_mark
    return YAMLTree.Mark(line: UInt32(mark.line) + 1, column: UInt32(mark.column) + 1)
  }

  private func failure(_ message: String, _ kind: YAMLError.Kind = .malformed) -> YAMLError {
    YAMLError(kind: kind, message: message, location: events.location)
  }

  private func tooManyNodes() -> YAMLError {
    failure("with its aliases expanded it has more than \(YAMLBounds.nodes) parts, the most that is read", .tooLarge)
  }

  private func tooDeep() -> YAMLError {
    failure("it is nested deeper than \(YAMLBounds.depth) levels, which is the most that is read", .tooLarge)
  }
}

private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
  pointer.map { String(cString: $0) }
}

/// A tag as it is commonly written; `!` alone says nothing.
private func tag(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
  guard let name = text(pointer), name != "!" else { return nil }
  let standard = "tag:yaml.org,2002:"
  return name.hasPrefix(standard) ? "!!" + name.dropFirst(standard.count) : name
}
