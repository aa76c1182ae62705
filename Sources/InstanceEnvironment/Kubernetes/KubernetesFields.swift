import Facts

/// A node asked for the shape that Kubernetes takes there. Null is a missing field to it.
extension YAMLNode {
  /// A field's value; nil where it is missing or null. `title` names this node in messages.
  func field(_ name: String, of title: String) throws(EnvFileError) -> YAMLNode? {
    guard isMapping || isNull else { throw error("\(title) must be a mapping of fields") }
    guard let value = self[name], !value.isNull else { return nil }
    return value
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
    switch try kubernetesMeaning(title) {
    case .text: return text ?? ""
    case .null: return ""
    case .number: throw error("\(title) must be text, and Kubernetes reads a number here: put it in quotes")
    case .boolean: throw error("\(title) must be text, and Kubernetes reads a truth value here: put it in quotes")
    case nil: throw error("\(title) must be text")
    }
  }

  /// Whether a field is `true`.
  func flag(_ name: String, of title: String) throws(EnvFileError) -> Bool? {
    guard let field = try field(name, of: title) else { return nil }
    guard case .boolean = try field.kubernetesMeaning("`\(name)`"), let text = field.text else {
      throw field.error("`\(name)` must be true or false")
    }
    return text.utf8.first.map { "yYtT".utf8.contains($0) } == true || text.lowercased() == "on"
  }

  /// The elements of a list field; none where it is missing or null.
  func list(_ name: String, of title: String) throws(EnvFileError) -> [YAMLNode] {
    guard let field = try field(name, of: title) else { return [] }
    guard case .list(let elements) = field.content else { throw field.error("`\(name)` must be a list") }
    return elements
  }

  /// The entries of a field that is a mapping; none where it is missing or null.
  func entries(_ name: String, of title: String) throws(EnvFileError) -> [(
    key: String, location: Location, value: YAMLNode
  )] {
    guard let field = try field(name, of: title) else { return [] }
    guard case .mapping(let entries) = field.content else { throw field.error("`\(name)` must be a mapping") }
    return entries.map { ($0.key.text ?? "", $0.key.location, $0.value) }
  }

  /// What a scalar means to kubectl; nil for a mapping or a list.
  private func kubernetesMeaning(_ title: String) throws(EnvFileError) -> PlainScalarMeaning? {
    guard case .scalar(let text, let isPlain) = content else { return nil }
    guard tag == nil || tag == "!!str" else { throw error("\(title) has a tag other than `!!str`, which is not read") }
    return isPlain && tag == nil ? plainScalarMeaning(text) : .text
  }
}

/// What a scalar without quotes means to kubectl.
enum PlainScalarMeaning {
  case text, null, boolean, number
}

/// What a scalar without quotes means to kubectl: `sigs.k8s.io/yaml`, which follows YAML 1.1 with Go's numbers
/// (its `goyaml.v2/resolve.go`; dates stay text).
func plainScalarMeaning(_ text: String) -> PlainScalarMeaning {
  switch YAMLScalar(text, isPlain: true, tag: nil) {
  case .null: return .null
  case .boolean: return .boolean
  case .integer, .float: return .number
  case .date: return .text
  case .text:
    guard text.utf8.count <= 3, ["y", "yes", "on", "n", "no", "off"].contains(text.lowercased()) else { return .text }
    let rest = text.dropFirst()
    return rest == rest.lowercased() || text == text.uppercased() ? .boolean : .text
  }
}
