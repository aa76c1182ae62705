import Facts

/// What a reference in a value may stand for.
enum KubernetesReference {
  case value([UInt8])
  /// No variable of that name is set before: the reference stays as it is.
  case undefined
  case unknown(Unseen)
}

/// Replaces `$(NAME)` in a value; `$$` is a dollar. What is no whole reference stays as it is, and what a reference
/// stands for is not looked at again (kubernetes, `third_party/forked/golang/expansion`).
///
/// - Returns: The value and what in it stands in place of references, or why a variable that it refers to is not known.
func expandKubernetesReferences<Failure: Error>(
  _ text: [UInt8], _ lookUp: (String) throws(Failure) -> KubernetesReference
) throws(Failure) -> (value: [UInt8], replaced: [Range<Int>], unknown: (name: String, reason: Unseen)?) {
  let open = UInt8(ascii: "(")
  let close = UInt8(ascii: ")")
  let lastClose = text.lastIndex(of: close) ?? -1
  var result: [UInt8] = []
  var replaced: [Range<Int>] = []
  var index = 0
  while index < text.count {
    guard text[index] == Byte.dollar, index + 1 < text.count else {
      result.append(text[index])
      index += 1
      continue
    }
    switch text[index + 1] {
    case Byte.dollar:
      result.append(Byte.dollar)
      index += 2
    case open where index + 2 <= lastClose:
      let end = text[(index + 2)...].firstIndex(of: close) ?? lastClose
      let name = String(decoding: text[(index + 2)..<end], as: UTF8.self)
      switch try lookUp(name) {
      case .value(let value):
        replaced.append(result.count..<(result.count + value.count))
        result += value
      case .undefined: result += text[index...end]
      case .unknown(let reason): return (result, replaced, (name, reason))
      }
      index = end + 1
    default:
      result += text[index...(index + 1)]
      index += 2
    }
  }
  return (result, replaced, nil)
}
