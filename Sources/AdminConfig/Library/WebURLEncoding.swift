/// Percent-encoding (WHATWG URL 1.3) and forms in a query, application/x-www-form-urlencoded (5).

/// Which bytes a part of a URL writes as `%` and two digits. Bytes past ASCII are in every set.
enum PercentEncodeSet {
  case control
  case fragment
  case query
  case specialQuery
  case path
  case userinfo
  case form

  private func contains(_ byte: UInt8) -> Bool {
    guard byte > 0x1F, byte < 0x7F else { return true }
    return switch self {
    case .control: false
    case .fragment: " \"<>`".utf8.contains(byte)
    case .query: " \"#<>".utf8.contains(byte)
    case .specialQuery: " \"#<>'".utf8.contains(byte)
    case .path: " \"#<>?^`{}".utf8.contains(byte)
    case .userinfo: " \"#<>?^`{}/:;=@[\\]|".utf8.contains(byte)
    case .form: !(isLetterOrDigit(byte) || "*-._".utf8.contains(byte))
    }
  }

  func append(_ byte: UInt8, to bytes: inout [UInt8]) {
    if contains(byte) {
      appendPercentEncoded(byte, to: &bytes)
    } else {
      bytes.append(byte)
    }
  }

  func encode(_ bytes: some Sequence<UInt8>) -> String {
    var result: [UInt8] = []
    for byte in bytes { append(byte, to: &result) }
    return String(decoding: result, as: UTF8.self)
  }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
  isLetter(byte) || (0x30...0x39).contains(byte)
}

func isLetter(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20)
}

/// The bytes with every well-formed escape decoded; what is no escape stays.
func percentDecoded(_ bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var index = 0
  while index < bytes.count {
    let decoded = percentDecoded(bytes, at: index)
    result.append(decoded ?? bytes[index])
    index += decoded == nil ? 1 : 3
  }
  return result
}

/// The names and values of a form, without the `?` before it.
func parseForm(_ text: String) -> [(String, String)] {
  text.utf8.split(separator: UInt8(ascii: "&")).map { field in
    let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    return (formText(parts[0]), parts.count > 1 ? formText(parts[1]) : "")
  }
}

private func formText(_ bytes: Substring.UTF8View) -> String {
  let spaced = bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }
  return String(decoding: percentDecoded(spaced), as: UTF8.self)
}

/// A form as text, without the `?` before it.
func serializeForm(_ fields: [(String, String)]) -> String {
  fields.map { formEncoded($0.0) + "=" + formEncoded($0.1) }.joined(separator: "&")
}

private func formEncoded(_ text: String) -> String {
  var result: [UInt8] = []
  for byte in text.utf8 {
    if byte == 0x20 {
      result.append(UInt8(ascii: "+"))
    } else {
      PercentEncodeSet.form.append(byte, to: &result)
    }
  }
  return String(decoding: result, as: UTF8.self)
}
