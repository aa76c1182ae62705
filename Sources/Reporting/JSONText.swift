// JSON text from a JSON value, keys in the order they were given.

public import Diagnosis

/// The value as JSON (RFC 8259), indented by two spaces, ending with a line feed.
///
/// Whatever a terminal would obey rather than show is written as `\u…`, which every JSON reader turns back. A number
/// that JSON has no form for (NaN, infinity) is written as null.
public func jsonText(_ value: JSONValue) -> String {
  var writer = JSONWriter()
  writer.write(value, indent: 0)
  return writer.text + "\n"
}

private struct JSONWriter {
  var text = ""

  mutating func write(_ value: JSONValue, indent: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += number(value)
    case .string(let value): write(value)
    case .array(let elements):
      writeList(elements, "[", "]", indent: indent) { $0.write($1, indent: indent + 2) }
    case .object(let members):
      writeList(members, "{", "}", indent: indent) {
        $0.write($1.key)
        $0.text += ": "
        $0.write($1.value, indent: indent + 2)
      }
    }
  }

  private mutating func writeList<Element>(
    _ elements: [Element], _ opening: String, _ closing: String, indent: Int,
    write: (inout JSONWriter, Element) -> Void
  ) {
    text += opening
    for (index, element) in elements.enumerated() {
      text += index == 0 ? "\n" : ",\n"
      text += String(repeating: " ", count: indent + 2)
      write(&self, element)
    }
    if !elements.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += closing
  }

  private mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // GitHub's runner takes `##[` for a command anywhere in a line of a job's log.
      case "[" where text.hasSuffix("##"): text += "\\u005b"
      case _ where isUnprintable(scalar):
        // Beyond the basic plane a character is written as its two UTF-16 surrogates (RFC 8259, 7).
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// At most three decimals, none where they would be zeros.
  private func number(_ value: Double) -> String {
    let thousandths = (value * 1000).rounded()
    guard thousandths.isFinite else { return value.isFinite ? "\(value)" : "null" }
    guard let whole = Int(exactly: thousandths) else { return "\(value)" }
    let (quotient, remainder) = whole.magnitude.quotientAndRemainder(dividingBy: 1000)
    var decimals = String(String(remainder + 1000).dropFirst())
    while decimals.hasSuffix("0") { decimals.removeLast() }
    return (whole < 0 ? "-" : "") + String(quotient) + (decimals.isEmpty ? "" : ".\(decimals)")
  }
}
