import Facts

/// The request's secrets in the forms in which a server may repeat them: whole, or a cookie's or token's own part of them.
struct SecretEchoes: Sendable {
  private let forms: [String]

  /// The longest form, in bytes: text must be redacted before it is cut, and so may not be cut within this.
  let longest: Int

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
}
