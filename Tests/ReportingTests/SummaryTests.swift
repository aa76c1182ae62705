// The closing sentence: what it counts, and when it says that all is well.

import Diagnosis
import Reporting
import Testing

@Suite("The closing sentence")
struct SummaryTests {
  private static let pass = verdict(.pass)
  private static let suppressed = verdict(.suppressed)

  private static func verdict(_ kind: Verdict.Kind, check: String = "redis.x", _ severity: Severity = .error) -> Verdict
  {
    Verdict(check: check, kind: kind, severity: severity, subject: .deployment, message: "m")
  }

  private static func explained(_ kind: Verdict.Kind, by check: String) -> Verdict {
    var verdict = verdict(kind)
    verdict.explainedBy = .init(check, .deployment)
    return verdict
  }

  private static let counts = "no findings · 1 passed · 0 undetermined · 0 not applicable"

  @Test(
    "says healthy only where something was looked at, nothing was found and nothing was left open",
    arguments: [
      (Report(title: "t", verdicts: [pass]), "Healthy: \(counts) · 0 suppressed"),
      (
        Report(title: "t", verdicts: [pass], notLookedAt: ["streams"]),
        "Healthy in all that was judged: \(counts) · 0 suppressed"
      ),
      (
        Report(title: "t", verdicts: [pass, suppressed]), "Healthy in all that was judged: \(counts) · 1 suppressed"
      ),
      (
        Report(title: "t", verdicts: []),
        "Nothing was judged: no findings · 0 passed · 0 undetermined · 0 not applicable · 0 suppressed"
      ),
      (
        Report(title: "t", verdicts: [pass, verdict(.undetermined), verdict(.undetermined)]),
        "Not known to be healthy: no findings · 1 passed · 2 undetermined (redis.x) · 0 not applicable · 0 suppressed"
      ),
      (
        Report(
          title: "t", verdicts: [pass], inputProblems: [InputProblem(.missing, "m"), InputProblem(.missing, "n")]),
        "Not known to be healthy: \(counts) · 0 suppressed · 2 inputs missing"
      ),
      (
        Report(title: "t", verdicts: [pass], wasInterrupted: true),
        "Interrupted before everything was looked at: \(counts) · 0 suppressed"
      ),
      (
        Report(title: "t", verdicts: [pass, verdict(.finding, .notice), verdict(.finding, .notice)]),
        "2 notices · 1 passed · 0 undetermined · 0 not applicable · 0 suppressed"
      ),
      (
        Report(title: "t", verdicts: (1...6).map { verdict(.undetermined, check: "redis.\($0)") }),
        "Not known to be healthy: no findings · 0 passed · "
          + "6 undetermined (redis.1, redis.2, redis.3, redis.4 and 2 more) · 0 not applicable · 0 suppressed"
      ),
      (
        Report(
          title: "t",
          verdicts: (1...6).flatMap { number in
            [
              explained(.finding, by: "pubsub.\(number)"), explained(.undetermined, by: "pubsub.\(number % 2)"),
            ]
          }),
        "6 errors (6 of them explained by pubsub.1, pubsub.2, pubsub.3, pubsub.4 and 2 more) · 0 passed · "
          + "6 undetermined (redis.x; 6 explained by pubsub.1, pubsub.0) · 0 not applicable · 0 suppressed"
      ),
    ])
  func closing(report: Report, expected: String) {
    let human = render(report, as: .human, options: RenderOptions(width: 1000)).split(separator: "\n")
    #expect(human.last.map(String.init) == expected)
    let wrapped = render(report, as: .human, options: RenderOptions(width: 40, wrapsSummary: true)).split(
      separator: "\n")
    #expect(wrapped.last.map { $0.count <= 40 && expected.hasSuffix($0.drop { $0 == " " }) } == true)
    let github = render(report, as: .github)
    #expect(github.contains("::notice title=flowpanel-doctor::\(expected)"))
  }
}
