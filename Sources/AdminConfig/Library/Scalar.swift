/// The values that JavaScript's built-ins take and give, and how they convert into each other (ECMAScript 7.1).

/// A value without identity, as the built-ins take and give them.
indirect enum Scalar: Sendable {
  case undefined
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  /// An array that a built-in gave.
  case list([Scalar])
  case regularExpression(RegularExpression)
}

/// What a built-in gives.
enum BuiltinResult: Sendable {
  case value(Scalar)
  /// It throws; the kind is the error's class: `TypeError`.
  case throwsError(kind: String, message: String)
  /// It was not computed, and a phrase says why.
  case notComputed(String)

  /// A String here holds no lone surrogate.
  static let cutCharacter = BuiltinResult.notComputed("text cut inside a character")
  static let tooLong = BuiltinResult.notComputed("a text that is too long")
  static let tooManySteps = BuiltinResult.notComputed("a regular expression that takes too many steps")
}

/// Bounds on what one call of a built-in may ask for.
enum LibraryLimit {
  /// The length of a text that a built-in gives, in UTF-8 bytes.
  static let textBytes = 1 << 20
  /// How many elements a list may have.
  static let listElements = 1 << 16
  /// How deep lists may nest.
  static let listDepth = 16
  /// How many steps a regular expression may take in one call.
  static let steps = 1_000_000
  /// The length of a pattern, in UTF-16 code units.
  static let patternUnits = 1 << 14
  /// How deep the groups of a pattern may nest.
  static let patternDepth = 100
}

extension Scalar {
  /// ToBoolean (7.1.2).
  var isTruthy: Bool {
    switch self {
    case .undefined, .null: false
    case .boolean(let value): value
    case .number(let value): !(value == 0 || value.isNaN)
    case .string(let value): !value.utf8.isEmpty
    case .list, .regularExpression: true
    }
  }

  /// ToString (7.1.17); nil for a list that is too deep or too long.
  var convertedText: String? {
    var units: [UInt8] = []
    return appendText(to: &units, depth: 0) ? String(decoding: units, as: UTF8.self) : nil
  }

  /// ToNumber (7.1.4); nil where the text is nil.
  var convertedNumber: Double? {
    switch self {
    case .undefined: .nan
    case .null: 0
    case .boolean(let value): value ? 1 : 0
    case .number(let value): value
    case .string(let text): readNumber(text)
    case .list, .regularExpression: convertedText.map { readNumber($0) }
    }
  }

  private func appendText(to bytes: inout [UInt8], depth: Int) -> Bool {
    switch self {
    case .undefined: bytes += "undefined".utf8
    case .null: bytes += "null".utf8
    case .boolean(let value): bytes += (value ? "true" : "false").utf8
    case .number(let value): bytes += numberText(value).utf8
    case .string(let text): bytes += text.utf8
    case .regularExpression(let expression): bytes += expression.literal.utf8
    case .list(let elements):
      guard depth < LibraryLimit.listDepth else { return false }
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        switch element {
        case .undefined, .null: continue
        default: guard element.appendText(to: &bytes, depth: depth + 1) else { return false }
        }
        guard bytes.count <= LibraryLimit.textBytes else { return false }
      }
    }
    return true
  }
}

// Inside `Scalar` the case `number` hides the function.
private func readNumber(_ text: String) -> Double { number(ofText: text) }

/// The text of UTF-16 code units; nil when a surrogate stands alone.
func textOfUnits(_ units: some Sequence<UInt16>) -> String? {
  String(validating: units, as: UTF16.self)
}

/// A result that is the text of these code units.
func textValue(_ units: some Collection<UInt16>) -> BuiltinResult {
  guard units.count <= LibraryLimit.textBytes else { return .tooLong }
  guard let text = textOfUnits(units) else { return .cutCharacter }
  return textValue(text)
}

/// A result that is this text.
func textValue(_ text: String) -> BuiltinResult {
  text.utf8.count <= LibraryLimit.textBytes ? .value(.string(text)) : .tooLong
}

/// Whether two texts are the same, code unit for code unit; `==` on String takes canonical equivalents for the same.
func isSameText(_ left: String, _ right: String) -> Bool {
  left.utf8.elementsEqual(right.utf8)
}
