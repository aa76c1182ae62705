internal import CYaml
import Facts

/// What a manifest may hold at most. The bounds are counted while the text is read, before there is a tree.
enum ManifestBounds {
  /// Bytes of one file.
  static let fileSize = 32 << 20
  /// Bytes of all files together.
  static let totalSize = 128 << 20
  /// Files of one folder.
  static let files = 10_000
  /// Nodes of one file, aliases expanded, and what merge keys copy.
  static let nodes = 6_000_000
  /// How deep a document may be nested, aliases expanded.
  static let depth = 100
}

/// Reads the documents of a file in YAML, of which JSON is a part. Empty ones are left out.
///
/// The events of Yams' own parser (libyaml) are read rather than its trees: these are built with every alias expanded
/// inside keys, and without a bound. Here an alias is a second reference to the same node, a key is text, nothing
/// recurses, and what the aliases stand for is counted: a small file can't be a large tree.
func readYAMLDocuments(_ bytes: [UInt8], path: String) throws(EnvFileError) -> [YAMLNode] {
  try requireFewDirectives(bytes, path: path)
  return try bytes.withUnsafeBufferPointer { buffer throws(EnvFileError) in
    let events = YAMLEvents(buffer, path: path)
    var documents: [YAMLNode] = []
    var nodes = 0
    while try events.next() != .streamEnd {
      guard events.type == YAML_DOCUMENT_START_EVENT else { continue }
      var builder = YAMLTreeBuilder(path: path, nodes: nodes)
      let document = try builder.readDocument(events)
      if !document.isNull { documents.append(document) }
      nodes = builder.nodes
    }
    return documents
  }
}

/// libyaml compares each `%TAG` with all before it, which a file of nothing else would make slow. Manifests have none.
private func requireFewDirectives(_ bytes: [UInt8], path: String) throws(EnvFileError) {
  var isLineStart = true
  var count = 0
  for byte in bytes {
    if isLineStart, byte == UInt8(ascii: "%") { count += 1 }
    isLineStart = byte == Byte.lineFeed || byte == Byte.carriageReturn
  }
  if count > 100 {
    throw EnvFileError(.malformed, "more than 100 lines begin with `%`: no manifest does", at: Location(file: path))
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

  @discardableResult func next() throws(EnvFileError) -> Step {
    yaml_event_delete(&event)
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    return event.type == YAML_STREAM_END_EVENT ? .streamEnd : .event
  }

  private func failure() -> EnvFileError {
    // libyaml's words are fixed: no part of the file is in them.
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it can't be read"
    let mark = parser.pointee.problem_mark
    var location = Location(file: path, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    if parser.pointee.error == YAML_READER_ERROR {
      // What is no text has an offset instead of a mark.
      let before = bytes.prefix(parser.pointee.problem_offset)
      location = Location(file: path, line: 1 + before.count { $0 == Byte.lineFeed })
    }
    return EnvFileError(.malformed, "not valid YAML: \(problem)", at: location)
  }
}

/// Builds one document's tree from events.
private struct YAMLTreeBuilder {
  private let tree: YAMLTree
  private var anchors: [String: Int] = [:]
  private var open: [Collection] = []
  /// Nodes and entries of the file so far.
  private(set) var nodes: Int

  private struct Collection {
    var location: YAMLTree.Mark
    var anchor: String?
    var isMapping: Bool
    /// Its nodes and levels so far, aliases expanded.
    var size = 1
    var depth = 1
    var elements: [Int] = []
    var entries: [YAMLTree.Entry] = []
    var names: Set<String> = []
    /// Values of `<<`, in order.
    var merged: [Int] = []
    var key: (name: String, mark: YAMLTree.Mark, isMerge: Bool)?
  }

  init(path: String, nodes: Int) {
    tree = YAMLTree(path: path)
    self.nodes = nodes
  }

  mutating func readDocument(_ events: YAMLEvents) throws(EnvFileError) -> YAMLNode {
    try count(1, events)
    var root = 0
    while true {
      try events.next()
      switch events.type {
      case YAML_SCALAR_EVENT: try takeScalar(events, root: &root)
      case YAML_ALIAS_EVENT:
        let name = text(events.event.data.alias.anchor)
        guard let target = name.flatMap({ anchors[$0] }) else {
          throw EnvFileError(
            .malformed, "not valid YAML: an alias refers to an anchor that is not complete before it",
            at: events.location)
        }
        try add(target, events, root: &root)
      case YAML_SEQUENCE_START_EVENT:
        try begin(isMapping: false, anchor: text(events.event.data.sequence_start.anchor), events)
      case YAML_MAPPING_START_EVENT:
        try begin(isMapping: true, anchor: text(events.event.data.mapping_start.anchor), events)
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        guard let collection = open.popLast() else { continue }
        try add(try close(collection, events), events, root: &root)
      case YAML_DOCUMENT_END_EVENT: return YAMLNode(tree: tree, index: root)
      default: continue
      }
    }
  }

  private mutating func takeScalar(_ events: YAMLEvents, root: inout Int) throws(EnvFileError) {
    let scalar = events.event.data.scalar
    let tag = text(scalar.tag)
    guard tag == nil || tag == "!" || tag == "tag:yaml.org,2002:str" else {
      throw EnvFileError(.malformed, "a tag other than `!!str` has no meaning in a manifest", at: events.location)
    }
    let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let isPlain = tag == nil && scalar.style == YAML_PLAIN_SCALAR_STYLE
    if let parent = open.indices.last, open[parent].isMapping, open[parent].key == nil {
      guard text(scalar.anchor) == nil else {
        throw EnvFileError(.malformed, "a key can't have an anchor here", at: events.location)
      }
      try count(1, events)
      let isMerge = isPlain && value == "<<"
      guard open[parent].names.insert(value).inserted else {
        throw EnvFileError(.malformed, "the key stands twice in the same mapping", at: events.location)
      }
      open[parent].key = (value, mark(events), isMerge)
      return
    }
    let index = try append(.scalar(value, isPlain: isPlain), mark(events), events)
    if let anchor = text(scalar.anchor) { anchors[anchor] = index }
    try add(index, events, root: &root)
  }

  private mutating func begin(isMapping: Bool, anchor: String?, _ events: YAMLEvents) throws(EnvFileError) {
    if let parent = open.last, parent.isMapping, parent.key == nil { throw keyIsNoText(events) }
    guard open.count < ManifestBounds.depth else {
      throw tooDeep(events)
    }
    open.append(Collection(location: mark(events), anchor: anchor, isMapping: isMapping))
  }

  private mutating func close(_ collection: Collection, _ events: YAMLEvents) throws(EnvFileError) -> Int {
    var collection = collection
    for index in collection.merged { try merge(index, into: &collection, events) }
    let content: YAMLTree.Content = collection.isMapping ? .mapping(collection.entries) : .sequence(collection.elements)
    let index = try append(content, collection.location, events)
    tree.nodes[index].size = UInt32(collection.size)
    tree.nodes[index].depth = UInt32(collection.depth)
    if let anchor = collection.anchor { anchors[anchor] = index }
    return index
  }

  /// Keys of the mapping itself win over merged ones, and earlier merged mappings over later ones (YAML merge key type).
  private mutating func merge(_ index: Int, into collection: inout Collection, _ events: YAMLEvents)
    throws(EnvFileError)
  {
    switch tree.nodes[index].content {
    case .mapping(let entries):
      try count(entries.count, events)
      for entry in entries where collection.names.insert(entry.key).inserted { collection.entries.append(entry) }
    case .sequence(let elements):
      for element in elements {
        guard case .mapping(let entries) = tree.nodes[element].content else { throw mergeIsNoMapping(events) }
        try count(entries.count + 1, events)
        for entry in entries where collection.names.insert(entry.key).inserted { collection.entries.append(entry) }
      }
    case .scalar: throw mergeIsNoMapping(events)
    }
  }

  /// Puts a node where it belongs: into the innermost open collection, or as the document's root.
  private mutating func add(_ index: Int, _ events: YAMLEvents, root: inout Int) throws(EnvFileError) {
    guard let parent = open.indices.last else {
      root = index
      return
    }
    open[parent].size += Int(tree.nodes[index].size)
    open[parent].depth = max(open[parent].depth, Int(tree.nodes[index].depth) + 1)
    guard open[parent].size <= ManifestBounds.nodes else { throw tooManyNodes(events) }
    guard open.count + Int(tree.nodes[index].depth) <= ManifestBounds.depth else { throw tooDeep(events) }
    guard open[parent].isMapping else {
      open[parent].elements.append(index)
      return
    }
    guard let key = open[parent].key else { throw keyIsNoText(events) }
    open[parent].key = nil
    if key.isMerge {
      open[parent].merged.append(index)
    } else {
      open[parent].entries.append(YAMLTree.Entry(key: key.name, mark: key.mark, value: index))
    }
  }

  private mutating func append(
    _ content: YAMLTree.Content, _ mark: YAMLTree.Mark, _ events: YAMLEvents
  ) throws(EnvFileError) -> Int {
    try count(1, events)
    tree.nodes.append(YAMLTree.Element(content: content, mark: mark))
    return tree.nodes.count - 1
  }

  private mutating func count(_ more: Int, _ events: YAMLEvents) throws(EnvFileError) {
    nodes += more
    if nodes > ManifestBounds.nodes { throw tooManyNodes(events) }
  }

  private func mark(_ events: YAMLEvents) -> YAMLTree.Mark {
    let mark = events.event.start_mark
    return YAMLTree.Mark(line: UInt32(mark.line) + 1, column: UInt32(mark.column) + 1)
  }

  private func tooManyNodes(_ events: YAMLEvents) -> EnvFileError {
    EnvFileError(
      .tooLarge, "with its aliases expanded it has more than \(ManifestBounds.nodes) parts, the most that is read",
      at: events.location)
  }

  private func tooDeep(_ events: YAMLEvents) -> EnvFileError {
    EnvFileError(
      .tooLarge, "it is nested deeper than \(ManifestBounds.depth) levels, which is the most that is read",
      at: events.location)
  }

  private func keyIsNoText(_ events: YAMLEvents) -> EnvFileError {
    EnvFileError(.malformed, "a key must be text", at: events.location)
  }

  private func mergeIsNoMapping(_ events: YAMLEvents) -> EnvFileError {
    EnvFileError(.malformed, "`<<` must be followed by an alias of a mapping, or a list of such", at: events.location)
  }
}

private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
  pointer.map { String(cString: $0) }
}
