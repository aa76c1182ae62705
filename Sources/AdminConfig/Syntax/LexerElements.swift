/// The part of the lexer that passes over JSX elements. An element becomes two tokens, its start and its end; between
/// them stand only the tokens of the expressions in braces. Text like `don't` never becomes a string.
extension Lexer {
  /// A JSX element that is being passed over.
  struct Element {
    /// The index of its start token.
    var start: Int
    /// How many opened elements wait for their closing tags.
    var depth = 0
    /// Whether the cursor stands inside an opening tag rather than among an element's children.
    var isInTag = true
  }

  /// Where elements were begun and may have to be taken back: `<` also starts generics and old type assertions.
  struct ElementTrials {
    struct Trial {
      var offset: Int
      var tokenCount: Int
      var modeCount: Int
      var followsLineEnd: Bool
    }

    var open: [Trial] = []
    var failed: Set<Int> = []
  }

  /// Starts an element at the cursor, if one may stand here. In TypeScript with JSX, `<T,>` and `<T extends` are generics.
  mutating func startElement() -> Bool {
    guard allowsElements, elements.failed.count < Limit.failedElements, !elements.failed.contains(cursor),
      let next = byte(at: cursor + 1), next == UInt8(ascii: ">") || isNamePart(next) && !isDigit(next)
    else { return false }
    var offset = cursor + 1
    while let byte = byte(at: offset), isNamePart(byte) { offset += 1 }
    while byte(at: offset) == 0x20 { offset += 1 }
    if byte(at: offset) == UInt8(ascii: ",") || source.bytes[offset...].starts(with: "extends ".utf8) { return false }
    elements.open.append(
      ElementTrials.Trial(
        offset: cursor, tokenCount: tokens.count, modeCount: modes.count, followsLineEnd: followsLineEnd))
    modes.append(.element(Element(start: tokens.count)))
    let start = cursor
    cursor += 1
    append(.elementStart, from: start)
    return true
  }

  /// Takes back the innermost element that was begun, after a failure inside it. False when there is none.
  mutating func rewindElement() -> Bool {
    guard let trial = elements.open.popLast() else { return false }
    elements.failed.insert(trial.offset)
    cursor = trial.offset
    tokens.removeSubrange(trial.tokenCount...)
    modes.removeSubrange(trial.modeCount...)
    followsLineEnd = trial.followsLineEnd
    expectsOperand = true
    return true
  }

  /// Moves on inside an element: to its end, or into an expression in braces.
  mutating func continueElement(_ current: Element) throws(ConfigError) {
    var element = current
    while let byte {
      switch (byte, element.isInTag) {
      case (UInt8(ascii: "{"), _):
        modes[modes.count - 1] = .element(element)
        modes.append(.brace(open: tokens.count, isBlock: false))
        let start = cursor
        cursor += 1
        append(.punctuator(.openBrace), from: start)
        expectsOperand = true
        return
      case (UInt8(ascii: "\""), true), (UInt8(ascii: "'"), true):
        cursor += 1
        while let next = self.byte, next != byte { cursor += 1 }
        cursor += 1
      case (UInt8(ascii: "/"), true) where starts(with: "/*"):
        try skipTrivia()
      case (UInt8(ascii: "/"), true) where starts(with: "/>"):
        cursor += 2
        element.isInTag = false
        if element.depth == 0 { return finishElement(element) }
      case (UInt8(ascii: ">"), true):
        cursor += 1
        element.depth += 1
        element.isInTag = false
      case (UInt8(ascii: "<"), true), (UInt8(ascii: ";"), true), (UInt8(ascii: ")"), true):
        throw failure("this is no JSX tag", at: cursor)
      case (UInt8(ascii: "<"), false) where starts(with: "</"):
        while let next = self.byte, next != UInt8(ascii: ">") { cursor += 1 }
        cursor += 1
        element.depth -= 1
        if element.depth == 0 { return finishElement(element) }
      case (UInt8(ascii: "<"), false):
        cursor += 1
        element.isInTag = true
      default: cursor += 1
      }
    }
    throw failure("this JSX element is never closed; add its closing tag", at: tokens[element.start].offset)
  }

  private mutating func finishElement(_ element: Element) {
    modes.removeLast()
    elements.open.removeLast()
    cursor = min(cursor, source.bytes.count)
    tokens[element.start].partner = tokens.count
    append(.elementEnd, from: cursor)
    tokens[tokens.count - 1].partner = element.start
    expectsOperand = false
  }
}
