// Sentences and phrases that more than one format uses, so that they say the same thing in the same words.

import Diagnosis

/// The outcome in one sentence: all five kinds of verdict counted, and what could not be determined by name. Counts stand
/// before their noun.
func summarySentence(of report: Report) -> String {
  let summary = report.summary
  let findings = Severity.allCases.sorted(by: >).filter { summary[$0] > 0 }
    .map { counted(summary[$0], $0.rawValue) }
  let explained = explained(.finding, in: report).map { " (\($0.count) of them explained by \($0.causes))" } ?? ""
  var parts = [
    findings.isEmpty ? "no findings" : findings.joined(separator: ", ") + explained,
    "\(summary[.pass]) passed",
    "\(summary[.undetermined]) undetermined" + undeterminedChecks(in: report),
    "\(summary[.notApplicable]) not applicable",
    "\(summary[.suppressed]) suppressed",
  ]
  for (kind, phrase) in [(InputProblem.Kind.missing, "missing"), (.malformed, "not understood")] {
    let count = report.inputProblems.count { $0.kind == kind }
    if count > 0 { parts.append("\(counted(count, "input")) \(phrase)") }
  }
  return opening(of: report) + parts.joined(separator: " · ")
}

/// Healthy is said only where something was looked at, nothing was found and nothing was left open.
private func opening(of report: Report) -> String {
  let summary = report.summary
  if report.wasInterrupted { return "Interrupted before everything was looked at: " }
  if summary[.finding] > 0 { return "" }
  if summary[.undetermined] > 0 || !report.inputProblems.isEmpty { return "Not known to be healthy: " }
  if summary[.pass] == 0 { return "Nothing was judged: " }
  if summary[.suppressed] > 0 || !report.notLookedAt.isEmpty { return "Healthy in all that was judged: " }
  return "Healthy: "
}

private func undeterminedChecks(in report: Report) -> String {
  let checks = grouped(report.verdicts.filter { $0.kind == .undetermined }, by: \.check).map(\.label)
  if checks.isEmpty { return "" }
  let explained = explained(.undetermined, in: report).map { "; \($0.count) explained by \($0.causes)" } ?? ""
  return " (\(listed(checks))\(explained))"
}

/// How many verdicts of a kind are explained, and the checks that do so; nil where none is.
private func explained(_ kind: Verdict.Kind, in report: Report) -> (count: Int, causes: String)? {
  let explained = report.verdicts.filter { $0.kind == kind && $0.explainedBy != nil }
  if explained.isEmpty { return nil }
  return (explained.count, listed(grouped(explained) { $0.explainedBy?.check ?? "" }.map(\.label)))
}

/// The first few, and how many more there are.
func listed(_ names: [String]) -> String { firstFew(names, 4) }

/// How many findings a level hides and which option shows them; nil where it hides none. What a finding explains is shown
/// and hidden with it.
func hiddenFindings(in verdicts: FoldedVerdicts, at level: ShowLevel) -> String? {
  let hidden = verdicts.standing.filter { $0.kind == .finding && $0.severity < level.threshold }.flatMap { finding in
    Array(repeating: finding.severity, count: 1 + verdicts.symptoms(of: finding).count)
  }
  guard let least = hidden.min() else { return nil }
  let verb = hidden.count == 1 ? "is" : "are"
  let pronoun = hidden.count == 1 ? "it" : "them"
  return "\(counted(hidden.count, "finding")) below \(level.rawValue) \(verb) hidden; "
    + "--show \(least.rawValue) shows \(pronoun)."
}

/// `name: observed (expected …; source)`.
func phrase(_ evidence: Evidence) -> String {
  let aside = [evidence.expected.map { "expected \($0)" }, evidence.source].compactMap { $0 }.joined(separator: "; ")
  return "\(evidence.name): \(evidence.observed)" + (aside.isEmpty ? "" : " (\(aside))")
}

/// The verdict's evidence, place and remedy and what it explains as plain lines, for formats that carry one block of text.
func detailLines(_ verdict: Verdict, explaining symptoms: [Verdict]) -> [String] {
  var lines = verdict.evidence.map(phrase)
  if let location = verdict.location { lines.append("at \(location)") }
  if let remedy = verdict.remedy {
    for (word, remedy) in eachWay(remedy) {
      lines.append("\(word): \(remedy.text)")
      lines += remedy.commands.flatMap { textLines("$ \($0)") }
      if let snippet = remedy.snippet { lines += textLines(snippet) }
    }
  }
  return lines + symptomsInOneLine(symptoms)
}

/// A remedy and what would do in its stead, each with the word that it is told with.
func eachWay(_ remedy: Remedy) -> [(word: String, remedy: Remedy)] {
  [("mend", remedy)] + remedy.alternatives.map { ("or", $0) }
}

/// The heading of an input problem.
func phrase(_ kind: InputProblem.Kind) -> String {
  switch kind {
  case .missing: "missing input"
  case .malformed: "malformed input"
  }
}

/// `1 error`, `2 errors`.
private func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
