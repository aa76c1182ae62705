/// The escapes of a double-quoted value in Compose's `.env` files (compose-go 2, `expandEscapes`): those of a Go string
/// of one letter, `\"` and `\\`, up to three octal digits behind `\0`, and `\$`, which becomes the `$$` that stands for
/// a dollar in the template.
func replacingComposeEscapes(in value: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(value.count)
  var index = 0
  while index < value.count {
    guard value[index] == Byte.backslash, index + 1 < value.count else {
      result.append(value[index])
      index += 1
      continue
    }
    let escaped = value[index + 1]
    index += 2
    switch escaped {
    case Byte.dollar: result += [Byte.dollar, Byte.dollar]
    case Byte.doubleQuote, Byte.backslash: result.append(escaped)
    case UInt8(ascii: "0"):
      let digits = value[index...].prefix(3).prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      index += digits.count
      result += octalCharacter(digits) ?? [Byte.backslash] + digits
    default:
      if let letter = letterEscape(escaped) { result.append(letter) } else { result += [Byte.backslash, escaped] }
    }
  }
  return result
}

/// The character of three octal digits, at most U+00FF.
private func octalCharacter(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
  guard digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) else { return nil }
  return Array(String(Unicode.Scalar(value)).utf8)
}
