import Facts

/// All nodes of one document. They refer to each other by index, so that a shared node is held once and letting go of a
/// tree does not recurse.
final class YAMLTree {
  struct Mark {
    var line: UInt32
    var column: UInt32
  }

  struct Entry {
    var key: String
    var mark: Mark
    var value: Int
  }

  enum Content {
    /// Text, and whether it stands without quotes, so that it may mean something else.
    case scalar(String, isPlain: Bool)
    case sequence([Int])
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

  init(path: String) { self.path = path }
}

/// One node of a document, asked for the shape that Kubernetes takes there.
struct YAMLNode {
  let tree: YAMLTree
  let index: Int

  private var element: YAMLTree.Element { tree.nodes[index] }

  var location: Location { location(element.mark) }

  private func location(_ mark: YAMLTree.Mark) -> Location {
    Location(file: tree.path, line: Int(mark.line), column: Int(mark.column))
  }

  func error(_ message: String) -> EnvFileError { EnvFileError(.malformed, message, at: location) }

  /// Whether nothing stands there: Kubernetes takes null for a missing field.
  var isNull: Bool {
    guard case .scalar(let text, let isPlain) = element.content else { return false }
    return isPlain && plainScalarMeaning(text) == .null
  }

  /// A field's value; nil where it is missing or null. `title` names this node in messages.
  func field(_ name: String, of title: String) throws(EnvFileError) -> YAMLNode? {
    switch element.content {
    case .mapping(let entries):
      guard let entry = entries.first(where: { $0.key == name }) else { return nil }
      let value = YAMLNode(tree: tree, index: entry.value)
      return value.isNull ? nil : value
    case .scalar, .sequence:
      if isNull { return nil }
      throw error("\(title) must be a mapping of fields")
    }
  }

  /// A field below fields: `spec.template.spec`.
  func field(at path: [String]) throws(EnvFileError) -> YAMLNode? {
    var node = self
    var title = "the object"
    for name in path {
      guard let next = try node.field(name, of: title) else { return nil }
      node = next
      title = "`\(name)`"
    }
    return node
  }

  /// The text of a field; nil where it is missing or null.
  func text(_ name: String, of title: String) throws(EnvFileError) -> String? {
    try field(name, of: title)?.text("`\(name)`")
  }

  /// Text of a field that must be there: a name, which is not empty and no longer than names in Kubernetes are.
  func requiredText(_ name: String, of title: String) throws(EnvFileError) -> String {
    guard let node = try field(name, of: title), case let text = try node.text("`\(name)`"), !text.isEmpty else {
      throw error("\(title) needs a `\(name)`")
    }
    guard text.utf8.count <= 253 else { throw node.error("`\(name)` must not be longer than 253 bytes") }
    return text
  }

  /// Text, as the API server takes it: a number or a truth value without quotes is none. Null is the empty text.
  func text(_ title: String) throws(EnvFileError) -> String {
    guard case .scalar(let text, let isPlain) = element.content else {
      throw error("\(title) must be text")
    }
    switch isPlain ? plainScalarMeaning(text) : .text {
    case .text: return text
    case .null: return ""
    case .number: throw error("\(title) must be text, and Kubernetes reads a number here: put it in quotes")
    case .boolean: throw error("\(title) must be text, and Kubernetes reads a truth value here: put it in quotes")
    }
  }

  /// Whether a field is `true`.
  func flag(_ name: String, of title: String) throws(EnvFileError) -> Bool? {
    guard let field = try field(name, of: title) else { return nil }
    guard case .scalar(let text, let isPlain) = field.element.content, isPlain,
      plainScalarMeaning(text) == .boolean
    else { throw field.error("`\(name)` must be true or false") }
    return text.utf8.first.map { "yYtT".utf8.contains($0) } == true || text.lowercased() == "on"
  }

  /// The elements of a list field; none where it is missing or null.
  func list(_ name: String, of title: String) throws(EnvFileError) -> [YAMLNode] {
    guard let field = try field(name, of: title) else { return [] }
    guard case .sequence(let elements) = field.element.content else { throw field.error("`\(name)` must be a list") }
    return elements.map { YAMLNode(tree: tree, index: $0) }
  }

  /// The entries of a field that is a mapping, with the places of their keys; none where it is missing or null.
  func entries(
    _ name: String, of title: String
  ) throws(EnvFileError) -> [(key: String, location: Location, value: YAMLNode)] {
    guard let field = try field(name, of: title) else { return [] }
    guard case .mapping(let entries) = field.element.content else { throw field.error("`\(name)` must be a mapping") }
    return entries.map { ($0.key, location($0.mark), YAMLNode(tree: tree, index: $0.value)) }
  }
}

/// What a scalar without quotes means to kubectl.
enum PlainScalarMeaning {
  case text, null, boolean, number
}

/// What a scalar without quotes means to kubectl: `sigs.k8s.io/yaml`, which follows YAML 1.1 with Go's numbers
/// (its `goyaml.v2/resolve.go`; dates stay text).
func plainScalarMeaning(_ text: String) -> PlainScalarMeaning {
  guard let first = text.utf8.first else { return .null }
  switch first {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), Byte.hyphen, Byte.dot:
    return isNumber(text) ? .number : .text
  default:
    if ["~", "null", "Null", "NULL"].contains(text) { return .null }
    guard text.utf8.count <= 5, ["y", "yes", "true", "on", "n", "no", "false", "off"].contains(text.lowercased()) else {
      return .text
    }
    let rest = text.dropFirst()
    let isSpelling = rest == rest.lowercased() || text == text.uppercased()
    return isSpelling ? .boolean : .text
  }
}

private func isNumber(_ text: String) -> Bool {
  let isSigned = text.hasPrefix("-") || text.hasPrefix("+")
  if [".inf", ".Inf", ".INF"].contains(isSigned ? String(text.dropFirst()) : text) { return true }
  if [".nan", ".NaN", ".NAN"].contains(text) { return true }
  if text.hasPrefix("."), text.contains("_") { return false }
  let digits = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == Byte.hyphen }.filter { $0 != UInt8(ascii: "_") }
  guard text.utf8.count - digits.count <= (isSigned ? 1 : 0) + text.utf8.count(where: { $0 == UInt8(ascii: "_") })
  else { return false }
  if digits.count > 2, digits[0] == UInt8(ascii: "0") {
    let magnitude = String(decoding: digits[2...], as: UTF8.self)
    let radix: Int? =
      switch digits[1] | 0x20 {
      case UInt8(ascii: "x"): 16
      case UInt8(ascii: "o"): 8
      case UInt8(ascii: "b"): 2
      default: nil
      }
    if let radix { return isWordByte(digits[2]) && UInt64(magnitude, radix: radix) != nil }
  }
  return isDecimal(digits)
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
private func isDecimal(_ text: [UInt8]) -> Bool {
  func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  var rest = text[...]
  let whole = rest.prefix(while: isDigit)
  rest = rest.dropFirst(whole.count)
  var fraction = rest[rest.startIndex..<rest.startIndex]
  if rest.first == Byte.dot {
    fraction = rest.dropFirst().prefix(while: isDigit)
    rest = rest.dropFirst(1 + fraction.count)
  }
  if whole.isEmpty, fraction.isEmpty { return false }
  guard let exponent = rest.first else { return true }
  guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
  rest = rest.dropFirst()
  if rest.first == UInt8(ascii: "+") || rest.first == Byte.hyphen { rest = rest.dropFirst() }
  return !rest.isEmpty && rest.allSatisfy(isDigit)
}
