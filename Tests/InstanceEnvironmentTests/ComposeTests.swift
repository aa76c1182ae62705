import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

@Suite("The environment that compose gives a service") final class ComposeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func failure(
    _ text: String, service: String = "web", environment: [String: String] = [:]
  ) throws -> EnvFileError? {
    let path = try folder.write("compose.yaml", text)
    return #expect(throws: EnvFileError.self) {
      try readCompose([path], service: service, environment: environment.mapValues { Secret($0) })
    }
  }

  @Test func everyVariableKnowsTheLineThatSetsIt() throws {
    let env = try folder.write("web.env", "# here\nFILE=1\nA=file\n")
    let base = try folder.write(
      inFolders: "base/compose.yaml",
      """
      services:
        base:
          environment:
            BASE: 1
          env_file: base.env
      """)
    let baseEnv = try folder.write("base/base.env", "\nBASEFILE=1\n")
    let path = try folder.write(
      "compose.yaml",
      """
      x-shared: &shared
        SHARED: 1
      services:
        web:
          extends: { file: base/compose.yaml, service: base }
          env_file: web.env
          environment:
            <<: *shared
            A: 1
            "B": 2
      """)
    let over = try folder.write("over.yaml", "services:\n  web:\n    environment:\n      - B=3\n      - C=4\n")
    let read = try readCompose([path, over], service: "web")
    #expect(
      read.variables.mapValues(\.location) == [
        "A": Location(file: path, line: 9, column: 7), "B": Location(file: over, line: 4, column: 9),
        "C": Location(file: over, line: 5, column: 9), "SHARED": Location(file: path, line: 2, column: 3),
        "BASE": Location(file: base, line: 4, column: 7), "FILE": Location(file: env, line: 2, column: 1),
        "BASEFILE": Location(file: baseEnv, line: 2, column: 1),
      ])
    #expect(read.source == "the service web of \(path), \(over) (later files win)")
    #expect(read.unresolved.isEmpty)
  }

  @Test func aReferenceToWhatIsNotSetIsEmptyAndNamed() throws {
    let path = try folder.write(
      "compose.yaml",
      """
      services:
        web:
          environment:
            URL: redis://${HOST}:${PORT:-6379}/$DB
            OTHER: ${HOST:-${DB:-0}}
            NESTED: ${HOST:-$DB}
            PASSED:
            UNUSED: ${SET:-$DB}
            HASH: $$2b$10$CANARYhash
      """)
    let read = try readCompose([path], service: "web", environment: ["SET": Secret("x")])
    #expect(
      read.variables.mapValues { $0.value.reveal() }
        == ["URL": "redis://:6379/", "OTHER": "0", "NESTED": "", "UNUSED": "x", "HASH": "$2b$10"])
    #expect(Set(read.unresolved.keys) == ["URL", "NESTED", "HASH", "PASSED"])
    let unseen = try #require(read.unresolved["URL"])
    #expect(unseen.kind == .notGiven)
    #expect(unseen.location == Location(file: path, line: 4, column: 7))
    #expect(unseen.detail.hasPrefix("it refers to a variable that is not set in what was given"))
    // A name may be a part of a password in which nobody meant a reference.
    for unseen in read.unresolved.values {
      for part in ["redis", "HOST", "CANARY"] { #expect(!unseen.detail.contains(part)) }
    }
  }

  @Test(arguments: ["[AUTH_SECRET]", "{AUTH_SECRET: }"])
  func whatIsPassedOnWithoutBeingSetIsUnresolved(_ environment: String) throws {
    let path = try folder.write(
      "compose.yaml", "services:\n  web:\n    environment: \(environment)\n    env_file: w.env\n")
    _ = try folder.write("w.env", "AUTH_SECRET=1\nBARE\nOTHER=1\nOTHER\n")
    let unset = try readCompose([path], service: "web")
    #expect(unset.variables.keys.sorted() == ["OTHER"])
    #expect(unset.unresolved.keys.sorted() == ["AUTH_SECRET", "BARE"])
    #expect(unset.unresolved["AUTH_SECRET"]?.location?.line == 3 && unset.unresolved["BARE"]?.location?.line == 2)
    #expect(unset.unresolved["AUTH_SECRET"]?.detail.contains("export it here, give it in the project's .env") == true)
    let set = try readCompose([path], service: "web", environment: ["AUTH_SECRET": Secret(""), "BARE": Secret("b")])
    #expect(set.variables.count == 3 && set.unresolved.isEmpty)
    _ = try folder.write(".env", "AUTH_SECRET=2\nBARE=b")
    #expect(try readCompose([path], service: "web").unresolved.isEmpty)
  }

  @Test func whatTheProjectsFileLacksIsUnresolvedWhereverItGoes() throws {
    _ = try folder.write(".env", "HASH=$CANARY\nFULL='$CANARY'\nGIVEN=$CANARY\nBARE\n")
    _ = try folder.write("w.env", "FROM=${HASH}\nOTHER=$FROM\nWHOLE=$FULL$GIVEN${BARE:-x}\nOWN=$SET\nLATE=$X\n")
    _ = try folder.write("v.env", "AGAIN=$OWN$OTHER\nLATE=1\n")
    let path = try folder.write(
      "compose.yaml",
      """
      services:
        web:
          env_file: [w.env, v.env]
          environment:
            A: ${HASH:-x}
            HASH:
            B: $FULL$GIVEN
            SET: ${HASH+x}
            C: ${NONE:-${HASH}}
            D: ${FULL:-${HASH}}
      """)
    let read = try readCompose([path], service: "web", environment: ["GIVEN": Secret("g")])
    #expect(Set(read.unresolved.keys) == ["A", "HASH", "SET", "C", "FROM", "OTHER", "OWN", "AGAIN"])
    #expect(Set(read.unresolved.keys).isSubset(of: read.variables.keys))
    #expect(read.unresolved.values.allSatisfy { !$0.detail.contains("CANARY") })
    let folder = try self.folder.write("x.yaml", "services:\n  web:\n    env_file: $HASH.env\n")
    #expect(throws: EnvFileError.self) { try readCompose([folder], service: "web") }
  }

  @Test func theGivenEnvironmentWinsOverTheProjectsFile() throws {
    _ = try folder.write(".env", "A=file\nB=file\n")
    let path = try folder.write("compose.yaml", "services:\n  web:\n    environment: [A, B, \"C=$A$B\"]\n")
    let read = try readCompose([path], service: "web", environment: ["A": Secret("given")])
    #expect(read.variables.mapValues { $0.value.reveal() } == ["A": "given", "B": "file", "C": "givenfile"])
  }

  @Test(
    "what compose refuses is an error at its line, without a value",
    arguments: [
      ("services:\n  web:\n    environment:\n      A: ${MUST:?geheim}\n", 4, "`MUST`"),
      ("services:\n  web:\n    environment:\n      A: geheim ${\n", 4, "`$$`"),
      ("services:\n  web:\n    environment:\n      - A: geheim\n", 4, "NAME=value"),
      ("services:\n  web:\n    environment:\n      - A =geheim\n", 4, "white space"),
      ("services:\n  web:\n    environment:\n      A: 2020-01-01\n", 4, "quotes"),
      ("services:\n  web:\n    environment:\n      A: \"geheim\\0\"\n", 4, "NUL"),
      ("services:\n  web:\n    environment: geheim\n", 3, "a mapping or a list"),
      ("services:\n  web:\n    environment:\n      A: 1\n      A: geheim\n", 5, "twice"),
      ("services:\n  web:\n    environment:\n      A: geheim: x\n", 4, "not valid YAML"),
      ("services:\n  web:\n    env_file:\n      - none.env\n", 4, "none.env"),
      ("services:\n  web:\n    env_file:\n      - path: ${WHERE}.env\n", 4, "`WHERE`"),
      ("services:\n  web:\n    extends: other\n", 3, "`other`"),
      ("services:\n  web:\n    extends:\n      file: none.yaml\n      service: x\n", 5, "none.yaml"),
      ("services:\n  web:\n    extends: b\n  b:\n    extends: web\n", 5, "circle"),
      ("services:\n  - web\n", 2, "`services` must be a mapping"),
      ("- geheim\n", 1, "must be a mapping"),
    ])
  func errors(_ text: String, _ line: Int, _ words: String) throws {
    let error = try failure(text)
    #expect(error?.location.line == line)
    #expect(error?.message.contains(words) == true)
    #expect(error?.message.contains("geheim") == false)
  }

  @Test func aServiceThatIsNotThereIsMissingAndTheOthersAreNamed() throws {
    let error = try failure("services:\n  web: {}\n  worker: {}\n", service: "wbe")
    #expect(error?.kind == .missing)
    #expect(error?.message == "there is no service `wbe`; there are `web`, `worker`")
    #expect(try failure("", service: "web")?.message.contains("there are no services") == true)
  }

  @Test func aFileThatIsNotThereIsMissing() {
    let error = #expect(throws: EnvFileError.self) { try readCompose(["\(folder.path)/none.yaml"], service: "web") }
    #expect(error?.kind == .missing)
    #expect(#expect(throws: EnvFileError.self) { try readCompose([], service: "web") }?.kind == .missing)
  }

  @Test func whatAFileIncludesIsOnlyUnknownWhereItCouldNameTheService() throws {
    let including = "include:\n  - other.yaml\n"
    let own = try folder.write("own.yaml", including + "services:\n  web:\n    environment: { A: 1 }\n")
    #expect(try readCompose([own], service: "web").variables.keys.sorted() == ["A"])
    let bare = try folder.write("bare.yaml", including)
    let over = try folder.write("over.yaml", "services:\n  web:\n    environment: { A: 1 }\n")
    for files in [[bare], [bare, over], [over, bare]] {
      let error = #expect(throws: EnvFileError.self) { try readCompose(files, service: "web") }
      #expect(error?.message.contains("includes others") == true)
      #expect(error?.location == Location(file: bare, line: 2, column: 3))
    }
    #expect(throws: EnvFileError.self) { try composeServices([own]) }
  }

  @Test func theServicesAreNamed() throws {
    let base = try folder.write("a.yaml", "services:\n  web: {}\n  db: { profiles: [debug] }\n  old: {}\n")
    let over = try folder.write("b.yaml", "services:\n  old: !reset null\n  new: {}\n")
    #expect(try composeServices([base, over]) == ["db", "new", "web"])
    #expect(try composeServices([base]) == ["db", "old", "web"])
  }

  @Test func anEnvFileOfAPathThatIsNoFileIsUnreadable() throws {
    _ = try folder.write(inFolders: "dir/x", "")
    let error = try failure("services:\n  web:\n    env_file: { path: dir, required: false }\n")
    #expect(error?.kind == .unreadable)
    #expect(error?.location.line == 3)
  }
}
