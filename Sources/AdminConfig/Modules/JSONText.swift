/// Writes JSON as JSON.stringify does (ECMAScript 25.5.2).

/// The text of a tree. With an indent, every element stands on a line of its own; `indent` is what JSON.stringify makes of
/// its third argument, at most ten characters.
func jsonText(_ node: JSONNode, indent: String = "") -> String {
  jsonText(node, indent: indent, limit: .max) ?? ""
}

/// The text of a tree, or nil where it would take more than `limit` bytes: indentation multiplies with depth, so a small
/// tree can have a large text.
func jsonText(_ node: JSONNode, indent: String = "", limit: Int) -> String? {
  var writer = JSONWriter(indent: Array(indent.utf8))
  var open: [(close: UInt8, members: [(key: String, value: JSONNode)]?, elements: [JSONNode], next: Int)] = []
  var pending: JSONTree? = node.value
  while writer.text.count <= limit {
    switch pending {
    case .array(let elements)?:
      writer.text.append(UInt8(ascii: "["))
      open.append((UInt8(ascii: "]"), nil, elements, 0))
    case .object(let members)?:
      writer.text.append(UInt8(ascii: "{"))
      open.append((UInt8(ascii: "}"), members, [], 0))
    case let scalar?: writer.write(scalar)
    case nil: break
    }
    pending = nil
    guard let innermost = open.indices.last else {
      return writer.text.count <= limit ? String(decoding: writer.text, as: UTF8.self) : nil
    }
    let index = open[innermost].next
    guard index < (open[innermost].members?.count ?? open[innermost].elements.count) else {
      if index > 0 { writer.breakLine(depth: innermost) }
      writer.text.append(open[innermost].close)
      open.removeLast()
      continue
    }
    if index > 0 { writer.text.append(UInt8(ascii: ",")) }
    writer.breakLine(depth: open.count)
    if let member = open[innermost].members?[index] {
      writer.write(member.key)
      writer.text.append(contentsOf: indent.isEmpty ? ":".utf8 : ": ".utf8)
      pending = member.value.value
    } else {
      pending = open[innermost].elements[index].value
    }
    open[innermost].next += 1
  }
  return nil
}

/// The text so far, and how scalars and line breaks are added to it.
private struct JSONWriter {
  var text: [UInt8] = []
  let indent: [UInt8]

  mutating func breakLine(depth: Int) {
    guard !indent.isEmpty else { return }
    text.append(0x0A)
    for _ in 0..<depth { text.append(contentsOf: indent) }
  }

  mutating func write(_ scalar: JSONTree) {
    switch scalar {
    case .boolean(let value): text.append(contentsOf: value ? "true".utf8 : "false".utf8)
    case .number(let value) where value.isFinite: text.append(contentsOf: numberText(value).utf8)
    case .string(let value): write(value)
    case .null, .number, .array, .object: text.append(contentsOf: "null".utf8)
    }
  }

  mutating func write(_ string: String) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): text.append(contentsOf: #"\""#.utf8)
      case UInt8(ascii: "\\"): text.append(contentsOf: #"\\"#.utf8)
      case 0x08: text.append(contentsOf: #"\b"#.utf8)
      case 0x09: text.append(contentsOf: #"\t"#.utf8)
      case 0x0A: text.append(contentsOf: #"\n"#.utf8)
      case 0x0C: text.append(contentsOf: #"\f"#.utf8)
      case 0x0D: text.append(contentsOf: #"\r"#.utf8)
      case 0..<0x20: text.append(contentsOf: ((byte < 0x10 ? #"\u000"# : #"\u00"#) + String(byte, radix: 16)).utf8)
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
