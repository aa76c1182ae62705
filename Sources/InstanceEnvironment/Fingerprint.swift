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
  public func fingerprint(of secret: Secret) -> String {
    var authentication = HMAC<SHA256>(key: key)
    authentication.update(data: Array(secret.reveal().utf8))
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

/// What is kept of an instance's environment: for each variable its fingerprints, what is
/// wrong with its form, whether it is empty, and where it is set.
public func environmentFacts(
  instance: String, variables: InstanceVariables, key: FingerprintKey
) -> EnvironmentFacts {
  let facts = variables.variables.mapValues { variable in
    VariableFacts(
      fingerprint: key.fingerprint(of: variable.value),
      meaning: canonicalURL(variable.value).map { key.fingerprint(of: Secret($0)) }, flaws: flaws(of: variable.value),
      isEmpty: variable.value.isEmpty, location: variable.location)
  }
  var environment = EnvironmentFacts(instance: instance, source: variables.source, variables: .seen(facts))
  environment.unresolved = variables.unresolved.isEmpty ? nil : variables.unresolved
  environment.mayHoldMore = variables.mayHoldMore
  return environment
}
