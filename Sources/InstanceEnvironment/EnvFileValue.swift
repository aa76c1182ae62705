/// The value that the text behind `=` stands for, as `dotenv` 16 computes it: white space around it goes, then a pair of
/// quotes, and where the text began with a double quote, `\n` and `\r` become line feed and carriage return.
func dotenvValue(_ text: ArraySlice<UInt8>) -> [UInt8] {
  let trimmed = Array(text).trimmingWhiteSpace()
  let unquoted = strippingQuotes(trimmed)
  return trimmed.first == Byte.doubleQuote ? replacingLineEscapes(unquoted) : unquoted
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

private func replacingLineEscapes(_ value: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var index = 0
  while index < value.count {
    let next = index + 1 < value.count ? value[index + 1] : 0
    switch (value[index], next) {
    case (Byte.backslash, UInt8(ascii: "n")):
      result.append(Byte.lineFeed)
      index += 2
    case (Byte.backslash, UInt8(ascii: "r")):
      result.append(Byte.carriageReturn)
      index += 2
    case (let byte, _):
      result.append(byte)
      index += 1
    }
  }
  return result
}
