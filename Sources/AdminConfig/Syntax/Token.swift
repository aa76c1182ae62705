/// The words of the language: what the lexer hands to the parser.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    /// A name or a keyword; `#private` names as well.
    case name
    case number
    case string
    case regularExpression
    /// A template literal without substitutions.
    case template
    /// The parts of a template literal with substitutions: up to the first `${`, between `}` and `${`, from the last `}`.
    case templateHead, templateMiddle, templateTail
    /// A JSX element: everything between its two ends is balanced.
    case elementStart, elementEnd
    case punctuator(Punctuator)
    /// A byte that no token starts with.
    case stray
    case end
  }

  var kind: Kind
  private var storedOffset: Int32
  private var storedEnd: Int32
  /// Whether a line ends between the token before and this one: what automatic semicolons depend on.
  var followsLineEnd: Bool
  /// For an opening bracket, the index of the token that closes it, and the other way round; otherwise -1.
  var partner: Int {
    get { Int(storedPartner) }
    set { storedPartner = Int32(truncatingIfNeeded: newValue) }
  }
  private var storedPartner: Int32 = -1
  /// The name, for a token of that kind.
  var name = Name(-1)

  /// Where the token begins and ends. A file is smaller than what these hold.
  var offset: Int { Int(storedOffset) }
  var end: Int { Int(storedEnd) }

  init(kind: Kind, offset: Int, end: Int, followsLineEnd: Bool) {
    self.kind = kind
    storedOffset = Int32(truncatingIfNeeded: offset)
    storedEnd = Int32(truncatingIfNeeded: end)
    self.followsLineEnd = followsLineEnd
  }

  /// The word of the grammar that the name is, if it is one.
  var word: Word? { name.index >= 0 ? Word(rawValue: name.index) : nil }
}

/// The punctuators of ECMAScript and TypeScript. `>` always stands alone, as in TypeScript's own scanner: in types,
/// `>>` closes two lists of type arguments.
enum Punctuator: String, Sendable, CaseIterable {
  case openBrace = "{"
  case closeBrace = "}"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case dot = "."
  case ellipsis = "..."
  case semicolon = ";"
  case comma = ","
  case less = "<"
  case greater = ">"
  case lessOrEqual = "<="
  case equal = "=="
  case notEqual = "!="
  case strictlyEqual = "==="
  case strictlyNotEqual = "!=="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divide = "/"
  case remainder = "%"
  case power = "**"
  case increment = "++"
  case decrement = "--"
  case shiftLeft = "<<"
  case bitAnd = "&"
  case bitOr = "|"
  case bitXor = "^"
  case not = "!"
  case bitNot = "~"
  case and = "&&"
  case or = "||"
  case coalesce = "??"
  case question = "?"
  case optionalDot = "?."
  case colon = ":"
  case arrow = "=>"
  case at = "@"
  case assign = "="
  case assignPlus = "+="
  case assignMinus = "-="
  case assignTimes = "*="
  case assignDivide = "/="
  case assignRemainder = "%="
  case assignPower = "**="
  case assignShiftLeft = "<<="
  case assignBitAnd = "&="
  case assignBitOr = "|="
  case assignBitXor = "^="
  case assignAnd = "&&="
  case assignOr = "||="
  case assignCoalesce = "??="

  var isAssignment: Bool {
    switch self {
    case .assign, .assignPlus, .assignMinus, .assignTimes, .assignDivide, .assignRemainder, .assignPower,
      .assignShiftLeft, .assignBitAnd, .assignBitOr, .assignBitXor, .assignAnd, .assignOr, .assignCoalesce:
      true
    default: false
    }
  }

  /// The punctuators that start with a byte, longest first.
  static func starting(with byte: UInt8) -> [(bytes: [UInt8], punctuator: Punctuator)] {
    byte < 128 ? byFirstByte[Int(byte)] : []
  }

  private static let byFirstByte: [[(bytes: [UInt8], punctuator: Punctuator)]] = {
    var table = [[(bytes: [UInt8], punctuator: Punctuator)]](repeating: [], count: 128)
    for punctuator in allCases {
      let bytes = Array(punctuator.rawValue.utf8)
      table[Int(bytes[0])].append((bytes, punctuator))
    }
    return table.map { $0.sorted { $0.bytes.count > $1.bytes.count } }
  }()
}
