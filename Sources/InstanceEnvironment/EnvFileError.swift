public import Facts

/// Why a file or a command gives no variables: a `.env` file, a compose file or what `docker inspect` or `env` printed.
/// The message never holds a part of a value.
public struct EnvFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Kind: Sendable, Equatable {
    /// There is no file, or in it no service or container, of that name.
    case missing
    /// It exists, but is no regular file or may not be read.
    case unreadable
    /// It is larger than such a file may be.
    case tooLarge
    /// It was read, and there is no value for what it says.
    case malformed
    /// A command did not end well, or printed nothing.
    case failed
    /// A command did not end in time.
    case timedOut
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// A sentence for a person: what was attempted, what came back, what to try.
  public var message: String
  /// The file, and the line where there is one.
  public var location: Location

  /// A failure of a kind, in words, at a place.
  public init(_ kind: Kind, _ message: String, at location: Location) {
    self.kind = kind
    self.message = message
    self.location = location
  }

  /// The failure to read a file.
  init(_ failure: RegularFileError, file: String) {
    let kind: Kind =
      switch failure.kind {
      case .missing: .missing
      case .unreadable: .unreadable
      case .tooLarge: .tooLarge
      }
    self.init(kind, failure.message, at: Location(file: file))
  }

  /// `file:line:column: message`.
  public var description: String { "\(location): \(message)" }

  /// The same failure as the reason why an instance's variables were not seen.
  public var unseen: Unseen {
    let reason: Unseen.Kind =
      switch kind {
      case .missing: .missing
      case .failed: .notReachable
      case .timedOut: .timedOut
      case .unreadable, .tooLarge, .malformed: .notUnderstood
      }
    return Unseen(reason, message, at: location)
  }
}

/// Names in a message; a long list is cut.
func list(_ names: [String]) -> String {
  let shown = 20
  let more = names.count > shown ? " and \(names.count - shown) more" : ""
  return names.prefix(shown).joined(separator: ", ") + more
}
