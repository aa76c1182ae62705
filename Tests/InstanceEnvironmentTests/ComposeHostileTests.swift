import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

@Suite("Compose files that mean harm") struct ComposeHostileTests {
  private func failure(_ text: String) -> EnvFileError? {
    #expect(throws: EnvFileError.self) { try readYAMLDocuments(Array(text.utf8), path: "compose.yaml") }
  }

  private static func laughs(_ levels: Int) -> String {
    "a0: &a0 [x]\n"
      + (1...levels).map { level in
        let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
        return "a\(level): &a\(level) [\(aliases)]\n"
      }.joined()
  }

  @Test(.timeLimit(.minutes(5))) func aliasesThatMultiplyAreAnErrorAtTheirLine() {
    let error = failure(Self.laughs(30))
    #expect(error?.kind == .tooLarge)
    #expect(error?.location.line == 8)
    #expect(error?.message.contains("aliases") == true)
  }

  @Test(.timeLimit(.minutes(5))) func mergeKeysThatMultiplyAreAnError() {
    let text =
      "a0: &a0 {x: 1}\n"
      + (1...60).map { "a\($0): &a\($0) {k\($0): 1, <<: [*a\($0 - 1), *a\($0 - 1)]}\n" }.joined()
    #expect(failure(text)?.kind == .tooLarge)
  }

  @Test func manyAnchorsAndAliasesThatStandForLittleAreRead() throws {
    let anchors = (0..<500).map { "x-\($0): &a\($0) {A\($0): 1}\n" }.joined()
    let aliases = (0..<500).map { "y-\($0): {<<: *a\($0), B: *a\($0)}\n" }.joined()
    let root = try #require(try readYAMLDocuments(Array((anchors + aliases).utf8), path: "compose.yaml").first)
    #expect(root["y-499"]?["A499"]?.text == "1")
  }

  @Test(
    "nesting has a bound, also through aliases", .timeLimit(.minutes(5)),
    arguments: [
      String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
      String(repeating: "- ", count: 500) + "x",
      "a0: &a0 [x]\n" + (1...500).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined(),
    ])
  func nesting(_ text: String) {
    let error = failure(text)
    #expect(error?.kind == .tooLarge)
    #expect(error?.message.contains("deep") == true)
    #expect(error?.location.line != nil)
  }

  @Test(
    "no text of the largest size takes long", .timeLimit(.minutes(5)),
    arguments: [
      "[", "{", "- ", "? ", "&a ", "*a ", "a: &a\n", "---\n", "!reset ", "\"", "'", "|\n", "{a: ", "[a,", "x: {}\n",
      "#",
      "\u{E000}", "%", "<<: ", "]: ", "{[]: ", "? - ", "[[]: ", "a", "a ", "- a\n", "\n", "\t", "{}, ",
    ])
  func noTextTakesLong(_ unit: String) {
    _ = try? readYAMLDocuments(
      Array(String(repeating: unit, count: maximumComposeSize / unit.utf8.count).utf8), path: "compose.yaml")
  }

  @Test(
    "keys in keys do not take long", .timeLimit(.minutes(5)),
    arguments: [("? ", ""), ("{", ": 1}"), ("[? ", "]")])
  func keysInKeys(_ open: String, _ close: String) {
    let list = "[" + String(repeating: "x,", count: 500_000) + "]"
    let text = String(repeating: open, count: 900) + list + String(repeating: close, count: 900)
    #expect(failure(text)?.message.contains("a key must be text") == true)
  }

  @Test func referencesBeforeAColonAreNoSuchKeys() throws {
    let line = "    - \"${HOST:-127.0.0.1}:${PORT}:80\"\n"
    let text = "services:\n  web:\n    ports:\n" + String(repeating: line, count: 20_000)
    #expect(try readYAMLDocuments(Array(text.utf8), path: "compose.yaml").count == 1)
  }

  @Test func whatIsNoTextIsMalformed() {
    for bytes in [[0x41, 0xFF], [0xFF, 0xFE, 0x41, 0x00], [0x41, 0x00, 0x42]] as [[UInt8]] {
      let error = #expect(throws: EnvFileError.self) { try readYAMLDocuments(bytes, path: "compose.yaml") }
      #expect(error?.kind == .malformed)
    }
  }

  @Test func theFileAndTheNumberOfDocumentsHaveABound() throws {
    let folder = try TemporaryFolder()
    func count(_ text: String) throws -> Int { try composeDocuments(folder.write("compose.yaml", text)).count }
    func failure(_ text: String) -> EnvFileError? { #expect(throws: EnvFileError.self) { try count(text) } }
    #expect(failure(String(repeating: "#", count: maximumComposeSize + 1))?.kind == .tooLarge)
    #expect(try count(String(repeating: "#", count: maximumComposeSize)) == 0)
    let documents = String(repeating: "--- {a: 1}\n", count: 100)
    #expect(try count(documents) == 100)
    #expect(failure(documents + "--- {a: 1}\n")?.location.line == 101)
  }

  @Test(.timeLimit(.minutes(5))) func referencesHaveABoundInDepthAndInWhatTheyComeTo() throws {
    let location = Location(file: "compose.yaml", line: 1)
    var references = ComposeReferences(["BIG": Secret(String(repeating: "x", count: 1 << 16))])
    let deep = String(repeating: "${A:-", count: 10_000) + String(repeating: "}", count: 10_000)
    let error = #expect(throws: EnvFileError.self) { try references.replace(in: deep, at: location) }
    #expect(error?.message.contains("deep") == true)
    let large = #expect(throws: EnvFileError.self) {
      try references.replace(in: String(repeating: "$BIG", count: 10_000), at: location)
    }
    #expect(large?.kind == .tooLarge)
    var all = ComposeReferences(["BIG": Secret(String(repeating: "x", count: 1 << 16))])
    #expect(throws: EnvFileError.self) { for _ in 0..<10_000 { _ = try all.replace(in: "$BIG", at: location) } }
    for unit in ["${A}", "${A:-{", "$", "${", "}", "{", "${A:-a"] {
      _ = try? all.replace(in: String(repeating: unit, count: (1 << 20) / unit.utf8.count), at: location)
    }
  }

  @Test(.timeLimit(.minutes(5))) func aLongChainOfExtendsIsAnError() throws {
    let folder = try TemporaryFolder()
    let services = (0..<5000).map { "  s\($0): {extends: s\($0 + 1)}\n" }.joined()
    let path = try folder.write("compose.yaml", "services:\n\(services)  s5000: {}\n")
    let error = #expect(throws: EnvFileError.self) { try readCompose([path], service: "s0") }
    #expect(error?.message.contains("circle") == true)
    #expect(try readCompose([path], service: "s4960").variables.isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func filesOfVariablesHaveABound() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("a.env", "A=1\n")
    func compose(_ count: Int) throws -> String {
      let names = (0..<count).map { "      - " + String(repeating: "./", count: $0) + "a.env\n" }.joined()
      return try folder.write("compose.yaml", "services:\n  web:\n    env_file:\n\(names)")
    }
    #expect(try readCompose([compose(100)], service: "web").variables.count == 1)
    let error = try #require(throws: EnvFileError.self) { try readCompose([compose(101)], service: "web") }
    #expect(error.kind == .tooLarge && error.location.line == 104)
  }
}
