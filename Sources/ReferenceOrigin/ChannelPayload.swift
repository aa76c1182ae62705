import Foundation

/// What was published on a channel, as flowpanel reads it: nothing, JSON, or else a string.
struct ChannelPayload {
  /// The payload as JSON on one line; nil for none.
  let json: String?

  /// A body as it came from Redis or a publisher.
  init(_ body: [UInt8]) {
    // Invalid bytes are replaced, as by Node.
    let text = String(decoding: body, as: UTF8.self)
    json = text.isEmpty ? nil : compactJSON(text) ?? jsonString(text)
  }
}

/// JSON without the white space between its tokens, so that it stands on one line; nil for what is no JSON.
private func compactJSON(_ text: String) -> String? {
  guard (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil else {
    return nil
  }
  var result: [UInt8] = []
  var isInString = false
  var isEscaped = false
  for byte in text.utf8 {
    if isInString {
      // A line end here would end the event's line; JSON has none (RFC 8259 section 7).
      guard byte >= 0x20 else { return nil }
      if !isEscaped && byte == UInt8(ascii: "\"") { isInString = false }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
    } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
      continue
    } else {
      guard byte > 0x20 else { return nil }
      isInString = byte == UInt8(ascii: "\"")
    }
    result.append(byte)
  }
  return String(decoding: result, as: UTF8.self)
}

/// A JSON string.
func jsonString(_ text: String) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .withoutEscapingSlashes
  // Every string is one in JSON.
  return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}
