import Crypto
public import Facts

/// The key under which values are compared without being shown. Fingerprints under different keys say nothing about
/// each other.
public struct FingerprintKey: Sendable {
  private let key: SymmetricKey

  /// A key from the system's random numbers, for one run.
  public init() {
    var generator = SystemRandomNumberGenerator()
    self.init(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }

  /// The key that an operator holds, so that runs on different machines can be compared.
  public init(bytes: [UInt8]) {
    key = SymmetricKey(data: bytes)
  }

  /// HMAC-SHA-256 of the value's bytes, 64 hexadecimal digits.
  public func fingerprint(of secret: Secret) -> String { authenticationCode(of: Array(secret.reveal().utf8)) }

  /// Tells keys apart and nothing else of them: what it is the code of has a NUL byte, which no value can have.
  public var id: String { String(authenticationCode(of: [0] + Array("flowpanel-doctor key".utf8)).prefix(16)) }

  private func authenticationCode(of bytes: [UInt8]) -> String {
    var authentication = HMAC<SHA256>(key: key)
    authentication.update(data: bytes)
    let digits = Array("0123456789abcdef".utf8)
    let text = authentication.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}

extension FingerprintKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Always the redaction mark: whoever has the key can test guesses at the values.
  public var description: String { Secret.redacted }
  /// Always the redaction mark.
  public var debugDescription: String { Secret.redacted }
  /// A mirror without children, so that `dump` finds nothing.
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// Turns the environments of a run into facts: fingerprints under one key, and what else can be said of a value without
/// showing it. A value that many instances share is looked at once.
public struct Fingerprinter {
  private struct Looked: Hashable {
    var value: Secret
    var type: ValueType?
  }

  private let key: FingerprintKey
  private let keyID: String?
  private let rules: EnvironmentRules
  private let samples: [String: Secret]
  private var types: [String: ValueType?] = [:]
  private var known: [Looked: VariableFacts] = [:]

  /// - Parameters:
  ///   - keyID: what the facts name the key by; nil for a key that nobody else has.
  ///   - rules: what values have to be.
  ///   - samples: the values that `.env.example` gives as samples, by name.
  public init(
    key: FingerprintKey, keyID: String? = nil, rules: EnvironmentRules = EnvironmentRules(Deployment()),
    samples: [String: Secret] = [:]
  ) {
    self.key = key
    self.keyID = keyID
    self.rules = rules
    self.samples = samples.filter { namesASecret($0.key) && !$0.value.isEmpty }
  }

  /// What is kept of an instance's environment.
  public mutating func facts(instance: String, variables: InstanceVariables) -> EnvironmentFacts {
    var facts: [String: VariableFacts] = [:]
    facts.reserveCapacity(variables.variables.count)
    for (name, variable) in variables.variables { facts[name] = self.facts(of: variable) }
    var environment = EnvironmentFacts(instance: instance, source: variables.source, variables: .seen(facts))
    environment.unresolved = variables.unresolved.isEmpty ? nil : variables.unresolved
    environment.mayHoldMore = variables.mayHoldMore
    environment.keyID = keyID
    return environment
  }

  private mutating func facts(of variable: EnvironmentVariable) -> VariableFacts {
    let type = types[variable.name] ?? rules.type(of: variable.name)
    types[variable.name] = .some(type)
    let looked = Looked(value: variable.value, type: type)
    var facts = known[looked] ?? look(at: variable.value, type)
    known[looked] = facts
    facts.location = variable.location
    if variable.isCutAtHash { facts.flaws = (facts.flaws ?? []) + [.cutAtHash] }
    facts.isWrittenInManifest = variable.isWrittenInManifest ? true : nil
    if samples[variable.name] == variable.value { facts.flaws = (facts.flaws ?? []) + [.sample] }
    return facts
  }

  private func look(at value: Secret, _ type: ValueType?) -> VariableFacts {
    var facts = VariableFacts(
      fingerprint: key.fingerprint(of: value), shape: shape(of: value), flaws: flaws(of: value),
      isEmpty: value.isEmpty)
    let canonical = type.flatMap { canonicalValue(value, as: $0) }
    // What is of another type still has its meaning as a URL.
    facts.meaning = (canonical ?? canonicalURL(value)).map { key.fingerprint(of: Secret($0)) }
    facts.type = type
    facts.isOfOtherType = type != nil && canonical == nil && !value.isEmpty ? true : nil
    facts.holdsCredentials = holdsCredentials(value) ? true : nil
    return facts
  }
}
