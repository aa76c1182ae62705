public import Facts

/// Turns the environments of a run into facts: fingerprints under one key, and what else can be said of a value without
/// showing it. What a variable has on several instances, as most have in a fleet, is looked at once.
public struct Fingerprinter: Sendable {
  private struct Known: Sendable {
    var value: Secret
    var facts: VariableFacts
  }

  /// What is known of a variable by its name alone, and its last values.
  private struct Name {
    var type: ValueType?
    var known: [Known] = []
  }

  /// How many values of one variable are remembered: a fleet has few, or as many as instances, where none comes again.
  private static let limit = 8

  private let key: FingerprintKey
  private let keyID: String?
  private let rules: EnvironmentRules
  private let samples: [String: Secret]
  private var names: [String: Name] = [:]
  private var next = 0

  /// - Parameters:
  ///   - keyID: what the facts name the key by; nil for a key that nobody else has.
  ///   - rules: what values have to be.
  ///   - samples: the secrets that `.env.example` gives as samples, by name.
  public init(
    key: FingerprintKey, keyID: String? = nil, rules: EnvironmentRules = EnvironmentRules(Deployment()),
    samples: [String: Secret] = [:]
  ) {
    self.key = key
    self.keyID = keyID
    self.rules = rules
    self.samples = samples
  }

  /// What is kept of an instance's environment.
  public mutating func facts(instance: String, variables: InstanceVariables) -> EnvironmentFacts {
    let facts = variables.variables.mapValues { self.facts(of: $0) }
    var environment = EnvironmentFacts(instance: instance, source: variables.source, variables: .seen(facts))
    environment.unresolved = variables.unresolved.isEmpty ? nil : variables.unresolved
    environment.mayHoldMore = variables.mayHoldMore
    environment.keyID = keyID
    environment.samples = samples.isEmpty ? nil : samples.keys.sorted()
    return environment
  }

  private mutating func facts(of variable: EnvironmentVariable) -> VariableFacts {
    let name = names[variable.name] ?? Name(type: rules.type(of: variable.name))
    var facts: VariableFacts
    if let before = name.known.first(where: { haveSameBytes($0.value, variable.value) }) {
      facts = before.facts
    } else {
      facts = VariableFacts(look(at: variable.value, of: variable.name, name.type))
      remember(Known(value: variable.value, facts: facts), of: variable.name, name)
    }
    // These are of the file, not of the value.
    facts.location = variable.location
    if variable.isCutAtHash { facts.flaws = (facts.flaws ?? []) + [.cutAtHash] }
    if variable.isWrittenInManifest { facts.isWrittenInManifest = true }
    return facts
  }

  private mutating func remember(_ value: Known, of variable: String, _ name: Name) {
    if name.known.count < Self.limit {
      names[variable, default: name].known.append(value)
    } else {
      names[variable]?.known[next] = value
      next = (next + 1) % Self.limit
    }
  }

  private func look(at value: Secret, of name: String, _ type: ValueType?) -> ValueFacts {
    var facts = ValueFacts(fingerprint: key.fingerprint(of: value), isEmpty: value.isEmpty)
    facts.shape = shape(of: value)
    var flaws = flaws(of: value)
    if let sample = samples[name], haveSameBytes(sample, value) { flaws.append(.sample) }
    facts.flaws = flaws.isEmpty ? nil : flaws
    let canonical = type.flatMap { canonicalValue(value, as: $0) }
    // What is of another type still has its meaning as a URL.
    facts.meaning = (canonical ?? canonicalURL(value)).map { key.fingerprint(of: Secret($0)) }
    facts.type = type
    facts.isOfOtherType = type != nil && canonical == nil && !value.isEmpty ? true : nil
    facts.holdsCredentials = holdsCredentials(value) ? true : nil
    return facts
  }
}

/// Whether two values are the same to a program: to a String, different bytes can be the same text.
private func haveSameBytes(_ one: Secret, _ other: Secret) -> Bool {
  let (one, other) = (one.reveal().utf8, other.reveal().utf8)
  return one.count == other.count && one.elementsEqual(other)
}
