/// What the parser makes of a module: flat arrays of nodes that refer to each other by index, so that neither copying nor
/// freeing a deep tree recurses, and a node holds nothing that has to be counted.
struct Program: Sendable {
  let source: SourceText
  /// The texts of the module's names, by index.
  var names: [String] = []
  var expressions: [Node<Expression>] = []
  var statements: [Node<Statement>] = []
  var patterns: [Node<Pattern>] = []
  var functions: [Function] = []
  var classes: [Class] = []
  /// What `Span`s of expressions, statements, patterns and names refer to: indices.
  var lists: [Int32] = []
  var members: [Member] = []
  var patternMembers: [PatternMember] = []
  var declarators: [Declarator] = []
  var cases: [Case] = []
  var classMembers: [ClassMember] = []
  var texts: [String] = []

  var body = Span.empty
  /// The names that `var` declares outside functions.
  var variables = Span.empty
  var imports: [ImportDeclaration] = []
  var exports: [ExportDeclaration] = []
  /// The modules that `require` and `import()` name by a literal.
  var laterModules: [String] = []
  /// Whether the module has an import or an export: then it is no script of CommonJS.
  var isModule = false
  /// Whether `module` or `exports` stand in it.
  var namesCommonExports = false
  /// Whether its default export is all that it exports: `export = value`.
  var exportsWhole = false
}

/// A part of a list, by position and length.
struct Span: Sendable {
  var start: Int32
  var count: Int32

  static let empty = Span(start: 0, count: 0)
  var range: Range<Int> { Int(start)..<Int(start + count) }
}

/// A node's index among those of its kind in its program.
struct Index<Kind>: Sendable, Hashable {
  var value: Int32

  init(_ value: Int) { self.value = Int32(truncatingIfNeeded: value) }
  init(_ value: Int32) { self.value = value }
}

typealias ExpressionID = Index<Expression>
typealias StatementID = Index<Statement>
typealias PatternID = Index<Pattern>
typealias FunctionID = Index<Function>
typealias ClassID = Index<Class>
typealias TextID = Index<String>

/// A node and where it starts.
struct Node<Kind: Sendable>: Sendable {
  var kind: Kind
  var offset: Int32
}

/// The expressions of the language (ECMAScript 13).
enum Expression: Sendable {
  case string(TextID)
  case number(Double)
  /// A BigInt, by its digits in base ten.
  case bigInteger(TextID)
  case boolean(Bool)
  case null
  case name(Name)
  case this
  case superclass
  case importMeta
  case newTarget
  /// Text and substitutions in turn; it begins and ends with text.
  case template(Span)
  case taggedTemplate(ExpressionID, Span, raw: Span)
  case regularExpression(pattern: TextID, flags: TextID)
  case object(Span)
  case array(Span)
  /// An element that is left out of an array.
  case hole
  case spread(ExpressionID)
  case function(FunctionID)
  case classExpression(ClassID)
  case property(ExpressionID, Name, isOptional: Bool)
  case element(ExpressionID, ExpressionID, isOptional: Bool)
  case call(ExpressionID, Span, isOptional: Bool)
  case new(ExpressionID, Span)
  /// Where the effect of a `?.` inside ends.
  case optionalChain(ExpressionID)
  case unary(UnaryOperator, ExpressionID)
  case update(ExpressionID, isIncrement: Bool, isPrefix: Bool)
  case binary(BinaryOperator, ExpressionID, ExpressionID)
  case logical(LogicalOperator, ExpressionID, ExpressionID)
  case conditional(ExpressionID, ExpressionID, ExpressionID)
  case assign(PatternID, ExpressionID)
  case assignBinary(BinaryOperator, ExpressionID, ExpressionID)
  case assignLogical(LogicalOperator, ExpressionID, ExpressionID)
  case sequence(Span)
  case await(ExpressionID)
  case importCall(ExpressionID)
  /// Something that is passed over. The phrase says what it is; the names are those that stand in it.
  case opaque(TextID, names: Span)
}

enum UnaryOperator: Sendable { case not, minus, plus, bitNot, typeof, void, delete }

enum LogicalOperator: Sendable { case coalesce, or, and }

enum BinaryOperator: Sendable {
  case strictlyEqual, strictlyNotEqual, equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case add, subtract, multiply, divide, remainder, power
  case shiftLeft, shiftRight, shiftRightUnsigned, bitAnd, bitOr, bitXor
  case `in`, instanceOf
}

/// What an object literal is made of.
struct Member: Sendable {
  enum Key: Sendable {
    case name(Name)
    case computed(ExpressionID)
    case spread
  }
  enum Kind: Sendable {
    case value, getter, setter
    /// `{ name = fallback }`, which only a pattern may have.
    case shorthandFallback(ExpressionID)
  }

  var key: Key
  var kind = Kind.value
  var value: ExpressionID
}

/// What a value is bound to or assigned to.
enum Pattern: Sendable {
  case name(Name)
  /// A property or element, which only an assignment may have.
  case target(ExpressionID)
  case object(Span, rest: PatternID?)
  /// Patterns in turn; -1 stands for an element that is left out.
  case array(Span, rest: PatternID?)
  case withDefault(PatternID, ExpressionID)
}

/// One property of an object pattern.
struct PatternMember: Sendable {
  var key: Member.Key
  var pattern: PatternID
  var offset: Int32
}

enum DeclarationKind: Sendable { case `var`, `let`, const }

/// A pattern with its initial value.
struct Declarator: Sendable {
  var pattern: PatternID
  var initial: ExpressionID?
}

/// The statements of the language (ECMAScript 14 to 16), with TypeScript's that leave something behind.
enum Statement: Sendable {
  case empty
  case expression(ExpressionID)
  case variables(DeclarationKind, Span)
  case function(Name, FunctionID)
  case classDeclaration(Name, ClassID)
  case enumeration(Name, Span)
  /// A namespace's body and the names that it exports.
  case namespace(Name, Span, exports: Span)
  case block(Span)
  case `if`(ExpressionID, StatementID, StatementID?)
  case `return`(ExpressionID?)
  case `throw`(ExpressionID)
  case `for`(StatementID?, ExpressionID?, ExpressionID?, StatementID)
  case forIn(ForBinding, ExpressionID, StatementID)
  case forOf(ForBinding, ExpressionID, StatementID, isAsync: Bool)
  case `while`(ExpressionID, StatementID)
  case doWhile(StatementID, ExpressionID)
  case `switch`(ExpressionID, Span)
  case `try`(StatementID, PatternID?, StatementID?, StatementID?)
  case `break`(Name?)
  case `continue`(Name?)
  case labelled(Name, StatementID)
  case exportDefault(ExpressionID)
  /// Syntax that is not understood, with the names that stand in it.
  case opaque(names: Span)
}

/// What each round of a loop binds; without a kind the pattern is assigned to.
struct ForBinding: Sendable {
  var kind: DeclarationKind?
  var pattern: PatternID
}

/// One `case` of a `switch`; without a test the default.
struct Case: Sendable {
  var test: ExpressionID?
  var body: Span
}

/// A function, an arrow function, a method or an accessor.
struct Function: Sendable {
  enum Body: Sendable {
    case block(Span)
    case expression(ExpressionID)
  }

  var name: Name?
  var parameters = Span.empty
  var rest: PatternID?
  var body = Body.block(.empty)
  var isArrow = false
  var isAsync = false
  var isGenerator = false
  /// Whether it is an expression with a name of its own, which stands for it inside.
  var bindsName = false
  /// The names that `var` declares in it.
  var variables = Span.empty
  /// The names of TypeScript's parameter properties, `constructor(private url: string)`.
  var parameterProperties = Span.empty
  var offset: Int32 = 0
}

/// A class.
struct Class: Sendable {
  var name: Name?
  var superclass: ExpressionID?
  var constructor: FunctionID?
  var members = Span.empty
  /// Whether a decorator may replace it by something else.
  var isDecorated = false
  var offset: Int32 = 0
}

/// One member of a class.
struct ClassMember: Sendable {
  enum Kind: Sendable { case method, getter, setter, field, staticBlock }

  var kind: Kind
  var isStatic: Bool
  var key: Member.Key
  /// The method's function, the field's initial value; nil for a field without one.
  var value: ExpressionID?
}

/// An `import` declaration; those of types alone are left out.
struct ImportDeclaration: Sendable {
  enum Imported: Sendable {
    case name(String)
    case namespace
  }

  var module: String
  var offset: Int32
  var names: [(imported: Imported, local: Name)]
}

/// One name that a module exports.
enum ExportDeclaration: Sendable {
  case local(Name, as: String, offset: Int32)
  case indirect(String, from: String, as: String, offset: Int32)
  case namespace(from: String, as: String, offset: Int32)
  case star(from: String, offset: Int32)

  /// The name that is exported; nil for `export *`.
  var name: String? {
    switch self {
    case .local(_, let name, _), .indirect(_, _, let name, _), .namespace(_, let name, _): name
    case .star: nil
    }
  }

  /// The module that the export leads to.
  var module: (name: String, offset: Int32)? {
    switch self {
    case .local: nil
    case .indirect(_, let module, _, let offset), .namespace(let module, _, let offset), .star(let module, let offset):
      (module, offset)
    }
  }
}
