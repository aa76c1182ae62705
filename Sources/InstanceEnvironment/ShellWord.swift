import Facts

/// A word after its expansions and without its quotes.
struct ShellWord {
  var bytes: [UInt8] = []
  /// Why its value can't be known; nil where it is.
  var doubt: ShellDoubt?

  /// The word where it is known, and UTF-8.
  var text: String? { doubt == nil ? String(validating: bytes, as: UTF8.self) : nil }

  /// What is known of a variable that is set to it.
  func state(of name: String, at location: Location) -> ShellEnvironment.State {
    if let doubt { return .unknown(Unseen(doubt.kind, "`\(name)` \(doubt)", at: location)) }
    return .value(bytes)
  }

  mutating func append(_ other: ShellWord) {
    bytes += other.bytes
    doubt = doubt ?? other.doubt
  }
}

/// Why the value of a shell word can't be known; the description goes on behind a variable's name.
enum ShellDoubt: CustomStringConvertible {
  case command, arithmetic, array, home, notGiven, parameter, operation, shellsDisagree
  case unresolved(String)

  var kind: Unseen.Kind {
    if case .notGiven = self { return .notGiven }
    return .notUnderstood
  }

  var description: String {
    switch self {
    case .command: "is set to what a command prints, and nothing of a file is run here: \(Self.remedy)"
    case .arithmetic: "is set to the result of arithmetic, which is not worked out here: \(Self.remedy)"
    case .array: "is an array, which no program's environment can hold: write one text in quotes"
    case .home: "is set to a home folder by `~`, which depends on the user: write the path, or quote the `~`"
    case .parameter: "is set by the shell that runs, its number or its arguments: \(Self.remedy)"
    case .operation: "is set by a way of `${…}` that is not worked out here: \(Self.remedy)"
    case .shellsDisagree: "is set to what shells read in different ways: put the value in quotes"
    case .notGiven:
      // What is referred to may be a part of a password in which nobody meant a reference.
      "refers to a variable that is not set before it in what was given: set it there, give it a default, as in "
        + "`${NAME:-x}`, or put the value in single quotes where a dollar is meant"
    case .unresolved(let name): "refers to `\(name)`, which is unresolved itself"
    }
  }

  private static let remedy = "read the environment of the running instance instead"
}
