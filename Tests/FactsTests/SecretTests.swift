import Facts
import Foundation
import Testing

@Suite("A secret never turns into text")
struct SecretTests {
  private let secret = Secret("canary-7f3a")

  private struct Holder: Encodable {
    var secret: Secret
    var list: [Secret]
    var optional: Secret?
  }

  @Test("by description, interpolation, reflection, dump and JSON")
  func redacts() throws {
    let holder = Holder(secret: secret, list: [secret], optional: secret)
    var dumped = ""
    dump(holder, to: &dumped)
    let texts = [
      "\(secret)", secret.description, secret.debugDescription, String(reflecting: secret), "\(holder)",
      String(reflecting: holder), dumped, "\(Mirror(reflecting: secret).children.map { "\($0)" })",
      String(decoding: try JSONEncoder().encode(holder), as: UTF8.self),
    ]
    for text in texts { #expect(!text.contains("canary"), "\(text)") }
    #expect("\(secret)" == "[redacted]")
    #expect(secret.reveal() == "canary-7f3a")
  }
}

@Suite("Facts")
struct FactsTests {
  private let facts = Facts(
    deployment: .seen(Deployment(instances: [Deployment.Instance(name: "web-1")])),
    config: .unseen(Unseen(.missing, "no config", at: Location(file: "a", line: 3, column: 4))),
    environments: .seen([
      EnvironmentFacts(
        instance: "web-1", source: "a.env", variables: .seen(["A": VariableFacts(fingerprint: "ff", isEmpty: true)]))
    ]), redis: .seen([]), streams: .seen([]))

  @Test("survive saving and reading")
  func roundTrip() throws {
    let read = try JSONDecoder().decode(Facts.self, from: JSONEncoder().encode(facts))
    #expect(read == facts)
  }

  @Test("narrowed to a topic hold nothing else", arguments: FactTopic.allCases)
  func narrowed(_ topic: FactTopic) {
    let narrow = facts.only([topic])
    #expect((narrow.deployment == facts.deployment) == (topic == .deployment))
    #expect((narrow.config == facts.config) == (topic == .config))
    #expect((narrow.environments == facts.environments) == (topic == .environment))
    #expect((narrow.redis == facts.redis) == (topic == .redis))
    #expect((narrow.streams == facts.streams) == (topic == .stream))
  }
}
