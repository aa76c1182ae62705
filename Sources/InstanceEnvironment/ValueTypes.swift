import Facts

/// The value in the one spelling that stands for all that mean the same under a type; nil where it is not of that type.
func canonicalValue(_ secret: Secret, as type: ValueType) -> String? {
  let text = trimmingSpace(secret.reveal())
  switch type {
  case .url(let schemes):
    guard let url = canonicalURL(Secret(text)) else { return nil }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    // `https://` alone is what is left of `https://${HOST}`.
    let leadsNowhere = url.hasSuffix("://") || url.hasSuffix("@") || url.contains(":///")
    if leadsNowhere, !pathSchemes.contains(scheme) { return nil }
    return schemes.isEmpty || schemes.contains(scheme) ? url : nil
  case .integer(let least, let most):
    let digits = text.utf8.first.map("+-".utf8.contains) == true ? text.utf8.dropFirst() : text.utf8[...]
    guard !digits.isEmpty, digits.allSatisfy(isDigit), let number = Int(text),
      (least ?? .min) <= number, number <= (most ?? .max)
    else { return nil }
    return String(number)
  case .boolean: return booleans[text.lowercased()]
  case .oneOf(let words): return words.contains(text) ? text : nil
  case .duration: return canonicalDuration(text)
  case .list:
    let items = text.split(separator: ",").map { trimmingSpace(String($0)) }.filter { !$0.isEmpty }
    return items.isEmpty ? nil : items.sorted().joined(separator: ",")
  }
}

private let booleans = [
  "true": "true", "1": "true", "yes": "true", "on": "true", "false": "false", "0": "false", "no": "false",
  "off": "false",
]

/// Milliseconds where a unit is written; a bare number is whatever the program takes it for.
private func canonicalDuration(_ text: String) -> String? {
  let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
  guard let amount = Double(number) else { return nil }
  let unit = trimmingSpace(String(text.dropFirst(number.count))).lowercased()
  if unit.isEmpty { return "\(amount)" }
  let units = ["ms": 1.0, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
  return units[unit].map { "\(amount * $0) ms" }
}

/// What kind of text a value is, and the class that its length falls into: `redis URL, 32 to 63 bytes`.
func shape(of secret: Secret) -> String {
  let text = secret.reveal()
  let count = text.utf8.count
  if count == 0 { return "empty" }
  let length =
    count < 8
    ? "under 8 bytes"
    : count >= 256 ? "256 bytes or more" : "\(powerOfTwo(count)) to \(2 * powerOfTwo(count) - 1) bytes"
  return "\(kind(of: text)), \(length)"
}

private func kind(of text: String) -> String {
  if canonicalValue(Secret(text), as: .integer(least: nil, most: nil)) != nil { return "integer" }
  if canonicalValue(Secret(text), as: .boolean) != nil { return "boolean" }
  guard canonicalURL(Secret(text)) != nil else { return "text" }
  let scheme = text.prefix { $0 != ":" }.lowercased()
  // A scheme that nobody knows may be anything.
  return knownSchemes.contains(scheme) ? "\(scheme) URL" : "URL"
}

/// The largest power of two that is not above a number.
private func powerOfTwo(_ number: Int) -> Int { 1 << (Int.bitWidth - 1 - number.leadingZeroBitCount) }

/// Whether a value is a URL with a password (RFC 3986 section 3.2.1), be it one with an unescaped slash.
func holdsCredentials(_ secret: Secret) -> Bool {
  guard let mark = secret.reveal().firstRange(of: "://") else { return false }
  let isWeb = secret.reveal().lowercased().hasPrefix("http")
  let rest = secret.reveal()[mark.upperBound...]
  let authority = isWeb ? rest.prefix { !"/?#".contains($0) } : rest
  guard let at = authority.lastIndex(of: "@"), let colon = authority.firstIndex(of: ":"), colon < at else {
    return false
  }
  return authority.index(after: colon) < at
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
