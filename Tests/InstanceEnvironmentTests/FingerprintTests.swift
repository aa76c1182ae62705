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

  @Test func valuesThatComeAgainHaveTheSameFactsAndTheirOwnPlaces() {
    let key = FingerprintKey(bytes: [1])
    var values = Fingerprinter(key: key)
    // More values than are remembered, each on two instances; two of them are one text in different bytes.
    let texts = (0..<20).map { "redis://h:6379/\($0)" } + ["\u{E9}", "e\u{301}", "xxx", "", " a"]
    for (number, text) in (texts + texts).enumerated() {
      let variable = EnvironmentVariable(
        name: "A", value: Secret(text), location: Location(file: "\(number).env", line: 1), isCutAtHash: number % 3 == 0
      )
      let variables = InstanceVariables(
        source: "s", variables: ["A": variable, "B": EnvironmentVariable(name: "B", value: Secret("same"))],
        unresolved: ["C": Unseen(.missing, "c")], mayHoldMore: Unseen(.missing, "more"))
      let facts = values.facts(instance: "web", variables: variables)
      var alone = Fingerprinter(key: key)
      #expect(facts == alone.facts(instance: "web", variables: variables))
      #expect(facts.variables.value?["A"]?.fingerprint == key.fingerprint(of: Secret(text)))
      #expect(facts.variables.value?["A"]?.location == variable.location)
      #expect(facts.variables.value?["A"]?.flaws?.contains(.cutAtHash) ?? false == variable.isCutAtHash)
    }
  }
}
