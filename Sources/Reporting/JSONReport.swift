// The report for programs. The names in it are a promise: they are added to, never changed.

import Diagnosis

/// Everything in the report, whatever `show` says: a program filters for itself. Each exhibit's value stands under its
/// own key beside the verdicts.
func renderJSON(_ report: Report) -> String {
  let verdicts = FoldedVerdicts(report.verdicts, shownFrom: .notice)
  var members: [JSONValue.Member] = [
    .init("schemaVersion", .integer(Report.schemaVersion)),
    .init("title", .string(report.title)),
    .init("conclusions", .array(report.conclusions.map(JSONValue.string))),
    .init("summary", json(report.summary)),
    .init("verdicts", .array(report.verdicts.map { json($0, explaining: verdicts.symptoms(of: $0)) })),
  ]
  members += report.exhibits.compactMap { exhibit in exhibit.key.map { .init($0, exhibit.value) } }
  members += [
    .init("notLookedAt", .array(report.notLookedAt.map(JSONValue.string))),
    .init("inputProblems", .array(report.inputProblems.map(json))),
    .init("interrupted", .bool(report.wasInterrupted)),
  ]
  return jsonText(.object(members))
}

/// Verdicts by kind, findings by severity, and how many of them all another finding explains.
private func json(_ summary: Summary) -> JSONValue {
  .object(
    Verdict.Kind.allCases.map { .init($0.rawValue, .integer(summary[$0])) }
      + Severity.allCases.sorted(by: >).map { .init($0.rawValue, .integer(summary[$0])) }
      + [.init("explained", .integer(summary.explained))])
}

private func json(_ verdict: Verdict, explaining symptoms: [Verdict]) -> JSONValue {
  [
    "check": .string(verdict.check),
    "kind": .string(verdict.kind.rawValue),
    "severity": .string(verdict.severity.rawValue),
    "subject": .string(verdict.subject.name),
    "subjectKind": .string(verdict.subject.kind.rawValue),
    "message": .string(verdict.message),
    "evidence": .array(verdict.evidence.map(json)),
    "location": .location(verdict.location),
    "remedy": verdict.remedy.map(json) ?? .null,
    "explains": .array(symptoms.map { json($0.reference) }),
    "explainedBy": verdict.explainedBy.map(json) ?? .null,
  ]
}

private func json(_ reference: Verdict.Reference) -> JSONValue {
  [
    "check": .string(reference.check),
    "subject": .string(reference.subject.name),
    "subjectKind": .string(reference.subject.kind.rawValue),
  ]
}

private func json(_ evidence: Evidence) -> JSONValue {
  [
    "name": .string(evidence.name),
    "observed": .string(evidence.observed),
    "expected": .optional(evidence.expected),
    "source": .optional(evidence.source),
  ]
}

private func json(_ remedy: Remedy) -> JSONValue {
  [
    "text": .string(remedy.text),
    "commands": .array(remedy.commands.map(JSONValue.string)),
    "snippet": .optional(remedy.snippet),
    "alternatives": .array(remedy.alternatives.map(json)),
  ]
}

private func json(_ problem: InputProblem) -> JSONValue {
  [
    "kind": .string(problem.kind.rawValue),
    "message": .string(problem.message),
    "location": .location(problem.location),
  ]
}
