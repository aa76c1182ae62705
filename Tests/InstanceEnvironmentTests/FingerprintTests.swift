import Facts
import Testing

@testable import InstanceEnvironment

@Suite struct FingerprintTests {
  // RFC 4231, test cases 2 and 6.
  @Test(arguments: [
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func aFingerprintIsHMACWithSHA256(_ key: [UInt8], _ value: String, _ expected: String) {
    #expect(FingerprintKey(bytes: key).fingerprint(of: Secret(value)) == expected)
  }

  @Test func keysOfDifferentRunsGiveDifferentFingerprints() {
    let key = FingerprintKey()
    #expect(key.fingerprint(of: Secret("x")) == key.fingerprint(of: Secret("x")))
    #expect(key.fingerprint(of: Secret("x")) != key.fingerprint(of: Secret("y")))
    #expect(key.fingerprint(of: Secret("x")) != FingerprintKey().fingerprint(of: Secret("x")))
  }

  @Test func aKeyIsNeverShown() {
    let key = FingerprintKey(bytes: Array("canary".utf8))
    var dumped = ""
    dump(key, to: &dumped)
    #expect("\(key)" == Secret.redacted && String(reflecting: key) == Secret.redacted)
    #expect(dumped.contains(Secret.redacted) && Mirror(reflecting: key).children.isEmpty)
  }

  @Test func factsKeepFingerprintsAndPlacesButNoValues() {
    let place = Location(file: "web-1.env", line: 3, column: 1)
    let variables = [
      "A": EnvironmentVariable(name: "A", value: Secret("canary"), location: place),
      "B": EnvironmentVariable(name: "B", value: Secret("")),
    ]
    let key = FingerprintKey(bytes: [1])
    var fingerprinter = Fingerprinter(key: key)
    let facts = fingerprinter.facts(
      instance: "web-1", variables: InstanceVariables(source: "web-1.env", variables: variables))
    #expect(facts.instance == "web-1" && facts.source == "web-1.env")
    #expect(
      facts.variables.value == [
        "A": VariableFacts(
          fingerprint: key.fingerprint(of: Secret("canary")), shape: "text, under 8 bytes", location: place),
        "B": VariableFacts(fingerprint: key.fingerprint(of: Secret("")), shape: "empty", isEmpty: true),
      ])
    #expect(!String(reflecting: facts).contains("canary"))
  }
}
