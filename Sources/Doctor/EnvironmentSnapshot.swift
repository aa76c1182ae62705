public import Facts
import Foundation

/// What `env snapshot` writes and `env compare`, `env diff` and `snapshot:` read: the environments of instances as
/// fingerprints under a key that the operator holds, and no value.
public struct EnvironmentSnapshot: Codable, Sendable, Equatable {
  /// The version of the form that this build writes and reads. The key also marks the file as what it is.
  public var environmentSnapshot = Self.currentVersion
  /// When it was taken, RFC 3339 in UTC.
  public var takenAt: String
  /// The instances, in the order in which they were named.
  @InTable public var environments: [EnvironmentFacts]

  static let currentVersion = 1

  /// The largest snapshot that is read, in bytes.
  static let maximumBytes = 256 * 1024 * 1024

  /// How many variables an instance may have.
  static let maximumVariables = 10_000

  /// The environments of instances, now.
  public init(_ environments: [EnvironmentFacts]) {
    takenAt = Date.now.formatted(.iso8601)
    self.environments = environments
  }

  /// Reads a snapshot.
  ///
  /// - Throws: `RunError`: missing when there is no such file, malformed when it is not of this form and version.
  public init(path: String, namedAt location: Location? = nil) throws(RunError) {
    let bytes = try readInput(path, what: "the snapshot", maximumBytes: Self.maximumBytes, namedAt: location)
    try self.init(bytes, source: path, namedAt: location)
  }

  /// Reads a snapshot's bytes.
  init(_ bytes: [UInt8], source: String, namedAt location: Location? = nil) throws(RunError) {
    self = try decoded(bytes, source, namedAt: location)
    try check(version: environmentSnapshot, names: environments.map(\.instance), source, namedAt: location)
    guard !environments.isEmpty else { throw refusal("there is no instance in it", source, namedAt: location) }
    guard environments.allSatisfy({ $0.keyID != nil }) else {
      throw refusal("the key of its fingerprints has no name", source, namedAt: location)
    }
    guard environments.allSatisfy({ $0.variables.value != nil }) else {
      throw refusal("the variables of an instance are not in it", source, namedAt: location)
    }
    guard environments.allSatisfy({ ($0.variables.value?.count ?? 0) <= Self.maximumVariables }) else {
      throw refusal("an instance has more than \(Self.maximumVariables) variables in it", source, namedAt: location)
    }
  }

  /// The names of the instances in a snapshot, without its variables: those are read with the run.
  static func names(inFile path: String) throws(RunError) -> [String] {
    try names(in: readInput(path, what: "the snapshot", maximumBytes: maximumBytes), source: path)
  }

  /// The same of a snapshot's bytes.
  static func names(in bytes: [UInt8], source: String) throws(RunError) -> [String] {
    let form: Names = try decoded(bytes, source, namedAt: nil)
    let names = form.environments.instances.map(\.instance)
    try check(version: form.environmentSnapshot, names: names, source, namedAt: nil)
    return names
  }

  private struct Names: Decodable {
    struct Table: Decodable { var instances: [Instance] }
    struct Instance: Decodable { var instance: String }

    var environmentSnapshot: Int
    var environments: Table
  }

  /// The environment of an instance: by the name that is asked for in it, else the instance's own, else the only one.
  func environment(of instance: String, named name: String?, source: String) throws(RunError) -> EnvironmentFacts {
    let found =
      environments.first { $0.instance == name ?? instance }
      ?? (name == nil && environments.count == 1 ? environments[0] : nil)
    guard var environment = found else {
      throw RunError(
        .missing,
        "the snapshot \(source) has no instance \(name ?? instance); it has "
          + environments.prefix(20).map(\.instance).joined(separator: ", "), at: Location(file: source))
    }
    environment.instance = instance
    return environment
  }

  /// The form that is written: JSON with sorted keys and a line end; compact, all in one line.
  public func encoded(isCompact: Bool = false) throws -> String { try encodedJSON(self, isCompact: isCompact) }
}

private func decoded<Form: Decodable>(
  _ bytes: [UInt8], _ source: String, namedAt location: Location?
) throws(RunError) -> Form {
  do {
    return try JSONDecoder().decode(Form.self, from: Data(bytes))
  } catch {
    throw refusal(decodingSummary(error), source, namedAt: location)
  }
}

private func check(
  version: Int, names: [String], _ source: String, namedAt location: Location?
) throws(RunError) {
  let current = EnvironmentSnapshot.currentVersion
  guard version == current else {
    throw refusal(
      "its version is \(version), and this build reads version \(current); take it anew", source, namedAt: location)
  }
  if let bad = names.first(where: { !isInstanceName($0) }) {
    throw refusal("\(quoted(bad)) is no name of an instance", source, namedAt: location)
  }
  guard Set(names).count == names.count else {
    throw refusal("an instance is in it twice", source, namedAt: location)
  }
}

private func refusal(_ reason: String, _ source: String, namedAt location: Location?) -> RunError {
  RunError(.malformed, "\(source) is not what env snapshot writes: \(reason)", at: location ?? Location(file: source))
}
