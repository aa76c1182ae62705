import Facts
import Foundation

/// The request's secrets in the forms in which a server may repeat them: whole, or a cookie's or token's own part of them.
struct SecretEchoes: Sendable {
  /// How much of a text is kept, in characters.
  static let maximumExcerpt = 200

  private let forms: [String]
  /// The longest form, in bytes: text must be redacted before it is cut, and so may not be cut within this.
  private let longest: Int

  /// - Parameters:
  ///   - headers: the request's secret headers.
  ///   - proxy: the URL of the client's proxy, with its credentials.
  init(_ headers: [(name: String, value: Secret)], proxy: Secret? = nil) {
    let values = headers.map { $0.value.reveal() }
    forms = (values + values.flatMap(Self.decoded) + Self.credentials(of: proxy)).flatMap { whole in
      ([whole] + whole.split { " ;,".contains($0) }.compactMap(Self.value)).filter { !$0.isEmpty }
    }.sorted { $0.utf8.count > $1.utf8.count }
    longest = forms.first?.utf8.count ?? 0
  }

  /// What of a part of a header is secret: of `session=abc123` the value, of `Bearer` nothing (RFC 9110 section 11.1).
  private static func value(_ part: Substring) -> String? {
    let value = part.firstIndex(of: "=").map { part[part.index(after: $0)...] }
    let secret = value.flatMap { $0.isEmpty ? nil : $0 } ?? part
    let isScheme = value == nil && ["basic", "bearer", "digest", "negotiate", "token"].contains(part.lowercased())
    return secret.count >= 4 && !isScheme ? String(secret) : nil
  }

  /// The user name and password of `Basic dXNlcjpwYXNz` (RFC 7617).
  private static func decoded(_ value: String) -> [String] {
    let parts = value.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Data(base64Encoded: String(parts[1])) else {
      return []
    }
    return pair(String(decoding: bytes, as: UTF8.self))
  }

  /// A user name and password together, and each of them that is no mere letter or two.
  private static func pair(_ text: String) -> [String] {
    [text] + text.split(separator: ":", maxSplits: 1).map(String.init).filter { $0.count >= 4 }
  }

  /// A URL's user name and password, as they are written and as a header has them (RFC 7617).
  private static func credentials(of url: Secret?) -> [String] {
    guard let text = url?.reveal(), let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@") else {
      return []
    }
    let user = String(text[scheme.upperBound..<at])
    let decoded = user.removingPercentEncoding ?? user
    return [user, Data(decoded.utf8).base64EncodedString()] + pair(decoded)
  }

  /// The text with every form of every secret redacted.
  func redact(_ text: String) -> String {
    forms.reduce(text) { $0.redacting($1) }
  }

  /// How many bytes of a text its excerpt is made from.
  var excerptBytes: Int { Self.maximumExcerpt * 4 + longest }

  /// A text, redacted; of a longer one its beginning and an ellipsis.
  ///
  /// - Parameters:
  ///   - isCut: whether the text goes on after these bytes.
  ///   - maximum: how much of it is kept, in characters.
  func excerpt(_ bytes: UnsafeRawBufferPointer, isCut: Bool = false, upTo maximum: Int = maximumExcerpt) -> String {
    let redacted = redact(String(decoding: bytes.prefix(excerptBytes), as: UTF8.self))
    // What a cut goes through is not found: so close to one, nothing is kept.
    let isWhole = !isCut && bytes.count <= excerptBytes
    let kept = isWhole ? redacted : String(decoding: redacted.utf8.dropLast(longest), as: UTF8.self)
    let excerpt = kept.prefix(maximum)
    return isWhole && excerpt.endIndex == kept.endIndex ? kept : excerpt + "…"
  }
}
