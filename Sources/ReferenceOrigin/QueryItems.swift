/// A target's query as URLSearchParams reads it: pairs parted by `&`, `+` for a blank, percent-encoded bytes (WHATWG URL
/// 5.1, application/x-www-form-urlencoded).
func queryItems(of target: String) -> [(name: String, value: String)] {
  guard let mark = target.firstIndex(of: "?") else { return [] }
  return target[target.index(after: mark)...].split(separator: "&").map { item in
    let name = item.prefix { $0 != "=" }
    return (formDecoded(name), formDecoded(item.dropFirst(name.count + 1)))
  }
}

private func formDecoded(_ text: Substring) -> String {
  var bytes: [UInt8] = []
  var rest = text.utf8[...]
  while let byte = rest.popFirst() {
    switch byte {
    case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
    case UInt8(ascii: "%"):
      // A % without two hexadecimal digits stands for itself.
      let digits = rest.prefix(2).compactMap(hexValue)
      guard digits.count == 2 else {
        bytes.append(byte)
        continue
      }
      bytes.append(digits[0] << 4 | digits[1])
      rest = rest.dropFirst(2)
    default: bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

private func hexValue(_ byte: UInt8) -> UInt8? {
  Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
}
