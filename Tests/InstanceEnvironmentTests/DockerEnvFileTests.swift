import Facts
import Testing

@testable import InstanceEnvironment

/// The answers are those of `docker create --env-file` 28.2.2, taken from its request to a stand-in for the daemon.
@Suite("An env file as docker run reads it") struct DockerEnvFileTests {
  @Test(arguments: [
    EnvFileExample("A='1' # x\nB=\"2\"\nC= 3 ", ["A": "'1' # x", "B": "\"2\"", "C": " 3 "]),
    EnvFileExample("# A=1\n  # B=2\n\n \t\nC=#3", ["C": "#3"]),
    EnvFileExample("\u{FEFF}A=1\r\nB=2\rC=3", ["A": "1", "B": "2\rC=3"]),
    EnvFileExample("A=1\r\r\n\u{A0}B=2", ["A": "1\r", "B": "2"]),
    EnvFileExample("A=1\nA=2\nB==", ["A": "2", "B": "="]),
    EnvFileExample("GIVEN\nNONE\nEMPTY\nGIVEN\u{A0}", ["GIVEN": "$x", "EMPTY": ""]),
    EnvFileExample("a.b-c$=1\nA\u{B}=2", ["a.b-c$": "1", "A\u{B}": "2"]),
    EnvFileExample("A=$GIVEN ${B:-x} \\n", ["A": "$GIVEN ${B:-x} \\n"]),
  ])
  func variables(_ example: EnvFileExample) throws {
    let inherited = ["GIVEN": "$x", "EMPTY": "", "A": "9"]
    #expect(try values(example.text, .dockerEnvFile, inherited: inherited) == example.expected)
  }

  @Test(
    "one line is refused, and with it the file",
    arguments: [
      ("A =canary", "white space"), ("export A=canary", "white space"), ("A: canary", "white space"),
      ("  =canary", "no name"), ("=", "no name"),
    ])
  func refused(_ line: String, _ reason: String) {
    let error = #expect(throws: EnvFileError.self) { try values("B=1\n\(line)\n", .dockerEnvFile) }
    #expect(error?.kind == .malformed)
    #expect(error?.location == Location(file: ".env", line: 2, column: 1))
    #expect(error?.message.contains(reason) == true && error?.message.contains("canary") == false)
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    let error = #expect(throws: EnvFileError.self) {
      try parseEnvFile(Array("A=1\nB=".utf8) + [0xFF], path: "web.env", dialect: .dockerEnvFile)
    }
    #expect(error?.location == Location(file: "web.env", line: 2, column: 1))
  }

  @Test(arguments: ["", "\n"]) func aLineMayHaveOneByteLessThan64KiB(_ ending: String) throws {
    let longest = "A=" + String(repeating: "x", count: 65_533)
    #expect(try values(longest + ending, .dockerEnvFile)["A"]?.count == 65_533)
    let error = #expect(throws: EnvFileError.self) { try values(longest + "x" + ending, .dockerEnvFile) }
    #expect(error?.kind == .malformed)
  }

  @Test func everyVariableKnowsItsLineAndColumn() throws {
    let text = "\u{FEFF}A=1\r\n\n \u{A0}B=1"
    let variables = try parseEnvFile(Array(text.utf8), path: "web.env", dialect: .dockerEnvFile).variables
    #expect(variables["A"]?.location == Location(file: "web.env", line: 1, column: 1))
    #expect(variables["B"]?.location == Location(file: "web.env", line: 3, column: 3))
  }
}
