// What holds for the report for people whatever is in it.

import Diagnosis
import Facts
import Reporting
import Testing

@Suite("The report for people")
struct HumanReportTests {
  static let widths = [40, 80, 200]

  @Test("has no control bytes and nothing invisible but line feeds", arguments: widths)
  func isSafeToPrint(width: Int) {
    let text = render(sample, as: .human, options: RenderOptions(show: .all, width: width))
    for scalar in text.unicodeScalars where scalar != "\n" {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: Issue.record("U+\(String(scalar.value, radix: 16))")
      default: break
      }
    }
  }

  @Test("gives GitHub's runner nothing to obey when it lands in a job's log", arguments: widths)
  func holdsNoWorkflowCommand(width: Int) {
    let text = render(sample, as: .human, options: RenderOptions(show: .all, width: width))
    for line in text.split(separator: "\n") {
      #expect(!line.drop(while: \.isWhitespace).hasPrefix("::"))
      #expect(!line.contains("##["))
    }
  }

  @Test(
    "keeps to its width, except for words, commands and snippets that can't be broken, and the summary",
    arguments: widths)
  func keepsToItsWidth(width: Int) {
    let wholeLines = sample.verdicts.compactMap(\.remedy).flatMap { remedy in
      remedy.commands + (remedy.snippet ?? "").split(whereSeparator: \.isNewline).map(String.init)
    }.map { terminalSafe($0) }
    let deepestIndent = width < 60 ? 8 : 20
    for show in ShowLevel.allCases {
      let text = render(sample, as: .human, options: RenderOptions(show: show, width: width))
      for line in text.split(separator: "\n").dropLast().map(String.init) where displayWidth(line) > width {
        let hasLongWord = line.split(separator: " ").contains { displayWidth(String($0)) > width - deepestIndent }
        #expect(hasLongWord || wholeLines.contains { line.hasSuffix($0) }, "\(line)")
      }
    }
  }

  @Test("says the same in colour as without", arguments: [sample, healthy])
  func colourAddsNothing(report: Report) {
    let plain = render(report, as: .human, options: RenderOptions(show: .all))
    var colored = render(report, as: .human, options: RenderOptions(show: .all, usesColor: true))
    #expect(colored != plain)
    for code in ["0", "1", "2", "31", "32", "33", "34", "35"] {
      colored = colored.replacing("\u{1B}[\(code)m", with: "")
    }
    #expect(colored == plain)
  }

  @Test("opens with what it comes to, and gives many reasons for what does not apply only where all is asked for")
  func inShort() {
    let report = Report(
      title: "t", conclusions: ["all is well"],
      verdicts: (1...5).map { number in
        Verdict(
          check: "stream.\(number)", kind: .notApplicable, severity: .error, subject: .deployment,
          message: "reason \(number)")
      })
    let text = render(report, as: .human)
    #expect(text.hasPrefix("t\n  all is well\n\n"))
    #expect(text.contains("- not applicable  5; --show all gives the reasons\n") && !text.contains("reason 1"))
    #expect(render(report, as: .human, options: RenderOptions(show: .all)).contains("reason 5"))
  }

  @Test("shows what is undetermined with its reason at every level", arguments: ShowLevel.allCases)
  func alwaysShowsUndetermined(show: ShowLevel) {
    let text = render(sample, as: .human, options: RenderOptions(show: show, width: 200))
    for verdict in sample.verdicts where verdict.kind == .undetermined {
      #expect(text.contains("? undetermined    \(verdict.check)  \(verdict.subject.name)\n      \(verdict.message)\n"))
    }
  }

  @Test(
    "hides findings below the level, counts them and says what shows them",
    arguments: [
      (.all, 5, nil), (.notice, 5, nil),
      (.warning, 4, "1 finding below warning is hidden; --show notice shows it."),
      (.error, 2, "3 findings below error are hidden; --show notice shows them."),
    ] as [(ShowLevel, Int, String?)])
  func hidesBelowTheLevel(show: ShowLevel, shown: Int, sentence: String?) {
    let text = render(sample, as: .human, options: RenderOptions(show: show))
    let lines = text.split(separator: "\n")
    let marks = ["  ✗ error ", "  ! warning ", "  i notice "]
    #expect(lines.count { line in marks.contains { line.hasPrefix($0) } } == shown)
    #expect(lines.filter { $0.contains("--show") } == [sentence].compactMap { $0.map { $0[...] } })
    #expect(text.contains("2 errors, 2 warnings, 1 notice"))
  }

  @Test("leaves out a topic of which nothing is shown")
  func leavesOutEmptyTopics() {
    let notice = Verdict(check: "env.x", kind: .finding, severity: .notice, subject: .deployment, message: "m")
    let text = render(
      Report(title: "t", verdicts: [notice]), as: .human, options: RenderOptions(show: .error))
    #expect(!text.contains("Environment parity"))
  }

  @Test("puts the worst finding of a topic first")
  func ordersBySeverity() throws {
    let verdicts = [Severity.notice, .error, .warning].map {
      Verdict(check: "redis.\($0)", kind: .finding, severity: $0, subject: .deployment, message: "m")
    }
    let text = render(Report(title: "t", verdicts: verdicts), as: .human)
    let places = try ["redis.error", "redis.warning", "redis.notice"].map { try #require(text.firstRange(of: $0)) }
    #expect(places[0].lowerBound < places[1].lowerBound)
    #expect(places[1].lowerBound < places[2].lowerBound)
  }

  @Test("needs one line for all the checks that --only left out")
  func collapsesWhatWasLeftOut() {
    struct Passing: Check {
      static let card = CheckCard(
        id: "redis.passing", title: "", severity: .error, needs: [], why: "", remedy: Remedy(""), references: [],
        scenarios: [])
      func judge(_ facts: Facts) -> [Verdict] { [card.pass(.deployment, "fine")] }
    }
    let verdicts = judge(.init(), with: [Passing(), Passing(), Passing()], under: JudgingRules(only: ["env"]))
    let text = render(Report(title: "t", verdicts: verdicts), as: .human)
    #expect(
      text == """
        t

          ~ suppressed      3: left out by --only env

        Nothing was judged: no findings · 0 passed · 0 undetermined · 0 not applicable · 3 suppressed

        """)
  }
}
