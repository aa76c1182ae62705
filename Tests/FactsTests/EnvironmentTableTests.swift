import Facts
import Foundation
import Testing

/// Numbers that are the same in every run.
struct RepeatableNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Environments of every kind: alike, different, unread, with what is not known, under several keys, from several files.
func environments(seed: UInt64) -> [EnvironmentFacts] {
  var numbers = RepeatableNumbers(state: seed)
  func some(_ share: Int) -> Bool { Int.random(in: 0..<100, using: &numbers) < share }
  return (0..<Int.random(in: 0...12, using: &numbers)).map { index in
    let missing = Unseen(.missing, "the secret is not there", at: Location(file: "deploy.yaml", line: index + 1))
    if some(10) {
      return EnvironmentFacts(instance: "web-\(index)", source: "web-\(index).env", variables: .unseen(missing))
    }
    var variables: [String: VariableFacts] = [:]
    for name in ["A_URL", "B", "C", "café", "Z"] where some(80) {
      var variable = VariableFacts(fingerprint: some(70) ? "aa" : "b\(index % 3)", isEmpty: some(10))
      variable.flaws = some(10) ? [.quotes] : nil
      variable.isWrittenInManifest = some(10) ? true : nil
      variable.type = some(20) ? .integer(least: 1, most: nil) : nil
      variable.meaning = some(20) ? "mm" : nil
      if some(80) {
        variable.location = Location(
          file: some(50) ? "common.env" : "web-\(index).env", line: some(80) ? 3 : nil, column: some(50) ? 1 : nil)
      }
      variables[name] = variable
    }
    var environment = EnvironmentFacts(
      instance: "web-\(index)", source: "web-\(index).env", variables: .seen(variables))
    environment.unresolved = some(20) ? ["B": missing, "OTHER": missing] : nil
    environment.mayHoldMore = some(10) ? missing : nil
    environment.keyID = some(50) ? "k\(index % 2)" : nil
    return environment
  }
}

@Suite("Environments as files hold them")
struct EnvironmentTableTests {
  private struct Holder: Codable, Equatable {
    @InTable var environments: [EnvironmentFacts]
  }

  private func encoded(_ environments: [EnvironmentFacts]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Holder(environments: environments)), as: UTF8.self)
  }

  private func decoded(_ text: String) throws -> [EnvironmentFacts] {
    try JSONDecoder().decode(Holder.self, from: Data(text.utf8)).environments
  }

  @Test("what is written is read back, and always written alike", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    let given = environments(seed: seed)
    let text = try encoded(given)
    #expect(try decoded(text) == given)
    #expect(try encoded(decoded(text)) == text)
  }

  @Test("facts hold their environments in a table, seen or not")
  func facts() throws {
    for environments in [.seen(environments(seed: 7)), .unseen(.notAsked)] as [Observation<[EnvironmentFacts]>] {
      let facts = Facts(environments: environments)
      #expect(try JSONDecoder().decode(Facts.self, from: JSONEncoder().encode(facts)) == facts)
    }
  }

  @Test("what all have in common takes the room of one")
  func size() throws {
    func size(_ count: Int) throws -> Int {
      let variables = Dictionary(
        uniqueKeysWithValues: (0..<100).map { ("NAME_\($0)", VariableFacts(fingerprint: "\($0)")) })
      return try encoded(
        (0..<count).map { EnvironmentFacts(instance: "web-\($0)", source: "env", variables: .seen(variables)) }
      ).utf8.count
    }
    #expect(try size(200) < 4 * size(1))
  }

  @Test(
    "instances that there are not are refused, and none is set twice",
    arguments: [
      "0", "3", "1-3", "2-1", "1,1", "2,1", "1-2,2", "", ",", "1,", "-", "1-", "-1", "1-2-3", "x", "+1-x", " 1",
      "99999999999999999999", "1-9223372036854775807",
    ])
  func refused(runs: String) throws {
    #expect(throws: DecodingError.self) { try decoded(table(at: runs)) }
  }

  @Test("one value after the other may not be on the same instance")
  func twice() throws {
    #expect(throws: DecodingError.self) { try decoded(table(at: "1", "1-2")) }
    #expect(try decoded(table(at: "1", "2")).allSatisfy { $0.variables.value?["A"] != nil })
  }

  @Test("a small file can't name more than memory holds", .timeLimit(.minutes(5)))
  func bounded() throws {
    let count = 20_000
    let instances = (0..<count).map { #"{"instance":"\#($0)","source":""}"# }.joined(separator: ",")
    let variables = (0..<count)
      .map { #""\#($0)":[{"fingerprint":"a","isEmpty":false,"at":[{"instances":"1-\#(count)"}]}]"# }
      .joined(separator: ",")
    #expect(throws: DecodingError.self) {
      try decoded(#"{"environments":{"instances":[\#(instances)],"variables":{\#(variables)}}}"#)
    }
  }

  private func table(at runs: String...) -> String {
    let groups = runs.map { #"{"instances":"\#($0)"}"# }.joined(separator: ",")
    return #"{"environments":{"instances":[{"instance":"a","source":""},{"instance":"b","source":""}],"#
      + #""variables":{"A":[{"fingerprint":"a","isEmpty":false,"at":[\#(groups)]}]}}}"#
  }
}
