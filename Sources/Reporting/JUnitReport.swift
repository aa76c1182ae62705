// The report as JUnit XML: a test suite for each topic, a test case for each verdict.
//
// JUnit knows four outcomes. A finding at or above `failOn` is a failure, one below it passes and says so in its output;
// undetermined is an error, never a pass; not applicable and suppressed are skipped, and their message says which. What a
// finding explains is skipped too and says so, so that failures are as many as there are causes; it stays an error where
// its cause is no failure.

import Diagnosis

func renderJUnit(_ report: Report, _ options: RenderOptions) -> String {
  let verdicts = FoldedVerdicts(report.verdicts, shownFrom: options.failOn)
  var suites = topicGroups(report.verdicts).map { group in
    TestSuite(name: group.heading, cases: group.verdicts.map { testCase($0, in: verdicts, options) })
  }
  let run = casesOfTheRun(report)
  if !run.isEmpty { suites.append(TestSuite(name: "Run", cases: run)) }
  let all = TestSuite(name: "flowpanel-doctor: \(report.title)", cases: suites.flatMap(\.cases))
  var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#, "<testsuites\(all.attributes)>"]
  for suite in suites {
    lines.append("  <testsuite\(suite.attributes)>")
    lines += suite.cases.flatMap(\.lines)
    lines.append("  </testsuite>")
  }
  lines.append("</testsuites>")
  return lines.joined(separator: "\n") + "\n"
}

private struct TestSuite {
  var name: String
  var cases: [TestCase]

  var attributes: String {
    let counts = [TestCase.Outcome.failure, .error, .skipped].map { outcome in cases.count { $0.outcome == outcome } }
    return xmlAttributes([
      ("name", name), ("tests", "\(cases.count)"), ("failures", "\(counts[0])"), ("errors", "\(counts[1])"),
      ("skipped", "\(counts[2])"),
    ])
  }
}

private struct TestCase {
  enum Outcome: String {
    case passed, failure, error, skipped
  }

  var className: String
  var name: String
  var outcome: Outcome
  /// The `type` of a failure or an error.
  var type: String?
  var message: String
  var details: [String] = []
  var file: String?
  var line: Int?

  var lines: [String] {
    let attributes = xmlAttributes([
      ("classname", className), ("name", name), ("file", file), ("line", line.map(String.init)),
    ])
    let body = details.map(xmlText).joined(separator: "\n")
    let content =
      switch outcome {
      case .passed where body.isEmpty: ""
      case .passed: "<system-out>\(body)</system-out>"
      default:
        "<\(outcome.rawValue)\(xmlAttributes([("type", type), ("message", message)]))"
          + (body.isEmpty ? "/>" : ">\(body)</\(outcome.rawValue)>")
      }
    if content.isEmpty { return ["    <testcase\(attributes)/>"] }
    return ["    <testcase\(attributes)>", "      \(content)", "    </testcase>"]
  }
}

private func testCase(_ verdict: Verdict, in verdicts: FoldedVerdicts, _ options: RenderOptions) -> TestCase {
  let title = options.checkTitles[verdict.check].map { ": \($0)" } ?? ""
  var result = TestCase(
    className: verdict.check, name: verdict.subject.name + title, outcome: .passed, message: verdict.message,
    file: verdict.location?.file, line: verdict.location?.line)
  if let cause = verdicts.cause(of: verdict) {
    result.outcome = .skipped
    result.message =
      (verdict.kind == .finding ? "" : "undetermined, ") + "explained by \(phrase(cause.reference)): "
      + verdict.message
    return result
  }
  let details = detailLines(verdict, explaining: verdicts.symptoms(of: verdict))
  switch verdict.kind {
  case .pass: break
  case .finding where verdict.severity >= options.failOn:
    result.outcome = .failure
    result.type = verdict.severity.rawValue
    result.details = [verdict.message] + details
  case .finding: result.details = ["\(verdict.severity.rawValue): \(verdict.message)"] + details
  case .undetermined:
    result.outcome = .error
    result.type = "undetermined"
    result.details = details
  case .notApplicable:
    result.outcome = .skipped
    result.message = "not applicable: \(verdict.message)"
  case .suppressed:
    result.outcome = .skipped
    result.message = "suppressed: \(verdict.message)"
  }
  return result
}

/// What happened to the run rather than to a check, so that a report without verdicts is not a green one.
private func casesOfTheRun(_ report: Report) -> [TestCase] {
  var cases = report.inputProblems.map { problem in
    TestCase(
      className: "run.input", name: problem.message, outcome: .error, type: problem.kind.rawValue,
      message: "\(phrase(problem.kind)): \(problem.message)", file: problem.location?.file,
      line: problem.location?.line)
  }
  if report.wasInterrupted {
    let message = "interrupted before everything was looked at"
    cases.append(
      TestCase(
        className: "run.interrupted", name: "the run looked at everything", outcome: .error, type: "interrupted",
        message: message))
  }
  cases += report.notLookedAt.map {
    TestCase(className: "run.not-looked-at", name: $0, outcome: .skipped, message: "not looked at: \($0)")
  }
  return cases
}

private func xmlAttributes(_ attributes: [(name: String, value: String?)]) -> String {
  attributes.map { name, value in value.map { " \(name)=\"\(xmlText($0))\"" } ?? "" }.joined()
}

/// One line of character data, for text and attributes alike. What XML 1.0 has no place for (2.2, Char), and what a
/// terminal would obey, is written out as `\u{1B}`; so are line feeds, of which a reader would make spaces in an
/// attribute (3.3.3).
private func xmlText(_ text: String) -> String {
  var escaped = ""
  for scalar in terminalSafe(text).unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    // Needed where it would end a `]]>` (2.4).
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    // A line that begins with `::` would be a command to GitHub's runner where the document is printed to a job's log.
    case ":" where escaped.allSatisfy(\.isWhitespace): escaped += "&#58;"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
