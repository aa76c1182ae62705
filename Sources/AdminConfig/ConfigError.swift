public import Facts

/// Why a config file can't be read at all. What is merely not followed inside a readable file is no error: the values
/// that depend on it are unknown, and the rest is known.
public struct ConfigError: Error, Sendable, Equatable {
  /// A sentence for a person: what was met, what was expected, what to try.
  public var message: String
  /// Where it was met.
  public var location: Location

  /// An error in words, and its place.
  public init(_ message: String, at location: Location) {
    self.message = message
    self.location = location
  }
}

/// Bounds on what the files of one config may ask for.
enum Limit {
  /// The size of a file, in bytes.
  static let sourceBytes = 16 * 1024 * 1024
  /// The size of all files together, in bytes.
  static let allBytes = 64 * 1024 * 1024
  /// How many files are followed.
  static let modules = 2000
  /// How deep expressions and statements may nest before they are passed over; a pair of brackets counts twice, as in
  /// the grammar.
  static let expressionDepth = 600
  /// How many instances are evaluated at the same time.
  static let evaluationsAtOnce = 2
  /// How deep an evaluation may go: calls, and the expressions in them.
  static let evaluationDepth = 3000
  /// How many expressions and statements one evaluation may look at.
  static let evaluationSteps = 2_000_000
  /// How much memory the values of one evaluation may take, in bytes, as they are counted.
  static let evaluationBytes = 512 * 1024 * 1024
  /// How many of them in arms that are not taken, all together, and how deep such arms may nest.
  static let shadowSteps = 200_000
  static let shadowDepth = 64
  /// How many variables are left out, one after the other, to see whether the config starts without them.
  static let requiredVariables = 64
  /// How many objects are taken to depend on an arm that is not followed to its end.
  static let reachableObjects = 20_000
  /// How often a function may call itself there.
  static let shadowRecursion = 2
  /// How many rounds of a loop are tried until what it changes is all unknown.
  static let unknownRounds = 12
  /// The length of a computed string, in UTF-8 bytes.
  static let stringBytes = 1024 * 1024
  /// How many objects are kept that one unknown value may be.
  static let candidates = 1000
  /// How many elements an array may have, how many of them are sorted, and how deep arrays are flattened.
  static let arrayElements = 100_000
  static let sortedElements = 2000
  static let flattenedDepth = 32
  /// How deep an object may nest that is written as JSON.
  static let jsonDepth = 200
  /// How many modules exports may lead through.
  static let exportDepth = 100
  /// How many expressions are shown that led to a value, and how many characters of each line.
  static let tracedExpressions = 100
  static let tracedCharacters = 120
  /// How many tokens ahead a `<` is tried as the start of type arguments, so that a row of them stays linear.
  static let typeArgumentTokens = 64
  /// How many times a `<` is tried as the start of a JSX element without one following.
  static let failedElements = 16
}
