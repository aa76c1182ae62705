public import Facts

/// What a config gives for `realtime` under one environment.
public struct RealtimeSettings: Sendable, Equatable {
  /// Whether the config gives `realtime` at all.
  public var isSet: Evaluated<Bool>
  /// The driver's name; `memory` where `realtime` is not given. Text from a variable that is no known name is redacted.
  public var driver: Evaluated<String>
  /// The Redis URL; nil where there is none, and for the memory driver.
  public var url: EvaluatedSecret
  /// The key prefix; nil where there is none. Text from a variable that may be a secret is redacted.
  public var keyPrefix: Evaluated<String?>
  /// Whether `realtime` has a `tls` key with a value other than `undefined`; nil where there is no `realtime` to see.
  public var tls: Evaluated<Bool>?
  /// Why the config throws under the environment; every setting is then unknown for that reason.
  public var failure: StartFailure?
  /// What may keep the config from starting although its settings are known; nil where nothing is known to.
  public var doubt: Unseen?
  /// The environment variables that the config read, in the order in which it first did.
  public var reads: [VariableReading] = []

  /// Settings with where each of them comes from.
  public init(
    isSet: Evaluated<Bool>, driver: Evaluated<String>, url: EvaluatedSecret, keyPrefix: Evaluated<String?>,
    tls: Evaluated<Bool>? = nil, failure: StartFailure? = nil
  ) {
    self.isSet = isSet
    self.driver = driver
    self.url = url
    self.keyPrefix = keyPrefix
    self.tls = tls
    self.failure = failure
  }

  /// The environment variables that the settings depended on.
  public var variables: Set<String> {
    let all = isSet.variables + driver.variables + url.variables + keyPrefix.variables + (failure?.variables ?? [])
    return Set(all.map(\.name))
  }
}

/// How a config reads one environment variable.
public struct VariableReading: Sendable, Equatable {
  /// The variable's name.
  public var name: String
  /// What the config does where it is missing.
  public var need: ConfigVariable.Need
  /// Where the config first reads it.
  public var location: Location
  /// The environment file by which the config gives it a value; nil where none does.
  public var loadedFrom: String?

  /// A variable, what the config does without it, and where it reads it.
  public init(name: String, need: ConfigVariable.Need, location: Location, loadedFrom: String? = nil) {
    self.name = name
    self.need = need
    self.location = location
    self.loadedFrom = loadedFrom
  }
}

/// A secret that was computed under an environment, or the reason why it can't be known.
public struct EvaluatedSecret: Sendable, Equatable {
  /// The value, or why there is none.
  public enum Outcome: Sendable, Equatable {
    /// The value; nil for `undefined`, `null` and a key that is absent.
    case known(Secret?)
    case unknown(Unseen)
  }

  /// The value, or why it is not known.
  public var outcome: Outcome
  /// Where the value comes from.
  public var location: Location?
  /// The environment variables that the value depended on, sorted by name.
  public var variables: [VariableUse]
  /// The environment variables whose text is in the value, sorted by name.
  public var textVariables: [String]

  /// A secret or the lack of one, with where it comes from and what it depended on.
  public init(outcome: Outcome, location: Location?, variables: [VariableUse], textVariables: [String] = []) {
    self.outcome = outcome
    self.location = location
    self.variables = variables
    self.textVariables = textVariables
  }
}

/// The environment of one instance, as far as it is known.
public enum ConfigEnvironment: Sendable {
  /// All variables that are set, by name.
  case known([String: Secret])
  /// The variables that are known, those that are set to something unknown, and why others may be set too; nil where none
  /// is.
  case partial([String: Secret], unknown: [String: Unseen], others: Unseen?)
  /// The environment could not be read: whatever depends on a variable is unknown, for this reason.
  case unknown(Unseen)
}

extension ConfigEnvironment {
  /// What is known of one variable.
  public enum Variable: Sendable {
    case set(Secret)
    case unset
    case unknown(Unseen)

    /// The same without the value.
    public var state: VariableUse.State {
      switch self {
      case .set(let value): value.isEmpty ? .empty : .set
      case .unset: .unset
      case .unknown: .unknown
      }
    }
  }

  /// How a variable stands.
  public func variable(_ name: String) -> Variable {
    switch self {
    case .known(let variables): variables[name].map { .set($0) } ?? .unset
    case .partial(let variables, let unknown, let others):
      unknown[name].map { .unknown($0) } ?? variables[name].map { .set($0) } ?? others.map { .unknown($0) } ?? .unset
    case .unknown(let reason): .unknown(reason)
    }
  }

  /// The variables whose values are known.
  var values: [String: Secret] {
    switch self {
    case .known(let variables), .partial(let variables, _, _): variables
    case .unknown: [:]
    }
  }

  /// The names of all variables that are set, or why they are not known.
  var names: Observation<Set<String>> {
    switch self {
    case .known(let variables): .seen(Set(variables.keys))
    case .partial(let variables, let unknown, nil): .seen(Set(variables.keys).union(unknown.keys))
    case .partial(_, _, let others?): .unseen(others)
    case .unknown(let reason): .unseen(reason)
    }
  }
}
