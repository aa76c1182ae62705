/// JSON as a tree whose values know where they stand.

/// A JSON value and the offset, in bytes, at which its text begins.
struct JSONNode: Sendable {
  var value: JSONTree
  var offset: Int

  /// A value; one that was computed rather than read stands at offset 0.
  init(_ value: JSONTree, at offset: Int = 0) {
    self.value = value
    self.offset = offset
  }
}

/// What JSON can say. An object keeps the order of its text, so whoever makes a JavaScript object of it sorts the
/// integer-like keys itself.
enum JSONTree: Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([JSONNode])
  case object([(key: String, value: JSONNode)])
}

extension JSONNode {
  /// The member of an object; nil where there is none, or where this is no object. Keys are compared as JavaScript does,
  /// by their code units: `é` in one character is another key than `é` in two.
  subscript(key: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// The text, if this is a string.
  var string: String? {
    guard case .string(let text) = value else { return nil }
    return text
  }

  /// The elements, if this is an array.
  var elements: [JSONNode]? {
    guard case .array(let elements) = value else { return nil }
    return elements
  }

  /// The members in the order of the text, if this is an object.
  var members: [(key: String, value: JSONNode)]? {
    guard case .object(let members) = value else { return nil }
    return members
  }
}
