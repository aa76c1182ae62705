import Facts

/// What is wrong with the form of a value. Each is something that no program wants in a value, and that files, shells and
/// templates leave there.
func flaws(of secret: Secret) -> [ValueFlaw] {
  let scalars = Array(secret.reveal().unicodeScalars)
  guard let first = scalars.first, let last = scalars.last else { return [] }
  let trimmed = trimmingSpace(secret.reveal())
  var flaws: [ValueFlaw] = []
  if isSpace(first) || isSpace(last) && last != "\r" { flaws.append(.surroundingSpace) }
  if scalars.contains("\r") { flaws.append(.carriageReturn) }
  if let quote = trimmed.first, trimmed.count > 1, trimmed.last == quote, "\"'`".contains(quote) {
    flaws.append(.quotes)
  }
  if scalars.contains("\u{FEFF}") { flaws.append(.byteOrderMark) }
  if scalars.contains(where: isUnusualSpace) { flaws.append(.unusualSpace) }
  if [trimmed.first, trimmed.last].contains(where: { $0.map("“”„‘‚«»".contains) == true }) {
    flaws.append(.smartQuotes)
  }
  if ["undefined", "null", "NaN", "None", "[object Object]"].contains(trimmed) { flaws.append(.textOfNothing) }
  if holdsReference(trimmed) { flaws.append(.unexpandedReference) }
  if isPlaceholder(trimmed.lowercased()) { flaws.append(.placeholder) }
  return flaws
}

/// The text without white space at its ends.
func trimmingSpace(_ text: String) -> String {
  var scalars = text.unicodeScalars[...]
  while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
  while let last = scalars.last, isSpace(last) { scalars.removeLast() }
  return String(scalars)
}

private func isSpace(_ scalar: Unicode.Scalar) -> Bool { " \t\n\r".unicodeScalars.contains(scalar) }

/// No-break spaces, and those without a width (Unicode: General Punctuation).
private func isUnusualSpace(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0xA0, 0x2007, 0x202F, 0x200B...0x200D, 0x2060: true
  default: false
  }
}

/// `${NAME}`, `$(NAME)` and `{{ name }}` anywhere, and `$NAME` alone. Elsewhere a dollar may be part of a password or of a
/// bcrypt hash.
private func holdsReference(_ text: String) -> Bool {
  func isName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
      && !(0x30...0x39).contains(name.utf8.first ?? 0)
  }
  if text.hasPrefix("$"), isName(text.dropFirst()) { return true }
  if let open = text.firstRange(of: "{{"), text[open.upperBound...].contains("}}") { return true }
  for (open, close) in [("${", Character("}")), ("$(", Character(")"))] {
    for range in text.ranges(of: open) {
      let name = text[range.upperBound...].prefix { $0 != close }
      // `${NAME:-default}` and its kin.
      let plain = name.prefix { !":-?+=".contains($0) }
      if name.endIndex < text.endIndex, isName(plain) { return true }
    }
  }
  return false
}

private func isPlaceholder(_ text: String) -> Bool {
  let words: Set<String> = [
    "changeme", "change-me", "change_me", "change me", "replaceme", "replace-me", "replace_me", "todo", "tbd", "fixme",
    "placeholder", "insert-here", "your-secret-here", "your_secret_here",
  ]
  if words.contains(text) { return true }
  if text.utf8.count >= 3, text.utf8.allSatisfy({ $0 == UInt8(ascii: "x") }) { return true }
  if text.hasPrefix("<"), text.hasSuffix(">"), text.utf8.count > 2, !text.contains("/") { return true }
  return ["your-", "your_"].contains(where: text.hasPrefix) && text.utf8.count < 64
}
