// The report for people: by topic, worst first, each finding with what was measured, what mends it and what it
// explains. It opens with what was looked at and what that comes to, and closes with one sentence that counts everything
// and names what could not be determined.

import Diagnosis

func renderHuman(_ report: Report, _ options: RenderOptions) -> String {
  var page = Page(width: options.width, usesColor: options.usesColor)
  page.heading(report.title)
  for conclusion in report.conclusions { page.paragraph(conclusion, indent: entryIndent, hang: entryIndent) }
  for exhibit in report.exhibits { page.add(exhibit) }
  let verdicts = FoldedVerdicts(report.verdicts, shownFrom: options.show.threshold)
  let leftOut = verdicts.standing.filter(\.isLeftOut)
  for group in topicGroups(verdicts.standing.filter { !$0.isLeftOut }) {
    page.add(group, explaining: verdicts.symptoms(of:), options)
  }
  page.space()
  page.addCollapsed(leftOut, mark: .suppressed, showsChecks: options.show == .all)
  page.space()
  if let hidden = hiddenFindings(in: verdicts, at: options.show) { page.paragraph(hidden, hang: 2) }
  page.space()
  for sentence in report.notLookedAt { page.paragraph(sentence, hang: 2, label: "Not looked at:", labelWidth: 15) }
  page.space()
  for problem in report.inputProblems { page.add(problem) }
  page.space()
  if options.wrapsSummary {
    page.paragraph(summarySentence(of: report), hang: 2)
  } else {
    page.verbatim(summarySentence(of: report), indent: 0)
  }
  return page.text
}

/// The symbol and the word that a verdict begins with.
private struct Mark {
  var label: String
  var style: Style

  static let pass = Mark(label: "✓ pass", style: .pass)
  static let undetermined = Mark(label: "? undetermined", style: .undetermined)
  static let notApplicable = Mark(label: "- not applicable", style: .faint)
  static let suppressed = Mark(label: "~ suppressed", style: .faint)

  static func finding(_ severity: Severity) -> Mark {
    switch severity {
    case .error: Mark(label: "✗ error", style: .error)
    case .warning: Mark(label: "! warning", style: .warning)
    case .notice: Mark(label: "i notice", style: .notice)
    }
  }
}

/// The column that follows the longest label, `- not applicable`.
private let labelWidth = 18
private let entryIndent = 2
private let detailIndent = 6

extension Page {
  fileprivate mutating func add(_ exhibit: Exhibit) {
    space()
    heading(exhibit.title)
    if exhibit.rows.isEmpty {
      paragraph("none", indent: entryIndent, hang: entryIndent)
    } else if let narrow = exhibit.narrow,
      !fitsUnwrapped(columns: exhibit.columns, rows: exhibit.rows, width: width - entryIndent)
    {
      table(columns: narrow.columns, rows: narrow.rows, indent: entryIndent)
    } else {
      table(columns: exhibit.columns, rows: exhibit.rows, indent: entryIndent)
    }
  }

  fileprivate mutating func add(
    _ group: TopicGroup, explaining symptoms: (Verdict) -> [Verdict], _ options: RenderOptions
  ) {
    let findings = findings(in: group.verdicts, shownAt: options.show)
    if findings.isEmpty, group.verdicts.allSatisfy({ $0.kind == .finding }) { return }
    space()
    heading(group.heading)
    for finding in findings {
      let symptoms = symptoms(finding)
      addInFull(
        finding, mark: .finding(finding.severity),
        closing: options.show == .all ? symptomsInFull(symptoms) : symptomsInOneLine(symptoms))
    }
    for (_, verdicts) in grouped(group[.undetermined], by: { "\($0.subject.name)\n\($0.message)" }) {
      addUndetermined(verdicts)
    }
    if options.show == .all {
      for verdict in group[.pass] { addLine(verdict, mark: .pass) }
      for verdict in group[.notApplicable] { addLine(verdict, mark: .notApplicable) }
    } else {
      let passes = group[.pass]
      if !passes.isEmpty { entry("\(passes.count): \(checkNames(passes))", mark: .pass) }
      addNotApplicable(group[.notApplicable])
    }
    for verdict in group[.suppressed] { addLine(verdict, mark: .suppressed) }
  }

  /// A verdict with all that is known about it, set off by empty lines.
  private mutating func addInFull(_ verdict: Verdict, mark: Mark, closing lines: [String] = []) {
    entry("\(verdict.check)  \(verdict.subject.name)", mark: mark)
    paragraph(verdict.message, indent: detailIndent, hang: detailIndent)
    if let location = verdict.location { paragraph("at \(location)", indent: detailIndent, hang: detailIndent + 2) }
    for evidence in verdict.evidence { paragraph(phrase(evidence), indent: detailIndent, hang: detailIndent + 2) }
    if let remedy = verdict.remedy {
      for (word, remedy) in eachWay(remedy) {
        paragraph("\(word): \(remedy.text)", indent: detailIndent, hang: detailIndent + 2)
        for command in remedy.commands { verbatim(command, first: "$ ", rest: "  ", indent: detailIndent + 4) }
        if let snippet = remedy.snippet { verbatim(snippet, indent: detailIndent + 4) }
      }
    }
    for line in lines { paragraph(line, indent: detailIndent, hang: detailIndent + 2) }
    space()
  }

  /// What could not be known about one subject for one reason, however many checks wanted to know it.
  private mutating func addUndetermined(_ verdicts: [Verdict]) {
    guard var shown = verdicts.first else { return }
    shown.check = checkNames(verdicts)
    shown.evidence = verdicts.count == 1 ? shown.evidence : []
    addInFull(shown, mark: .undetermined)
  }

  private mutating func addLine(_ verdict: Verdict, mark: Mark) {
    entry("\(verdict.check)  \(verdict.subject.name): \(verdict.message)", mark: mark)
  }

  /// What the question does not arise for: by its reasons, or their number where there are many.
  private mutating func addNotApplicable(_ verdicts: [Verdict]) {
    if grouped(verdicts, by: \.message).count > 4 {
      entry("\(verdicts.count); --show all gives the reasons", mark: .notApplicable)
    } else {
      addCollapsed(verdicts, mark: .notApplicable, showsChecks: false)
    }
  }

  /// One line for each distinct message, with how many verdicts say it.
  fileprivate mutating func addCollapsed(_ verdicts: [Verdict], mark: Mark, showsChecks: Bool) {
    for (message, verdicts) in grouped(verdicts, by: \.message) {
      entry("\(verdicts.count): \(message)" + (showsChecks ? ": \(checkNames(verdicts))" : ""), mark: mark)
    }
  }

  fileprivate mutating func add(_ problem: InputProblem) {
    let label = "✗ \(phrase(problem.kind)):"
    paragraph(problem.message, hang: 2, label: label, style: .error, labelWidth: displayWidth(label) + 1)
    if let location = problem.location { paragraph("at \(location)", indent: 2, hang: 4) }
  }

  /// A line that begins with a mark; on a narrow page the text follows the mark at once instead of in its own column.
  private mutating func entry(_ text: String, mark: Mark) {
    let isNarrow = width < 60
    paragraph(
      text, indent: entryIndent, hang: isNarrow ? detailIndent : entryIndent + labelWidth, label: mark.label,
      style: mark.style, labelWidth: isNarrow ? displayWidth(mark.label) + 2 : labelWidth)
  }
}

/// The checks of the verdicts, each once, with how many subjects it was judged on where that is more than one.
private func checkNames(_ verdicts: [Verdict]) -> String {
  grouped(verdicts, by: \.check).map { $0.verdicts.count > 1 ? "\($0.label) ×\($0.verdicts.count)" : $0.label }
    .joined(separator: ", ")
}
