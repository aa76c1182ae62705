/// A place in a file, so that a finding can point at the line that has to change.
public struct Location: Codable, Sendable, Hashable {
  /// The path as the operator would type it, relative to the working folder where that is shorter.
  public var file: String
  /// The line, counted from 1.
  public var line: Int?
  /// The column, counted from 1 in Unicode scalars.
  public var column: Int?

  /// A place in `file`; lines and columns count from 1.
  public init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension Location: CustomStringConvertible {
  /// `file:line:column`, as compilers print it.
  public var description: String {
    [file, line.map(String.init), line == nil ? nil : column.map(String.init)].compactMap { $0 }.joined(separator: ":")
  }
}

/// A value that was computed from a file under an environment, or the reason why it can't be known.
public struct Evaluated<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
  /// The value, or why it is not known.
  public var outcome: Observation<Value>
  /// Where the value comes from; nil for a default that stands in no file.
  public var location: Location?
  /// The environment variables it depended on, sorted by name.
  public var variables: [VariableUse]

  /// A value or the lack of one, with where it comes from and what it depended on.
  public init(_ outcome: Observation<Value>, at location: Location? = nil, variables: [VariableUse] = []) {
    self.outcome = outcome
    self.location = location
    self.variables = variables
  }

  /// The value, if it is known.
  public var value: Value? { outcome.value }
}

/// One environment variable that a value depended on, and how it was found.
public struct VariableUse: Codable, Sendable, Hashable, Comparable {
  /// How the variable stood in the instance's environment.
  public enum State: String, Codable, Sendable {
    case set, empty, unset
    /// The environment itself could not be read.
    case unknown
  }

  /// The variable's name.
  public var name: String
  /// How it stood.
  public var state: State

  /// A variable by name, and how it stood.
  public init(_ name: String, _ state: State) {
    self.name = name
    self.state = state
  }

  /// By name.
  public static func < (left: VariableUse, right: VariableUse) -> Bool { left.name < right.name }
}
