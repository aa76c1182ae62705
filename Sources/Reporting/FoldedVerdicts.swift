// Causes and their symptoms: what a finding explains is told under it rather than on its own.

import Diagnosis

struct FoldedVerdicts {
  private let threshold: Severity
  private var causes: [Verdict.Reference: Verdict] = [:]
  private var symptoms: [Verdict.Reference: [Verdict]] = [:]
  /// The verdicts that nothing explains, in their order.
  private(set) var standing: [Verdict] = []

  /// Whoever hides findings below a threshold shows what is undetermined all the same: it is folded under a cause that
  /// is shown, and no other.
  init(_ verdicts: [Verdict], shownFrom threshold: Severity) {
    self.threshold = threshold
    for verdict in verdicts where verdict.kind == .finding && verdict.explainedBy == nil && !verdict.explains.isEmpty {
      if causes[verdict.reference] == nil { causes[verdict.reference] = verdict }
    }
    for verdict in verdicts {
      if let cause = cause(of: verdict) {
        symptoms[cause.reference, default: []].append(verdict)
      } else {
        standing.append(verdict)
      }
    }
  }

  /// The finding that a verdict is told under; nil where it is told on its own, as where its cause is not in the report.
  func cause(of verdict: Verdict) -> Verdict? {
    guard let cause = verdict.explainedBy.flatMap({ causes[$0] }) else { return nil }
    return verdict.kind == .undetermined && cause.severity < threshold ? nil : cause
  }

  /// What is told under a verdict.
  func symptoms(of verdict: Verdict) -> [Verdict] {
    verdict.explainedBy == nil && !verdict.explains.isEmpty ? symptoms[verdict.reference] ?? [] : []
  }
}

/// One line for all: `explains: stream.blocked on https://a/; env.missing-on-instance on web-2 (REDIS_URL)`; none where
/// there is nothing. What can't be determined is only counted where it is much: a server that is gone leaves all open.
func symptomsInOneLine(_ symptoms: [Verdict]) -> [String] {
  if symptoms.isEmpty { return [] }
  func phrases(_ verdicts: [Verdict]) -> [String] {
    grouped(verdicts) { "\($0.check)\n\(remark($0))" }.map { phrase($0.verdicts) }
  }
  let open = symptoms.filter { $0.kind == .undetermined }
  let checks = grouped(open, by: \.check).map(\.label)
  guard checks.count > 4 else { return ["explains: " + phrases(symptoms).joined(separator: "; ")] }
  let found = phrases(symptoms.filter { $0.kind != .undetermined })
  return ["explains: " + (found + ["what is undetermined: \(listed(checks))"]).joined(separator: "; ")]
}

/// A line for each, with its message.
func symptomsInFull(_ symptoms: [Verdict]) -> [String] { symptoms.map { "explains: \(phrase([$0])): \($0.message)" } }

/// `stream.blocked on web-1…web-3 and …`: verdicts of one check that are remarked on alike.
private func phrase(_ verdicts: [Verdict]) -> String {
  let subjects = grouped(verdicts) { "\($0.subject.kind)\n\($0.subject.name)" }.compactMap(\.verdicts.first?.subject)
  let names = listed(drawnTogether(subjects.map(\.name)))
  return (verdicts.first?.check ?? "") + (subjects == [.deployment] ? "" : " on \(names)")
    + (verdicts.first.map(remark) ?? "")
}

/// ` (REDIS_URL)`, ` (undetermined)`, or nothing.
private func remark(_ verdict: Verdict) -> String {
  let aside = (verdict.kind == .undetermined ? ["undetermined"] : []) + verdict.variables
  return aside.isEmpty ? "" : " (\(listed(aside)))"
}

/// `pubsub.one-fan-out on web-2`.
func phrase(_ reference: Verdict.Reference) -> String {
  reference.check + (reference.subject == .deployment ? "" : " on \(reference.subject.name)")
}
