import Facts
import Testing

@testable import InstanceEnvironment

/// One file's text and the variables that it gives.
struct EnvFileExample: CustomTestStringConvertible {
  var text: String
  var expected: [String: String]

  init(_ text: String, _ expected: [String: String]) {
    self.text = text
    self.expected = expected
  }

  var testDescription: String { text.debugDescription }
}

func values(
  _ text: String, _ dialect: EnvFileDialect, inherited: [String: String] = [:]
) throws -> [String: String] {
  try parseEnvFile(
    Array(text.utf8), path: ".env", dialect: dialect, inherited: inherited.mapValues { Secret($0) }
  ).variables.mapValues { $0.value.reveal() }
}

@Suite("A .env file as dotenv reads it") struct EnvFileTests {
  @Test(
    "names and separators",
    arguments: [
      EnvFileExample("A=1", ["A": "1"]),
      EnvFileExample("\u{FEFF}A=1\r\nB=2\rC=3", ["A": "1", "B": "2", "C": "3"]),
      EnvFileExample("  A  =  1  ", ["A": "1"]),
      EnvFileExample("a.b-c=1", ["a.b-c": "1"]),
      EnvFileExample("export A=1\nexport\nB=2", ["A": "1", "B": "2"]),
      EnvFileExample("export=1", ["export": "1"]),
      EnvFileExample("export = 1", ["export": "1"]),
      EnvFileExample("A: 1\nB:2", ["A": "1"]),
      EnvFileExample("A:\n1", ["A": "1"]),
      EnvFileExample("A\n=\n1", ["A": ""]),
      EnvFileExample("A B=1\nC=2", ["C": "2"]),
      EnvFileExample("# A=1\n  # B=2", [:]),
      EnvFileExample("A=1\nA=2", ["A": "2"]),
      EnvFileExample("__proto__=1", [:]),
      EnvFileExample("", [:]),
      EnvFileExample("A", [:]),
      EnvFileExample("A=", ["A": ""]),
      EnvFileExample("A:", [:]),
      EnvFileExample("\u{A0}A\u{3000}=\u{2003}1\u{FEFF}", ["A": "1"]),
      EnvFileExample("A=1\u{2028}B=2", ["A": "1\u{2028}B=2"]),
    ])
  func namesAndSeparators(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .nodeDotenv) == example.expected)
  }

  @Test(
    "quotes, comments and escapes",
    arguments: [
      EnvFileExample("A=1 # one\nB=2#two", ["A": "1", "B": "2"]),
      EnvFileExample("A='#1' # one", ["A": "#1"]),
      EnvFileExample(
        "A=\"a\\nb\\r\" \nB='a\\nb'\nC=`a\\nb`\nD=a\\nb", ["A": "a\nb\r", "B": "a\\nb", "C": "a\\nb", "D": "a\\nb"]),
      EnvFileExample("A=\"a\nb\"\nC=1", ["A": "a\nb", "C": "1"]),
      EnvFileExample("A=\n'1'\nB=2", ["A": "1", "B": "2"]),
      EnvFileExample("A='it\\'s'", ["A": "it\\'s"]),
      EnvFileExample("A='C:\\'\nB='1'", ["A": "C:\\", "B": "1"]),
      EnvFileExample("A='a' b", ["A": "'a' b"]),
      EnvFileExample("A='a' b'", ["A": "a' b"]),
      EnvFileExample("A=\"open\nB=1", ["A": "\"open", "B": "1"]),
      EnvFileExample("A=\"open\\nB", ["A": "\"open\nB"]),
      EnvFileExample("A='1'\n\n# B=2\nC=3", ["A": "1", "C": "3"]),
      EnvFileExample("A=\"'1'\"", ["A": "'1'"]),
      EnvFileExample("A='", ["A": "'"]),
      EnvFileExample("A=''", ["A": ""]),
      EnvFileExample("A=$B \\$C ${D:-e}", ["A": "$B \\$C ${D:-e}"]),
    ])
  func quotesCommentsAndEscapes(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .nodeDotenv) == example.expected)
  }

  @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() throws {
    let bytes = Array("A=x".utf8) + [0xFF] + Array("y".utf8)
    #expect(try parseEnvFile(bytes, path: ".env", dialect: .nodeDotenv).variables["A"]?.value == Secret("x\u{FFFD}y"))
  }

  @Test func everyVariableKnowsItsLineAndColumn() throws {
    let text = "\u{FEFF}A=1\r\n\r\n  export B='x\ny'\nC=ü\u{2028} D=2\nA=3\n"
    let variables = try parseEnvFile(Array(text.utf8), path: "web.env", dialect: .nodeDotenv).variables
    #expect(variables["A"]?.location == Location(file: "web.env", line: 6, column: 1))
    #expect(variables["B"]?.location == Location(file: "web.env", line: 3, column: 10))
    #expect(variables["C"]?.location == Location(file: "web.env", line: 5, column: 1))
  }

  @Test func columnsCountCharactersNotBytes() throws {
    let variables = try parseEnvFile(Array("x ü\u{2028}  B=1".utf8), path: ".env", dialect: .nodeDotenv).variables
    #expect(variables["B"]?.location == Location(file: ".env", line: 1, column: 7))
  }

  @Test func aFileOfTheLargestSizeIsReadAndOneByteMoreIsNot() throws {
    let largest = Array("A=".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: maximumEnvFileSize - 2)
    #expect(try parseEnvFile(largest, path: ".env", dialect: .next).variables.count == 1)
    let error = #expect(throws: EnvFileError.self) {
      try parseEnvFile(largest + [UInt8(ascii: "x")], path: ".env", dialect: .next)
    }
    #expect(error?.kind == .tooLarge)
    #expect(error?.location.file == ".env")
  }

  @Test(
    "no text of the largest size takes long",
    .timeLimit(.minutes(5)),
    arguments: [
      "\n", "A=\"x\n", "A='\\'", "A\n", "export ", "A=$B$B$B\n", "'\\'\n", "x\u{2028}", "A: ", "a=`\u{2028}", " ", "$",
    ])
  func noTextTakesLong(_ unit: String) throws {
    let text = String(repeating: unit, count: maximumEnvFileSize / unit.utf8.count)
    _ = try parseEnvFile(Array(text.utf8), path: ".env", dialect: .next)
  }
}
