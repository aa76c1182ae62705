/// The bytes that `.env` files give a meaning to, and JavaScript's classes of characters over UTF-8 bytes.
enum Byte {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let numberSign = UInt8(ascii: "#")
  static let equals = UInt8(ascii: "=")
  static let colon = UInt8(ascii: ":")
  static let hyphen = UInt8(ascii: "-")
  static let dot = UInt8(ascii: ".")
  static let backslash = UInt8(ascii: "\\")
  static let dollar = UInt8(ascii: "$")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let singleQuote = UInt8(ascii: "'")
  static let doubleQuote = UInt8(ascii: "\"")
  static let backtick = UInt8(ascii: "`")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
}

/// U+FEFF in UTF-8.
let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

func isQuote(_ byte: UInt8) -> Bool {
  byte == Byte.singleQuote || byte == Byte.doubleQuote || byte == Byte.backtick
}

/// JavaScript's `\w`.
func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
    true
  default: false
  }
}

/// A byte that may begin a variable's name (POSIX.1-2024, 3.216 Name).
func isNameStart(_ byte: UInt8) -> Bool { isWordByte(byte) && !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte) }

/// A byte that a variable's name may have for `dotenv`.
func isNameByte(_ byte: UInt8) -> Bool {
  isWordByte(byte) || byte == Byte.dot || byte == Byte.hyphen
}

/// Whether the byte goes on with a UTF-8 sequence that an earlier one began.
func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

extension [UInt8] {
  /// The length of the white space character at an index (ECMA-262, WhiteSpace and LineTerminator); 0 where none is.
  func whiteSpaceLength(at index: Int) -> Int {
    guard index < count else { return 0 }
    switch self[index] {
    case 0x09...0x0D, 0x20: return 1
    case 0xC2: return index + 1 < count && self[index + 1] == 0xA0 ? 2 : 0
    case 0xE1, 0xE2, 0xE3, 0xEF:
      guard index + 2 < count else { return 0 }
      switch (self[index], self[index + 1], self[index + 2]) {
      case (0xE1, 0x9A, 0x80),  // U+1680
        (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF),  // U+2000… U+2028, U+2029, U+202F
        (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF):  // U+205F, U+3000, U+FEFF
        return 3
      default: return 0
      }
    default: return 0
    }
  }

  /// The length of the character at an index that Go takes for white space (`unicode.IsSpace`: Unicode's White_Space).
  func goSpaceLength(at index: Int) -> Int {
    if self[index] == 0xC2, index + 1 < count, self[index + 1] == 0x85 { return 2 }
    return self[index] == 0xEF ? 0 : whiteSpaceLength(at: index)
  }

  /// The first index from `start` on that is not white space to Go.
  func endOfGoSpace(from start: Int) -> Int {
    var index = start
    while index < count, case let length = goSpaceLength(at: index), length > 0 { index += length }
    return index
  }

  /// The end of the name that begins at an index.
  func endOfWord(from start: Int) -> Int {
    self[start...].firstIndex { !isWordByte($0) } ?? count
  }

  /// The first index from `start` on that holds a byte, or the end.
  func firstIndex(of byte: UInt8, from start: Int) -> Int {
    self[start...].firstIndex(of: byte) ?? count
  }

  /// The first index from `start` on that is not white space.
  func endOfWhiteSpace(from start: Int) -> Int {
    var index = start
    while case let length = whiteSpaceLength(at: index), length > 0 { index += length }
    return index
  }

  /// Whether the `#` at an index, which ends the value that begins at `start`, may be meant as a part of it: nothing but
  /// the value stands directly before it, or where that is empty, something directly behind it. False where there is no
  /// `#`.
  func cutsValue(from start: Int, at index: Int) -> Bool {
    guard index < count, self[index] == Byte.numberSign else { return false }
    if index == start { return index + 1 < count && whiteSpaceLength(at: index + 1) == 0 }
    return !(1...3).contains { start <= index - $0 && whiteSpaceLength(at: index - $0) == $0 }
  }

  /// Whether JavaScript's `$` holds here in multi-line mode, in text whose carriage returns are gone: the end of the
  /// text, a line feed, U+2028 or U+2029.
  func isLineEnd(at index: Int) -> Bool {
    if index >= count || self[index] == Byte.lineFeed { return true }
    return self[index] == 0xE2 && index + 2 < count && self[index + 1] == 0x80
      && (self[index + 2] == 0xA8 || self[index + 2] == 0xA9)
  }

  /// The first index from `start` on that ends a line.
  func endOfLine(from start: Int) -> Int {
    var index = start
    while !isLineEnd(at: index) { index += 1 }
    return index
  }

  /// The text without white space at both ends.
  func trimmingWhiteSpace() -> [UInt8] {
    let start = endOfWhiteSpace(from: 0)
    var end = start
    var index = start
    while index < count {
      let length = whiteSpaceLength(at: index)
      index += Swift.max(1, length)
      if length == 0 { end = index }
    }
    return Array(self[start..<end])
  }
}

/// A text's bytes without byte order mark, and with every line end a line feed: how `dotenv` sees a file, and Python's
/// `open`.
func withLineFeeds(_ text: String) -> [UInt8] {
  let text = Array(withoutByteOrderMark(text))
  guard text.contains(Byte.carriageReturn) else { return text }
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  var previous: UInt8 = 0
  for byte in text {
    if byte == Byte.carriageReturn {
      result.append(Byte.lineFeed)
    } else if byte != Byte.lineFeed || previous != Byte.carriageReturn {
      result.append(byte)
    }
    previous = byte
  }
  return result
}

/// A text's bytes without the byte order mark that it may begin with.
func withoutByteOrderMark(_ text: String) -> Substring.UTF8View {
  text.utf8.starts(with: byteOrderMark) ? text.utf8.dropFirst(byteOrderMark.count) : text.utf8[...]
}
