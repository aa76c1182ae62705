import Facts
import Testing

@testable import InstanceEnvironment

@Suite("What refers to a variable that nothing sets is not known") final class LostReferenceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func unresolved(
    _ text: String, _ dialect: EnvFileDialect, inherited: [String: String] = [:]
  ) throws -> [String] {
    let read = try parseEnvFile(
      Array(text.utf8), path: ".env", dialect: dialect, inherited: inherited.mapValues { Secret($0) })
    for (name, reason) in read.unresolved {
      #expect(reason.kind == .notGiven && reason.location == read.variables[name]?.location)
      #expect(!reason.detail.contains("CANARY"))
    }
    // What is left of the value is there too.
    #expect(Set(read.unresolved.keys).isSubset(of: read.variables.keys))
    return read.unresolved.keys.sorted()
  }

  @Test(arguments: [
    ("A=$2b$10$CANARY", ["A"]), ("A=\\$2b\\$10\\$CANARY", []), ("A=redis://${CANARY}:6379", ["A"]), ("A=$", []),
    ("A=${X:-y}${X:-}", []), ("A=$X\nX=", []), ("A=$GIVEN$EMPTY", []), ("A=${GIVEN:-$CANARY}", []),
    ("A=${X:-$CANARY}", ["A"]), ("A=$X\nB=$A\nC=${A:-x}\nD=${A:-}\nE=1", ["A", "B", "D"]), ("B=$A\nA=$X", ["A", "B"]),
    ("A=$X\nA=1", []), ("GIVEN=$X", []), ("A='$CANARY'", ["A"]),
  ])
  func next(_ text: String, _ expected: [String]) throws {
    #expect(try unresolved(text, .next, inherited: ["GIVEN": "g", "EMPTY": ""]) == expected)
  }

  @Test(arguments: [
    ("A=$2b$10$CANARY", ["A"]), ("A=$$2b$$10$$CANARY", []), ("A='$CANARY'", []), ("A=\"${CANARY}\"", ["A"]),
    ("A=${X:-y}${X-}${X:+$Y}", []), ("A=$GIVEN$EMPTY${GIVEN:-$X}", []), ("X=\nA=$X", []), ("A=$X\nX=1", ["A"]),
    ("A=$X\nB=$A\nC=${A:-x}\nD=${A+x}\nE=${EMPTY:-$A}", ["A", "B", "C", "D", "E"]), ("A=$X\nA=1\nB=$A", []),
    ("GIVEN=$X\nA=$GIVEN", ["GIVEN"]),
  ])
  func compose(_ text: String, _ expected: [String]) throws {
    #expect(try unresolved(text, .compose, inherited: ["GIVEN": "g", "EMPTY": ""]) == expected)
  }

  @Test(arguments: [
    ("A=$2b$10$CANARY", []), ("A=redis://${CANARY}:6379", ["A"]), ("A='${CANARY}'", ["A"]), ("A=${X:-y}${X:-}", []),
    ("A=${GIVEN}${EMPTY}", []), ("A=${X}\nX=1", ["A"]), ("X\nA=${X}", []),
    ("A=${X}\nB=${A}\nC=${A:-x}", ["A", "B", "C"]),
    ("A=${X}\nA=1\nB=${A}", []), ("A=${X}\nA", []),
  ])
  func python(_ text: String, _ expected: [String]) throws {
    #expect(try unresolved(text, .pythonDotenv, inherited: ["GIVEN": "g", "EMPTY": ""]) == expected)
  }

  @Test func aShellSaysNoNameEither() throws {
    let read = try parseEnvFile(Array("A=x${CANARY}y\n".utf8), path: ".env", dialect: .shell)
    #expect(read.unresolved["A"]?.kind == .notGiven && read.unresolved["A"]?.detail.contains("CANARY") == false)
  }

  @Test(arguments: [
    (EnvFileDialect.next, ["A", "B", "C", "E", "F", "G"]), (.compose, ["A", "B", "C", "E", "F"]),
    (.pythonDotenv, ["A", "B", "C", "E", "F"]),
  ])
  func filesSeeWhatOthersLack(_ dialect: EnvFileDialect, _ expected: [String]) throws {
    // Next.js begins with the file that wins, the others with the first.
    let files = ["A=1\nB=${X}\nC=${X}\nE=${A}\nG=${X}", "C=${B}\nE=${F}\nG=1", "A=${F}\nF=${X}\nH=${GIVEN}"]
    let order = dialect == .next ? [1, 0, 2] : [0, 2, 1]
    let paths = try order.map { try folder.write("\($0).env", files[$0]) }
    let read = try readEnvFiles(paths, dialect: dialect, inherited: ["GIVEN": Secret("g")])
    #expect(read.unresolved.keys.sorted() == expected)
    for (name, reason) in read.unresolved { #expect(reason.location == read.variables[name]?.location) }
  }

  @Test func aNameAloneThatDockerDoesNotFindIsNotKnown() throws {
    let text = "GIVEN\nNONE\nA=1\nA\nLATE\nLATE=1\n"
    let read = try parseEnvFile(
      Array(text.utf8), path: ".env", dialect: .dockerEnvFile, inherited: ["GIVEN": Secret("g")])
    #expect(read.variables.keys.sorted() == ["A", "GIVEN", "LATE"] && Array(read.unresolved.keys) == ["NONE"])
    #expect(read.unresolved["NONE"]?.location?.line == 2)
  }
}
