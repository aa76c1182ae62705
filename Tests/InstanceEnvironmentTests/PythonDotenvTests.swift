import Facts
import Testing

@testable import InstanceEnvironment

/// The answers are those of `dotenv_values` in python-dotenv 1.2.4, of files.
@Suite("A .env file as python-dotenv reads it") struct PythonDotenvTests {
  @Test(arguments: [
    EnvFileExample("A=1 # one\nB=2#two\nC=#3\nD= # 4", ["A": "1", "B": "2#two", "C": "#3", "D": ""]),
    EnvFileExample("\u{FEFF}A=1\r\nB=2\rC='3\r\n4'", ["A": "1", "B": "2", "C": "3\n4"]),
    EnvFileExample(
      "export A=1\nexport\tB = 2\nexport=3\nexport D\nexport\nE=5", ["A": "1", "B": "2", "E": "5"]),
    EnvFileExample("'A b'=1\n''=2\n'C\nD'=3", ["A b": "1", "C\nD": "3"]),
    EnvFileExample("A: 1\nB C=2\n=3\nD=4", ["D": "4"]),
    EnvFileExample("A='x' y\nB=\"x\" # y\nC=\"x\"#y\nD='", ["B": "x", "C": "x"]),
    EnvFileExample(
      "A=\"\\\\ \\n \\t \\a \\\" \\' \\x\"\nB='\\\\ \\' \\n'", ["A": "\\ \n \t \u{7} \" ' \\x", "B": "\\ ' \\n"]),
    EnvFileExample("A=\"x\nB=1\nC=\"y", [:]),
    EnvFileExample("A=x \u{2028}#y\u{1C}\nB=\u{A0}z\u{85}", ["A": "x", "B": "z"]),
    EnvFileExample("A=`x`\nB=x\\ny", ["A": "`x`", "B": "x\\ny"]),
  ])
  func statements(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .pythonDotenv) == example.expected)
  }

  @Test(arguments: [
    EnvFileExample("A=1\nB=$A\nC=${A}x\nD='${A}'", ["A": "1", "B": "$A", "C": "1x", "D": "1"]),
    EnvFileExample("B=${A}\nA=1", ["B": "", "A": "1"]),
    EnvFileExample("A=${B:-x y}\nC=${D-x}${E:x}${}${F", ["A": "x y", "C": "${E:x}${F"]),
    EnvFileExample("A=\nB=${A:-x}\nC=${A:-}", ["A": "", "B": "", "C": ""]),
    EnvFileExample("GIVEN=file\nA=${GIVEN}", ["GIVEN": "file", "A": "file"]),
    EnvFileExample("A=${GIVEN}\nGIVEN\nB=${GIVEN}", ["A": "given", "B": ""]),
    EnvFileExample("A=${B:-${C}}\nD=\\${GIVEN}\nE=$${GIVEN}", ["A": "${C}", "D": "\\given", "E": "$given"]),
  ])
  func references(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .pythonDotenv, inherited: ["GIVEN": "given"]) == example.expected)
  }

  /// python-dotenv 1.2.2 has `\\ufeffA` in the first two, nothing in the third, and a name without value in the others.
  @Test(arguments: [
    ("A=1\nB=2", ["A"]), ("A='1\n2'\nB=2", ["A"]), ("export A=1\nB=2", ["A"]), ("# x\nA=1\nB=2", []),
    ("\nA=1\nB=2", []),
    ("A=1\nA=2\nB=2", []), ("A=1\nB=2${A}", ["A", "B"]),
  ])
  func aByteOrderMarkLeavesOpenWhatTheFirstLineSets(_ text: String, _ expected: [String]) throws {
    let read = try parseEnvFile(Array("\u{FEFF}\(text)".utf8), path: ".env", dialect: .pythonDotenv)
    #expect(read.variables.keys.sorted() == ["A", "B"])
    #expect(read.unresolved.keys.sorted() == expected)
    #expect(read.unresolved["A"]?.detail.contains("byte order mark") != false)
    #expect(try parseEnvFile(Array(text.utf8), path: ".env", dialect: .pythonDotenv).unresolved.isEmpty)
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    let error = #expect(throws: EnvFileError.self) {
      try parseEnvFile([0x41, 0x3D, 0xFF], path: "web.env", dialect: .pythonDotenv)
    }
    #expect(error?.kind == .malformed)
  }
}
