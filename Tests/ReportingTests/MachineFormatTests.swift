// What holds for the formats that programs read: they can be read, they count right, and hostile text stays text.

import Diagnosis
import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("JSON")
struct JSONReportTests {
  private func parsed(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("has the counts, and every verdict whatever is shown", arguments: ShowLevel.allCases)
  func counts(show: ShowLevel) throws {
    let document = try parsed(render(sample, as: .json, options: RenderOptions(show: show)))
    #expect(
      document["summary"] as? [String: Int] == [
        "pass": 4, "finding": 8, "undetermined": 3, "notApplicable": 3, "suppressed": 2, "error": 4, "warning": 3,
        "notice": 1, "explained": 3,
      ])
    let verdicts = try #require(document["verdicts"] as? [[String: Any]])
    #expect(verdicts.map { $0["check"] as? String } == sample.verdicts.map(\.check))
    #expect(document["schemaVersion"] as? Int == 1)
    #expect(document["interrupted"] as? Bool == false)
  }

  @Test("refers from a cause to what it was found to explain, and back")
  func explanations() throws {
    let verdicts = try #require(parsed(render(sample, as: .json))["verdicts"] as? [[String: Any]])
    let cause = try #require(verdicts.first { $0["check"] as? String == "pubsub.unheard" })
    #expect(cause["severity"] as? String == "error")
    #expect(cause["explainedBy"] is NSNull)
    #expect(
      cause["explains"] as? [[String: String]] == [
        ["check": "config.driver-differs", "subject": "deployment", "subjectKind": "deployment"],
        ["check": "env.missing-on-instance", "subject": "web-2", "subjectKind": "instance"],
        [
          "check": "stream.handshake", "subject": "http://web-2:3000/api/flowpanel/stream", "subjectKind": "stream",
        ],
      ])
    let symptoms = verdicts.filter {
      $0["explainedBy"] as? [String: String]
        == ["check": "pubsub.unheard", "subject": "web-2", "subjectKind": "instance"]
    }
    #expect(symptoms.map { $0["kind"] as? String } == ["finding", "finding", "undetermined"])
    #expect(verdicts.count { $0["explainedBy"] is NSNull } == verdicts.count - 3)
    #expect(verdicts.count { ($0["explains"] as? [Any])?.isEmpty == true } == verdicts.count - 1)
  }

  @Test("gives back every text exactly as it was")
  func roundTrips() throws {
    let document = try parsed(render(sample, as: .json))
    let verdicts = try #require(document["verdicts"] as? [[String: Any]])
    #expect(verdicts.map { $0["message"] as? String } == sample.verdicts.map(\.message))
    let evidence = verdicts.map { $0["evidence"] as? [[String: Any]] ?? [] }
    #expect(
      evidence.map { $0.map { $0["observed"] as? String } } == sample.verdicts.map { $0.evidence.map(\.observed) })
    #expect(document["notLookedAt"] as? [String] == sample.notLookedAt)
  }

  @Test("has each exhibit's value under its own key")
  func exhibits() throws {
    let document = try parsed(render(sample, as: .json))
    let instances = try #require(document["instances"] as? [[String: Any]])
    #expect(instances.first?["latencyMilliseconds"] as? Double == 1.25)
    #expect((document["streams"] as? [Any])?.isEmpty == true)
  }

  @Test(
    "writes a string so that neither a terminal nor a job's log obeys it",
    arguments: [
      ("\"\\/", #""\"\\/""#), ("\u{8}\u{0}\u{7F}\u{9F}", #""\u0008\u0000\u007f\u009f""#),
      ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("\u{E0041}", #""\udb40\udc41""#), ("🚀é", "\"🚀é\""),
      ("##[error]x", "\"##\\u005berror]x\""), ("a\t\r\n", #""a\t\r\n""#),
    ])
  func strings(text: String, expected: String) {
    #expect(jsonText(.string(text)) == expected + "\n")
  }

  @Test(
    "writes numbers with at most three decimals, and null for what is no number",
    arguments: [
      (1.25, "1.25"), (0.0004, "0"), (-0.5, "-0.5"), (2, "2"), (12.3456, "12.346"), (0.001, "0.001"),
      (-0.0001, "0"), (1e300, "1e+300"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.nan, "null"),
      (.infinity, "null"),
    ])
  func numbers(value: Double, expected: String) {
    #expect(jsonText(.number(value)) == expected + "\n")
  }

  @Test("is indented by two spaces, keys in the order given")
  func layout() {
    let value: JSONValue = ["b": [1, ["x": nil]], "a": [:], "c": []]
    #expect(
      jsonText(value) == """
        {
          "b": [
            1,
            {
              "x": null
            }
          ],
          "a": {},
          "c": []
        }

        """)
  }
}

/// What a reader of JUnit files sees: elements by name with their attributes, and the text of each.
private final class JUnitReader: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String], text: String)] = []
  private var open: [Int] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append((name, attributes, ""))
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if let current = open.last { elements[current].text += string }
  }
}

@Suite("JUnit")
struct JUnitReportTests {
  private func read(
    _ report: Report, failOn: Severity = .error
  ) throws -> [(name: String, attributes: [String: String], text: String)] {
    let text = render(report, as: .junit, options: RenderOptions(failOn: failOn, checkTitles: titles))
    let parser = XMLParser(data: Data(text.utf8))
    let reader = JUnitReader()
    parser.delegate = reader
    try #require(parser.parse(), "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
    return reader.elements
  }

  @Test("is well formed and its counts are those of its elements", arguments: Severity.allCases)
  func counts(failOn: Severity) throws {
    let elements = try read(sample, failOn: failOn)
    func count(_ name: String) -> Int { elements.count { $0.name == name } }
    let all = try #require(elements.first)
    let suites = elements.filter { $0.name == "testsuite" }
    for (attribute, element) in [
      ("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"),
    ] {
      #expect(all.attributes[attribute] == "\(count(element))")
      #expect(suites.compactMap { $0.attributes[attribute].flatMap(Int.init) }.reduce(0, +) == count(element))
    }
    let standing = sample.verdicts.filter { $0.kind == .finding && $0.explainedBy == nil }
    let failing = standing.count { $0.severity >= failOn }
    #expect(count("failure") == failing)
    #expect(count("system-out") == standing.count - failing)
    #expect(count("testcase") == sample.verdicts.count + 4)
  }

  @Test("keeps not applicable apart from suppressed, and undetermined from failures")
  func kinds() throws {
    let elements = try read(sample)
    let skipped = elements.filter { $0.name == "skipped" }.compactMap { $0.attributes["message"] }
    #expect(skipped.count { $0.hasPrefix("not applicable: ") } == 3)
    #expect(skipped.count { $0.hasPrefix("suppressed: ") } == 2)
    #expect(elements.count { $0.name == "error" && $0.attributes["type"] == "undetermined" } == 2)
  }

  @Test("skips what a finding explains, whose failure lists it")
  func explanations() throws {
    let elements = try read(sample)
    let explained = elements.filter { $0.name == "skipped" }.compactMap { $0.attributes["message"] }
      .filter { $0.contains("explained by pubsub.unheard on web-2: ") }
    #expect(explained.count { $0.hasPrefix("explained by ") } == 2)
    #expect(explained.count { $0.hasPrefix("undetermined, explained by ") } == 1)
    let failure = try #require(elements.first { $0.name == "failure" && $0.text.hasPrefix("web-2 answers ready") })
    #expect(
      failure.text.hasSuffix(
        "\nexplains: config.driver-differs; env.missing-on-instance on web-2 (REDIS_URL); "
          + "stream.handshake on http://web-2:3000/api/flowpanel/stream (undetermined)"))
  }

  @Test("is not green where something undetermined is explained by what is no failure")
  func isNoGreener() throws {
    let elements = try read(Report(title: "t", verdicts: unknownBecause(.warning)))
    #expect(elements.first?.attributes["errors"] == "1")
    #expect(try read(Report(title: "t", verdicts: unknownBecause(.error))).first?.attributes["errors"] == "0")
  }

  @Test("is not green when the run was interrupted before the first verdict")
  func interrupted() throws {
    let elements = try read(Report(title: "t", verdicts: [], wasInterrupted: true))
    #expect(elements.first?.attributes["errors"] == "1")
  }

  @Test("writes out every scalar that XML 1.0 has no place for, and nothing else")
  func illegalScalars() throws {
    let text = "a\u{0}\u{8}\u{B}\u{1F}\u{FFFE}\u{FFFF}z]]>&<\"'\t\u{FFFD}\u{10000}"
    let elements = try read(
      Report(
        title: "t",
        verdicts: [
          Verdict(check: "redis.x", kind: .finding, severity: .error, subject: .deployment, message: text)
        ]))
    let failure = try #require(elements.first { $0.name == "failure" })
    let expected = #"a\u{0}\u{8}\u{B}\u{1F}\u{FFFE}\u{FFFF}z]]>&<"'\u{9}"# + "\u{FFFD}\u{10000}"
    #expect(failure.attributes["message"] == expected)
    #expect(failure.text == expected)
  }

  @Test("has no line that GitHub's runner would obey")
  func holdsNoWorkflowCommand() throws {
    var report = sample
    report.verdicts[1].remedy?.snippet = "a\n ::error::b\n##[error]c"
    let text = render(report, as: .junit)
    #expect(!text.split(separator: "\n").contains { $0.drop { $0 == " " }.hasPrefix("::") })
    #expect(!text.contains("##["))
    #expect(try read(report).contains { $0.text.contains("\n ::error::b\n") })
  }
}

@Suite("GitHub annotations")
struct GitHubReportTests {
  private struct Command {
    var level: String
    var properties: [String: String] = [:]
    var message: String
  }

  /// A line as the runner reads it.
  private func command(_ line: Substring) throws -> Command {
    let separator = try #require(line.dropFirst(2).firstRange(of: "::"))
    let head = line[..<separator.lowerBound].dropFirst(2)
    let space = try #require(head.firstIndex(of: " "))
    var command = Command(level: String(head[..<space]), message: unescaped(line[separator.upperBound...]))
    for property in head[head.index(after: space)...].split(separator: ",") {
      let parts = property.split(separator: "=", maxSplits: 1)
      let value = try #require(parts.last).replacing("%3A", with: ":").replacing("%2C", with: ",")
      command.properties[String(parts[0])] = unescaped(value)
    }
    return command
  }

  private func unescaped(_ text: Substring) -> String {
    String(text.replacing("%0D", with: "\r").replacing("%0A", with: "\n").replacing("%25", with: "%"))
  }

  private func commands(_ report: Report, show: ShowLevel = .notice) throws -> [Command] {
    let text = render(report, as: .github, options: RenderOptions(show: show))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last?.isEmpty == true)
    return try lines.dropLast().map { line in
      #expect(line.hasPrefix("::"))
      #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
      return try command(line)
    }
  }

  @Test(
    "come most severe first, with what is undetermined at every level, and the summary last",
    arguments: [(.notice, 2, 1), (.all, 2, 1), (.warning, 2, 0), (.error, 0, 0)] as [(ShowLevel, Int, Int)])
  func order(show: ShowLevel, warnings: Int, notices: Int) throws {
    let commands = try commands(sample, show: show)
    let levels =
      Array(repeating: "error", count: 5) + Array(repeating: "warning", count: warnings + 2)
      + Array(repeating: "notice", count: notices + 1)
    #expect(commands.map(\.level) == levels)
    #expect(commands.count { $0.properties["title"]?.contains(" undetermined: ") == true } == 2)
    #expect(commands.last?.properties == ["title": "flowpanel-doctor"])
  }

  @Test("leave out what a finding explains, and list it with that")
  func explanations() throws {
    let commands = try commands(sample)
    let titles = commands.compactMap { $0.properties["title"] }
    #expect(titles.contains { $0.hasPrefix("pubsub.unheard") })
    #expect(!titles.contains { $0.hasPrefix("config.driver-differs") || $0.hasPrefix("env.missing-on-instance") })
    #expect(!titles.contains { $0.contains("web-2:3000") })
    let cause = try #require(commands.first { $0.properties["title"]?.hasPrefix("pubsub.unheard") == true })
    #expect(cause.message.contains("\nexplains: config.driver-differs; env.missing-on-instance on web-2 (REDIS_URL); "))
  }

  @Test(
    "show what is undetermined where its cause is hidden", arguments: [(ShowLevel.warning, 0), (.error, 1)])
  func hiddenCause(show: ShowLevel, shown: Int) throws {
    let commands = try commands(Report(title: "t", verdicts: unknownBecause(.warning)), show: show)
    #expect(commands.count { $0.properties["title"]?.contains(" undetermined: ") == true } == shown)
  }

  @Test("point at the file, whatever its name, and say what mends the finding")
  func places() throws {
    let commands = try commands(sample)
    let warning = try #require(commands.first { $0.level == "warning" })
    #expect(warning.properties["file"] == "env,with:odd%name.env")
    #expect(warning.properties["line"] == "7")
    let error = try #require(commands.first { $0.properties["title"]?.hasPrefix("config.driver") == true })
    #expect(error.properties["col"] == "12")
    #expect(error.message.contains("\nmend: Set REDIS_URL on web-2, or choose"))
  }

  @Test(
    "are escaped as the runner unescapes them",
    arguments: ["100%", "%0A", "%250A", "a\nb\r\nc", "::error::x", "a,b:c=d", "%3A%2C"])
  func escaping(text: String) throws {
    let finding = Verdict(
      check: "redis.x", kind: .finding, severity: .error, subject: .instance(text), message: text,
      location: .init(file: text))
    let command = try #require(try commands(Report(title: "t", verdicts: [finding])).first)
    #expect(command.message == "\(text)\nat \(text)")
    #expect(command.properties == ["file": text, "title": "redis.x: \(text)"])
  }
}
