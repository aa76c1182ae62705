import Facts
import Testing

@testable import InstanceEnvironment

@Suite struct YAMLDocumentsTests {
  private func read(_ text: String) throws -> [YAMLNode] { try readYAMLDocuments(Array(text.utf8), path: "m.yaml") }

  private func failure(_ text: String) -> EnvFileError? {
    #expect(throws: EnvFileError.self) { try read(text) }
  }

  private func texts(_ node: YAMLNode?, _ field: String) throws -> [String: String] {
    var texts: [String: String] = [:]
    for entry in try node?.entries(field, of: "it") ?? [] { texts[entry.key] = try entry.value.text("it") }
    return texts
  }

  /// Asked of kubectl 1.32.4 with a Deployment's `value`, `kubectl set env --local -f FILE -o json ZZ=1`: text is taken
  /// over, null is the empty text, all else is refused.
  @Test(
    "text without quotes means what it means to kubectl",
    arguments: [
      (
        PlainScalarMeaning.text,
        [
          "yES", "oN", "tRUE", "nULL", "1e", "e3", "0xg", "0x", "0b2", "0o9", "_1", "--1", "+-1", "._5", ".", "..",
          "1.2.3",
          "10.0.0.1", ".iNF", "2024-01-01", "2024-01-01T00:00:00Z", "12:30:45", "1:2", "0x1ffffffffffffffff",
          "0xdeadbeefdeadbeefdeadbeef", "=", "1,000", "infinity", "nan", "NaN", "Inf", "0b", "0o", ".e3", "1e5.5", "+",
          "a b",
        ]
      ),
      (.null, ["", "~", "null", "Null", "NULL"]),
      (.boolean, ["yes", "Yes", "y", "Y", "N", "n", "on", "On", "ON", "off", "OFF", "true", "True", "TRUE", "False"]),
      (
        .number,
        [
          "12", "1e3", "1e+3", "0x1F", "0X1f", "0b101", "-0b1", "0o17", "017", "019", "1_000", "1__0", "+1", "-1", "1.",
          "1.5",
          ".5", "-.5", ".inf", "-.inf", "+.inf", ".Inf", ".nan", "0xffffffffffffffff", "18446744073709551616",
          "99999999999999999999999", "-9223372036854775809", "0", "00", "-0", "0.0", "1E5", "0_", "0x_1", "0x1_2",
          "+0x1",
          "-0x1", "+.5", "5.e3",
        ]
      ),
    ])
  func meanings(_ meaning: PlainScalarMeaning, _ texts: [String]) {
    for text in texts { #expect(plainScalarMeaning(text) == meaning, "\(text)") }
  }

  @Test func aliasesAndMergeKeysStandForWhatTheyReferTo() throws {
    let document = try read(
      """
      base: &base {A: base, B: base}
      more: &more {B: more, C: more}
      one: {<<: *base, A: own}
      both: {<<: [*base, *more], D: &d text}
      again: *base
      text: {D: *d}
      quoted: {"<<": text}
      """
    ).first
    #expect(try texts(document, "one") == ["A": "own", "B": "base"])
    #expect(try texts(document, "both") == ["A": "base", "B": "base", "C": "more", "D": "text"])
    #expect(try texts(document, "again") == ["A": "base", "B": "base"])
    #expect(try texts(document, "text") == ["D": "text"])
    #expect(try texts(document, "quoted") == ["<<": "text"])
    #expect(try document?.field("one", of: "it")?.location == Location(file: "m.yaml", line: 3, column: 6))
  }

  @Test func aKeyMayHaveAnAnchorAndBeAnAlias() throws {
    let document = try read("all:\n  &k A: one\n  B: *k\n  &c \"C\": two\nmore: {*c : three}\n").first
    #expect(try texts(document, "all") == ["A": "one", "B": "A", "C": "two"])
    #expect(try texts(document, "more") == ["C": "three"])
  }

  @Test func tagsAreKeptAndKubernetesTakesThatOfTextOnly() throws {
    let document = try read("a: !!str 1\nb: !!binary aGk=\nc: !reset {x: 1}\nd: ! text\n!override e: 2\n").first
    #expect(["a", "b", "c", "d"].map { document?[$0]?.tag } == ["!!str", "!!binary", "!reset", nil])
    #expect(try document?["a"]?.text("it") == "1")
    let error = #expect(throws: EnvFileError.self) { try document?["b"]?.text("`b`") }
    #expect(error?.message.contains("tag") == true && error?.location.line == 2)
  }

  @Test func documentsAreReadOneAfterTheOtherAndEmptyOnesLeftOut() throws {
    let documents = try read("\u{FEFF}# first\n---\na: &x 1\n---\n---\n# none\n...\n---\na: b\r\n---\n~\n")
    #expect(documents.map(\.location.line) == [3, 9])
    // Anchors end with their document.
    #expect(failure("a: &x 1\n---\na: *x\n")?.location.line == 3)
  }

  @Test(
    "what no manifest holds is an error at its line",
    arguments: [
      ("a: 1\n? [b]\n: 2\n", 2, "a key must be text"), ("a: &a [x]\n*a : 2\n", 2, "a key must be text"),
      ("a: &a [*a]\n", 1, "not complete"), ("a: *none\n", 1, "not complete"),
      ("a: 1\n<<: 2\n", nil, "alias of a mapping"), ("a: 1\nb: \0\n", 2, "control characters"),
      ("{a: 1, a: 2}", 1, "twice"), ("a: &a x\nx: 1\n*a : 2\n", 3, "twice"),
    ])
  func notRead(_ text: String, _ line: Int?, _ message: String) {
    let error = failure(text)
    #expect(error?.kind == .malformed)
    if let line { #expect(error?.location.line == line) }
    #expect(error?.message.contains(message) == true)
  }

  @Test func bytesThatAreNoTextAreAnErrorAtTheirPlace() {
    let error = #expect(throws: EnvFileError.self) {
      try readYAMLDocuments(Array("a: b\né: ".utf8) + [0xFF, 0x0A], path: "m.yaml")
    }
    #expect(error?.location == Location(file: "m.yaml", line: 2, column: 4))
  }

  @Test("a small text can't be a large tree", .timeLimit(.minutes(5)))
  func expansionIsBounded() {
    func laughs(_ last: String) -> String {
      let lines = (1...30).map { level in
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]\n"
      }
      return "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + lines.joined() + last
    }
    let laughing = failure(laughs(""))
    #expect(laughing?.kind == .tooLarge)
    #expect(laughing?.location.line.map { (2...10).contains($0) } == true)
    let chain = "- &a0 [1]\n" + (1...200_000).map { "- &a\($0) [*a\($0 - 1)]\n" }.joined()
    #expect(failure(chain)?.message.contains("deeper than 100") == true)
    let wide = (0..<3000).map { "k\($0): 1" }.joined(separator: ", ")
    let merges = "a: &a {\(wide)}\nb:\n" + String(repeating: "- {<<: *a}\n", count: 100_000)
    #expect(failure(merges)?.kind == .tooLarge)
  }

  @Test("depth, documents and directives are bounded", .timeLimit(.minutes(5)))
  func hostileTexts() {
    let count = 100_000
    for text in [
      String(repeating: "[", count: count), String(repeating: "{a: ", count: count),
      String(repeating: "- ", count: count),
      String(repeating: "? ", count: count), (0..<2000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
      (0..<count).map { "%TAG !a\($0)! x\n" }.joined() + "--- 1\n", String(repeating: "---\n", count: 6_000_001),
    ] { #expect(failure(text) != nil) }
  }

  @Test(.timeLimit(.minutes(5))) func depthIsReadUpToTheBound() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + "x" + String(repeating: "]", count: depth)
    }
    #expect(try read(nested(YAMLBounds.depth - 1)).count == 1)
    #expect(failure(nested(YAMLBounds.depth))?.kind == .tooLarge)
  }

  @Test("cut anywhere, a text is read or refused, and nothing else", .timeLimit(.minutes(5)))
  func cutTexts() {
    let text = "a: &x {b: [1, \"q\\u00e9\", 'it''s'], <<: {c: d}}\ne: *x\nf: |-\n  block\n---\n- é\n...\n"
    let bytes = Array(text.utf8)
    for end in bytes.indices {
      for start in [0, end / 2] { _ = try? readYAMLDocuments(Array(bytes[start..<end]), path: "m.yaml") }
      var changed = bytes
      for byte in "[]{}&*:-|>'\"\\%\0\t\n".utf8 {
        changed[end] = byte
        _ = try? readYAMLDocuments(changed, path: "m.yaml")
      }
    }
  }

  /// In release it takes a tenth of a second; the bound is for a debug build on a busy machine.
  @Test(.timeLimit(.minutes(5))) func fiveMegabytesOfJSONAreReadSoon() throws {
    let variables = (0..<30).map { "{\"name\": \"V\($0)\", \"value\": \"some value\"}" }.joined(separator: ",\n      ")
    let item = "{\"kind\": \"Pod\", \"spec\": {\"containers\": [{\"name\": \"web\", \"env\": [\(variables)]}]}}"
    let items = Array(repeating: item, count: 5_000_000 / item.utf8.count).joined(separator: ",\n    ")
    let clock = ContinuousClock()
    var count = 0
    let duration = try clock.measure {
      count = try read("{\"items\": [\(items)]}").first?.list("items", of: "it").count ?? 0
    }
    #expect(count == 5_000_000 / item.utf8.count)
    #expect(duration < .seconds(20))
  }
}
