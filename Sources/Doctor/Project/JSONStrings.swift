import Facts

/// Every string in a JSON document with the keys that lead to it and its place, in one pass and without building the
/// document: a lock file of many megabytes costs no more memory than its longest string.
///
/// The grammar is RFC 8259's; comments and commas before a closing bracket are passed over, as bun writes them.
struct JSONStrings {
  /// Why a document can't be read.
  struct Problem: Error, Equatable {
    /// What was met, in a phrase.
    var phrase: String
    /// The offset of the byte where it was met.
    var offset: Int
  }

  private struct Frame {
    var isArray: Bool
    var index = 0
  }

  /// How deep arrays and objects may nest.
  private static let maximumDepth = 100

  private static let literals = ["true", "false", "null"].map { Array($0.utf8) }

  private let bytes: [UInt8]
  private var position: Int
  private var frames: [Frame] = []
  private var keys: [String] = []
  private var keyOffset = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Visits every string that is a value, in order.
  ///
  /// - Parameter visit: takes the keys that lead to the string (an array's elements have their index for a key), the
  ///   string, and the offset of its key, or of its own first byte in an array.
  static func visit(
    _ bytes: [UInt8], _ visit: (_ keys: [String], _ value: String, _ offset: Int) -> Void
  ) throws(Problem) {
    var scanner = JSONStrings(bytes)
    try scanner.document(visit)
  }

  private mutating func document(_ visit: ([String], String, Int) -> Void) throws(Problem) {
    var expectsValue = true
    while true {
      try skipSpace()
      if !expectsValue, frames.isEmpty {
        if position < bytes.count { throw problem("something follows the end") }
        return
      }
      if expectsValue {
        expectsValue = try value(visit)
      } else {
        expectsValue = try afterValue()
      }
    }
  }

  /// Reads a value, or the beginning of one; says whether another value comes next.
  private mutating func value(_ visit: ([String], String, Int) -> Void) throws(Problem) -> Bool {
    let start = position
    switch current {
    case UInt8(ascii: "]")? where frames.last?.isArray == true:
      leave()
      return false
    case UInt8(ascii: "{")?:
      try enter(Frame(isArray: false))
      return try member()
    case UInt8(ascii: "[")?:
      try enter(Frame(isArray: true))
      return true
    case UInt8(ascii: "\"")?:
      let text = try string()
      visit(keys, text, frames.last?.isArray == false ? keyOffset : start)
      return false
    default:
      while let byte = current, byte.isWordByte { position += 1 }
      let word = bytes[start..<position]
      let isNumber = word.first.map { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ?? false
      guard isNumber || Self.literals.contains(where: word.elementsEqual) else {
        position = start
        throw problem("a value was expected")
      }
      return false
    }
  }

  /// Reads what stands between two members or elements, or closes theirs; says whether a value comes next.
  private mutating func afterValue() throws(Problem) -> Bool {
    let isArray = frames.last?.isArray == true
    switch current {
    case UInt8(ascii: ",")?:
      position += 1
      guard isArray else { return try member() }
      frames[frames.count - 1].index += 1
      keys[keys.count - 1] = String(frames[frames.count - 1].index)
      return true
    case (isArray ? UInt8(ascii: "]") : UInt8(ascii: "}"))?:
      leave()
      return false
    default: throw problem(isArray ? "a comma or ] was expected" : "a comma or } was expected")
    }
  }

  /// Reads a key and its colon, or the end of the object; says whether there was a key.
  private mutating func member() throws(Problem) -> Bool {
    try skipSpace()
    if current == UInt8(ascii: "}") {
      leave()
      return false
    }
    guard current == UInt8(ascii: "\"") else { throw problem("a key was expected") }
    keyOffset = position
    keys[keys.count - 1] = try string()
    try skipSpace()
    guard current == UInt8(ascii: ":") else { throw problem("a colon was expected") }
    position += 1
    return true
  }

  private mutating func enter(_ frame: Frame) throws(Problem) {
    guard frames.count < Self.maximumDepth else { throw problem("it nests deeper than \(Self.maximumDepth) levels") }
    position += 1
    frames.append(frame)
    keys.append("0")
  }

  private mutating func leave() {
    position += 1
    frames.removeLast()
    keys.removeLast()
  }

  /// The string that begins here, with its escapes replaced.
  private mutating func string() throws(Problem) -> String {
    position += 1
    var units: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += try escape().utf8
      case 0x0A, 0x0D: throw problem("a string is not closed on its line")
      default: units.append(byte)
      }
    }
    throw problem("a string is not closed")
  }

  private mutating func escape() throws(Problem) -> String {
    guard let byte = current else { throw problem("a string is not closed") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      // Two escapes make one character beyond the first plane.
      var units = [try codeUnit()]
      if (0xD800..<0xDC00).contains(units[0]), bytes[position...].starts(with: [0x5C, 0x75]) {
        position += 2
        units.append(try codeUnit())
      }
      return String(decoding: units, as: UTF16.self)
    default: return String(UnicodeScalar(byte))
    }
  }

  private mutating func codeUnit() throws(Problem) -> UInt16 {
    let end = position + 4
    guard end <= bytes.count, let unit = UInt16(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else {
      throw problem("an escape is not four hexadecimal digits")
    }
    position = end
    return unit
  }

  private mutating func skipSpace() throws(Problem) {
    while let byte = current {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case UInt8(ascii: "/") where bytes[position...].starts(with: [0x2F, 0x2F]):
        while let byte = current, byte != 0x0A { position += 1 }
      case UInt8(ascii: "/") where bytes[position...].starts(with: [0x2F, 0x2A]):
        let start = position
        position += 2
        while current != nil, !bytes[position...].starts(with: [0x2A, 0x2F]) { position += 1 }
        guard current != nil else { throw Problem(phrase: "a comment is not closed", offset: start) }
        position += 2
      default: return
      }
    }
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func problem(_ phrase: String) -> Problem {
    Problem(phrase: position < bytes.count ? phrase : "it ends too early", offset: min(position, bytes.count))
  }
}

extension UInt8 {
  /// Whether the byte can be part of a number, `true`, `false` or `null`.
  fileprivate var isWordByte: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }
}

extension Location {
  /// The place of a byte in a file's text; lines and columns count from 1, columns in Unicode scalars.
  init(file: String, offset: Int, in bytes: [UInt8]) {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    self.init(
      file: file, line: 1 + before.count { $0 == 0x0A },
      column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 })
  }
}
