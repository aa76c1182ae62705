/// The part of the interpreter that converts values (ECMAScript 7.1).
extension Interpreter {
  /// Whether a value counts as true (7.1.2); nil where the value is unknown.
  func isTruthy(_ value: Tracked) -> Bool? {
    switch value.value {
    case .undefined, .null: false
    case .boolean(let boolean): boolean
    case .number(let number): number != 0 && !number.isNaN
    case .string(let text): !text.utf8.isEmpty
    case .bigInteger(let digits): digits != "0"
    case .object: true
    case .unknown: nil
    }
  }

  /// Why what is taken out of a value is not known: whatever is done to it may be done to what the value holds.
  mutating func reasonWithin(_ value: Tracked) -> ReasonID { reason(unknownReason(value), mayBe: [value]) }

  /// Why a value is not known, or not computed with.
  mutating func unknownReason(_ value: Tracked) -> ReasonID {
    if let reason = value.reason { return reason }
    if let id = value.object {
      if case .external(let reason) = self[id].kind { return reason }
      if case .unknown(let reason) = self[id].absent { return reason }
    }
    return reason("\(describe(value)), which is not computed with", at: value.place)
  }

  /// What kind of value it is, in a phrase.
  func describe(_ value: Tracked) -> String {
    switch value.value {
    case .undefined: return "`undefined`"
    case .null: return "`null`"
    case .boolean(let boolean): return "`\(boolean)`"
    case .number, .bigInteger: return "a number"
    case .string(let text): return text.isEmpty ? "an empty string" : "a string"
    case .unknown: return "a value that is not followed"
    case .object(let id):
      switch self[id].kind {
      case .array: return "an array"
      case .function, .bound, .builtin, .builtinOf: return "a function"
      case .classObject: return "a class"
      case .promise: return "a promise"
      default: return "an object"
      }
    }
  }

  /// A value without identity, for the built-ins; nil for objects and what is unknown.
  func scalar(_ value: Tracked) -> Scalar? {
    switch value.value {
    case .undefined: .undefined
    case .null: .null
    case .boolean(let boolean): .boolean(boolean)
    case .number(let number): .number(number)
    case .string(let text): .string(text)
    case .object(let id):
      if case .regularExpression(let expression) = self[id].kind { .regularExpression(expression) } else { nil }
    case .bigInteger, .unknown: nil
    }
  }

  /// A value as a primitive (7.1.1).
  mutating func primitive(_ value: Tracked, at place: Place, prefersText: Bool) throws(Interruption) -> Tracked {
    guard let id = value.object else { return value }
    let order: [Key] = prefersText ? [key("toString"), key("valueOf")] : [key("valueOf"), key("toString")]
    for key in order {
      // Only what the modules define themselves is called; the rest is computed below.
      guard let method = try ownOrInherited(value, key) else { continue }
      let result = try call(method, this: value, [], at: place)
      if result.object == nil { return depending(result, on: value.taint) }
    }
    var result = value
    switch self[id].kind {
    case .array:
      if case .unknown(let reason) = self[id].absent {
        result.value = .unknown(reason)
        return result
      }
      return try joinElements(value, ",", at: place)
    case .url(let url):
      result.value = .string(url.href)
      if let id = result.object ?? value.object {
        result.taint = union(result.taint, self[id].keysTaint)
        result.text = union(result.text, self[id].keysText)
      }
    case .regularExpression(let expression): result.value = .string(expression.literal)
    case .error(let kind):
      let message = try property(value, Key(.message), at: place)
      let name = try property(value, Key(.name), at: place)
      var prefix = kind
      if case .string(let text) = name.value { prefix = text }
      result.text = union(result.text, message.text)
      if case .unknown = message.value {
        result.value = message.value
        return result
      }
      guard case .string(let text) = message.value else {
        result.value = .string(prefix)
        return result
      }
      result.value = .string(text.isEmpty ? prefix : "\(prefix): \(text)")
    case .plain: result.value = .string("[object Object]")
    case .builtinOf("URLSearchParams", let parts) where !parts.isEmpty: result = depending(parts[0], on: value.taint)
    default: result.value = .unknown(unknownReason(value))
    }
    return result
  }

  /// A method that the modules define, on the object itself or what it inherits from.
  private mutating func ownOrInherited(_ value: Tracked, _ key: Key) throws(Interruption) -> Tracked? {
    var current = value.object
    while let id = current {
      if let property = self[id].property(key), property.value.object != nil { return property.value }
      current = self[id].prototype
    }
    return nil
  }

  /// A value as text (7.1.17), or unknown.
  mutating func text(of value: Tracked, at place: Place) throws(Interruption) -> Tracked {
    var result = try primitive(value, at: place, prefersText: true)
    switch result.value {
    case .string, .unknown: return result
    case .bigInteger(let digits):
      result.value = .string(digits)
      return result
    default:
      if let text = scalar(result)?.convertedText { result.value = .string(text) }
      return result
    }
  }

  /// A value as a number (7.1.4), or unknown.
  mutating func number(of value: Tracked, at place: Place) throws(Interruption) -> Tracked {
    var result = try primitive(value, at: place, prefersText: false)
    if case .unknown = result.value { return result }
    if let number = scalar(result)?.convertedNumber {
      result.value = .number(number)
    } else {
      result.value = .unknown(unknownReason(result))
    }
    return result
  }

  /// The key that a value names (7.1.19); nil where it is unknown.
  mutating func propertyKey(_ value: Tracked, at place: Place) throws(Interruption) -> Key? {
    let converted = try text(of: value, at: place)
    return converted.string.map { key($0) }
  }
}
