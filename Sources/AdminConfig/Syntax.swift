/// What the parser makes of a module: expressions in one flat array, so that neither copying nor freeing a deep tree
/// recurses, and the names that its statements bind.
struct Program: Sendable {
  var nodes: [Node] = []
  var bindings: [String: Binding] = [:]
  var defaultExport: ExpressionID?
  /// The modules that are imported, with where, in order.
  var modules: [(name: String, offset: Int)] = []
  var mutations = Mutations()
}

/// An expression's index in its program.
struct ExpressionID: Sendable, Hashable {
  var index: Int
}

/// An expression and where it starts.
struct Node: Sendable {
  var expression: Expression
  var offset: Int
}

/// The expressions of the language, as far as they are told apart.
enum Expression: Sendable {
  case string(String)
  case number(Double)
  case boolean(Bool)
  case null
  case name(String)
  case importMeta
  /// The text between substitutions, always one more than there are substitutions.
  case template(texts: [String], substitutions: [ExpressionID])
  case object([Member])
  case array([Element])
  case property(of: ExpressionID, name: String, isOptional: Bool)
  case element(of: ExpressionID, key: ExpressionID, isOptional: Bool)
  case call(ExpressionID, arguments: [Element], isOptional: Bool)
  /// Where the effect of a `?.` inside ends.
  case optionalChain(ExpressionID)
  case not(ExpressionID)
  case negate(ExpressionID)
  case binary(BinaryOperator, ExpressionID, ExpressionID)
  case conditional(ExpressionID, then: ExpressionID, otherwise: ExpressionID)
  /// Something that is passed over; the phrase says what it is: "a function, which is not run".
  case opaque(String, isTruthy: Bool)

  /// What an object literal is made of.
  enum Member: Sendable {
    case property(String, ExpressionID)
    case computed(ExpressionID, ExpressionID)
    case spread(ExpressionID)
  }

  /// What an array literal or an argument list is made of.
  enum Element: Sendable {
    case value(ExpressionID)
    case spread(ExpressionID)
    case hole
  }
}

/// The operators with two operands. Those that are not computed are parsed all the same, so that what is around them is.
enum BinaryOperator: Sendable, Equatable {
  case coalesce, or, and, strictlyEqual, strictlyNotEqual, equal, notEqual, add
  case uncomputed(String)
}

/// What a name of the module stands for.
enum Binding: Sendable {
  /// `const`, `let` or `var` with an initial value. `tokens` are those of the initial value.
  case variable(ExpressionID, isConstant: Bool, tokens: Range<Int>)
  /// A name taken out of an object: `const { key: name = fallback } = value`.
  case destructured(ExpressionID, key: String, fallback: ExpressionID?, isConstant: Bool, tokens: Range<Int>)
  /// An import; `default` for the default export.
  case imported(name: String, module: String)
  /// `import * as name`.
  case namespace(module: String)
  /// Something that is passed over; the phrase says what it is.
  case opaque(String, offset: Int)
}
