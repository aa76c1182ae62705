/// Looks for one text in another in linear time (Knuth, Morris and Pratt), as hostile texts are searched too.
struct TextSearch {
  private let needle: [UInt16]
  /// For each length of a partial match, the length of the next shorter one.
  private var fallbacks: [Int]

  init(for needle: [UInt16]) {
    self.needle = needle
    fallbacks = [0]
    var length = 0
    for unit in needle.dropFirst() {
      while length > 0, needle[length] != unit { length = fallbacks[length - 1] }
      if needle[length] == unit { length += 1 }
      fallbacks.append(length)
    }
  }

  /// The first place at or after an offset (StringIndexOf, ECMAScript 6.1.4.1).
  func first(in text: [UInt16], from start: Int) -> Int? {
    guard !needle.isEmpty else { return start <= text.count ? start : nil }
    guard start < text.count else { return nil }
    var length = 0
    for index in start..<text.count {
      while length > 0, needle[length] != text[index] { length = fallbacks[length - 1] }
      if needle[length] == text[index] { length += 1 }
      if length == needle.count { return index + 1 - length }
    }
    return nil
  }

  /// The last place at or before an offset.
  static func last(of needle: [UInt16], in text: [UInt16], upTo start: Int) -> Int? {
    let end = min(text.count, start + needle.count)
    guard needle.count <= end else { return nil }
    let reversed = Array(text[..<end].reversed())
    return TextSearch(for: needle.reversed()).first(in: reversed, from: 0).map { end - $0 - needle.count }
  }

  /// Whether a text stands at an offset of another.
  static func stands(_ part: [UInt16], in text: [UInt16], at offset: Int) -> Bool {
    offset >= 0 && offset + part.count <= text.count && text[offset...].starts(with: part)
  }
}
