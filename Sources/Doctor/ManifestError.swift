public import Facts

/// Why there is no manifest to work with. The message never holds a part of a URL or a header's value.
public struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Kind: Sendable, Equatable {
    /// The file does not exist, or may not be read.
    case missing
    /// The file was read and cannot be understood.
    case malformed
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// A sentence for a person: what was met, and what was expected.
  public var message: String
  /// The manifest, with line and column where its text is at fault.
  public var location: Location

  /// A failure in words, at a place.
  public init(_ message: String, kind: Kind = .malformed, at location: Location) {
    self.kind = kind
    self.message = message
    self.location = location
  }

  /// `file:line:column: message`.
  public var description: String { "\(location): \(message)" }
}
