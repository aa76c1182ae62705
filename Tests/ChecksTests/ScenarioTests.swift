// Every scenario of every card is run, and one that does not come out as it says points at its own line.

import Checks
import Diagnosis
import Facts
import Testing

@Suite struct ScenarioTests {
  @Test("every scenario leads to the verdicts that it says", arguments: allScenarios)
  func scenario(_ sample: CheckScenario) throws {
    let verdicts = judge(sample.scenario.facts, with: [sample.check])
    for complaint in complaints(about: verdicts, in: sample) {
      let heard = verdicts.map { "\($0.kind) on \($0.subject.name): \($0.message)" }.joined(separator: "\n")
      Issue.record("\(sample): \(complaint)\n\(heard)", sourceLocation: sample.scenario.sourceLocation)
    }
  }

  @Test(
    "what a verdict says is whole: one sentence, without a newline, and places where there are any",
    arguments: allScenarios)
  func wording(_ sample: CheckScenario) {
    for verdict in judge(sample.scenario.facts, with: [sample.check]) {
      let texts = [verdict.message] + verdict.evidence.flatMap { [$0.name, $0.observed] }
      for text in texts where text.isEmpty || text.contains("\n") || text.contains("Optional(") || text.contains("  ") {
        Issue.record("\(sample): \(text.debugDescription)", sourceLocation: sample.scenario.sourceLocation)
      }
      #expect(verdict.check == sample.check.card.id)
      #expect((verdict.remedy != nil) == (verdict.kind == .finding))
    }
  }

  @Test("what a finding explains is named by the id of a check", arguments: allScenarios)
  func symptoms(_ sample: CheckScenario) {
    for symptom in judge(sample.scenario.facts, with: [sample.check]).flatMap(\.explains) {
      #expect(Catalogue.check(symptom.check) != nil, "\(sample): \(symptom.check)")
    }
  }

  @Test(
    "a finding in an environment says which variables it is about",
    arguments: allScenarios.filter { $0.check.card.topic == "env" && $0.check.card.id != "env.published" })
  func variables(_ sample: CheckScenario) {
    for verdict in judge(sample.scenario.facts, with: [sample.check]) where verdict.kind == .finding {
      #expect(!verdict.variables.isEmpty || verdict.evidence.map(\.name) == ["instances of the baseline"], "\(sample)")
      #expect(verdict.variables.prefix(1).allSatisfy { verdict.message.contains($0) }, "\(sample)")
    }
  }

  @Test("a fingerprint is never shown", arguments: allScenarios.filter { $0.check.card.topic == "env" })
  func fingerprints(_ sample: CheckScenario) {
    for verdict in judge(sample.scenario.facts, with: [sample.check]) {
      #expect(!"\(verdict)".contains("hmac-of-"))
    }
  }

  private func complaints(about verdicts: [Verdict], in sample: CheckScenario) -> [String] {
    let scenario = sample.scenario
    let onSubject = verdicts.filter { scenario.subject == nil || $0.subject.name == scenario.subject }
    var complaints: [String] = []
    func require(_ holds: Bool, _ complaint: String) { if !holds { complaints.append(complaint) } }

    switch scenario.expected {
    case .pass:
      require(verdicts.contains { $0.kind == .pass }, "nothing passed")
      require(verdicts.allSatisfy { $0.kind == .pass || $0.kind == .notApplicable }, "not everything passed")
    case .finding:
      let severity = scenario.severity ?? sample.check.card.severity
      let findings = onSubject.filter { $0.kind == .finding && $0.severity == severity }
      require(!findings.isEmpty, "no finding of severity \(severity)")
      require(findings.allSatisfy { !$0.evidence.isEmpty }, "a finding without evidence")
      require(findings.allSatisfy { $0.remedy?.text.isEmpty == false }, "a finding without a remedy")
    case .undetermined:
      require(onSubject.contains { $0.kind == .undetermined }, "nothing was undetermined")
      require(!onSubject.contains { $0.kind == .pass }, "something passed that was not looked at")
    case .notApplicable:
      require(verdicts.allSatisfy { $0.kind == .notApplicable }, "something was judged that does not arise")
    case .suppressed:
      require(false, "checks don't suppress")
    }
    return complaints
  }
}

/// A check that shows in test results by its id.
struct AnyCheck: Sendable, CustomTestStringConvertible {
  let check: any Check

  var testDescription: String { check.card.id }
}

let everyCheck = Catalogue.all.map { AnyCheck(check: $0) }

/// One scenario with its check.
struct CheckScenario: Sendable, CustomTestStringConvertible, CustomStringConvertible {
  let check: any Check
  let scenario: Scenario

  var description: String { "\(check.card.id): \(scenario.name)" }
  var testDescription: String { description }
}

let allScenarios = Catalogue.all.flatMap { check in
  check.card.scenarios.map { CheckScenario(check: check, scenario: $0) }
}

extension Scenario {
  var sourceLocation: SourceLocation {
    let path = "\(file)"
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return SourceLocation(fileID: "Checks/\(name)", filePath: path, line: Int(line), column: 1)
  }
}
