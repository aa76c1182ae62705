import Facts

/// References to variables (POSIX.1-2024, Shell Command Language, 2.6.2).
extension ShellReader {
  /// What a `$`, which has been read, begins (2.6).
  mutating func parameter(quoted: Bool, depth: Int, isUsed: Bool) throws(EnvFileError) -> ShellWord {
    try limit(depth)
    guard let byte = peek() else { return ShellWord(bytes: [Byte.dollar]) }
    switch byte {
    case UInt8(ascii: "("):
      let isArithmetic = position + 1 < text.count && text[position + 1] == UInt8(ascii: "(")
      try skipParentheses(depth: depth + 1)
      return ShellWord(doubt: isArithmetic ? .arithmetic : .command)
    case Byte.openBrace:
      position += 1
      return try braced(quoted: quoted, depth: depth + 1, isUsed: isUsed)
    case Byte.doubleQuote where !quoted:
      position += 1
      _ = try doubleQuoted(depth: depth + 1, isUsed: false)
      return ShellWord(doubt: .shellsDisagree)
    case Byte.singleQuote where !quoted:
      position += 1
      let open = here()
      guard try !singleQuoted().contains(Byte.backslash) else { throw endsDiffer(at: open) }
      return ShellWord(doubt: .shellsDisagree)
    case UInt8(ascii: "["): return ShellWord(doubt: .shellsDisagree)
    case let byte where isSpecialParameter(byte):
      position += 1
      if byte == Byte.dollar, peek() == Byte.openBrace { throw endsDiffer(at: here()) }
      return ShellWord(doubt: .parameter)
    default:
      guard let name = name() else { return ShellWord(bytes: [Byte.dollar]) }
      return try value(of: name, isUsed: isUsed)
    }
  }

  /// The value of a variable that is referred to.
  func value(of name: String) -> ShellWord {
    switch environment.state(of: name) {
    case .value(let bytes): ShellWord(bytes: bytes)
    case .unset: ShellWord()
    case .unknown: ShellWord(doubt: .unresolved(name))
    case nil: ShellWord(doubt: .notGiven)
    }
  }

  private mutating func value(of name: String, isUsed: Bool) throws(EnvFileError) -> ShellWord {
    guard isUsed else { return ShellWord() }
    let word = value(of: name)
    environment.remaining -= word.bytes.count
    guard environment.remaining >= 0 else {
      throw EnvFileError(
        .malformed,
        "expanded, the values up to here have more than \(maximumExpandedSize) bytes: do variables double "
          + "each other?", at: here())
    }
    return word
  }

  /// A reference in braces, the first of which has been read (2.6.2).
  mutating func braced(quoted: Bool, depth: Int, isUsed: Bool) throws(EnvFileError) -> ShellWord {
    let open = here()
    guard let name = name() else {
      guard let byte = peek(), isSpecialParameter(byte) else {
        throw EnvFileError(.malformed, "`${` begins no reference, and a shell refuses the file for it", at: open)
      }
      position += 1
      _ = try braceWord(quoted: quoted, depth: depth, isUsed: false, openedAt: open)
      return ShellWord(doubt: .parameter)
    }
    let emptyIsUnset = peek() == Byte.colon
    if emptyIsUnset { position += 1 }
    guard let operation = peek() else { throw unclosed("`${`", at: open) }
    if operation == Byte.closeBrace, !emptyIsUnset {
      position += 1
      return try value(of: name, isUsed: isUsed)
    }
    var isSet = false
    var isUnknown = false
    switch environment.state(of: name) {
    case .value(let bytes): isSet = !(emptyIsUnset && bytes.isEmpty)
    case .unknown: isUnknown = true
    case .unset, nil: break
    }
    let usesValue = isSet || isUnknown
    position += 1
    switch operation {
    case Byte.hyphen, Byte.equals:
      let text = try braceWord(quoted: quoted, depth: depth, isUsed: isUsed && !usesValue, openedAt: open)
      if usesValue { return try value(of: name, isUsed: isUsed) }
      if operation == Byte.equals, isUsed { environment.set(name, to: text.state(of: name, at: open), at: open) }
      return text
    case UInt8(ascii: "+"):
      let text = try braceWord(quoted: quoted, depth: depth, isUsed: isUsed && isSet, openedAt: open)
      if isUnknown { return ShellWord(doubt: .unresolved(name)) }
      return isSet ? text : ShellWord()
    case UInt8(ascii: "?"):
      _ = try braceWord(quoted: quoted, depth: depth, isUsed: false, openedAt: open)
      let isKnown = environment.state(of: name) != nil
      guard usesValue || !isKnown || !isUsed else {
        throw EnvFileError(
          .malformed, "`\(name)` is required here and not set or empty, so a shell ends: set it before", at: open)
      }
      return try value(of: name, isUsed: isUsed)
    default:
      _ = try braceWord(quoted: quoted, depth: depth, isUsed: false, openedAt: open)
      return ShellWord(doubt: .operation)
    }
  }

  private mutating func braceWord(
    quoted: Bool, depth: Int, isUsed: Bool, openedAt open: Location
  ) throws(EnvFileError) -> ShellWord {
    let word = try word(.brace(quoted: quoted), depth: depth + 1, isUsed: isUsed)
    guard peek() == Byte.closeBrace else { throw unclosed("`${`", at: open) }
    position += 1
    return word
  }
}

/// The parameters that a shell sets itself (2.5.1, 2.5.2).
private func isSpecialParameter(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), UInt8(ascii: "*"), UInt8(ascii: "#"),
    UInt8(ascii: "?"), UInt8(ascii: "-"), Byte.dollar, UInt8(ascii: "!"):
    true
  default: false
  }
}
