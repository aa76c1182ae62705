import Facts

/// What is wrong with the form of a value. Each is something that no program wants in a value, and that files, shells and
/// templates leave there.
func flaws(of secret: Secret) -> [ValueFlaw] {
  let text = secret.reveal()
  // Nearly all values are of letters, digits and what URLs have: only some words can be wrong with these.
  if text.utf8.allSatisfy(isPlain) { return flaws(ofWord: text) }
  let scalars = text.unicodeScalars
  guard let first = scalars.first, let last = scalars.last else { return [] }
  let trimmed = isSpace(first) || isSpace(last) ? trimmingSpace(text) : text
  let trimmedFirst = trimmed.unicodeScalars.first
  let trimmedLast = trimmed.unicodeScalars.last
  var flaws: [ValueFlaw] = []
  // A key or certificate ends its last line (RFC 7468 section 2).
  let isPEM = text.hasPrefix("-----BEGIN ") && trimmed.hasSuffix("-----")
  if isSpace(first) || isSpace(last) && last != "\r" && !isPEM { flaws.append(.surroundingSpace) }
  if text.utf8.contains(Byte.carriageReturn) { flaws.append(.carriageReturn) }
  if let byte = trimmed.utf8.first, isQuote(byte), trimmed.utf8.count > 1, trimmed.utf8.last == byte {
    flaws.append(.quotes)
  }
  if scalars.contains("\u{FEFF}") { flaws.append(.byteOrderMark) }
  if scalars.contains(where: isUnusualSpace) { flaws.append(.unusualSpace) }
  if [trimmedFirst, trimmedLast].contains(where: { $0.map(isSmartQuote) == true }) { flaws.append(.smartQuotes) }
  let isReference = holdsReference(Array(trimmed.utf8))
  let words = InstanceEnvironment.flaws(ofWord: trimmed)
  return flaws + words.filter { $0 == .textOfNothing } + (isReference ? [.unexpandedReference] : [])
    + words.filter { $0 == .placeholder }
}

/// A byte of which no damage is made: of words, numbers and URLs.
private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "@")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
    // `+` to `;`: digits and `,-./:`.
    UInt8(ascii: "+")...UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "%"), UInt8(ascii: "&"),
    UInt8(ascii: "!"), UInt8(ascii: "#"):
    true
  default: false
  }
}

/// What is wrong with a value for being a certain word.
private func flaws(ofWord text: String) -> [ValueFlaw] {
  if text.utf8.count < 16, textsOfNothing.contains(text) { return [.textOfNothing] }
  return isPlaceholder(text) ? [.placeholder] : []
}

/// The text without white space at its ends.
func trimmingSpace(_ text: String) -> String {
  var scalars = text.unicodeScalars[...]
  while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
  while let last = scalars.last, isSpace(last) { scalars.removeLast() }
  return String(scalars)
}

private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
  scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
}

private func isSmartQuote(_ scalar: Unicode.Scalar) -> Bool { "“”„‘‚«»".unicodeScalars.contains(scalar) }

/// No-break spaces, and those without a width (Unicode: General Punctuation).
private func isUnusualSpace(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0xA0, 0x2007, 0x202F, 0x200B...0x200D, 0x2060: true
  default: false
  }
}

/// `${NAME}`, `$(NAME)` and `{{ name }}` anywhere, and `$NAME` alone. Elsewhere a dollar may be part of a password or of a
/// bcrypt hash.
private func holdsReference(_ text: [UInt8]) -> Bool {
  func isName(_ name: ArraySlice<UInt8>) -> Bool {
    name.first.map(isNameStart) == true && name.allSatisfy { isWordByte($0) && !(0x61...0x7A).contains($0) }
  }
  if text.first == Byte.dollar, isName(text[1...]) { return true }
  let parenthesis = UInt8(ascii: "(")
  // What closes is looked for once: what opens may stand in a value many times.
  let lastBrace = text.lastIndex(of: Byte.closeBrace) ?? -1
  let lastParenthesis = text.lastIndex(of: UInt8(ascii: ")")) ?? -1
  let lastBraces = text.indices.dropLast().last { text[$0] == Byte.closeBrace && text[$0 + 1] == Byte.closeBrace } ?? -1
  for index in text.indices.dropLast() {
    switch (text[index], text[index + 1]) {
    case (Byte.openBrace, Byte.openBrace):
      if lastBraces >= index + 2 { return true }
    case (Byte.dollar, Byte.openBrace), (Byte.dollar, parenthesis):
      let isBrace = text[index + 1] == Byte.openBrace
      let name = text[(index + 2)...].prefix { isWordByte($0) }
      guard isName(name), name.endIndex <= (isBrace ? lastBrace : lastParenthesis) else { continue }
      // `${NAME:-default}` and its kin.
      let next = text[name.endIndex]
      if next == (isBrace ? Byte.closeBrace : UInt8(ascii: ")")) || ":-?+=".utf8.contains(next) { return true }
    default: continue
    }
  }
  return false
}

private let textsOfNothing: Set<String> = ["undefined", "null", "NaN", "None", "[object Object]"]

private let placeholders: Set<String> = [
  "changeme", "change-me", "change_me", "change me", "replaceme", "replace-me", "replace_me", "todo", "tbd", "fixme",
  "placeholder", "insert-here", "your-secret-here", "your_secret_here",
]

private let placeholderStarts = Array("cirtfpxy<CIRTFPXY".utf8)

private func isPlaceholder(_ text: String) -> Bool {
  // What they all begin with: most values are told from them by that.
  guard let first = text.utf8.first, placeholderStarts.contains(first) else { return false }
  let text = text.lowercased()
  if text.utf8.count < 20, placeholders.contains(text) { return true }
  if text.utf8.count >= 3, text.utf8.allSatisfy({ $0 == UInt8(ascii: "x") }) { return true }
  if text.hasPrefix("<"), text.hasSuffix(">"), text.utf8.count > 2, !text.contains("/"), !text.contains("@") {
    return true
  }
  return text.utf8.count < 64 && (text.hasPrefix("your-") || text.hasPrefix("your_"))
}
