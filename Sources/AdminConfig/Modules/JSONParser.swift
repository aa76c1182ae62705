/// Reads JSON, either to the letter or with the liberties of a tsconfig.

/// How much beyond RFC 8259 is let pass.
enum JSONDialect: Sendable {
  /// What JSON.parse takes (RFC 8259): no comments, no trailing commas, no byte order mark.
  case strict
  /// What TypeScript takes in a tsconfig.json: `//` and `/* */` comments, trailing commas, a byte order mark, and control
  /// characters in strings other than line ends.
  case commented
}

/// Why a text is no JSON: a phrase that says what was expected, and the offset in bytes at which it was.
struct JSONError: Error, Sendable, Equatable {
  var message: String
  var offset: Int
}

/// The tree of a JSON text. Of keys that occur twice the last value counts, in the first one's place, as in JSON.parse;
/// escapes of lone surrogates and invalid UTF-8 become U+FFFD. Throws for what is no JSON, and for more than 512 levels.
func parseJSON(_ bytes: [UInt8], _ dialect: JSONDialect) throws(JSONError) -> JSONNode {
  var parser = JSONParser(bytes: bytes, isCommented: dialect == .commented)
  return try parser.document()
}

/// A cursor over the bytes. Open brackets lie on a stack of its own, so that depth costs memory rather than the thread's
/// stack; the limit on depth is for the tree, which is freed recursively.
private struct JSONParser {
  static let depthLimit = 512

  /// An array or object whose end has not come yet.
  struct Open {
    var isObject: Bool
    var offset: Int
    var elements: [JSONNode] = []
    var members: [(key: String, value: JSONNode)] = []
    /// Where among the members each key is, by its bytes: Swift's own equality of strings merges keys that differ.
    var positions: [[UInt8]: Int] = [:]
    var key = ""

    var close: UInt8 { isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

    mutating func add(_ node: JSONNode) {
      guard isObject else { return elements.append(node) }
      let name = Array(key.utf8)
      if let position = positions[name] {
        members[position].value = node
      } else {
        positions[name] = members.count
        members.append((key, node))
      }
    }

    var closed: JSONNode { JSONNode(isObject ? .object(members) : .array(elements), at: offset) }
  }

  let bytes: [UInt8]
  let isCommented: Bool
  var position = 0
  var open: [Open] = []

  init(bytes: [UInt8], isCommented: Bool) {
    self.bytes = bytes
    self.isCommented = isCommented
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() throws(JSONError) -> JSONNode {
    if isCommented, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    while true {
      guard var ended = try valueOrOpening() else { continue }
      while true {
        guard !open.isEmpty else {
          try skipSpace()
          guard position == bytes.count else { throw unexpected("the text should have ended before") }
          return ended
        }
        guard let closed = try afterValue(ended) else { break }
        ended = closed
      }
    }
  }

  /// A whole value, or nil when a bracket was opened and the next value belongs inside.
  private mutating func valueOrOpening() throws(JSONError) -> JSONNode? {
    try skipSpace()
    let start = position
    switch next {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard open.count < Self.depthLimit else {
        throw JSONError(message: "it nests more than \(Self.depthLimit) levels deep", offset: start)
      }
      let container = Open(isObject: next == UInt8(ascii: "{"), offset: start)
      position += 1
      try skipSpace()
      if next == container.close {
        position += 1
        return container.closed
      }
      open.append(container)
      if container.isObject { try key() }
      return nil
    case UInt8(ascii: "\""): return JSONNode(.string(try string()), at: start)
    case UInt8(ascii: "t") where skip("true"): return JSONNode(.boolean(true), at: start)
    case UInt8(ascii: "f") where skip("false"): return JSONNode(.boolean(false), at: start)
    case UInt8(ascii: "n") where skip("null"): return JSONNode(.null, at: start)
    case UInt8(ascii: "-")?, .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return JSONNode(.number(try number()), at: start)
    default: throw unexpected("a value was expected instead of")
    }
  }

  /// Adds a value to the innermost bracket. The bracket's own value, when it ends here; nil when another one follows.
  private mutating func afterValue(_ node: JSONNode) throws(JSONError) -> JSONNode? {
    let innermost = open.count - 1
    open[innermost].add(node)
    let close = open[innermost].close
    try skipSpace()
    if next == UInt8(ascii: ",") {
      position += 1
      try skipSpace()
      guard isCommented, next == close else {
        if open[innermost].isObject { try key() }
        return nil
      }
    }
    guard next == close else {
      throw unexpected("`,` or `\(Character(UnicodeScalar(close)))` was expected instead of")
    }
    position += 1
    return open.removeLast().closed
  }

  /// A member's name and its colon.
  private mutating func key() throws(JSONError) {
    guard next == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes was expected instead of") }
    open[open.count - 1].key = try string()
    try skipSpace()
    guard next == UInt8(ascii: ":") else { throw unexpected("`:` was expected instead of") }
    position += 1
  }

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    var plainStart = position
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        let plain = bytes[plainStart..<position]
        position += 1
        return String(decoding: text.isEmpty ? plain : text + plain, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text.append(contentsOf: bytes[plainStart..<position])
        text.append(contentsOf: String(try escape()).utf8)
        plainStart = position
      case 0x0A, 0x0D: throw JSONError(message: "a string is not closed on its line", offset: start)
      case 0..<0x20 where !isCommented:
        throw JSONError(message: "a string holds a control character that is not escaped", offset: position)
      default: position += 1
      }
    }
    throw JSONError(message: "a string is not closed", offset: start)
  }

  private mutating func escape() throws(JSONError) -> UnicodeScalar {
    let start = position
    position += 2
    switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal() else { break }
      guard (0xD800..<0xDC00).contains(unit) else { return UnicodeScalar(unit) ?? "\u{FFFD}" }
      let afterHigh = position
      if bytes[afterHigh...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
        position += 2
        if let low = hexadecimal(), (0xDC00..<0xE000).contains(low) {
          return UnicodeScalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
        }
        position = afterHigh
      }
      return "\u{FFFD}"
    default: break
    }
    throw JSONError(message: "`\\` starts no escape that JSON has", offset: start)
  }

  /// Four hexadecimal digits at the position.
  private mutating func hexadecimal() -> UInt32? {
    guard bytes.count - position >= 4 else { return nil }
    var value: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard byte < 0x80, let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
      value = value << 4 + UInt32(digit)
    }
    position += 4
    return value
  }

  private mutating func number() throws(JSONError) -> Double {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let integer = position
    var isNumber = skipDigits() > 0 && (bytes[integer] != UInt8(ascii: "0") || position == integer + 1)
    if next == UInt8(ascii: ".") {
      position += 1
      isNumber = skipDigits() > 0 && isNumber
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      isNumber = skipDigits() > 0 && isNumber
    }
    guard isNumber, let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw JSONError(message: "a number is not written as JSON writes them", offset: start)
    }
    return value
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func skip(_ word: StaticString) -> Bool {
    let isThere = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
    if isThere { position += word.utf8CodeUnitCount }
    return isThere
  }

  private mutating func skipSpace() throws(JSONError) {
    while let byte = next {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case UInt8(ascii: "/") where isCommented: try comment()
      default: return
      }
    }
  }

  private mutating func comment() throws(JSONError) {
    let start = position
    switch position + 1 < bytes.count ? bytes[position + 1] : 0 {
    case UInt8(ascii: "/"):
      while let byte = next, byte != 0x0A, byte != 0x0D { position += 1 }
    case UInt8(ascii: "*"):
      position += 2
      while position + 1 < bytes.count {
        if bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") {
          position += 2
          return
        }
        position += 1
      }
      throw JSONError(message: "a comment is not closed", offset: start)
    default: throw unexpected("a value or a comment was expected instead of")
    }
  }

  /// An error about what stands at the position; the phrase ends where that is named.
  private func unexpected(_ phrase: String) -> JSONError {
    let found =
      switch next {
      case nil: "the end of the text"
      case .some(let byte) where (0x21..<0x7F).contains(byte): "`\(Character(UnicodeScalar(byte)))`"
      case .some: "another character"
      }
    return JSONError(message: "\(phrase) \(found)", offset: position)
  }
}
