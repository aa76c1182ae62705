/// A value that was seen, or the reason why it was not: nothing that could not be observed is ever dropped.
public enum Observation<Value: Sendable>: Sendable {
  case seen(Value)
  case unseen(Unseen)

  /// The value, if it was seen.
  public var value: Value? {
    if case .seen(let value) = self { return value }
    return nil
  }

  /// Why there is no value, if there is none.
  public var unseen: Unseen? {
    if case .unseen(let reason) = self { return reason }
    return nil
  }

  /// The observation of something derived from this value.
  public func map<Other>(_ transform: (Value) throws -> Other) rethrows -> Observation<Other> {
    switch self {
    case .seen(let value): .seen(try transform(value))
    case .unseen(let reason): .unseen(reason)
    }
  }
}

extension Observation: Equatable where Value: Equatable {}

extension Observation: Codable where Value: Codable {
  private enum Key: CodingKey { case value, unseen }

  /// Reads `{"value": …}` or `{"unseen": {…}}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let reason = try container.decodeIfPresent(Unseen.self, forKey: .unseen) {
      self = .unseen(reason)
    } else {
      self = .seen(try container.decode(Value.self, forKey: .value))
    }
  }

  /// Writes `{"value": …}` or `{"unseen": {…}}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .seen(let value): try container.encode(value, forKey: .value)
    case .unseen(let reason): try container.encode(reason, forKey: .unseen)
    }
  }
}

/// Why something was not observed.
public struct Unseen: Codable, Sendable, Equatable {
  /// The kinds of reason that checks tell apart.
  public enum Kind: String, Codable, Sendable {
    /// The run was not asked to look here (another subcommand, `--only`).
    case notAsked
    /// Nothing was named that could be looked at: no instances, no URL, no Redis in use.
    case notGiven
    /// The other side answered, and refused.
    case refused
    /// No answer within the deadline.
    case timedOut
    /// There was no way to the other side.
    case notReachable
    /// A named input does not exist.
    case missing
    /// An answer or an input came that could not be understood.
    case notUnderstood
    /// An earlier step failed, so this one never began.
    case notAttempted
    /// The run was interrupted first.
    case interrupted
  }

  /// What kind of reason it is.
  public var kind: Kind
  /// A sentence for a person: what was attempted, and what came back.
  public var detail: String
  /// Where the reason lies, if it lies in a file.
  public var location: Location?

  /// A reason of a kind, in words, with the place it comes from.
  public init(_ kind: Kind, _ detail: String, at location: Location? = nil) {
    self.kind = kind
    self.detail = detail
    self.location = location
  }

  /// The reason for topics outside the run's scope.
  public static let notAsked = Unseen(.notAsked, "this run was not asked to look at it")
}
