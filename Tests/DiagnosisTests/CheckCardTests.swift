// The short forms on a card, and the one rule for what was not observed.

import Diagnosis
import Facts
import Testing

@Suite struct CheckCardTests {
  private let card = CheckCard(
    id: "redis.sample", title: "a sample", severity: .warning, needs: [], why: "", remedy: Remedy("Mend it."),
    references: [], scenarios: [])

  @Test func `the topic is what stands before the dot`() {
    #expect(card.topic == "redis")
  }

  @Test func `a finding has the card's severity and remedy unless it has its own`() {
    let plain = card.finding(.deployment, "so it is", evidence: [])
    #expect(plain.severity == .warning)
    #expect(plain.remedy == Remedy("Mend it."))
    let own = card.finding(.deployment, "so it is", severity: .notice, evidence: [], remedy: Remedy("Otherwise."))
    #expect(own.severity == .notice)
    #expect(own.remedy == Remedy("Otherwise."))
  }

  @Test("what was not asked for or not given does not apply", arguments: [Unseen.Kind.notAsked, .notGiven])
  func absent(_ kind: Unseen.Kind) {
    #expect(card.unseen(.deployment, Unseen(kind, "so it is")).kind == .notApplicable)
  }

  @Test(
    "what was asked for and not seen is undetermined, where it happened",
    arguments: [
      Unseen.Kind.refused, .timedOut, .notReachable, .missing, .notUnderstood, .notAttempted, .interrupted,
    ])
  func unseen(_ kind: Unseen.Kind) {
    let place = Location(file: "a.env", line: 3)
    let verdict = card.unseen(.instance("web-1"), Unseen(kind, "no answer", at: place))
    #expect(verdict.kind == .undetermined)
    #expect(verdict.message == "no answer")
    #expect(verdict.location == place)
    #expect(verdict.subject == .instance("web-1"))
  }
}
