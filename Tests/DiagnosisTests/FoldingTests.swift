// Which verdicts a finding explains, and that nothing is lost or looks better by it.

import Diagnosis
import Facts
import Testing

@Suite struct FoldingTests {
  private let web1 = Subject.instance("web-1")
  private let web2 = Subject.instance("web-2")

  @Test func `a finding explains the findings and the undetermined verdicts that it names, and nothing else`() {
    let cause = finding("a.cause", web1, explains: [Symptom("b.x", web1), Symptom("b.y")])
    let verdicts = [
      finding("b.x", web1), finding("b.x", web2), undetermined("b.y", web2), verdict(.pass, "b.y", web1),
      verdict(.notApplicable, "b.y", web1), verdict(.suppressed, "b.y", web1), finding("b.z", web1), cause,
    ]
    let result = folded(verdicts)
    #expect(names(of: result) == ["a.cause", nil, "a.cause", nil, nil, nil, nil, nil])
    #expect(result[0].explainedBy == .init("a.cause", web1))
    #expect(result.map(\.kind) == verdicts.map(\.kind))
    #expect(result.map(\.message) == verdicts.map(\.message))
  }

  @Test func `what nothing explains is left as it is`() {
    let verdicts = [
      finding("b.x", web1), undetermined("b.y", web1), finding("a.cause", web1, explains: [Symptom("c.z")]),
    ]
    #expect(folded(verdicts) == verdicts)
  }

  @Test(
    "only a finding explains", arguments: [Verdict.Kind.pass, .undetermined, .notApplicable, .suppressed])
  func onlyFindings(kind: Verdict.Kind) {
    let cause = verdict(kind, "a.cause", web1, explains: [Symptom("b.x")])
    #expect(names(of: folded([cause, finding("b.x", web1)])) == [nil, nil])
  }

  @Test func `a finding does not explain itself`() {
    let twins = [
      finding("a.cause", web1, explains: [Symptom("a.cause")]), finding("a.cause", web1),
      finding("a.cause", web2, .notice),
    ]
    #expect(names(of: folded(twins)) == [nil, nil, "a.cause"])
  }

  @Test func `the outermost of a chain explains all of it`() {
    let verdicts = [
      undetermined("d.w", web1), finding("c.z", web1, explains: [Symptom("d.w")]),
      finding("b.y", web1, explains: [Symptom("c.z")]), finding("a.cause", web1, explains: [Symptom("b.y")]),
    ]
    for order in [verdicts, verdicts.reversed()] {
      let result = folded(order)
      #expect(result.filter { $0.explainedBy == .init("a.cause", web1) }.count == 3)
      #expect(result.first { $0.check == "a.cause" }?.explainedBy == nil)
    }
  }

  @Test(
    "of causes in a circle the most severe stands, else the first, and explains the others",
    arguments: [([Severity.error, .error, .error], "c.0"), ([.warning, .notice, .error], "c.2")])
  func circle(severities: [Severity], standing: String) {
    let circle = severities.enumerated().map { place, severity in
      finding("c.\(place)", web1, severity, explains: [Symptom("c.\((place + 1) % 3)"), Symptom("s.x")])
    }
    let result = folded(circle + [finding("s.x", web1)])
    #expect(result.filter { $0.explainedBy == nil }.map(\.check) == [standing])
    #expect(Set(result.compactMap { $0.explainedBy?.check }) == [standing])
  }

  @Test func `a circle hangs on the cause outside of it`() {
    let verdicts = [
      finding("c.0", web1, .warning, explains: [Symptom("c.1")]),
      finding("c.1", web1, .warning, explains: [Symptom("c.0")]),
      finding("a.cause", web1, explains: [Symptom("c.1")]),
    ]
    #expect(names(of: folded(verdicts)) == ["a.cause", "a.cause", nil])
  }

  @Test(
    "of several causes the most severe explains, and of those the first",
    arguments: [([Severity.error, .error], "c.0"), ([.warning, .error], "c.1"), ([.error, .notice], "c.0")])
  func several(severities: [Severity], expected: String) {
    let causes = severities.enumerated().map { place, severity in
      // The one that comes first names any subject, so that the narrower name is seen not to win.
      finding("c.\(place)", web1, severity, explains: [Symptom("s.x", place == 0 ? nil : web2)])
    }
    #expect(names(of: folded(causes + [finding("s.x", web2, .notice)])).last == expected)
  }

  @Test func `a cause is as severe as the worst finding that it explains, and says so`() throws {
    let cause = finding("a.cause", web1, .notice, explains: [Symptom("b.x"), Symptom("b.y")])
    let result = folded([
      cause, finding("b.x", web1, .warning), finding("b.x", web2, .error), finding("b.y", web1, .error),
    ])
    let raised = try #require(result.first)
    #expect(raised.severity == .error)
    #expect(
      raised.evidence == [
        Evidence("severity", "error", expected: "notice", source: "as bad as what it explains: b.x on web-2")
      ])
  }

  @Test func `what is undetermined, or less severe, leaves the cause's severity`() {
    let cause = finding("a.cause", web1, .warning, explains: [Symptom("b.x"), Symptom("b.y")])
    let result = folded([cause, finding("b.x", web1, .notice), undetermined("b.y", web1)])
    #expect(result.first == cause)
  }

  @Test(
    "a cause may explain what is about some variables alone",
    arguments: [
      (["REDIS_URL"], ["REDIS_URL"], true), (["REDIS_URL"], ["REDIS_URL", "SMTP_URL"], true),
      (["REDIS_URL", "SMTP_URL"], ["REDIS_URL"], false), (["SMTP_URL"], ["REDIS_URL"], false),
      ([], ["REDIS_URL"], false), ([], [], true), (["SMTP_URL"], [], true),
    ] as [([String], [String], Bool)])
  func variables(about: [String], named: [String], isExplained: Bool) {
    let symptom = Verdict(
      check: "env.x", kind: .finding, severity: .error, subject: web1, message: "m", variables: about)
    let cause = finding("a.cause", web1, explains: [Symptom("env.x", variables: named)])
    #expect((folded([cause, symptom]).last?.explainedBy != nil) == isExplained)
  }

  @Test("a cause may explain what is undetermined alone", arguments: [true, false])
  func undeterminedAlone(isUndetermined: Bool) {
    let cause = finding("a.cause", web1, explains: [Symptom("b.x", web1, isUndetermined: isUndetermined)])
    let result = folded([cause, finding("b.x", web1), undetermined("b.x", web1), undetermined("b.x", web2)])
    #expect(names(of: result) == [nil, isUndetermined ? nil : "a.cause", "a.cause", nil])
    // Another symptom of the same name goes further.
    let both = finding("a.cause", web1, explains: [Symptom("b.x", web1, isUndetermined: true), Symptom("b.x", web1)])
    #expect(names(of: folded([both, finding("b.x", web1)])) == [nil, "a.cause"])
  }

  @Test(
    "the exit code and the counts of kinds are those of the same verdicts without a cause",
    arguments: Severity.allCases, Severity.allCases)
  func neverGreener(severity: Severity, threshold: Severity) {
    for symptom in [finding("b.x", web1), finding("b.x", web1, .notice), undetermined("b.x", web1)] {
      let apart = [finding("a.cause", web1, severity), symptom]
      let together = folded([finding("a.cause", web1, severity, explains: [Symptom("b.x")]), symptom])
      #expect(together[1].explainedBy != nil)
      let (before, after) = (Report(title: "", verdicts: apart), Report(title: "", verdicts: together))
      #expect(after.exitCode(failOn: threshold) == before.exitCode(failOn: threshold))
      #expect(Verdict.Kind.allCases.allSatisfy { after.summary[$0] == before.summary[$0] })
      #expect((before.summary.explained, after.summary.explained) == (0, 1))
    }
  }

  @Test func `judging folds, after the overrides`() {
    let checks: [any Check] = [Cause(), Effect()]
    let suppression = JudgingRules.Override(isSuppressed: true, reason: "known")
    #expect(names(of: judge(Facts(), with: checks)) == [nil, "sample.cause"])
    #expect(
      names(of: judge(Facts(), with: checks, under: JudgingRules(overrides: ["sample.cause": suppression]))) == [
        nil, nil,
      ])
    #expect(names(of: judge(Facts(), with: checks, under: JudgingRules(skip: ["sample.cause"]))) == [nil, nil])
    let milder = JudgingRules.Override(severity: .notice, reason: "a test machine")
    let verdicts = judge(Facts(), with: checks, under: JudgingRules(overrides: ["sample.cause": milder]))
    #expect(verdicts.map(\.severity) == [.warning, .warning])
    #expect(verdicts.first?.evidence.map(\.observed) == ["notice", "warning"])
  }

  @Test func `thousands of symptoms of hundreds of causes are folded`() {
    let causes = (0..<300).map { finding("a.cause", .instance("web-\($0)"), explains: [Symptom("b.x")]) }
    let symptoms = (0..<6000).map { finding("b.x", .stream("http://10.0.0.1:\($0)/")) }
    #expect(Set(names(of: folded(causes + symptoms)).suffix(6000)) == ["a.cause"])
  }
}

private func verdict(
  _ kind: Verdict.Kind, _ check: String, _ subject: Subject, _ severity: Severity = .error, explains: [Symptom] = []
) -> Verdict {
  Verdict(
    check: check, kind: kind, severity: severity, subject: subject, message: "\(check) on \(subject.name)",
    explains: explains)
}

private func finding(
  _ check: String, _ subject: Subject, _ severity: Severity = .error, explains: [Symptom] = []
) -> Verdict {
  verdict(.finding, check, subject, severity, explains: explains)
}

private func undetermined(_ check: String, _ subject: Subject) -> Verdict { verdict(.undetermined, check, subject) }

/// The checks of what explains each verdict.
private func names(of verdicts: [Verdict]) -> [String?] { verdicts.map { $0.explainedBy?.check } }

private struct Cause: Check {
  static let card = CheckCard(
    id: "sample.cause", title: "a sample", severity: .warning, needs: [], why: "For the tests.",
    remedy: Remedy("Do nothing."), references: [], scenarios: [])
  func judge(_ facts: Facts) -> [Verdict] {
    [card.finding(.deployment, "a cause", evidence: [], explains: [Symptom("sample.effect", .deployment)])]
  }
}

private struct Effect: Check {
  static let card = CheckCard(
    id: "sample.effect", title: "a sample", severity: .warning, needs: [], why: "For the tests.",
    remedy: Remedy("Do nothing."), references: [], scenarios: [])
  func judge(_ facts: Facts) -> [Verdict] { [card.finding(.deployment, "an effect", evidence: [])] }
}
