// What a report counts, and the exit code that it leads to.

import Diagnosis
import Facts
import Testing

@Suite struct ReportTests {
  @Test func `the summary counts every kind, and findings by severity`() {
    let verdicts =
      sample(.pass, count: 4) + sample(.undetermined, count: 3) + sample(.notApplicable, count: 2)
      + sample(.suppressed, count: 1) + sample(.finding, .error, count: 5) + sample(.finding, .notice, count: 6)
    let summary = Summary(verdicts)
    #expect(Verdict.Kind.allCases.map { summary[$0] } == [4, 11, 3, 2, 1])
    #expect(Severity.allCases.map { summary[$0] } == [6, 0, 5])
    #expect(Report(title: "", verdicts: verdicts).summary == summary)
  }

  @Test func `severity is counted for findings alone`() {
    let summary = Summary(sample(.pass, .error, count: 2) + sample(.suppressed, .error, count: 2))
    #expect(summary[.error] == 0)
  }

  @Test func `severities are ordered`() {
    #expect(Severity.allCases == [.notice, .warning, .error])
    #expect(Severity.allCases.sorted(by: >) == [.error, .warning, .notice])
  }

  @Test("the exit code follows what weighs most", arguments: exitCases)
  func exitCode(_ sample: ExitCase) {
    let report = Report(
      title: "", verdicts: sample.verdicts, inputProblems: sample.problems.map { InputProblem($0, "") },
      wasInterrupted: sample.wasInterrupted)
    #expect(report.exitCode(failOn: sample.threshold) == sample.expected)
  }

  @Test func `exit codes keep their numbers`() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 64, 66, 70, 78, 130])
  }
}

struct ExitCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var verdicts: [Verdict]
  var problems: [InputProblem.Kind] = []
  var wasInterrupted = false
  var threshold = Severity.error
  var expected: ExitCode
}

private func sample(_ kind: Verdict.Kind, _ severity: Severity = .error, count: Int = 1) -> [Verdict] {
  Array(
    repeating: Verdict(check: "a.b", kind: kind, severity: severity, subject: .deployment, message: "so it is"),
    count: count)
}

private let exitCases: [ExitCase] = [
  ExitCase(testDescription: "nothing at all", verdicts: [], expected: .undetermined),
  ExitCase(
    testDescription: "nothing but what does not apply", verdicts: sample(.notApplicable), expected: .undetermined),
  ExitCase(testDescription: "a finding that is suppressed", verdicts: sample(.suppressed), expected: .healthy),
  ExitCase(
    testDescription: "passes, not applicable and suppressed",
    verdicts: sample(.pass) + sample(.notApplicable) + sample(.suppressed), expected: .healthy),
  ExitCase(testDescription: "a finding at the threshold", verdicts: sample(.finding), expected: .findings),
  ExitCase(
    testDescription: "a finding below the threshold", verdicts: sample(.finding, .warning), expected: .healthy),
  ExitCase(
    testDescription: "a warning where warnings count", verdicts: sample(.finding, .warning), threshold: .warning,
    expected: .findings),
  ExitCase(
    testDescription: "an error where notices count", verdicts: sample(.finding), threshold: .notice,
    expected: .findings),
  ExitCase(testDescription: "something undetermined", verdicts: sample(.undetermined), expected: .undetermined),
  ExitCase(
    testDescription: "undetermined beside a finding below the threshold",
    verdicts: sample(.undetermined) + sample(.finding, .notice), expected: .undetermined),
  ExitCase(
    testDescription: "undetermined beside a finding", verdicts: sample(.undetermined) + sample(.finding),
    expected: .findings),
  ExitCase(
    testDescription: "an undetermined verdict of a low severity counts", verdicts: sample(.undetermined, .notice),
    expected: .undetermined),
  ExitCase(
    testDescription: "a missing input", verdicts: sample(.pass), problems: [.missing], expected: .inputMissing),
  ExitCase(
    testDescription: "a malformed input", verdicts: sample(.pass), problems: [.malformed], expected: .inputMalformed),
  ExitCase(
    testDescription: "a missing input weighs more than a malformed one", verdicts: [],
    problems: [.malformed, .missing],
    expected: .inputMissing),
  ExitCase(
    testDescription: "inputs weigh more than undetermined", verdicts: sample(.undetermined), problems: [.malformed],
    expected: .inputMalformed),
  ExitCase(
    testDescription: "findings weigh more than inputs", verdicts: sample(.finding), problems: [.missing, .malformed],
    expected: .findings),
  ExitCase(
    testDescription: "interruption weighs most", verdicts: sample(.finding) + sample(.undetermined),
    problems: [.missing], wasInterrupted: true, expected: .interrupted),
]
