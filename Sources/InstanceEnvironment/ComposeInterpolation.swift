import Facts

/// The references that Docker Compose expands, in `.env` files as in compose files (compose-go 2, template/template.go):
/// `$NAME`, `${NAME}`, and with an operator `:-`, `-`, `:+`, `+`, `:?` or `?` and a text that may hold references itself.
/// `$$` is a dollar; `${` that begins none of these is an error, any other `$` is itself.
struct ComposeInterpolation {
  /// Why a text has no expansion; its description goes on behind `in the value of … `.
  enum Failure: Error, CustomStringConvertible {
    case invalid
    case missing(String)
    case tooDeep
    case tooLarge

    var description: String {
      switch self {
      case .invalid: "`${` begins no reference that Compose knows: write `$$` for a dollar"
      case .missing(let name): "`\(name)` is required, and it is not set or empty: set it before"
      case .tooDeep: "references stand inside each other more than \(maximumDepth) deep"
      case .tooLarge:
        "references expand to more than \(maximumExpandedSize) bytes, with those before it: do variables double each "
          + "other?"
      }
    }
  }

  /// What a text expands to.
  struct Expansion {
    var text: [UInt8] = []
    /// The variables in it that are not set and have no default, in order: nothing stands in their place.
    var unset: [String] = []
    /// Whether it lacks the value of a variable: of those, or of one that a value in it refers to.
    var isIncomplete = false
    /// What in the text stands there instead of references, defaults too.
    var replaced: [Range<Int>] = []

    /// Puts what a reference expands to at the end.
    static func += (expansion: inout Expansion, reference: Expansion) {
      expansion.replaced.append(expansion.text.count..<(expansion.text.count + reference.text.count))
      expansion.text += reference.text
      expansion.unset += reference.unset
      expansion.isIncomplete = expansion.isIncomplete || reference.isIncomplete
    }
  }

  private static let maximumDepth = 64
  private var remaining = maximumExpandedSize
  /// The variables whose values lack what they refer to.
  private var incomplete: Set<String>

  init(incomplete: Set<String>) { self.incomplete = incomplete }

  mutating func setIncomplete(_ name: String, _ isIncomplete: Bool) {
    if isIncomplete { incomplete.insert(name) } else { incomplete.remove(name) }
  }

  /// Expands the references in a text.
  ///
  /// - Parameter lookUp: The value of a variable that is set. An empty value counts as none only for operators with `:`.
  mutating func expand(
    _ text: ArraySlice<UInt8>, _ lookUp: (String) -> Secret?, depth: Int = 0
  ) throws(Failure) -> Expansion {
    guard depth <= Self.maximumDepth else { throw .tooDeep }
    var result = Expansion()
    var braces = LastBraceOfLine(text)
    var index = text.startIndex
    while index < text.endIndex {
      let next = index + 1 < text.endIndex ? text[index + 1] : 0
      switch (text[index], next) {
      case (Byte.dollar, Byte.dollar):
        result.text.append(Byte.dollar)
        index += 2
      case (Byte.dollar, Byte.openBrace):
        let reference = try ComposeReference(in: text, at: index, &braces)
        result += try value(of: reference, lookUp, depth: depth)
        index = reference.end
      case (Byte.dollar, let byte) where isNameStart(byte):
        let end = text[index...].dropFirst().firstIndex { !isWordByte($0) } ?? text.endIndex
        let name = String(decoding: text[(index + 1)..<end], as: UTF8.self)
        result += try expansion(of: name, lookUp(name))
        index = end
      default:
        result.text.append(text[index])
        index += 1
      }
    }
    remaining -= text.count
    guard remaining >= 0 else { throw .tooLarge }
    return result
  }

  /// Compose expands the text behind an operator also where it goes unused, and fails where it can't.
  private mutating func value(
    of reference: ComposeReference, _ lookUp: (String) -> Secret?, depth: Int
  ) throws(Failure) -> Expansion {
    let value = lookUp(reference.name)
    guard let operation = reference.operation else { return try expansion(of: reference.name, value) }
    let text = try expand(reference.text, lookUp, depth: depth + 1)
    let isSet = value.map { !reference.emptyIsUnset || !$0.isEmpty } ?? false
    var result: Expansion
    switch operation {
    case .defaultValue: result = isSet ? try expansion(of: reference.name, value) : text
    case .replacement: result = isSet ? text : Expansion()
    case .required:
      guard isSet else { throw .missing(reference.name) }
      result = try expansion(of: reference.name, value)
    }
    if incomplete.contains(reference.name) { result.isIncomplete = true }
    return result
  }

  private mutating func expansion(of name: String, _ value: Secret?) throws(Failure) -> Expansion {
    guard let value else { return Expansion(unset: [name], isIncomplete: true) }
    let text = Array(value.reveal().utf8)
    remaining -= text.count
    guard remaining >= 0 else { throw .tooLarge }
    return Expansion(text: text, isIncomplete: incomplete.contains(name))
  }
}

/// A reference in braces.
private struct ComposeReference {
  enum Operation {
    case defaultValue, replacement, required
  }

  var name: String
  var operation: Operation?
  var emptyIsUnset = false
  var text: ArraySlice<UInt8> = []
  var end: Int

  init(
    in template: ArraySlice<UInt8>, at dollar: Int, _ braces: inout LastBraceOfLine
  ) throws(ComposeInterpolation.Failure) {
    let start = dollar + 2
    let nameEnd = template[start...].firstIndex { !isWordByte($0) } ?? template.endIndex
    guard nameEnd > start, isNameStart(template[start]), nameEnd < template.endIndex else { throw .invalid }
    name = String(decoding: template[start..<nameEnd], as: UTF8.self)
    if template[nameEnd] == Byte.closeBrace {
      end = nameEnd + 1
      return
    }
    var index = nameEnd
    if template[index] == Byte.colon {
      emptyIsUnset = true
      index += 1
    }
    guard index < template.endIndex, let operation = Self.operation(template[index]) else { throw .invalid }
    self.operation = operation
    // A regular expression takes everything to the last brace of the line first; of that, up to the brace that
    // closes the first one is the reference, or all of it where none does.
    guard let last = braces.last(from: index + 1) else { throw .invalid }
    let close = balancedBrace(in: template[dollar...last]) ?? last
    text = template[(index + 1)..<close]
    end = close + 1
  }

  private static func operation(_ byte: UInt8) -> Operation? {
    switch byte {
    case Byte.hyphen: .defaultValue
    case UInt8(ascii: "+"): .replacement
    case UInt8(ascii: "?"): .required
    default: nil
    }
  }
}

/// The brace that closes the first one. As in compose-go, the byte behind an opening brace is not looked at.
private func balancedBrace(in text: ArraySlice<UInt8>) -> Int? {
  var depth = 0
  var index = text.startIndex
  while index < text.endIndex {
    if text[index] == Byte.closeBrace {
      depth -= 1
      if depth == 0 { return index }
    }
    if text[index] == Byte.openBrace {
      depth += 1
      index += 1
    }
    index += 1
  }
  return nil
}

/// The last `}` of the line that a place is in, looked for once a line.
private struct LastBraceOfLine {
  private let text: ArraySlice<UInt8>
  private var lineEnd: Int
  private var brace: Int?

  init(_ text: ArraySlice<UInt8>) {
    self.text = text
    lineEnd = text.startIndex
  }

  mutating func last(from index: Int) -> Int? {
    if index > lineEnd || lineEnd == text.startIndex {
      lineEnd = text[index...].firstIndex(of: Byte.lineFeed) ?? text.endIndex
      brace = text[index..<lineEnd].lastIndex(of: Byte.closeBrace)
    }
    return brace.flatMap { $0 >= index ? $0 : nil }
  }
}
