public import Facts

/// What one run says: the one value that every format renders.
public struct Report: Sendable, Equatable {
  /// The version of the JSON form; grows only when something is added.
  public static let schemaVersion = 1

  /// What was looked at, in a phrase: the manifest's path, or what stood in for one.
  public var title: String
  /// What it comes to, for people in a hurry: one sentence for each thing that was looked at, where that can be said.
  public var conclusions: [String]
  /// The verdicts, by topic and check in the catalogue's order, then by subject in the order of the facts.
  public var verdicts: [Verdict]
  /// Tables that a subcommand shows beside the verdicts: instances, steps, events.
  public var exhibits: [Exhibit]
  /// What this run did not look at, and how to make it look: one sentence each.
  public var notLookedAt: [String]
  /// Inputs that were named and are missing or can't be understood.
  public var inputProblems: [InputProblem]
  /// Whether the run was interrupted before it had looked at everything.
  public var wasInterrupted: Bool

  /// A report.
  public init(
    title: String, conclusions: [String] = [], verdicts: [Verdict], exhibits: [Exhibit] = [],
    notLookedAt: [String] = [], inputProblems: [InputProblem] = [], wasInterrupted: Bool = false
  ) {
    self.title = title
    self.conclusions = conclusions
    self.verdicts = verdicts
    self.exhibits = exhibits
    self.notLookedAt = notLookedAt
    self.inputProblems = inputProblems
    self.wasInterrupted = wasInterrupted
  }

  /// Verdicts counted by kind, and findings counted by severity.
  public var summary: Summary { Summary(verdicts) }

  /// Whether all that was looked at is as it should be, and there is nothing to say.
  public var isWell: Bool {
    !wasInterrupted && inputProblems.isEmpty && summary[.pass] > 0
      && verdicts.allSatisfy { [.pass, .notApplicable, .suppressed].contains($0.kind) }
  }
}

/// Verdicts counted by kind, and findings by severity; those that a finding explains count like all others.
public struct Summary: Sendable, Equatable {
  private var kinds: [Verdict.Kind: Int] = [:]
  private var severities: [Severity: Int] = [:]
  /// How many of the verdicts a finding explains.
  public private(set) var explained = 0

  /// Counts the verdicts.
  public init(_ verdicts: [Verdict]) {
    for verdict in verdicts {
      kinds[verdict.kind, default: 0] += 1
      if verdict.kind == .finding { severities[verdict.severity, default: 0] += 1 }
      if verdict.explainedBy != nil { explained += 1 }
    }
  }

  /// How many verdicts are of a kind.
  public subscript(kind: Verdict.Kind) -> Int { kinds[kind] ?? 0 }
  /// How many findings are of a severity.
  public subscript(severity: Severity) -> Int { severities[severity] ?? 0 }
}

/// An input that was named and is missing or can't be understood.
public struct InputProblem: Sendable, Equatable {
  /// Which of the two it is; each has its exit code.
  public enum Kind: String, Sendable {
    case missing, malformed
  }

  /// Missing, or malformed.
  public var kind: Kind
  /// A sentence: which input, what was expected, what to try.
  public var message: String
  /// Where it is named, or where it goes wrong.
  public var location: Location?

  /// A problem with an input.
  public init(_ kind: Kind, _ message: String, at location: Location? = nil) {
    self.kind = kind
    self.message = message
    self.location = location
  }
}

/// A table beside the verdicts, in two forms of the same thing: rows for people, a value for programs.
public struct Exhibit: Sendable, Equatable {
  /// The key of the value in JSON: `instances`, `redis`, `streams`; nil for a table that is for people alone.
  public var key: String?
  /// The heading above the table.
  public var title: String
  /// The column headings.
  public var columns: [String]
  /// The cells, row by row; every row has as many cells as there are columns.
  public var rows: [[String]]
  /// The same in fewer columns, for a page that the columns don't fit on; nil where there is none.
  public var narrow: Table?
  /// The value for programs.
  public var value: JSONValue

  /// Columns, and cells row by row.
  public struct Table: Sendable, Equatable {
    /// The column headings.
    public var columns: [String]
    /// The cells.
    public var rows: [[String]]

    /// A table.
    public init(columns: [String], rows: [[String]]) {
      self.columns = columns
      self.rows = rows
    }
  }

  /// A table with its value.
  public init(
    key: String?, title: String, columns: [String], rows: [[String]], narrow: Table? = nil, value: JSONValue = .null
  ) {
    self.key = key
    self.title = title
    self.columns = columns
    self.rows = rows
    self.narrow = narrow
    self.value = value
  }
}

/// A JSON value whose object keys keep the order they were written in.
public indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number that is not whole; written with at most three decimals, as all of ours are milliseconds.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One key of an object with its value.
  public struct Member: Sendable, Equatable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONValue

    /// A key with its value.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// An object with the members in the order of the literal.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// JSON's null.
  public init(nilLiteral: ()) { self = .null }

  /// A string, or null for nil.
  public static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
  /// A whole number, or null for nil.
  public static func optional(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }
  /// A number, or null for nil.
  public static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }

  /// A place as `{file, line, column}`, or null for nil.
  public static func location(_ location: Location?) -> JSONValue {
    guard let location else { return .null }
    return ["file": .string(location.file), "line": .optional(location.line), "column": .optional(location.column)]
  }
}
