import Facts
import Foundation
import InstanceEnvironment
import Testing

@Suite struct EnvironmentBlockTests {
  private func values(_ text: String) throws -> [String: String] {
    try parseEnvironment(Array(text.utf8), source: "s", path: "p").variables.mapValues { $0.value.reveal() }
  }

  @Test(arguments: [
    ("A=1\0B=x=y\0C=\0", ["A": "1", "B": "x=y", "C": ""]), ("A=1\nB=2\n", ["A": "1", "B": "2"]), ("", [:]),
    ("A=one\ntwo\n\nB=2\n", ["A": "one\ntwo\n", "B": "2"]), ("A=one\ntwo\0B=2\0", ["A": "one\ntwo", "B": "2"]),
    ("A=1\nA=2\n", ["A": "2"]), ("BASH_FUNC_x%%=() { :\n}\nB=2\n", ["BASH_FUNC_x%%": "() { :\n}", "B": "2"]),
    ("A=\n", ["A": ""]), ("A=1", ["A": "1"]), ("A=\u{301}x\n", ["A": "\u{301}x"]),
    ("A=1\r\nB=2\r\n", ["A": "1\r", "B": "2\r"]),
  ])
  func entriesEndWithNULOrALineFeed(_ text: String, _ expected: [String: String]) throws {
    #expect(try values(text) == expected)
  }

  @Test(arguments: [
    "-----BEGIN X-----\nFprsxIYn5Y4Zq=\n-----END X-----",
    "-----BEGIN X-----\na=\n-----END X-----\n-----BEGIN Y-----\nProc=4,x\n-----END Y-----\n",
    "one\n-----BEGIN X-----\nb=\n-----END X-----\ntwo", "{\n  \"a\": \"http://h?b=c\",\n\"d=e\": 1\n}",
    "- a=b\n-a=b\n+a=b\n/a=b", "-----BEGIN X----- -----END X----- -----BEGIN Y-----\nc=\n-----END Y-----",
  ])
  func linesOfAKeyOrOfJSONAreNoVariables(_ value: String) throws {
    #expect(try values("A=1\nKEY=\(value)\nB=2\n") == ["A": "1", "KEY": value, "B": "2"])
    #expect(try values("KEY=\(value)\0B=2\0") == ["KEY": value, "B": "2"])
  }

  @Test func behindAKeyWithoutEndNothingIsKnown() throws {
    let text = "A=1\nKEY=-----BEGIN X-----\ncanary=\nB=2\n"
    let read = try parseEnvironment(Array(text.utf8), source: "s", path: "p")
    #expect(read.variables.keys.sorted() == ["A", "KEY"])
    #expect(Array(read.unresolved.keys) == ["KEY"])
    #expect(read.mayHoldMore?.detail.contains("canary") == false)
    #expect(try values("KEY=-----BEGIN X-----\\n-----END X-----\nB=2\n").count == 2)
    let blocks = try parseEnvironment(Array("KEY=-----BEGIN X\0B=2\0".utf8), source: "s", path: "p")
    #expect(blocks.variables.count == 2 && blocks.mayHoldMore == nil)
  }

  @Test(arguments: [
    ("ssh: connect to host web-2 port 22: Connection refused\n", 1), ("Password:\nA=1\n", 1), ("=x\n", 1),
    ("1A=x\n", 1),
  ])
  func whatIsNoEnvironmentIsAnErrorWithItsLine(_ text: String, _ line: Int) {
    #expect { try values(text) } throws: {
      ($0 as? EnvFileError)?.kind == .malformed && ($0 as? EnvFileError)?.location.line == line
        && ($0 as? EnvFileError)?.message.contains("ssh") == false
    }
  }

  @Test func itIsBounded() {
    let bytes = [UInt8](repeating: 0x41, count: maximumEnvironmentSize + 1)
    #expect { try parseEnvironment(bytes, source: "s", path: "p") } throws: { ($0 as? EnvFileError)?.kind == .tooLarge }
  }

  @Test func ofAProcessItIsWhatItWasStartedWith() throws {
    let own = try readProcessEnvironment(Int(ProcessInfo.processInfo.processIdentifier)).variables
    #expect(own["PATH"]?.value.reveal() == ProcessInfo.processInfo.environment["PATH"])
    #expect { try readProcessEnvironment(Int(Int32.max)) } throws: { ($0 as? EnvFileError)?.kind == .missing }
  }

  @Test func whatIsNoUTF8IsNotCompared() throws {
    let read = try parseEnvironment(Array("A=k".utf8) + [0xE4, 0, 0x42, 0x3D, 0x31, 0], source: "s", path: "p")
    #expect(read.variables["B"]?.value.reveal() == "1")
    #expect(read.unresolved.keys.sorted() == ["A"])
    #expect(read.unresolved["A"]?.detail.contains("UTF-8") == true)
  }
}
