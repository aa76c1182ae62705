import Facts

/// The request's secrets in the forms in which a server may repeat them: whole, or a cookie's or token's own part of them.
struct SecretEchoes: Sendable {
  /// How much of a text is kept, in characters.
  static let maximumExcerpt = 200

  private let forms: [String]
  /// The longest form, in bytes: text must be redacted before it is cut, and so may not be cut within this.
  private let longest: Int

  init(_ headers: [(name: String, value: Secret)]) {
    forms = headers.flatMap { header in
      let whole = header.value.reveal()
      let parts = whole.split { " ;,=".contains($0) }.map(String.init).filter { $0.count >= 4 }
      return ([whole] + parts).filter { !$0.isEmpty }
    }.sorted { $0.utf8.count > $1.utf8.count }
    longest = forms.first?.utf8.count ?? 0
  }

  /// The text with every form of every secret redacted.
  func redact(_ text: String) -> String {
    forms.reduce(text) { $0.redacting($1) }
  }

  /// How many bytes of a text its excerpt is made from.
  var excerptBytes: Int { Self.maximumExcerpt * 4 + longest }

  /// A text, redacted; of a longer one its beginning and an ellipsis.
  ///
  /// - Parameter isCut: whether the text goes on after these bytes.
  func excerpt(_ bytes: UnsafeRawBufferPointer, isCut: Bool = false) -> String {
    let redacted = redact(String(decoding: bytes.prefix(excerptBytes), as: UTF8.self))
    // What a cut goes through is not found: so close to one, nothing is kept.
    let isWhole = !isCut && bytes.count <= excerptBytes
    let kept = isWhole ? redacted : String(decoding: redacted.utf8.dropLast(longest), as: UTF8.self)
    let excerpt = kept.prefix(Self.maximumExcerpt)
    return isWhole && excerpt.endIndex == kept.endIndex ? kept : excerpt + "…"
  }
}
