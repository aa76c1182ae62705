/// A value that must never be shown: an environment variable's value, a URL's user-info, a cookie, an Authorization
/// header. Every way of turning it into text redacts; `reveal()` is the one way to the value, and easy to search for.
public struct Secret: Sendable, Equatable, Hashable {
  private let value: String

  /// Wraps a value from the moment it is read.
  public init(_ value: String) {
    self.value = value
  }

  /// The value itself, for the one who needs it: a hash, a socket, an evaluator. Never for a message.
  public func reveal() -> String { value }

  /// Whether the value has no bytes.
  public var isEmpty: Bool { value.isEmpty }

  /// What stands wherever a secret would have been printed.
  public static let redacted = "[redacted]"
}

extension String {
  /// The text with every occurrence of a secret redacted. Bytes are compared: a mark that combines with the secret's last
  /// character does not hide it.
  public func redacting(_ secret: String) -> String {
    let pattern = Array(secret.utf8)
    guard !pattern.isEmpty else { return self }
    let bytes = Array(utf8)
    let ranges = bytes.ranges(of: pattern)
    if ranges.isEmpty { return self }
    var result: [UInt8] = []
    var start = 0
    for range in ranges {
      result += bytes[start..<range.lowerBound] + Array(Secret.redacted.utf8)
      start = range.upperBound
    }
    return String(decoding: result + bytes[start...], as: UTF8.self)
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, Encodable {
  /// Always the redaction mark.
  public var description: String { Secret.redacted }
  /// Always the redaction mark.
  public var debugDescription: String { Secret.redacted }
  /// A mirror without children, so that `dump` finds nothing.
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

  /// Writes the redaction mark. There is no way to decode a secret: what was redacted is gone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Secret.redacted)
  }
}
