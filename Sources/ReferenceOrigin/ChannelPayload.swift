import Foundation

/// What was published on a channel, as flowpanel reads it: nothing, what JSON.parse takes, or else a string.
///
/// JSON stands on one line here as it does after flowpanel's JSON.stringify, but its tokens stay as they are written. There
/// `1.0` becomes `1` and `1e999` null, `"\u00e9\/"` becomes `"é/"`, of a key that occurs twice the last value stays, and
/// keys that are integers come first.
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

/// A JSON string.
func jsonString(_ text: String) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .withoutEscapingSlashes
  // Every string is one in JSON.
  return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}
