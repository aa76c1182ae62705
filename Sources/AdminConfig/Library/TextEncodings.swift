/// The global functions that encode text: those of URIs (ECMAScript 19.2.6) and of base64 (WHATWG HTML 8.3).

/// Calls one of them; nil when there is no such function.
func encodingResult(_ name: String, _ arguments: BuiltinArguments) throws(BuiltinFailure) -> BuiltinResult? {
  switch name {
  case "encodeURIComponent": return textValue(percentEncoded(try arguments.text(0), keeping: URISet.unreserved))
  case "encodeURI":
    return textValue(percentEncoded(try arguments.text(0), keeping: URISet.unreserved + URISet.reserved + "#"))
  case "decodeURIComponent": return decoded(try arguments.text(0), keeping: "")
  case "decodeURI": return decoded(try arguments.text(0), keeping: URISet.reserved + "#")
  case "btoa": return base64Encoded(try arguments.text(0))
  case "atob": return base64Decoded(try arguments.text(0))
  default: return nil
  }
}

private enum URISet {
  static let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
  static let reserved = ";/?:@&=+$,"
}

private func percentEncoded(_ text: String, keeping kept: String) -> String {
  let kept = Set(kept.utf8)
  var result: [UInt8] = []
  for byte in text.utf8 {
    if kept.contains(byte) {
      result.append(byte)
    } else {
      appendPercentEncoded(byte, to: &result)
    }
  }
  return String(decoding: result, as: UTF8.self)
}

private let hexadecimalDigits = Array("0123456789ABCDEF".utf8)

/// Appends `%` and two hexadecimal digits.
func appendPercentEncoded(_ byte: UInt8, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "%"))
  bytes.append(hexadecimalDigits[Int(byte >> 4)])
  bytes.append(hexadecimalDigits[Int(byte & 15)])
}

/// The byte that `%` and two hexadecimal digits at an index stand for.
func percentDecoded(_ bytes: some RandomAccessCollection<UInt8>, at index: Int) -> UInt8? {
  let rest = bytes.dropFirst(index).prefix(3)
  guard rest.first == UInt8(ascii: "%"), rest.count == 3 else { return nil }
  let digits = rest.dropFirst().compactMap { hexadecimalDigit(UInt32($0)) }
  return digits.count == 2 ? UInt8(digits[0] * 16 + digits[1]) : nil
}

/// Decode (19.2.6.5): escapes must be well-formed UTF-8, character by character; those of kept characters stay.
private func decoded(_ text: String, keeping kept: String) -> BuiltinResult {
  let failure = BuiltinResult.throwsError(kind: "URIError", message: "URI malformed")
  let kept = Set(kept.utf8)
  let bytes = Array(text.utf8)
  var result: [UInt8] = []
  var index = 0
  while index < bytes.count {
    guard bytes[index] == UInt8(ascii: "%") else {
      result.append(bytes[index])
      index += 1
      continue
    }
    guard let first = percentDecoded(bytes, at: index) else { return failure }
    guard !kept.contains(first) else {
      result += bytes[index..<index + 3]
      index += 3
      continue
    }
    let count = first < 0x80 ? 1 : (~first).leadingZeroBitCount
    var character: [UInt8] = []
    for place in 0..<count {
      guard let byte = percentDecoded(bytes, at: index + place * 3) else { return failure }
      character.append(byte)
    }
    guard (1...4).contains(count), let valid = String(validating: character, as: UTF8.self),
      valid.unicodeScalars.count == 1
    else { return failure }
    result += character
    index += count * 3
  }
  return textValue(String(decoding: result, as: UTF8.self))
}

private let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

private let base64Values = Dictionary(uniqueKeysWithValues: base64Digits.enumerated().map { ($1, UInt32($0)) })

private let invalidCharacter = BuiltinResult.throwsError(kind: "InvalidCharacterError", message: "Invalid character")

private func base64Encoded(_ text: String) -> BuiltinResult {
  var bytes: [UInt8] = []
  for unit in text.utf16 {
    guard unit <= 0xFF else { return invalidCharacter }
    bytes.append(UInt8(unit))
  }
  var result: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = (group + [0, 0]).prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    for place in 0...3 {
      let digit = base64Digits[Int(bits >> UInt32(18 - place * 6) & 63)]
      result.append(place <= group.count ? digit : UInt8(ascii: "="))
    }
  }
  return textValue(String(decoding: result, as: UTF8.self))
}

/// Forgiving-base64 decode (WHATWG Infra 7).
private func base64Decoded(_ text: String) -> BuiltinResult {
  var bytes = text.utf8.filter { ![0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }
  if bytes.count % 4 == 0 {
    for _ in 0..<2 where bytes.last == UInt8(ascii: "=") { bytes.removeLast() }
  }
  guard bytes.count % 4 != 1 else { return invalidCharacter }
  var result: [UInt16] = []
  var bits: UInt32 = 0
  var bitCount = 0
  for byte in bytes {
    guard let value = base64Values[byte] else { return invalidCharacter }
    bits = bits << 6 | value
    bitCount += 6
    if bitCount >= 8 {
      bitCount -= 8
      result.append(UInt16(bits >> UInt32(bitCount) & 0xFF))
    }
  }
  return textValue(result)
}
