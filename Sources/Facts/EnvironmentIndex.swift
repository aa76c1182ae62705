/// Environments by the names of their variables: who sets each to what. Checks ask for one name on all instances again and
/// again, which a table for each instance answers slowly.
public struct EnvironmentIndex: Sendable {
  /// What stands on an instance that has a name.
  public enum Cell: Sendable, Hashable {
    /// The value is not known.
    case unresolved
    case empty
    /// A place in the column's values.
    case value(Int)
  }

  /// One name.
  public struct Column: Sendable {
    /// A value under the key of its fingerprint.
    public struct Value: Sendable, Hashable {
      /// What is known of the value.
      public var facts: ValueFacts
      /// The key.
      public var keyID: String?
    }

    /// An instance that has the name, and what it has, in a third of the room.
    public struct Entry: Sendable {
      fileprivate var place: Int32
      fileprivate var code: Int32

      /// The instance's place.
      public var instance: Int { Int(place) }
      /// What it has.
      public var cell: Cell { code < 0 ? (code == -1 ? .empty : .unresolved) : .value(Int(code)) }
      /// Whether that is something, be it something that is not known.
      public var isSet: Bool { code != -1 }
    }

    /// The different values, in the order of the first instances that have them.
    public fileprivate(set) var values: [Value] = []
    /// How many instances set the name to something, be it something that is not known.
    public fileprivate(set) var holderCount = 0
    /// Whether the form of any value is flawed.
    public fileprivate(set) var hasFlaws = false
    /// Whether any value stands written in a manifest.
    public fileprivate(set) var isWrittenInManifest = false
    /// The instances that have the name, in their order.
    public fileprivate(set) var entries: [Entry] = []
  }

  /// The names that are anywhere, sorted.
  public let names: [String]
  private let columns: [String: Column]

  /// The column of a name; an empty one for a name that no instance has.
  public subscript(name: String) -> Column { columns[name] ?? Column() }

  init(_ environments: [EnvironmentFacts]) {
    var places: [String: Int] = [:]
    var drafts: [Draft] = []
    func place(of name: String) -> Int {
      if let place = places[name] { return place }
      places[name] = drafts.count
      drafts.append(Draft())
      return drafts.count - 1
    }
    for (index, environment) in environments.enumerated() {
      guard case .seen(let variables) = environment.variables else { continue }
      for (name, variable) in variables {
        let place = place(of: name)
        drafts[place].note(variable)
        guard environment.unresolved?[name] == nil else { continue }
        drafts[place].add(variable, environment.keyID, on: Int32(index))
      }
      for name in (environment.unresolved ?? [:]).keys { drafts[place(of: name)].addUnresolved(on: Int32(index)) }
    }
    names = places.keys.sorted()
    columns = places.mapValues { drafts[$0].column }
  }

  private struct Draft {
    var column = Column()
    private var last: (variable: VariableFacts, keyID: String?, code: Int32)?
    private var places: [Column.Value: Int32] = [:]

    mutating func note(_ variable: VariableFacts) {
      if variable.flaws != nil { column.hasFlaws = true }
      if variable.isWrittenInManifest == true { column.isWrittenInManifest = true }
    }

    mutating func add(_ variable: VariableFacts, _ keyID: String?, on instance: Int32) {
      var code: Int32 = -1
      if !variable.isEmpty {
        code = self.code(variable, keyID)
        column.holderCount += 1
      }
      column.entries.append(Column.Entry(place: instance, code: code))
    }

    mutating func addUnresolved(on instance: Int32) {
      column.entries.append(Column.Entry(place: instance, code: -2))
      column.holderCount += 1
    }

    /// Most have the value of the one before them, which is seen at once.
    private mutating func code(_ variable: VariableFacts, _ keyID: String?) -> Int32 {
      if let last, last.variable.hasValue(of: variable), last.keyID == keyID { return last.code }
      let value = Column.Value(facts: variable.value, keyID: keyID)
      let code = places[value] ?? Int32(column.values.count)
      if code == column.values.count {
        places[value] = code
        column.values.append(value)
      }
      last = (variable, keyID, code)
      return code
    }
  }
}
