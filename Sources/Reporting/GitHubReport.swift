// The report as workflow commands of GitHub Actions: one annotation for each finding and for each thing that could not be
// determined, unless another finding explains it, then a notice with the summary. The runner shows only the first few of
// each level, so the worst come first.

import Diagnosis

func renderGitHub(_ report: Report, _ options: RenderOptions) -> String {
  var annotations = report.inputProblems.map { problem in
    Annotation(
      level: .error, title: phrase(problem.kind), message: [problem.message], file: problem.location?.file,
      line: problem.location?.line, column: problem.location?.column)
  }
  let verdicts = FoldedVerdicts(report.verdicts, shownFrom: options.show.threshold)
  let findings = findings(in: verdicts.standing, shownAt: options.show)
  let undetermined = verdicts.standing.filter { $0.kind == .undetermined }
  annotations += (findings.filter { $0.severity > .notice } + undetermined + findings.filter { $0.severity == .notice })
    .map { Annotation($0, explaining: verdicts.symptoms(of: $0)) }
  let closing =
    [summarySentence(of: report)] + [hiddenFindings(in: verdicts, at: options.show)].compactMap { $0 }
    + report.notLookedAt.map { "Not looked at: \($0)" }
  annotations.append(Annotation(level: .notice, title: "flowpanel-doctor", message: closing))
  return annotations.map { $0.command + "\n" }.joined()
}

private struct Annotation {
  var level: Severity
  var title: String
  /// Line by line.
  var message: [String]
  var file: String?
  var line: Int?
  var column: Int?

  var command: String {
    let properties = [
      ("file", file), ("line", line.map(String.init)), ("col", column.map(String.init)), ("title", title),
    ].compactMap { name, value in value.map { "\(name)=\(property($0))" } }
    return "::\(level.rawValue) \(properties.joined(separator: ","))::\(data(message.joined(separator: "\n")))"
  }
}

extension Annotation {
  init(_ verdict: Verdict, explaining symptoms: [Verdict]) {
    let isUndetermined = verdict.kind == .undetermined
    self.init(
      level: isUndetermined ? .warning : verdict.severity,
      title: "\(verdict.check)\(isUndetermined ? " undetermined" : ""): \(verdict.subject.name)",
      message: [verdict.message] + detailLines(verdict, explaining: symptoms), file: verdict.location?.file,
      line: verdict.location?.line,
      column: verdict.location?.column)
  }
}

/// What follows the second `::`, as the runner's ActionCommand.UnescapeData turns it back. Line feeds are always written
/// as `%0A`, so that no text can begin a line, and with it a command, of its own.
private func data(_ text: String) -> String { escaped(text, alsoEscaping: [:]) }

/// A property's value, as the runner's UnescapeProperty turns it back.
private func property(_ text: String) -> String { escaped(text, alsoEscaping: [":": "%3A", ",": "%2C"]) }

private func escaped(_ text: String, alsoEscaping more: [Unicode.Scalar: String]) -> String {
  let escapes = more.merging(["%": "%25", "\r": "%0D", "\n": "%0A"]) { first, _ in first }
  var escaped = ""
  for scalar in terminalSafe(text, keeping: ["\r", "\n"]).unicodeScalars {
    if let escape = escapes[scalar] {
      escaped += escape
    } else {
      escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
