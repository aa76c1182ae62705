import Facts
import Testing

@testable import InstanceEnvironment

@Suite("A .env file as @next/env reads it") struct EnvExpansionTests {
  @Test(
    "references",
    arguments: [
      EnvFileExample("A=1\nB=$A\nC=${A}x", ["A": "1", "B": "1", "C": "1x"]),
      EnvFileExample("B=$A\nA=$C\nC=1", ["A": "1", "B": "1", "C": "1"]),
      EnvFileExample("A=${B}", ["A": ""]),
      EnvFileExample("A=${B:-x y}z", ["A": "x yz"]),
      EnvFileExample("A=${B:-${C:-d}}", ["A": "d"]),
      EnvFileExample("B=1\nA=${B:-x}", ["A": "x", "B": "1"]),
      EnvFileExample("A=${A:-x}", ["A": "x"]),
      EnvFileExample("A=${B-x}", ["A": "-x}"]),
      EnvFileExample("A='$B'\nB=1", ["A": "1", "B": "1"]),
      EnvFileExample("A=\\$B\nB=1", ["A": "$B", "B": "1"]),
      EnvFileExample("A=$$B\nB=1", ["A": "", "B": "1"]),
      EnvFileExample("B=1\nA=$B $", ["A": "$B $", "B": "1"]),
      EnvFileExample("B=1\nA=\\$B and $B", ["A": "\\1 and 1", "B": "1"]),
      EnvFileExample("HASH=$2b$10$abc", ["HASH": ""]),
      EnvFileExample("A=\\$B\nC=$A\nB=1", ["A": "$B", "B": "1", "C": "1"]),
      EnvFileExample("B=\\$10\nA=[$B]", ["A": "[]", "B": "$10"]),
      EnvFileExample("1=\\$B\nB=1\nA=$1", ["1": "$B", "A": "1", "B": "1"]),
      EnvFileExample("A=$1\nB=x\n1=\\$B", ["1": "$B", "A": "x", "B": "x"]),
    ])
  func references(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .next) == example.expected)
  }

  @Test func anInheritedVariableWinsOverTheFileForItselfAndInReferences() throws {
    let text = "A=1\nB=$A\nC=${EMPTY:-x}"
    #expect(try values(text, .next, inherited: ["A": "2", "EMPTY": ""]) == ["A": "2", "B": "2", "C": "x"])
    let variables = try parseEnvFile(Array(text.utf8), path: ".env", dialect: .next, inherited: ["A": Secret("2")])
      .variables
    #expect(variables["A"]?.location == nil)
    #expect(variables["B"]?.location?.line == 2)
  }

  @Test(
    "a replacement has its own uses of the dollar",
    arguments: [("x$$", "[x$]"), ("a$`", "[a[]"), ("a$'", "[a]]"), ("a$", "[a$]"), ("a$&b", "[a]")])
  func replacementPatterns(_ replacement: String, _ expected: String) throws {
    #expect(try values("A=[$P]", .next, inherited: ["P": replacement]) == ["A": expected])
  }

  @Test func plainDotenvIgnoresWhatIsInherited() throws {
    #expect(try values("A=1", .nodeDotenv, inherited: ["A": "2"]) == ["A": "1"])
  }

  @Test(
    "references without end are an error at the variable",
    arguments: ["X=1\nA=$A", "X=1\nA=$B\nB=$A", "X=1\nA=$B$B\nB=$A$A", "X=1\nA=x${B:-$A}"])
  func referencesWithoutEnd(_ text: String) throws {
    let error = #expect(throws: EnvFileError.self) { try values(text, .next) }
    #expect(error?.kind == .malformed)
    #expect(error?.location.line == 2)
    #expect(error?.message.contains("`A`") == true)
  }

  @Test(.timeLimit(.minutes(5))) func valuesThatDoubleEachOtherAreRefused() throws {
    let text = (1...60).map { "A\($0)=$A\($0 + 1)$A\($0 + 1)" }.joined(separator: "\n") + "\nA61=x"
    let error = #expect(throws: EnvFileError.self) { try values(text, .next) }
    #expect(error?.kind == .malformed)
  }
}
