// One root cause instead of its symptoms: which verdicts a finding explains. Nothing is left out and nothing changes its
// kind, so that what is counted, and the exit code, are never greener than without.

/// The verdicts, those that a finding explains marked with it.
///
/// Of several causes the most severe explains, and of those the first. Where a cause is explained itself, what explains
/// that explains all; of causes that explain each other in a circle the most severe one stands on its own. A cause is as
/// severe as the worst finding that it explains.
public func folded(_ verdicts: [Verdict]) -> [Verdict] {
  let causes = verdicts.indices.filter { verdicts[$0].kind == .finding && !verdicts[$0].explains.isEmpty }
    .sorted { (verdicts[$1].severity, $0) < (verdicts[$0].severity, $1) }
  guard !causes.isEmpty else { return verdicts }
  let explanations = Explanations(verdicts, causes)
  var folded = verdicts
  var worst: [Int: Int] = [:]
  for index in verdicts.indices {
    guard let cause = explanations.outermostCause(of: index) else { continue }
    folded[index].explainedBy = verdicts[cause].reference
    guard verdicts[index].kind == .finding, verdicts[index].severity > folded[cause].severity else { continue }
    folded[cause].severity = verdicts[index].severity
    worst[cause] = index
  }
  for (cause, symptom) in worst {
    folded[cause].evidence.append(
      Evidence(
        "severity", folded[cause].severity.rawValue, expected: verdicts[cause].severity.rawValue,
        source: "as bad as what it explains: \(verdicts[symptom].check) on \(verdicts[symptom].subject.name)"))
  }
  return folded
}

/// Which verdict explains which, by their places.
private struct Explanations {
  private var cause: [Int: Int] = [:]

  /// - Parameter causes: the findings that explain something, those that are preferred first.
  init(_ verdicts: [Verdict], _ causes: [Int]) {
    var explaining: [Symptom: [(rank: Int, symptom: Symptom)]] = [:]
    for (rank, cause) in causes.enumerated() {
      for symptom in verdicts[cause].explains {
        explaining[Symptom(symptom.check, symptom.subject), default: []].append((rank, symptom))
      }
    }
    // From the least to the most preferred: the last of a circle finds that all others hang on it, and keeps standing.
    let isCause = Set(causes)
    for index in causes.reversed() + verdicts.indices.filter({ !isCause.contains($0) }) {
      let verdict = verdicts[index]
      guard [.finding, .undetermined].contains(verdict.kind) else { continue }
      let ranks = [Symptom(verdict.check, verdict.subject), Symptom(verdict.check)].flatMap { explaining[$0] ?? [] }
        .filter { rank, symptom in
          let outermost = outermostCause(of: causes[rank]) ?? causes[rank]
          return verdict.isOnly(about: symptom.variables) && (verdict.kind == .undetermined || !symptom.isUndetermined)
            && verdicts[outermost].reference != verdict.reference
        }.map(\.rank)
      cause[index] = ranks.min().map { causes[$0] }
    }
  }

  /// The cause that explains the verdict and is not explained itself; nil where nothing does.
  func outermostCause(of index: Int) -> Int? {
    guard var outermost = cause[index] else { return nil }
    while let next = cause[outermost] { outermost = next }
    return outermost
  }
}

extension Verdict {
  fileprivate func isOnly(about names: [String]) -> Bool {
    names.isEmpty || !variables.isEmpty && variables.allSatisfy(names.contains)
  }
}
