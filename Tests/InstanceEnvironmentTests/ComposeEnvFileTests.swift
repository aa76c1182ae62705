import Facts
import Testing

@testable import InstanceEnvironment

/// The answers are those of compose-go's own parser and template (2.13), run with Go's `regexp` and `strconv`.
@Suite("A .env file as Docker Compose reads it") struct ComposeEnvFileTests {
  @Test(arguments: [
    EnvFileExample("A=1 # one\nB=2#two\nC=# 3\nD=4\t#", ["A": "1", "B": "2#two", "C": "# 3", "D": "4\t#"]),
    EnvFileExample("\u{FEFF}A: 1\r\nB:2\nC =3\n1=x", ["A": "1", "B": "2", "C": "3", "1": "x"]),
    EnvFileExample(
      "export A=1\nexport\tB=2\nexport=3\nexportD=4", ["A": "1", "B": "2", "export": "3", "exportD": "4"]),
    EnvFileExample("GIVEN\nNONE\nA=1", ["GIVEN": "given", "A": "1"]),
    EnvFileExample("A=1\nGIVEN", ["A": "1", "": "GIVEN"]),
    EnvFileExample("A='1'B=2\nC=\"3\" D=4", ["A": "1", "B": "2", "C": "3", "D": "4"]),
    EnvFileExample("A='x\\'y\\n$B'\nC=\"x\ny\"", ["A": "x'y\\n$B", "C": "x\ny"]),
    EnvFileExample("A=\"\\n\\t\\a\\$B\\\"\\\\\\c\\x\"", ["A": "\n\t\u{7}$B\"\\\\c\\x"]),
    EnvFileExample("A=\"\\0101\\0377\\01\\08\\0777\"", ["A": "A\u{FF}\\1\\8\\777"]),
    EnvFileExample("ü.-[0]=1\nA=`x y`", ["ü.-[0]": "1", "A": "`x y`"]),
  ])
  func statements(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .compose, inherited: ["GIVEN": "given"]) == example.expected)
  }

  @Test(arguments: [
    ("$A${A}$$A \\$A $ $1", "11$A \\1 $ $1"), ("${E:-x}${E-x}${N:-x}${N-x}", "xxx"),
    ("${A:+x}${E:+x}${N:+x}", "x"), ("${A+x}${E+x}${N+x}", "xx"), ("${A:?x}${E?x}", "1"),
    ("${N:-${M:-${A}}}", "1"), ("${N:-$$}${N:-{}}", "${}"), ("${N:-{a}}}", "{a}}"), ("${N:-a} ${A} }", "a 1 }"),
    ("${GIVEN}", "given"),
  ])
  func references(_ value: String, _ expected: String) throws {
    let text = "A=1\nE=\nGIVEN=file\nX=\(value)"
    #expect(try values(text, .compose, inherited: ["GIVEN": "given"])["X"] == expected)
  }

  @Test(
    "the file is refused",
    arguments: [
      "X Y=canary", "export ", "%=canary", "X=\"canary", "X='canary\\'", "\"X\"=canary", "X=canary${", "X=canary${}",
      "X=canary${A.B}", "X=canary${A", "X=${N:?canary}", "X=${N?canary}", "X=${A:-${N?canary}}", "X=\"${N:-canary\n}\"",
    ])
  func refused(_ statement: String) {
    let error = #expect(throws: EnvFileError.self) { try values("A=1\n\(statement)", .compose) }
    #expect(error?.kind == .malformed)
    #expect(error?.location.line == 2)
    #expect(error?.message.contains("canary") == false)
  }

  @Test(arguments: [64, 65]) func referencesStandInsideEachOtherUpToABound(_ depth: Int) throws {
    let text = "X=" + String(repeating: "${N:-", count: depth) + "x" + String(repeating: "}", count: depth)
    if depth == 64 {
      #expect(try values(text, .compose) == ["X": "x"])
    } else {
      #expect(throws: EnvFileError.self) { try values(text, .compose) }
    }
  }

  @Test func everyVariableKnowsItsLineAndColumn() throws {
    let text = "\u{FEFF}A='1\n2' B=3\n# x\n  export C=4"
    let variables = try parseEnvFile(Array(text.utf8), path: "web.env", dialect: .compose).variables
    #expect(variables["A"]?.location == Location(file: "web.env", line: 1, column: 1))
    #expect(variables["B"]?.location == Location(file: "web.env", line: 2, column: 4))
    #expect(variables["C"]?.location == Location(file: "web.env", line: 4, column: 10))
  }
}
