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

  /// Settings with where each of them comes from.
  public init(
    isSet: Evaluated<Bool>, driver: Evaluated<String>, url: EvaluatedSecret, keyPrefix: Evaluated<String?>
  ) {
    self.isSet = isSet
    self.driver = driver
    self.url = url
    self.keyPrefix = keyPrefix
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

  /// A secret or the lack of one, with where it comes from and what it depended on.
  public init(outcome: Outcome, location: Location?, variables: [VariableUse]) {
    self.outcome = outcome
    self.location = location
    self.variables = variables
  }
}

/// The environment of one instance, as far as it is known.
public enum ConfigEnvironment: Sendable {
  /// All variables that are set, by name.
  case known([String: Secret])
  /// The environment could not be read: whatever depends on a variable is unknown, for this reason.
  case unknown(Unseen)
}

/// Reads the settings out of the value that a module exports.
struct RealtimeReader {
  let source: SourceText
  var evaluator: Evaluator

  mutating func settings() -> RealtimeSettings {
    let admin = exported()
    guard case .object = admin.value else {
      return settings(withheldBy: unseen("`realtime`", admin, expected: "an object given to `defineAdmin`"), admin)
    }
    let realtime = member("realtime", of: admin)
    switch realtime.value {
    case .undefined, .null:
      return RealtimeSettings(
        isSet: evaluated(.seen(false), realtime), driver: evaluated(.seen("memory"), realtime),
        url: secret(.known(nil), realtime), keyPrefix: evaluated(.seen(nil), realtime))
    case .object: return settings(of: realtime)
    default: return settings(withheldBy: unseen("`realtime`", realtime, expected: "an object"), realtime)
    }
  }

  private mutating func exported() -> Evaluation {
    guard let export = evaluator.program.defaultExport else {
      return evaluator.unknown("a default export, which is missing", at: source.start)
    }
    let result = evaluator.evaluate(export)
    if let change = evaluator.program.mutations.export {
      return evaluator.unknown(change.phrase, at: change.offset, variables: result.variables)
    }
    return result
  }

  private mutating func settings(of realtime: Evaluation) -> RealtimeSettings {
    let driver = member("driver", of: realtime)
    let client = member("client", of: realtime)
    return RealtimeSettings(
      isSet: evaluated(.seen(true), realtime),
      driver: evaluated(outcome(ofDriver: driver), driver),
      url: url(driver: driver, client: client, url: member("url", of: realtime)),
      keyPrefix: keyPrefix(member("keyPrefix", of: realtime)))
  }

  private mutating func member(_ name: String, of object: Evaluation) -> Evaluation {
    evaluator.property(Evaluation(value: .string(name), offset: object.offset), of: object, at: object.offset)
  }

  private func outcome(ofDriver driver: Evaluation) -> Observation<String> {
    switch driver.value {
    case .string(let text): .seen(Disclosure.driver(text, from: driver.textSources))
    case .undefined, .null:
      .unseen(
        Unseen(
          .notUnderstood, "`realtime` has no `driver`; flowpanel names `memory` and `redis`",
          at: source.location(of: driver.offset)))
    default: .unseen(unseen("`realtime.driver`", driver, expected: "a string"))
    }
  }

  private func url(driver: Evaluation, client: Evaluation, url: Evaluation) -> EvaluatedSecret {
    if case .string("memory") = driver.value { return secret(.known(nil), driver) }
    switch (client.value, url.value) {
    case (.undefined, .string(let text)): return secret(.known(Secret(text)), url)
    case (.undefined, .undefined), (.undefined, .null): return secret(.known(nil), url)
    case (.undefined, _): return secret(.unknown(unseen("`realtime.url`", url, expected: "a string")), url)
    // A client leads wherever it was made for, also beside a URL.
    case (.unknown, _):
      return secret(.unknown(unseen("`realtime.client`", client, expected: "a Redis client")), client)
    default:
      let own = Unseen(
        .notUnderstood,
        "`realtime.client` is a Redis client of the application's own; where it connects is not followed",
        at: source.location(of: client.offset))
      return secret(.unknown(own), client)
    }
  }

  private func keyPrefix(_ prefix: Evaluation) -> Evaluated<String?> {
    switch prefix.value {
    case .string(let text): evaluated(.seen(Disclosure.keyPrefix(text, from: prefix.textSources)), prefix)
    case .undefined, .null: evaluated(.seen(nil), prefix)
    default: evaluated(.unseen(unseen("`realtime.keyPrefix`", prefix, expected: "a string")), prefix)
    }
  }

  private func settings(withheldBy reason: Unseen, _ result: Evaluation) -> RealtimeSettings {
    RealtimeSettings(
      isSet: evaluated(.unseen(reason), result), driver: evaluated(.unseen(reason), result),
      url: secret(.unknown(reason), result), keyPrefix: evaluated(.unseen(reason), result))
  }

  /// Why a value can't be used, in a sentence, with its place.
  private func unseen(_ subject: String, _ result: Evaluation, expected: String) -> Unseen {
    switch result.value {
    case .unknown, .imported, .opaque, .builtin, .method, .module:
      switch evaluator.reason(result) {
      case .environment(let reason): return reason
      case .cause(let phrase, let offset):
        return Unseen(.notUnderstood, "\(subject) depends on \(phrase)", at: source.location(of: offset))
      }
    default:
      return Unseen(
        .notUnderstood, "\(subject) comes from \(evaluator.kind(of: result.value)) where \(expected) was expected",
        at: source.location(of: result.offset))
    }
  }

  private func evaluated<Value>(_ outcome: Observation<Value>, _ result: Evaluation) -> Evaluated<Value> {
    Evaluated(outcome, at: source.location(of: result.offset), variables: uses(result))
  }

  private func secret(_ outcome: EvaluatedSecret.Outcome, _ result: Evaluation) -> EvaluatedSecret {
    EvaluatedSecret(outcome: outcome, location: source.location(of: result.offset), variables: uses(result))
  }

  private func uses(_ result: Evaluation) -> [VariableUse] {
    result.variables.map { evaluator.use(of: $0) }.sorted()
  }
}
