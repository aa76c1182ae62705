import Facts

/// Words and their quotes (POSIX.1-2024, Shell Command Language, 2.2).
extension ShellReader {
  enum WordContext: Equatable {
    /// Behind `NAME=`, where nothing is split.
    case assignment
    /// An argument of `export` and the like: shells differ on what they split there.
    case argument
    /// Behind an operator in `${…}`, up to the closing brace.
    case brace(quoted: Bool)
  }

  /// Reads a word. Where its value is not used, nothing is assigned and nothing refused on its account.
  mutating func word(
    _ context: WordContext = .argument, depth: Int = 0, isUsed: Bool = true
  ) throws(EnvFileError) -> ShellWord {
    try limit(depth)
    var word = ShellWord()
    if context == .assignment || context == .argument, peek() == UInt8(ascii: "(") {
      try skipParentheses(depth: depth + 1)
      return ShellWord(doubt: .array)
    }
    let isQuoted = context == .brace(quoted: true)
    var isTildePlace = !isQuoted
    var openBrace = false
    while let byte = peek() {
      if case .brace = context { if byte == Byte.closeBrace { break } } else if endsWord(byte) { break }
      let mayBeHome = isTildePlace
      isTildePlace = !isQuoted && byte == Byte.colon
      position += 1
      switch byte {
      case Byte.backslash: word.bytes += escaped(isQuoted ? isEscapedInQuotedBrace : { _ in true }, keeping: isQuoted)
      case Byte.singleQuote: word.bytes += isQuoted ? try literalQuotes() : try singleQuoted()
      case Byte.doubleQuote:
        word.append(try doubleQuoted(depth: depth + 1, isUsed: isUsed))
        if isQuoted { word.doubt = .shellsDisagree }
      case Byte.backtick:
        try skipBackticks()
        word.doubt = .command
      case Byte.dollar:
        let expansion = try parameter(quoted: isQuoted, depth: depth + 1, isUsed: isUsed)
        word.append(expansion)
        if context == .argument, expansion.bytes.contains(where: isSplitOrMatched) { word.doubt = .shellsDisagree }
      case UInt8(ascii: "~") where mayBeHome:
        word.doubt = .home
      default:
        openBrace = openBrace || byte == Byte.openBrace
        let endsRange = byte == Byte.dot && word.bytes.last == Byte.dot
        if context == .argument, openBrace, byte == UInt8(ascii: ",") || endsRange { word.doubt = .shellsDisagree }
        if context == .brace(quoted: false), isOperator(byte) { word.doubt = .shellsDisagree }
        word.bytes.append(byte)
      }
    }
    return word
  }

  /// Text in double quotes, the first of which has been read (2.2.3).
  mutating func doubleQuoted(depth: Int, isUsed: Bool) throws(EnvFileError) -> ShellWord {
    try limit(depth)
    let open = here()
    var word = ShellWord()
    while let byte = peek() {
      position += 1
      switch byte {
      case Byte.doubleQuote: return word
      case Byte.backslash: word.bytes += escaped(isEscapedInQuotes, keeping: true)
      case Byte.backtick:
        try skipBackticks()
        word.doubt = .command
      case Byte.dollar: word.append(try parameter(quoted: true, depth: depth + 1, isUsed: isUsed))
      default: word.bytes.append(byte)
      }
    }
    throw unclosed("a double quote", at: open)
  }

  /// The byte behind a backslash, with the backslash where it escapes nothing.
  private mutating func escaped(_ isEscape: (UInt8) -> Bool, keeping: Bool) -> [UInt8] {
    guard position < text.count else { return [Byte.backslash] }
    let byte = text[position]
    position += 1
    if isEscape(byte) { return [byte] }
    return keeping ? [Byte.backslash, byte] : [byte]
  }

  mutating func singleQuoted() throws(EnvFileError) -> ArraySlice<UInt8> {
    let start = position
    let close = text.firstIndex(of: Byte.singleQuote, from: start)
    guard close < text.count else { throw unclosed("a single quote", at: here()) }
    position = close + 1
    return text[start..<close]
  }

  /// Single quotes in the word of a quoted `${…}`, the first of which has been read. They are text, but bash pairs them
  /// when it looks for the closing brace: what only one of both readings would end is refused.
  private mutating func literalQuotes() throws(EnvFileError) -> ArraySlice<UInt8> {
    let start = position - 1
    let close = text[position...].firstIndex {
      $0 == Byte.singleQuote || $0 == Byte.closeBrace || isEscapedInQuotes($0)
    }
    guard let close, text[close] == Byte.singleQuote else { throw endsDiffer(at: here()) }
    position = close + 1
    return text[start..<position]
  }

  /// Moves past a command in backticks, the first of which has been read.
  mutating func skipBackticks() throws(EnvFileError) {
    let open = here()
    while position < text.count, text[position] != Byte.backtick {
      position += text[position] == Byte.backslash ? 2 : 1
    }
    guard position < text.count else { throw unclosed("a backtick", at: open) }
    position += 1
  }

  /// Moves past parentheses and what is in them. What only a whole shell can find the end of is refused.
  mutating func skipParentheses(depth: Int) throws(EnvFileError) {
    try limit(depth)
    let open = here()
    var nested = 0
    var isWordStart = true
    while let byte = peek() {
      let wasWordStart = isWordStart
      isWordStart = endsWord(byte)
      position += 1
      switch byte {
      case UInt8(ascii: "("): nested += 1
      case UInt8(ascii: ")"):
        nested -= 1
        if nested == 0 { return }
      case Byte.backslash: position = min(position + 1, text.count)
      case Byte.singleQuote: _ = try singleQuoted()
      case Byte.doubleQuote: _ = try doubleQuoted(depth: depth + 1, isUsed: false)
      case Byte.backtick: try skipBackticks()
      case Byte.numberSign where wasWordStart: position = text.firstIndex(of: Byte.lineFeed, from: position)
      case Byte.dollar where peek() == Byte.openBrace:
        position += 1
        _ = try braced(quoted: false, depth: depth + 1, isUsed: false)
      case Byte.dollar where peek() == Byte.singleQuote: throw cannotSkip(at: open)
      case UInt8(ascii: "<") where peek() == UInt8(ascii: "<"): throw cannotSkip(at: open)
      case UInt8(ascii: "c") where wasWordStart && text[position...].starts(with: Array("ase".utf8)):
        throw cannotSkip(at: open)
      default: break
      }
    }
    throw unclosed("a parenthesis", at: open)
  }

  mutating func limit(_ depth: Int) throws(EnvFileError) {
    guard depth > Self.maximumDepth else { return }
    throw EnvFileError(.malformed, "quotes and references stand inside each other too deep to be followed", at: here())
  }

  func unclosed(_ what: String, at location: Location) -> EnvFileError {
    EnvFileError(.malformed, "\(what) is opened here and never closed: close it, or escape it", at: location)
  }

  func endsDiffer(at location: Location) -> EnvFileError {
    EnvFileError(
      .malformed, "shells don't agree on where this value ends: put it in single quotes, without `$'` and `$$`",
      at: location)
  }

  private func cannotSkip(at location: Location) -> EnvFileError {
    EnvFileError(
      .malformed,
      "where this command ends can't be known without running it: read the environment of the running "
        + "instance instead", at: location)
  }
}

private func isEscapedInQuotes(_ byte: UInt8) -> Bool {
  byte == Byte.dollar || byte == Byte.backtick || byte == Byte.doubleQuote || byte == Byte.backslash
}

private func isEscapedInQuotedBrace(_ byte: UInt8) -> Bool { isEscapedInQuotes(byte) || byte == Byte.closeBrace }

/// Bytes for which an unquoted reference may become several words, or the names of files.
private func isSplitOrMatched(_ byte: UInt8) -> Bool {
  switch byte {
  case Byte.space, Byte.tab, Byte.lineFeed, UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["): true
  default: false
  }
}
