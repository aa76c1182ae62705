// What `judge` makes of checks that answer, throw or say nothing, and of the operator's rules.

import Diagnosis
import Facts
import Testing

@Suite struct JudgingTests {
  @Test func `verdicts come in the order of the checks`() {
    let verdicts = judge(Facts(), with: [Passing(), Finding()])
    #expect(verdicts.map(\.check) == ["sample.passing", "sample.finding"])
    #expect(verdicts.map(\.kind) == [.pass, .finding])
  }

  @Test func `a check that throws comes out undetermined, and says why`() throws {
    let verdict = try #require(judge(Facts(), with: [Throwing()]).first)
    #expect(verdict.kind == .undetermined)
    #expect(verdict.subject == .deployment)
    #expect(verdict.message.contains("unexpected reply"))
  }

  @Test func `a check with nothing to say comes out undetermined`() {
    #expect(judge(Facts(), with: [Silent()]).map(\.kind) == [.undetermined])
  }

  @Test func `a check sees only the topics that its card declares`() {
    let facts = Facts(deployment: .seen(Deployment()), redis: .seen([]))
    let verdicts = judge(facts, with: [SeesRedis(), SeesRedisAndDeployment()])
    #expect(verdicts.map(\.message) == ["redis", "deployment redis"])
  }

  @Test(
    "a pattern names an id, a topic, or a prefix with a star",
    arguments: [
      ("redis.tls-required", "redis.tls-required", true),
      ("redis", "redis.tls-required", true),
      ("redis.tls-*", "redis.tls-required", true),
      ("*", "redis.tls-required", true),
      ("redis.tls", "redis.tls-required", false),
      ("red", "redis.tls-required", false),
      ("env", "redis.tls-required", false),
      ("redis.tls-required.more", "redis.tls-required", false),
      ("", "redis.tls-required", false),
    ])
  func pattern(_ pattern: String, _ id: String, _ matches: Bool) {
    #expect(JudgingRules.pattern(pattern, matches: id) == matches)
  }

  @Test(
    "a check that the options leave out is suppressed by the option that did it",
    arguments: [
      (JudgingRules(only: ["redis"]), "--only redis"),
      (JudgingRules(only: ["redis", "env.*"]), "--only redis,env.*"),
      (JudgingRules(skip: ["env", "sample"]), "--skip sample"),
      (JudgingRules(only: ["sample"], skip: ["sample.finding"]), "--skip sample.finding"),
    ])
  func exclusion(_ rules: JudgingRules, _ option: String) throws {
    #expect(rules.exclusion(of: "sample.finding") == option)
    let verdicts = judge(Facts(), with: [Finding()], under: rules)
    #expect(verdicts.map(\.kind) == [.suppressed])
    #expect(verdicts.first?.message.contains(option) == true)
  }

  @Test func `a check that the options name is judged`() {
    #expect(judge(Facts(), with: [Finding()], under: JudgingRules(only: ["sample"])).map(\.kind) == [.finding])
    #expect(judge(Facts(), with: [Finding()], under: JudgingRules(skip: ["redis"])).map(\.kind) == [.finding])
  }

  @Test func `a check that is left out is not run`() {
    #expect(judge(Facts(), with: [Throwing()], under: JudgingRules(skip: ["sample"])).map(\.kind) == [.suppressed])
  }

  @Test func `a suppressed finding keeps its message and gives the reason and the place`() throws {
    let place = Location(file: "flowpanel-doctor.yaml", line: 21)
    let override = JudgingRules.Override(isSuppressed: true, reason: "known since May", location: place)
    let rules = JudgingRules(overrides: ["sample.finding": override])
    let verdict = try #require(judge(Facts(), with: [Finding()], under: rules).first)
    #expect(verdict.kind == .suppressed)
    #expect(verdict.message.hasPrefix("found something"))
    #expect(verdict.message.contains("known since May"))
    #expect(verdict.message.contains("flowpanel-doctor.yaml:21"))
    #expect(verdict.remedy == nil)
  }

  @Test func `an overridden severity is shown beside the card's`() throws {
    let rules = JudgingRules(overrides: ["sample.finding": .init(severity: .notice, reason: "a test machine")])
    let verdict = try #require(judge(Facts(), with: [Finding()], under: rules).first)
    #expect(verdict.kind == .finding)
    #expect(verdict.severity == .notice)
    let evidence = Evidence("severity", "notice", expected: "warning", source: "a test machine")
    #expect(verdict.evidence.last == evidence)
  }

  @Test func `an override that changes nothing leaves no trace`() {
    let rules = JudgingRules(overrides: ["sample.finding": .init(severity: .warning, reason: "as it is")])
    #expect(judge(Facts(), with: [Finding()], under: rules) == judge(Facts(), with: [Finding()]))
  }

  @Test func `an override touches findings alone`() {
    let rules = JudgingRules(overrides: [
      "sample.passing": .init(isSuppressed: true, reason: "never mind"),
      "sample.throwing": .init(isSuppressed: true, reason: "never mind"),
    ])
    let verdicts = judge(Facts(), with: [Passing(), Throwing()], under: rules)
    #expect(verdicts.map(\.kind) == [.pass, .undetermined])
  }
}

// MARK: - Checks that do one thing

private func sampleCard(_ name: String, needs: Set<FactTopic> = []) -> CheckCard {
  CheckCard(
    id: "sample.\(name)", title: "a sample", severity: .warning, needs: needs, why: "For the tests.",
    remedy: Remedy("Do nothing."), references: [], scenarios: [])
}

private struct Passing: Check {
  static let card = sampleCard("passing")
  func judge(_ facts: Facts) -> [Verdict] { [card.pass(.deployment, "all is well")] }
}

private struct Finding: Check {
  static let card = sampleCard("finding")
  func judge(_ facts: Facts) -> [Verdict] {
    [card.finding(.instance("web-1"), "found something", evidence: [Evidence("what", "something")])]
  }
}

private struct Silent: Check {
  static let card = sampleCard("silent")
  func judge(_ facts: Facts) -> [Verdict] { [] }
}

private struct Throwing: Check {
  struct Failure: Error, CustomStringConvertible {
    let description = "unexpected reply"
  }

  static let card = sampleCard("throwing")
  func judge(_ facts: Facts) throws -> [Verdict] { throw Failure() }
}

/// Says which topics it was shown.
private struct SeesRedis: Check {
  static let card = sampleCard("redis", needs: [.redis])
  func judge(_ facts: Facts) -> [Verdict] { [card.pass(.deployment, shown(facts))] }
}

private struct SeesRedisAndDeployment: Check {
  static let card = sampleCard("both", needs: [.deployment, .redis])
  func judge(_ facts: Facts) -> [Verdict] { [card.pass(.deployment, shown(facts))] }
}

private func shown(_ facts: Facts) -> String {
  let topics = [("deployment", facts.deployment.value != nil), ("redis", facts.redis.value != nil)]
  return topics.filter(\.1).map(\.0).joined(separator: " ")
}
