import Facts

/// References in values, resolved as `dotenv-expand` 10 resolves them inside `@next/env`.
///
/// A value is rewritten until no reference is left: the last `$` without a backslash before it begins the reference
/// (`$NAME`, `${NAME}` or `${NAME:-default}`), and the *first* place where the same text stands is replaced. A last `$`
/// that begins no reference ends the rewriting, whatever stands before it. Then `\$` becomes `$`. An inherited value
/// comes first, then the default, then the file's own value; an empty one counts as none.
struct EnvExpansion {
  /// Node's call stack, which the original rewrites on, ends earlier than this many rewritings of one value.
  private static let maximumSteps = 4096
  /// How many bytes all rewritings of one file may touch: without it, values that double each other would fill memory.
  private static let maximumWork = 1 << 22

  private var variables: [String: EnvironmentVariable]
  private let inherited: [String: Secret]
  private let incomplete: Set<String>
  /// The variables that refer to what nothing sets.
  private(set) var unresolved: [String: Unseen] = [:]
  private var work = 0
  /// Whether nothing stood for a reference in the value that is being expanded.
  private var isLost = false
  /// What is put where nothing would be, to see whether that is a part of the value in the end.
  private var standIn: [UInt8] = []
  private var standInWork = 0

  /// - Parameter incomplete: Those of the inherited variables whose values lack what they refer to.
  init(_ variables: [String: EnvironmentVariable], inherited: [String: Secret], incomplete: Set<String>) {
    self.variables = variables
    self.inherited = inherited
    self.incomplete = incomplete
  }

  /// Expands one variable after the other; later ones see what earlier ones became.
  mutating func expandAll(inOrder names: [String]) throws(EnvFileError) -> [String: EnvironmentVariable] {
    for name in names {
      guard var variable = variables[name] else { continue }
      let location = variable.location
      if let winner = inherited[name] {
        variable.value = winner
        variable.location = nil
        variable.isCutAtHash = false
      }
      // Most values have none, in a thousand files of hundreds each.
      guard variable.value.reveal().utf8.contains(Byte.dollar) else {
        if inherited[name] != nil { variables[name] = variable }
        continue
      }
      let text = Array(variable.value.reveal().utf8)
      isLost = false
      guard let expanded = expand(text) else {
        throw EnvFileError(
          .malformed, "the references in `\(name)` have no end: does it refer to itself, directly or through others?",
          at: location ?? Location(file: ""))
      }
      if isLost, inherited[name] == nil, lacksPart(expanded, of: text) {
        unresolved[name] = .lostReference("write `\\$` where a dollar is meant", at: location)
      }
      variable.value = Secret(String(decoding: unescapingDollars(expanded), as: UTF8.self))
      variables[name] = variable
    }
    return variables
  }

  /// Whether something else would come of a value where nothing stood for a reference: in a default that goes unused
  /// nothing is lost.
  private mutating func lacksPart(_ expanded: [UInt8], of text: [UInt8]) -> Bool {
    standIn = [0x01]
    swap(&work, &standInWork)
    defer {
      standIn = []
      swap(&work, &standInWork)
    }
    return expand(text) != expanded
  }

  /// The value without references; nil where rewriting it does not come to an end within the bounds.
  private mutating func expand(_ text: [UInt8]) -> [UInt8]? {
    var value = text
    for _ in 0..<Self.maximumSteps {
      guard let dollar = lastUnescapedDollar(in: value), let reference = Reference(in: value, at: dollar) else {
        return value
      }
      work += value.count
      guard work <= Self.maximumWork else { return nil }
      value = replacingFirst(reference.text, in: value, with: replacement(for: reference))
    }
    return nil
  }

  private mutating func replacement(for reference: Reference) -> [UInt8] {
    let name = reference.name
    let inheritedPart = incomplete.contains(name) ? lost() : []
    if let value = inherited[name], !value.isEmpty { return Array(value.reveal().utf8) + inheritedPart }
    if !reference.defaultValue.isEmpty { return Array(reference.defaultValue) + inheritedPart }
    if let variable = variables[name] {
      return Array(variable.value.reveal().utf8) + (unresolved[name] == nil ? inheritedPart : lost())
    }
    return inherited[name] != nil || reference.hasDefault ? inheritedPart : lost()
  }

  private mutating func lost() -> [UInt8] {
    isLost = true
    return standIn
  }
}

/// `$NAME`, `${NAME}` or `${NAME:-default}`. Either brace may be missing, and the default ends at `}` or a backslash.
private struct Reference {
  var name: String
  var hasDefault = false
  var defaultValue: ArraySlice<UInt8> = []
  /// All of its text, the dollar included.
  var text: ArraySlice<UInt8>

  init?(in value: [UInt8], at dollar: Int) {
    var index = dollar + 1
    if index < value.count, value[index] == Byte.openBrace { index += 1 }
    let nameEnd = value[index...].firstIndex { !isWordByte($0) } ?? value.count
    guard nameEnd > index else { return nil }
    name = String(decoding: value[index..<nameEnd], as: UTF8.self)
    index = nameEnd
    if value[index...].starts(with: [Byte.colon, Byte.hyphen]) {
      hasDefault = true
      let start = index + 2
      index = value[start...].firstIndex { $0 == Byte.closeBrace || $0 == Byte.backslash } ?? value.count
      defaultValue = value[start..<index]
    }
    if index < value.count, value[index] == Byte.closeBrace { index += 1 }
    text = value[dollar..<index]
  }
}

private func lastUnescapedDollar(in value: [UInt8]) -> Int? {
  value.indices.last { value[$0] == Byte.dollar && ($0 == 0 || value[$0 - 1] != Byte.backslash) }
}

/// JavaScript's `String.replace` with texts: the replacement has its own uses of `$` (ECMA-262, GetSubstitution).
private func replacingFirst(_ pattern: ArraySlice<UInt8>, in value: [UInt8], with template: [UInt8]) -> [UInt8] {
  guard let start = value.indices.first(where: { value[$0...].starts(with: pattern) }) else { return value }
  let before = value[..<start]
  let after = value[(start + pattern.count)...]
  var result = Array(before)
  var index = 0
  while index < template.count {
    let next = index + 1 < template.count ? template[index + 1] : 0
    let substitution: ArraySlice<UInt8>? =
      switch (template[index], next) {
      case (Byte.dollar, Byte.dollar): [Byte.dollar]
      case (Byte.dollar, UInt8(ascii: "&")): pattern
      case (Byte.dollar, Byte.backtick): before
      case (Byte.dollar, Byte.singleQuote): after
      default: nil
      }
    result += substitution ?? [template[index]]
    index += substitution == nil ? 1 : 2
  }
  return result + after
}

private func unescapingDollars(_ value: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  for (index, byte) in value.enumerated() {
    let isEscape = byte == Byte.backslash && index + 1 < value.count && value[index + 1] == Byte.dollar
    if !isEscape { result.append(byte) }
  }
  return result
}
