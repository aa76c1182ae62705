import Facts
import Testing

@testable import InstanceEnvironment

/// The answers are those of `util.parseEnv` in Node.js 22.20.0 and 24.19.0, which agree.
@Suite("A .env file as node --env-file reads it") struct NodeEnvFileTests {
  @Test(arguments: [
    EnvFileExample("A=1 # one\nB=2#two\nC=$A", ["A": "1", "B": "2", "C": "$A"]),
    EnvFileExample("\u{FEFF}A=1", ["\u{FEFF}A": "1"]),
    EnvFileExample("A=1\rB=2\r\nC=3", ["A": "1B=2", "C": "3"]),
    EnvFileExample("A= \nB=1\nC=2", ["A": "B=1", "C": "2"]),
    EnvFileExample("A=\nB=1", ["A": "", "B": "1"]),
    EnvFileExample("export A=1\nexport  B=2\nexport C=\n", ["A": "1", "B": "2", "export C": ""]),
    EnvFileExample("A\nB=1\n# C=2\nD E=3", ["B": "1", "D E": "3"]),
    EnvFileExample("=A=1\n=\nB=2", ["": "", "A": "1", "B": "2"]),
    EnvFileExample("A=\"x\\ny\\r\"\nB='x\\ny'\nC=`x\ny`", ["A": "x\ny\\r", "B": "x\\ny", "C": "x\ny"]),
    EnvFileExample("A=\"x\\\"y\"z\nB='x' y\nC=1", ["A": "x\\", "B": "x", "C": "1"]),
    EnvFileExample("A=\"x # y\nB=1", ["A": "\"x # y", "B": "1"]),
    EnvFileExample("A=1\nA=2\n\t B\t=\t3\t", ["A": "2", "B": "3"]),
  ])
  func variables(_ example: EnvFileExample) throws {
    #expect(try values(example.text, .nodeEnvFile, inherited: ["A": "9"]) == example.expected)
  }

  @Test func everyVariableKnowsItsLineAndColumn() throws {
    let text = "A=\"1\n2\"\r\n\n  export ü=1\n"
    let variables = try parseEnvFile(Array(text.utf8), path: "web.env", dialect: .nodeEnvFile).variables
    #expect(variables["A"]?.location == Location(file: "web.env", line: 1, column: 1))
    #expect(variables["ü"]?.location == Location(file: "web.env", line: 4, column: 10))
  }
}
