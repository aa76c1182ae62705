import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

@Suite("The environment that Next.js loads in a folder") final class NextEnvironmentTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ files: [String: String]) throws {
    for (name, text) in files { _ = try folder.write(name, text) }
  }

  private func values(_ mode: NextMode = .production) throws -> [String: String] {
    try readNextEnvironment(in: folder.path, mode: mode).variables.mapValues { $0.value.reveal() }
  }

  private func failure(in path: String, _ mode: NextMode = .production) -> EnvFileError? {
    #expect(throws: EnvFileError.self) { try readNextEnvironment(in: path, mode: mode) }
  }

  @Test(
    "the file that is nearest to the mode and the machine wins",
    arguments: [
      (NextMode.production, [".env.production.local", ".env.local", ".env.production", ".env"]),
      (.development, [".env.development.local", ".env.local", ".env.development", ".env"]),
      (.test, [".env.test.local", ".env.test", ".env"]),
    ])
  func precedence(_ mode: NextMode, _ names: [String]) throws {
    let all = [".env", ".env.local"] + NextMode.allCases.flatMap { [".env.\($0)", ".env.\($0).local"] }
    for name in all { _ = try folder.write(name, "WINNER=\(name)\n'\(name)'\nHAS\(name)=1\n") }
    for (index, name) in names.enumerated() {
      let read = try readNextEnvironment(in: folder.path, mode: mode)
      let loaded = names[index...]
      #expect(read.variables["WINNER"]?.value.reveal() == name)
      #expect(Set(read.variables.keys) == Set(["NODE_ENV", "WINNER"] + loaded.map { "HAS\($0)" }))
      let paths = loaded.map { "\(folder.path)/\($0)" }.joined(separator: ", ")
      let pronoun = loaded.count > 1 ? "them" : "it"
      #expect(read.source == "\(paths) (as Next.js loads \(pronoun) in \(mode) mode)")
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    #expect(failure(in: folder.path, mode)?.kind == .missing)
  }

  @Test func everyVariableKnowsItsLine() throws {
    try write([".env": "A=1\nB=1\n", ".env.local": "# mine\nB=$A\n"])
    let variables = try readNextEnvironment(in: folder.path).variables
    #expect(variables["A"]?.location == Location(file: "\(folder.path)/.env", line: 1, column: 1))
    #expect(variables["B"]?.location == Location(file: "\(folder.path)/.env.local", line: 2, column: 1))
    #expect(variables["NODE_ENV"] == EnvironmentVariable(name: "NODE_ENV", value: Secret("production")))
  }

  @Test(
    "references see the overriding files, and never those that are overridden",
    arguments: [
      (["HOST=local", "", "URL=http://$HOST"], ["HOST": "local", "URL": "http://local"]),
      (["URL=http://$HOST", "", "HOST=base"], ["HOST": "base", "URL": "http://"]),
      (["URL=http://${HOST:-none}", "HOST=base", ""], ["HOST": "base", "URL": "http://none"]),
      (["A=local", "B=[$A]", "A=base\nB=$A\nC=$B"], ["A": "local", "B": "[local]", "C": "[local]"]),
      (["EMPTY=", "", "EMPTY=base\nA=<$EMPTY>"], ["EMPTY": "", "A": "<>"]),
      // Each later file that sets the name too expands what is there already once more, for those who refer to it.
      (["A=\\$B", "A=1\nB=2", "C=$A"], ["A": "$B", "B": "2", "C": "2"]),
      (["A=\\$B", "", "B=2\nC=$A"], ["A": "$B", "B": "2", "C": "2"]),
    ])
  func references(_ files: [String], _ expected: [String: String]) throws {
    try write([".env.production.local": files[0], ".env.local": files[1], ".env": files[2]])
    var expected = expected
    expected["NODE_ENV"] = "production"
    #expect(try values() == expected)
  }

  @Test(arguments: NextMode.allCases) func noFileChangesTheMode(_ mode: NextMode) throws {
    try write([".env": "NODE_ENV=staging\nA=$NODE_ENV\n"])
    #expect(try values(mode) == ["NODE_ENV": mode.rawValue, "A": mode.rawValue])
  }

  @Test func nothingOfThisProcessIsInIt() throws {
    try #require(ProcessInfo.processInfo.environment["PATH"] != nil)
    try write([".env": "A=[$PATH]\n"])
    #expect(try values() == ["NODE_ENV": "production", "A": "[]"])
  }

  @Test(arguments: ["", "/", "/.", "/./"]) func aPathIsShownWithoutEmptySteps(_ ending: String) throws {
    try write([".env": "A=1"])
    let variables = try readNextEnvironment(in: folder.path + ending).variables
    #expect(variables["A"]?.location?.file == "\(folder.path)/.env")
  }

  @Test func aFolderThatIsNotThereIsMissing() {
    let path = "\(folder.path)/nowhere"
    #expect(failure(in: path) == EnvFileError(.missing, "there is no such folder", at: Location(file: path)))
  }

  @Test func aFileInTheFoldersPlaceIsRefused() throws {
    let path = try folder.write("web.env", "A=1")
    let error = failure(in: path)
    #expect(error?.kind == .unreadable)
    #expect(error?.location == Location(file: path))
    #expect(error?.message.contains("not a folder") == true)
  }

  @Test(
    "a folder without any of the files says which were looked for",
    arguments: [
      (NextMode.production, ".env.production.local, .env.local, .env.production, .env"),
      (.test, ".env.test.local, .env.test, .env"),
    ])
  func noFiles(_ mode: NextMode, _ names: String) throws {
    try write(["web.env": "A=1"])
    let error = failure(in: folder.path, mode)
    #expect(error?.kind == .missing)
    #expect(error?.location == Location(file: folder.path))
    #expect(error?.message.hasSuffix(": \(names)") == true)
  }

  @Test func foldersAndDevicesArePassedOver() throws {
    let files = FileManager.default
    try files.createDirectory(atPath: "\(folder.path)/.env", withIntermediateDirectories: false)
    try files.createSymbolicLink(atPath: "\(folder.path)/.env.production", withDestinationPath: "/dev/null")
    try files.createSymbolicLink(atPath: "\(folder.path)/.env.production.local", withDestinationPath: "nowhere")
    #expect(failure(in: folder.path)?.kind == .missing)
    try write([".env.local": "A=1"])
    #expect(try values() == ["NODE_ENV": "production", "A": "1"])
  }

  @Test(.timeLimit(.minutes(5))) func aPipeIsAnErrorAtOnce() throws {
    try write([".env": "A=1"])
    try #require(mkfifo("\(folder.path)/.env.local", 0o600) == 0)
    let error = failure(in: folder.path)
    #expect(error?.kind == .unreadable)
    #expect(error?.location.file == "\(folder.path)/.env.local")
  }

  @Test func aLinkThatLeadsToItselfIsAnError() throws {
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/.env", withDestinationPath: ".env")
    #expect(failure(in: folder.path)?.kind == .unreadable)
  }

  @Test(
    "a file that can't be understood is an error at its place",
    arguments: [
      ([".env.local": "A=1", ".env": "X=1\nB=$B"], ".env:2:1"),
      // What `\$A` became refers to itself once the next file sets it too.
      ([".env.local": "A=\\$A", ".env": "A=1"], ".env:1:1"),
      ([".env.local": "A=\0", ".env": "A=1"], ".env.local"),
    ])
  func malformed(_ files: [String: String], _ place: String) throws {
    try write(files)
    let error = failure(in: folder.path)
    #expect(error?.unseen.kind == .notUnderstood)
    #expect(error?.location.description == "\(folder.path)/\(place)")
  }

  @Test func aFileOverTheBoundIsAnError() throws {
    try write([".env.local": String(repeating: "#", count: maximumEnvFileSize + 1), ".env": "A=1"])
    let error = failure(in: folder.path)
    #expect(error?.kind == .tooLarge)
    #expect(error?.location.file == "\(folder.path)/.env.local")
  }
}
