import Facts

/// What an expression is worth under one environment, and what that depended on.
struct Evaluation: Sendable {
  var value: Value
  /// Where the expression starts that gave the value.
  var offset: Int
  /// The environment variables that the value depended on, also those that only decided which value it is.
  var variables: Set<String> = []
  /// The environment variables whose text is in the value.
  var textSources: Set<String> = []
  /// Whether a `?.` met nothing: the accesses after it are then left out, up to the end of the chain.
  var endsChain = false

  /// The same value, which depended on more.
  func depending(on more: Set<String>) -> Evaluation {
    var result = self
    result.variables.formUnion(more)
    return result
  }
}

/// The values of the language, as far as they are told apart.
enum Value: Sendable {
  case undefined
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case object(ObjectValue)
  case array([Expression.Element])
  /// A value that is there but not looked into: a function, a class, a regular expression.
  case opaque(String)
  /// The object that holds the environment variables. A bundler's own has names that no environment sets.
  case environment(isBundler: Bool)
  /// A global that leads to the environment, or a function that is known: `process`, `import.meta`, `Object.freeze`.
  case builtin(String)
  /// A function of a string that is known, with the string: `text.trim`.
  case method(String, of: String)
  /// An imported module as a whole.
  case module(String)
  /// A name that a module exports.
  case imported(String, module: String, local: String)
  case unknown(Unknown)
}

/// Why a value is unknown.
enum Unknown: Sendable {
  /// A phrase that ends "it depends on …", and its place.
  case cause(String, offset: Int)
  /// The environment itself is not known.
  case environment(Unseen)
}

/// An object: for each key an expression that is evaluated when it is asked for, or the reason why it is unknown.
struct ObjectValue: Sendable {
  struct Property: Sendable {
    enum Content: Sendable {
      case expression(ExpressionID)
      case unknown(Unknown)
    }

    var content: Content
    /// The variables that decided whether this is the property.
    var variables: Set<String> = []
  }

  var properties: [String: Property] = [:]
  /// What every key that is not in `properties` is: absent, unless something unknown was spread.
  var others: Unknown?
  /// The variables that decided which keys there are.
  var variables: Set<String> = []

  /// After something unknown was spread or a key set that is not known, every key may have another value.
  mutating func overwriteAll(with reason: Unknown, variables more: Set<String>) {
    variables.formUnion(more)
    others = reason
    for key in properties.keys {
      properties[key]?.content = .unknown(reason)
      properties[key]?.variables.formUnion(more)
    }
  }
}
