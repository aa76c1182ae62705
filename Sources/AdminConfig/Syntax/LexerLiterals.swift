/// The parts of the lexer that read names, literals and what stands between tokens.
extension Lexer {
  func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// Every byte above ASCII counts as part of a name; the white space among those is skipped before.
  func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "$"),
      UInt8(ascii: "_"), 0x80...0xFF:
      true
    default: isDigit(byte)
    }
  }

  mutating func skipHashbang() {
    if starts(with: "#!") { skipLine() }
  }

  private mutating func skipLine() {
    while let byte, byte != 0x0A, byte != 0x0D { cursor += 1 }
  }

  /// The length of the white space at the cursor (ECMAScript 12.2 and 12.3), and whether it ends a line.
  private var whiteSpace: (length: Int, endsLine: Bool)? {
    switch byte {
    case 0x0A, 0x0D: (1, true)
    case 0x20, 0x09, 0x0B, 0x0C: (1, false)
    case 0xC2 where byte(at: cursor + 1) == 0xA0: (2, false)
    case 0xE2 where starts(with: "\u{2028}") || starts(with: "\u{2029}"): (3, true)
    case 0xE2 where byte(at: cursor + 1) == 0x80 && (0x80...0x8A).contains(byte(at: cursor + 2) ?? 0): (3, false)
    case 0xE2 where starts(with: "\u{202F}") || starts(with: "\u{205F}"): (3, false)
    case 0xE1 where starts(with: "\u{1680}"): (3, false)
    case 0xE3 where starts(with: "\u{3000}"): (3, false)
    case 0xEF where starts(with: "\u{FEFF}"): (3, false)
    default: nil
    }
  }

  mutating func skipTrivia() throws(ConfigError) {
    while let byte {
      switch byte {
      case 0x20, 0x09: cursor += 1
      case 0x0A, 0x0D:
        cursor += 1
        followsLineEnd = true
      case UInt8(ascii: "/"):
        if starts(with: "//") {
          skipLine()
        } else if starts(with: "/*") {
          try skipBlockComment()
        } else {
          return
        }
      default:
        guard byte < 0x21 || byte >= 0x80, let space = whiteSpace else { return }
        cursor += space.length
        if space.endsLine { followsLineEnd = true }
      }
    }
  }

  private mutating func skipBlockComment() throws(ConfigError) {
    let start = cursor
    cursor += 2
    while !starts(with: "*/") {
      guard let byte else { throw failure("this comment never ends; add `*/`", at: start) }
      if byte == 0x0A || byte == 0x0D { followsLineEnd = true }
      cursor += 1
    }
    cursor += 2
  }

  mutating func lexName() {
    let start = cursor
    var isEscaped = byte == UInt8(ascii: "\\")
    if isEscaped { skipNameEscape() } else { cursor += 1 }
    while let byte {
      if byte == UInt8(ascii: "\\") {
        skipNameEscape()
        isEscaped = true
      } else if isNamePart(byte), byte < 0x80 || whiteSpace == nil {
        cursor += 1
      } else {
        break
      }
    }
    append(.name, from: start)
    let last = tokens.count - 1
    if isEscaped, let cooked = cookedText(source.bytes[start..<cursor]) {
      tokens[last].name = names.intern(Array(cooked.utf8)[...])
    } else {
      tokens[last].name = names.intern(UnsafeBufferPointer(rebasing: bytes[start..<cursor]))
    }
    expectsOperand = Self.startsOperand(after: tokens[last].word) && !followsDot(last)
  }

  /// Steps over `\uXXXX` or `\u{…}` in a name.
  private mutating func skipNameEscape() {
    cursor += 1
    guard byte == UInt8(ascii: "u"), byte(at: cursor + 1) == UInt8(ascii: "{") else { return }
    cursor += 2
    while let byte, isNamePart(byte), byte < 0x80 { cursor += 1 }
    if byte == UInt8(ascii: "}") { cursor += 1 }
  }

  /// Whether an expression may start after a name.
  private static func startsOperand(after word: Word?) -> Bool {
    switch word {
    case .return, .typeof, .instanceof, .in, .of, .new, .delete, .void, .throw, .case, .do, .else, .yield, .await,
      .default, .extends:
      true
    default: false
    }
  }

  /// Takes the number at the cursor in any of its forms; what it is worth is the parser's to say.
  mutating func lexNumber() {
    let start = cursor
    let isPrefixed =
      byte == UInt8(ascii: "0") && byte(at: cursor + 1).map { "xXoObB".utf8.contains($0) } ?? false
    // A number has one point: a second one is an access.
    var hasPoint = isPrefixed
    while let byte {
      let last = bytes[max(start, cursor - 1)]
      let isExponentSign =
        !isPrefixed && cursor > start && "eE".utf8.contains(last) && "+-".utf8.contains(byte)
      guard isNamePart(byte) && byte < 0x80 || byte == UInt8(ascii: ".") && !hasPoint || isExponentSign else { break }
      if byte == UInt8(ascii: ".") { hasPoint = true }
      cursor += 1
    }
    append(.number, from: start)
    expectsOperand = false
  }

  mutating func lexString(_ quote: UInt8) throws(ConfigError) {
    let start = cursor
    cursor += 1
    while byte != quote {
      guard let byte, byte != 0x0A, byte != 0x0D else {
        throw failure(
          "this string never ends on its line; add the closing `\(Character(UnicodeScalar(quote)))`", at: start)
      }
      cursor += byte == UInt8(ascii: "\\") ? escapeLength : 1
    }
    cursor += 1
    append(.string, from: start)
    expectsOperand = false
  }

  /// How far to step over a backslash: with what follows it, which may be the two bytes of a Windows line end.
  private var escapeLength: Int {
    if byte(at: cursor + 1) == 0x0D, byte(at: cursor + 2) == 0x0A { return 3 }
    return cursor + 1 < bytes.count ? 2 : 1
  }

  /// Takes one part of a template literal: from its backtick, or from the `}` that ends a substitution.
  mutating func lexTemplate(from start: Int, isStart: Bool) throws(ConfigError) {
    cursor += 1
    while true {
      guard let byte else { throw failure("this template literal never ends; add the closing backtick", at: start) }
      if byte == UInt8(ascii: "\\") {
        cursor += escapeLength
      } else if byte == UInt8(ascii: "`") {
        cursor += 1
        append(isStart ? .template : .templateTail, from: start)
        if !isStart, case .template(let head) = modes.popLast() {
          tokens[head].partner = tokens.count - 1
          tokens[tokens.count - 1].partner = head
        }
        expectsOperand = false
        return
      } else if starts(with: "${") {
        cursor += 2
        if isStart { modes.append(.template(head: tokens.count)) }
        append(isStart ? .templateHead : .templateMiddle, from: start)
        expectsOperand = true
        return
      } else {
        cursor += 1
      }
    }
  }

  /// Takes a regular expression, if one ends on this line; otherwise the slash is a division after all.
  mutating func lexRegularExpression() -> Bool {
    var offset = cursor + 1
    var isInClass = false
    while let byte = byte(at: offset), byte != 0x0A, byte != 0x0D {
      switch byte {
      case UInt8(ascii: "\\"): offset += 1
      case UInt8(ascii: "["): isInClass = true
      case UInt8(ascii: "]"): isInClass = false
      case UInt8(ascii: "/") where !isInClass:
        let start = cursor
        cursor = offset + 1
        while let flag = self.byte, isNamePart(flag) { cursor += 1 }
        append(.regularExpression, from: start)
        expectsOperand = false
        return true
      default: break
      }
      offset += 1
    }
    return false
  }
}
