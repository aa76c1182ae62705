/// The value that the text behind `=` stands for, as `dotenv` 16 computes it: white space around it goes, then a pair of
/// quotes, and where the text began with a double quote, `\n` and `\r` become line feed and carriage return.
func dotenvValue(_ text: ArraySlice<UInt8>) -> [UInt8] {
  let trimmed = Array(text).trimmingWhiteSpace()
  let unquoted = strippingQuotes(trimmed)
  return trimmed.first == Byte.doubleQuote ? replacingEscapes(in: unquoted, lineEscape) : unquoted
}

/// Takes away quotes from a quote at the start of a line to the last one of its kind at the end of a line, whichever
/// lines these are.
private func strippingQuotes(_ value: [UInt8]) -> [UInt8] {
  var lastAtLineEnd: [UInt8: Int] = [:]
  for index in value.indices where isQuote(value[index]) && value.isLineEnd(at: index + 1) {
    lastAtLineEnd[value[index]] = index
  }
  if lastAtLineEnd.isEmpty { return value }

  var result: [UInt8] = []
  var index = 0
  var isLineStart = true
  while index < value.count {
    if isLineStart, isQuote(value[index]), let close = lastAtLineEnd[value[index]], close > index {
      result += value[(index + 1)..<close]
      index = close + 1
      isLineStart = false
    } else {
      let length = max(1, value.whiteSpaceLength(at: index))
      isLineStart = value.isLineEnd(at: index)
      result += value[index..<(index + length)]
      index += length
    }
  }
  return result
}

/// Replaces each backslash and the byte behind it by what the byte means there; where it means nothing both stay.
func replacingEscapes(in value: some Collection<UInt8>, _ meaning: (UInt8) -> UInt8?) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(value.count)
  var index = value.startIndex
  while index < value.endIndex {
    let byte = value[index]
    index = value.index(after: index)
    if byte == Byte.backslash, index < value.endIndex, let replacement = meaning(value[index]) {
      result.append(replacement)
      index = value.index(after: index)
    } else {
      result.append(byte)
    }
  }
  return result
}

/// What a backslash and a letter stand for in C, as Go and Python have it too.
func letterEscape(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "a"): 0x07
  case UInt8(ascii: "b"): 0x08
  case UInt8(ascii: "f"): 0x0C
  case UInt8(ascii: "t"): Byte.tab
  case UInt8(ascii: "v"): 0x0B
  default: lineEscape(byte)
  }
}

/// What `\n` and `\r` stand for.
func lineEscape(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "n"): Byte.lineFeed
  case UInt8(ascii: "r"): Byte.carriageReturn
  default: nil
  }
}
