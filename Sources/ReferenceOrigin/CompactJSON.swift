/// JSON without the white space between its tokens, so that it stands on one line; nil for what RFC 8259 refuses. The
/// tokens stay as they are written.
func compactJSON(_ text: String) -> String? {
  var cursor = JSONCursor(text)
  return cursor.takesDocument() ? String(decoding: cursor.result, as: UTF8.self) : nil
}

/// A cursor that takes one token after the other, as RFC 8259 has them. Foundation takes more than JSON.parse does
/// (`[1,]`, a byte order mark), and less (1e999, lone surrogates).
private struct JSONCursor {
  private(set) var result: [UInt8] = []
  private let bytes: [UInt8]
  private var position = 0
  /// The ends of the brackets that are open: here depth costs a byte each, and not the thread's stack.
  private var ends: [UInt8] = []

  init(_ text: String) {
    bytes = Array(text.utf8)
    result.reserveCapacity(bytes.count)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Takes one value and nothing else (section 2).
  mutating func takesDocument() -> Bool {
    while true {
      skipSpace()
      if opens() {
        skipSpace()
        if next != ends.last {
          guard takesKey() else { return false }
          continue
        }
      } else if !takesScalar() {
        return false
      }
      skipSpace()
      while let end = ends.last, takes(end) {
        ends.removeLast()
        skipSpace()
      }
      if ends.isEmpty { return position == bytes.count }
      guard takes(UInt8(ascii: ",")), takesKey() else { return false }
    }
  }

  private mutating func skipSpace() {
    while let next, [0x20, 0x09, 0x0A, 0x0D].contains(next) { position += 1 }
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    result.append(byte)
    position += 1
    return true
  }

  private mutating func takes(_ text: StaticString) -> Bool {
    guard text.withUTF8Buffer({ bytes[position...].starts(with: $0) }) else { return false }
    result += bytes[position..<position + text.utf8CodeUnitCount]
    position += text.utf8CodeUnitCount
    return true
  }

  private mutating func takesOne(of bytes: StaticString) -> Bool {
    guard let next, bytes.withUTF8Buffer({ $0.contains(next) }) else { return false }
    return takes(next)
  }

  private mutating func opens() -> Bool {
    if takes(UInt8(ascii: "[")) {
      ends.append(UInt8(ascii: "]"))
    } else if takes(UInt8(ascii: "{")) {
      ends.append(UInt8(ascii: "}"))
    } else {
      return false
    }
    return true
  }

  /// In an object a name and its colon (section 4), in an array nothing.
  private mutating func takesKey() -> Bool {
    guard ends.last == UInt8(ascii: "}") else { return true }
    skipSpace()
    guard takesString() else { return false }
    skipSpace()
    return takes(UInt8(ascii: ":"))
  }

  private mutating func takesScalar() -> Bool {
    takesString() || takesNumber() || takes("true") || takes("false") || takes("null")
  }

  /// Section 7.
  private mutating func takesString() -> Bool {
    guard takes(UInt8(ascii: "\"")) else { return false }
    while let next, next >= 0x20 {
      if takes(UInt8(ascii: "\"")) { return true }
      guard takes(UInt8(ascii: "\\")) else {
        _ = takes(next)
        continue
      }
      if takes(UInt8(ascii: "u")) {
        for _ in 0..<4 { guard takesOne(of: "0123456789abcdefABCDEF") else { return false } }
      } else if !takesOne(of: #""\/bfnrt"#) {
        return false
      }
    }
    return false
  }

  /// Section 6.
  private mutating func takesNumber() -> Bool {
    _ = takes(UInt8(ascii: "-"))
    guard takes(UInt8(ascii: "0")) || takesDigits() else { return false }
    if takes(UInt8(ascii: ".")), !takesDigits() { return false }
    guard takesOne(of: "eE") else { return true }
    _ = takesOne(of: "+-")
    return takesDigits()
  }

  private mutating func takesDigits() -> Bool {
    var hasAny = false
    while takesOne(of: "0123456789") { hasAny = true }
    return hasAny
  }
}
