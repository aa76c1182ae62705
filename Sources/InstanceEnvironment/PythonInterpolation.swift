import Facts

/// References in values as `python-dotenv` resolves them: from what the file set before, then from what is inherited.
struct PythonInterpolation {
  private let inherited: [String: Secret]
  /// The variables whose values lack what they refer to.
  private(set) var incomplete: Set<String>
  /// What the file set before; nil for names without a value.
  private var values: [String: String?] = [:]
  private var remaining = maximumExpandedSize

  init(inherited: [String: Secret], incomplete: Set<String>) {
    self.inherited = inherited
    self.incomplete = incomplete
  }

  /// Sets a variable to a value whose references are resolved, and gives that.
  ///
  /// - Parameter isLost: Whether some versions don't set it.
  mutating func set(
    _ name: String, to value: [UInt8]?, isLost: Bool, at location: Location
  ) throws(EnvFileError) -> String? {
    var resolved: String?
    var isLost = isLost
    if let value {
      guard let bytes = resolve(value, &isLost) else {
        throw EnvFileError(
          .malformed,
          "expanded, the values up to here have more than \(maximumExpandedSize) bytes: do variables "
            + "double each other?", at: location)
      }
      resolved = String(decoding: bytes, as: UTF8.self)
    }
    values[name] = .some(resolved)
    if isLost { incomplete.insert(name) } else { incomplete.remove(name) }
    return resolved
  }

  /// The value without references; nil where it becomes too large.
  ///
  /// - Parameter isLost: Set where nothing stands for a reference.
  private mutating func resolve(_ value: [UInt8], _ isLost: inout Bool) -> [UInt8]? {
    var result: [UInt8] = []
    var index = 0
    // The first `}` or `:` from the last place asked for: where many `${` stand before it, it is looked for once.
    var nameEnd = 0
    let lastBrace = value.lastIndex(of: Byte.closeBrace) ?? 0
    while index < value.count {
      let dollar = value[index...].firstIndex(of: Byte.dollar) ?? value.count
      let open = dollar < lastBrace ? dollar : value.count
      result += value[index..<open]
      remaining -= open - index
      index = open
      guard open < value.count else { break }
      if open + 1 < value.count, value[open + 1] == Byte.openBrace {
        if nameEnd < open + 2 {
          nameEnd = value[(open + 2)...].firstIndex { $0 == Byte.closeBrace || $0 == Byte.colon } ?? value.count
        }
        if let reference = PythonReference(in: value, nameStart: open + 2, nameEnd: nameEnd) {
          let replacement = lookUp(reference, &isLost)
          remaining -= replacement.count
          if remaining < 0 { return nil }
          result += replacement
          index = reference.end
          continue
        }
      }
      result.append(Byte.dollar)
      index += 1
    }
    return remaining < 0 ? nil : result
  }

  private func lookUp(_ reference: PythonReference, _ isLost: inout Bool) -> [UInt8] {
    if incomplete.contains(reference.name) { isLost = true }
    if let own = values[reference.name] { return Array((own ?? "").utf8) }
    if let value = inherited[reference.name] { return Array(value.reveal().utf8) }
    if !reference.hasDefault { isLost = true }
    return Array(reference.defaultValue)
  }
}

/// `${NAME}` or `${NAME:-default}`; a name is whatever holds no `}` and no `:`.
private struct PythonReference {
  var name: String
  var hasDefault = false
  var defaultValue: ArraySlice<UInt8> = []
  var end: Int

  init?(in value: [UInt8], nameStart: Int, nameEnd: Int) {
    guard nameEnd < value.count else { return nil }
    name = String(decoding: value[nameStart..<nameEnd], as: UTF8.self)
    end = nameEnd + 1
    if value[nameEnd] == Byte.colon {
      guard end < value.count, value[end] == Byte.hyphen,
        let close = value[end...].firstIndex(of: Byte.closeBrace)
      else { return nil }
      hasDefault = true
      defaultValue = value[(end + 1)..<close]
      end = close + 1
    }
  }
}
