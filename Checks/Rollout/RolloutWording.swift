// How the checks on a watched rollout read its streams, and how they put times and gaps.

import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each URL whose streams were watched during a rollout, or the one for a run that watched none.
  func eachRolledOut(_ facts: Facts, _ judge: (RolloutFacts, [RolloutFacts.Stream]) -> Verdict) -> [Verdict] {
    guard let rollout = facts.rollout else { return [noRollout] }
    if rollout.streams.isEmpty { return [notApplicable(.deployment, "no stream was watched")] }
    return rollout.byTarget.map { judge(rollout, $0) }
  }

  /// The verdict of a run that watched no rollout.
  var noRollout: Verdict {
    notApplicable(.deployment, "no rollout was watched; flowpanel-doctor fanout --watch watches one")
  }
}

extension RolloutFacts.Stream {
  /// What was opened, in words.
  var place: String { instance.map { "\($0)'s own URL" } ?? "the public URL" }
}

extension RolloutFacts.Gap {
  /// How long it lasted, until it was over or the watch was.
  func length(in rollout: RolloutFacts) -> Double {
    max(0, (backMilliseconds ?? rollout.watchedMilliseconds) - milliseconds)
  }

  /// `gone for 3.5 s; 2 failed attempts (status 502)`; to a tenth of a second, so that a crowd's are alike.
  func words(in rollout: RolloutFacts) -> String {
    let length = length(in: rollout)
    let answers = Set(failures.map { $0.status.map { "status \($0)" } ?? $0.detail }).sorted().prefix(3)
    return (backMilliseconds == nil ? "not back after " : "gone for ")
      + spanText(length >= 100 ? (length / 100).rounded() * 100 : length) + "; "
      + counted(failureCount, "failed attempt") + (answers.isEmpty ? "" : " (\(answers.joined(separator: ", ")))")
  }
}

/// The longest gaps in words, those of a crowd in one line; at most five.
func gapEvidence(
  _ gaps: [RolloutFacts.Gap], in rollout: RolloutFacts, expected: String? = nil,
  _ words: (RolloutFacts.Gap) -> String = { _ in "" }
) -> [Evidence] {
  crowded(
    gaps.sorted { $0.length(in: rollout) > $1.length(in: rollout) }.map { gap in
      Evidence("dropped at \(spanText(gap.milliseconds))", words(gap) + gap.words(in: rollout), expected: expected)
    })
}

/// A line for each stream, equal ones as one that counts them; at most five.
func crowded(_ lines: [Evidence]) -> [Evidence] {
  var crowds: [(line: Evidence, count: Int)] = []
  for line in lines {
    if let index = crowds.firstIndex(where: { $0.line == line }) {
      crowds[index].count += 1
    } else if crowds.count < 5 {
      crowds.append((line, 1))
    }
  }
  return crowds.map { line, count in
    var line = line
    if count > 1 { line.name += ", \(counted(count, "stream"))" }
    return line
  }
}

/// A time in milliseconds for people: `340 ms`, `3.4 s`, `12 min`.
func spanText(_ milliseconds: Double) -> String {
  guard milliseconds >= 1000, let tenths = Int(exactly: (milliseconds / 100).rounded()) else {
    return millisecondsText(milliseconds)
  }
  return tenths < 1200 && tenths % 10 != 0 ? "\(Double(tenths) / 10) s" : ageText(tenths / 10)
}
