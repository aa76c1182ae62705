import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

/// A folder of its own for each test, gone with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "env-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }
}

@Suite final class EnvFileReadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func laterFilesWinAndEveryVariableKnowsItsFile() throws {
    let base = try folder.write("base.env", "A=base\nB=base\n")
    let local = try folder.write("local.env", "B=local\nC=local\n")
    let read = try readEnvFiles([base, local], dialect: .nodeDotenv)
    #expect(read.variables.mapValues { $0.value.reveal() } == ["A": "base", "B": "local", "C": "local"])
    #expect(read.variables["A"]?.location == Location(file: base, line: 1, column: 1))
    #expect(read.variables["B"]?.location == Location(file: local, line: 1, column: 1))
    #expect(read.source == "\(base), \(local) (later files win)")
    #expect(try readEnvFiles([base], dialect: .nodeDotenv).source == base)
  }

  @Test func withNextReferencesSeeTheOverridingFiles() throws {
    let base = try folder.write("base.env", "HOST=base\nPRICE=base\nURL=http://$HOST\n")
    let local = try folder.write("local.env", "HOST=local\nPRICE=\\$5\nOTHER=[$URL]\n")
    let read = try readEnvFiles([base, local], dialect: .next)
    #expect(
      read.variables.mapValues { $0.value.reveal() }
        == ["HOST": "local", "PRICE": "$5", "URL": "http://local", "OTHER": "[]"])
    #expect(read.variables["HOST"]?.location?.file == local)
  }

  @Test(
    "references see earlier files as the dialect's program lets them",
    arguments: [
      (EnvFileDialect.compose, ["A": "2", "B": "[1]", "C": "[given]"]),
      (.pythonDotenv, ["A": "2", "B": "[2]", "C": "[given]"]), (.shell, ["A": "2", "B": "[2]", "C": "[given]"]),
      (.dockerEnvFile, ["A": "2", "B": "[${A}]", "C": "[${GIVEN}]"]),
      (.nodeEnvFile, ["A": "2", "B": "[${A}]", "C": "[${GIVEN}]"]),
    ])
  func references(_ dialect: EnvFileDialect, _ expected: [String: String]) throws {
    let base = try folder.write("base.env", "A=1\n")
    let local = try folder.write("local.env", "A=2\nB=[${A}]\nC=[${GIVEN}]\n")
    let read = try readEnvFiles([base, local], dialect: dialect, inherited: ["GIVEN": Secret("given")])
    #expect(read.variables.mapValues { $0.value.reveal() } == expected)
    #expect(read.variables["A"]?.location?.file == local)
  }

  @Test func whatOneShellFileLeavesUnresolvedTheNextSeesSo() throws {
    let base = try folder.write("base.env", "A=$(x)\nB=1\nC=1\n")
    let local = try folder.write("local.env", "D=$A\nB=$(x)\nunset C\n")
    let read = try readEnvFiles([base, local], dialect: .shell)
    #expect(read.variables.isEmpty && Set(read.unresolved.keys) == ["A", "B", "D"])
    #expect(read.unresolved["B"]?.location?.file == local)
  }

  @Test func aFileThatIsNotThereIsMissing() throws {
    let path = "\(folder.path)/none.env"
    let error = #expect(throws: EnvFileError.self) { try readEnvFiles([path], dialect: .next) }
    #expect(error?.kind == .missing)
    #expect(error?.location == Location(file: path))
    #expect(error?.unseen.kind == .missing)
  }

  @Test func aFolderIsUnreadable() throws {
    let error = #expect(throws: EnvFileError.self) { try readEnvFiles([folder.path], dialect: .next) }
    #expect(error?.kind == .unreadable)
    #expect(error?.message.contains("folder") == true)
    #expect(error?.unseen.kind == .notUnderstood)
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["fifo", "/dev/zero"])
  func whatIsNoRegularFileIsUnreadableAtOnce(_ name: String) throws {
    let path = name == "fifo" ? "\(folder.path)/fifo" : name
    if name == "fifo" { try #require(mkfifo(path, 0o600) == 0) }
    let error = #expect(throws: EnvFileError.self) { try readEnvFiles([path], dialect: .next) }
    #expect(error?.kind == .unreadable)
    #expect(error?.message.contains("regular file") == true)
    #expect(error?.message.contains("with `-`") == true && error?.message.contains("`command:`") == true)
  }

  @Test func bytesThatNoTextHasAreMalformed() throws {
    let path = try folder.write("binary.env", [0x41, 0x3D, 0x00, 0x31])
    let error = #expect(throws: EnvFileError.self) { try readEnvFiles([path], dialect: .next) }
    #expect(error?.kind == .malformed)
  }

  @Test func aFileIsReadUpToTheBoundAndNoFurther() throws {
    let path = try folder.write("ten", "0123456789")
    #expect(try readRegularFile(path, atMost: 10) == Array("0123456789".utf8))
    let error = #expect(throws: RegularFileError.self) { try readRegularFile(path, atMost: 9) }
    #expect(error?.kind == .tooLarge)
    #expect(try readRegularFile(folder.write("empty", ""), atMost: 10).isEmpty)
  }

  @Test func aFileWhoseSizeIsNotKnownBeforehandIsReadWhole() throws {
    // The kernel reports a size of 0 for these.
    #expect(try readRegularFile("/proc/self/status", atMost: 1 << 20).count > 100)
  }

  @Test func theProcessEnvironmentHasNoLocations() throws {
    let expected = ProcessInfo.processInfo.environment
    let variables = processEnvironment()
    #expect(variables.mapValues { $0.value.reveal() } == expected)
    #expect(variables.values.allSatisfy { $0.location == nil && variables[$0.name] == $0 })
  }
}
