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
    for verdict in sample.verdicts where verdict.kind == .undetermined && verdict.explainedBy == nil {
      #expect(text.contains("? undetermined    \(verdict.check)  \(verdict.subject.name)\n      \(verdict.message)\n"))
    }
  }

  @Test(
    "hides findings below the level, counts them and says what shows them",
    arguments: [
      (.all, 6, nil), (.notice, 6, nil),
      (.warning, 5, "1 finding below warning is hidden; --show notice shows it."),
      (.error, 3, "3 findings below error are hidden; --show notice shows them."),
    ] as [(ShowLevel, Int, String?)])
  func hidesBelowTheLevel(show: ShowLevel, shown: Int, sentence: String?) {
    let text = render(sample, as: .human, options: RenderOptions(show: show))
    let lines = text.split(separator: "\n")
    let marks = ["  ✗ error ", "  ! warning ", "  i notice "]
    #expect(lines.count { line in marks.contains { line.hasPrefix($0) } } == shown)
    #expect(lines.filter { $0.contains("--show") } == [sentence].compactMap { $0.map { $0[...] } })
    #expect(text.contains("4 errors, 3 warnings, 1 notice (2 of them explained by pubsub.unheard)"))
  }

  @Test("tells what a finding explains in one line under it, and nowhere else")
  func explanations() {
    let text = render(sample, as: .human, options: RenderOptions(width: 200))
    #expect(
      text.contains(
        """
                  $ docker compose up -d web-2
              explains: config.driver-differs; env.missing-on-instance on web-2 (REDIS_URL); stream.handshake on \
        http://web-2:3000/api/flowpanel/stream (undetermined)

        """))
    #expect(!text.contains("different drivers") && !text.contains("whether it hears Redis"))
  }

  @Test("gives each symptom's message where all is asked for")
  func explanationsInFull() {
    let text = render(sample, as: .human, options: RenderOptions(show: .all, width: 1000))
    #expect(text.contains("      explains: config.driver-differs: the instances run different drivers: "))
    #expect(
      text.contains(
        "      explains: stream.handshake on http://web-2:3000/api/flowpanel/stream (undetermined): no event came that")
    )
  }

  @Test("draws together the instances on which a cause shows, and names a few")
  func manySymptoms() {
    func symptom(_ check: String, _ subject: Subject, _ variables: [String] = []) -> Verdict {
      Verdict(
        check: check, kind: .finding, severity: .notice, subject: subject, message: "m", variables: variables,
        explainedBy: .init("pubsub.x", .deployment))
    }
    let cause = Verdict(
      check: "pubsub.x", kind: .finding, severity: .error, subject: .deployment, message: "m",
      explains: [Symptom("env.x")])
    let symptoms =
      (1...180).map { symptom("env.x", .instance("web-\($0)"), ["REDIS_URL"]) }
      + (1...6).map { symptom("stream.x", .stream("http://10.0.0.\($0)/")) }
      + [symptom("env.y", .deployment), symptom("env.y", .deployment), symptom("env.x", .instance("web-7"), ["PORT"])]
    let text = render(Report(title: "t", verdicts: [cause] + symptoms), as: .human, options: RenderOptions(width: 1000))
    #expect(
      text.contains(
        "explains: env.x on web-1…web-180 (REDIS_URL); stream.x on http://10.0.0.1/, http://10.0.0.2/, "
          + "http://10.0.0.3/, http://10.0.0.4/ and 2 more; env.y; "
          + "env.x on web-7 (PORT)\n"))
  }

  @Test("hides a cause with the findings that it explains, and shows what is undetermined")
  func hiddenCause() {
    let verdicts =
      unknownBecause(.warning) + [
        Verdict(
          check: "redis.x", kind: .finding, severity: .notice, subject: .deployment, message: "m",
          explainedBy: .init("pubsub.x", .deployment))
      ]
    let text = render(
      Report(title: "t", verdicts: verdicts), as: .human, options: RenderOptions(show: .error))
    #expect(text.contains("? undetermined    stream.x  deployment\n"))
    #expect(text.contains("2 findings below error are hidden; --show warning shows them."))
    #expect(!text.contains("explains: "))
  }

  @Test("shows what is explained by a finding that is not in the report")
  func lostCause() {
    let verdicts = Array(unknownBecause(.error).dropFirst())
    #expect(render(Report(title: "t", verdicts: verdicts), as: .human).contains("? undetermined    stream.x"))
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
