import Synchronization

/// Environments that are encoded as one table, wherever they stand; `$` leads to their index.
@propertyWrapper
public struct InTable<Value: HoldsEnvironments>: Codable, Sendable, Equatable {
  private var cache = Cache()

  /// The environments.
  public var wrappedValue: Value {
    didSet { cache = Cache() }
  }

  /// The environments by name. It is made when it is first asked for, once for all copies.
  public var projectedValue: EnvironmentIndex { cache.index(of: wrappedValue) }

  /// Environments.
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  private final class Cache: Sendable {
    private let known = Mutex<EnvironmentIndex?>(nil)

    func index(of value: Value) -> EnvironmentIndex {
      known.withLock { known in
        if let known { return known }
        let index = EnvironmentIndex(value.environments)
        known = index
        return index
      }
    }
  }

  /// Compares the environments.
  public static func == (left: InTable, right: InTable) -> Bool { left.wrappedValue == right.wrappedValue }

  /// Reads the table.
  public init(from decoder: any Decoder) throws { wrappedValue = try Value(tableFrom: decoder) }

  /// Writes the table.
  public func encode(to encoder: any Encoder) throws { try wrappedValue.encodeTable(to: encoder) }
}

/// What may be encoded as a table of environments.
public protocol HoldsEnvironments: Sendable, Equatable {
  /// The environments; none where there are none.
  var environments: [EnvironmentFacts] { get }
  /// Reads what `encodeTable` writes.
  init(tableFrom decoder: any Decoder) throws
  /// Writes the environments as a table.
  func encodeTable(to encoder: any Encoder) throws
}

extension [EnvironmentFacts]: HoldsEnvironments {
  /// The environments themselves.
  public var environments: [EnvironmentFacts] { self }

  /// Reads a table.
  public init(tableFrom decoder: any Decoder) throws { self = try EnvironmentTable(from: decoder).environments() }

  /// Writes a table.
  public func encodeTable(to encoder: any Encoder) throws { try EnvironmentTable(self).encode(to: encoder) }
}

extension Observation: HoldsEnvironments where Value == [EnvironmentFacts] {
  /// The environments that were seen.
  public var environments: [EnvironmentFacts] { value ?? [] }

  /// Reads a table, or why there is none.
  public init(tableFrom decoder: any Decoder) throws {
    self = try Observation<EnvironmentTable>(from: decoder).map { try $0.environments() }
  }

  /// Writes a table, or why there is none.
  public func encodeTable(to encoder: any Encoder) throws { try map(EnvironmentTable.init).encode(to: encoder) }
}
