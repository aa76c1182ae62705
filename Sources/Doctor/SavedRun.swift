public import Diagnosis
public import Facts
import Foundation

/// What `--save-facts` writes and `judge` reads: everything that the verdicts follow from, so that they are the same
/// wherever they are reached again.
public struct SavedRun: Codable, Sendable, Equatable {
  /// The topics that the run was asked about.
  public var topics: Set<FactTopic>
  /// What was observed.
  public var facts: Facts
  /// The manifest's overrides, by check id.
  public var overrides: [String: JudgingRules.Override]
  /// Whether the operator interrupted the run.
  public var wasInterrupted: Bool
  /// Whether it is about whom an event reaches, and about nothing that does not bear on that.
  public var isFanOut: Bool

  /// A run's facts with the rules that the manifest adds.
  public init(
    topics: Set<FactTopic>, facts: Facts, overrides: [String: JudgingRules.Override] = [:],
    wasInterrupted: Bool = false, isFanOut: Bool = false
  ) {
    self.topics = topics
    self.facts = facts
    self.overrides = overrides
    self.wasInterrupted = wasInterrupted
    self.isFanOut = isFanOut
  }

  /// The largest saved file that is read, in bytes.
  static let maximumBytes = 512 * 1024 * 1024

  /// Reads a saved run.
  ///
  /// - Throws: `RunError`: missing when there is no such file, malformed when it is not of this form and version.
  public init(path: String) throws(RunError) {
    let bytes = try readInput(path, what: "the saved facts", maximumBytes: Self.maximumBytes)
    // Before the rest, which another version has otherwise.
    if let version = try? JSONDecoder().decode(VersionAlone.self, from: Data(bytes)).facts.schemaVersion,
      version != Facts.currentSchemaVersion
    {
      throw RunError(
        .malformed,
        "\(path) has facts of version \(version); this build reads version \(Facts.currentSchemaVersion): "
          + "judge it with the version that saved it", at: Location(file: path))
    }
    do {
      self = try JSONDecoder().decode(SavedRun.self, from: Data(bytes))
    } catch {
      throw RunError(
        .malformed, "\(path) is not what --save-facts or --record writes, or is cut off: \(decodingSummary(error))",
        at: Location(file: path))
    }
  }

  /// What every version has.
  private struct VersionAlone: Decodable {
    struct Facts: Decodable {
      var schemaVersion: Int
    }
    var facts: Facts
  }

  /// The saved form: JSON with sorted keys and a line end.
  public func encoded() throws -> String { try encodedJSON(self) }
}

/// JSON with sorted keys and a line end.
func encodedJSON(_ value: some Encodable, isCompact: Bool = false) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  if !isCompact { encoder.outputFormatting.insert(.prettyPrinted) }
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

/// A decoding error in a phrase: the path of keys, and what was wrong there.
func decodingSummary(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
  }
  switch error as? DecodingError {
  case .dataCorrupted(let context)?: return place(context)
  case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?:
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? "it is another kind of JSON" : "\(path) is of another kind than what stands there"
  case .keyNotFound(let key, let context)?:
    let path = context.codingPath.map { $0.stringValue + "." }.joined()
    return "the key \(path)\(key.stringValue) is missing"
  default: return "\(error)"
  }
}
