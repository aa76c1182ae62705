import Crypto
public import Facts

/// The key under which values are compared without being shown. Fingerprints under different keys say nothing about
/// each other.
public struct FingerprintKey: Sendable {
  /// What the key makes of every authentication's beginning.
  private let start: HMAC<SHA256>

  /// A key from the system's random numbers, for one run.
  public init() {
    var generator = SystemRandomNumberGenerator()
    self.init(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }

  /// The key that an operator holds, so that runs on different machines can be compared.
  public init(bytes: [UInt8]) {
    start = HMAC<SHA256>(key: SymmetricKey(data: bytes))
  }

  /// HMAC-SHA-256 of the value's bytes, 64 hexadecimal digits.
  public func fingerprint(of secret: Secret) -> String {
    var text = secret.reveal()
    return text.withUTF8 { authenticationCode(of: UnsafeRawBufferPointer($0)) }
  }

  /// Tells keys apart and nothing else of them: what it is the code of has a NUL byte, which no value can have.
  public var id: String {
    let label = [0] + Array("flowpanel-doctor key".utf8)
    return String(label.withUnsafeBytes(authenticationCode).prefix(16))
  }

  private func authenticationCode(of bytes: UnsafeRawBufferPointer) -> String {
    var authentication = start
    authentication.update(data: bytes)
    return authentication.finalize().withUnsafeBytes { code in
      String(unsafeUninitializedCapacity: 2 * code.count) { digits in
        for (index, byte) in code.enumerated() {
          digits[2 * index] = hexadecimalDigit(byte >> 4)
          digits[2 * index + 1] = hexadecimalDigit(byte & 15)
        }
        return 2 * code.count
      }
    }
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

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
