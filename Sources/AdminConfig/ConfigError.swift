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

/// Bounds on what one config file may ask for.
enum Limit {
  /// The size of a file, in bytes.
  static let sourceBytes = 1024 * 1024
  /// How deep expressions may nest before they are passed over; a pair of brackets counts twice, as in the grammar.
  static let expressionDepth = 400
  /// How deep an evaluation may go; further than expressions nest, as constants refer to each other.
  static let evaluationDepth = 300
  /// How many expressions one evaluation may look at.
  static let evaluationSteps = 100_000
  /// The length of a computed string, in UTF-8 bytes.
  static let stringBytes = 64 * 1024
  /// How many tokens ahead a `<` is tried as the start of type arguments, so that a row of them stays linear.
  static let typeArgumentTokens = 64
  /// How many times a `<` is tried as the start of a JSX element without one following.
  static let failedElements = 16
}
