import Foundation
import TestServers
import Testing

@Suite("Running programs in tests", .timeLimit(.minutes(5)))
struct ProgramsTests {
  private func shell(
    _ script: String, environment: [String: String] = [:], workingFolder: String? = nil,
    standardInput: [UInt8]? = nil, timeout: Duration = .seconds(30)
  ) async throws -> ProcessResult {
    try await runBinary(
      "/bin/sh", ["-c", script], environment: environment, workingFolder: workingFolder, standardInput: standardInput,
      timeout: timeout)
  }

  @Test("Both outputs and the status come back")
  func result() async throws {
    let result = try await shell("echo out; echo err >&2; exit 78")
    #expect(result == ProcessResult(status: 78, standardOutput: "out\n", standardError: "err\n"))
  }

  @Test("More than a pipe holds goes through in every direction")
  func large() async throws {
    let input = [UInt8](repeating: 0x78, count: 1 << 20)
    let result = try await shell("tee /dev/stderr", standardInput: input)
    #expect(result.standardOutput.utf8.count == 1 << 20)
    #expect(result.standardError.utf8.count == 1 << 20)
  }

  @Test("Without input, standard input is empty")
  func noInput() async throws {
    #expect(try await shell("wc -c").standardOutput == "0\n")
  }

  @Test("The environment is the given one, the folder too")
  func surroundings() async throws {
    try await TemporaryFolder.with { folder in
      let result = try await shell("env; pwd", environment: ["REDIS_URL": "x"], workingFolder: folder.path)
      let lines = result.standardOutput.split(separator: "\n")
      #expect(lines.contains("REDIS_URL=x"))
      #expect(lines.last == folder.path[...])
      let names = Set(lines.dropLast().compactMap { $0.split(separator: "=").first })
      let shellsOwn: Set<Substring> = ["PWD", "SHLVL", "_", "OLDPWD"]
      #expect(names.subtracting(shellsOwn).isSubset(of: ["REDIS_URL", "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]))
    }
  }

  @Test("A signal counts as 128 and its number")
  func signal() async throws {
    #expect(try await shell("kill -TERM $$").status == 143)
  }

  @Test("A program that does not end is killed and its output told")
  func timeout() async throws {
    let failure = await #expect(throws: StateNotReached.self) {
      try await shell("echo begun; exec sleep 60", timeout: .milliseconds(300))
    }
    #expect(failure?.description.contains("begun") == true)
  }

  @Test("A cancelled test takes its program with it")
  func cancellation() async throws {
    try await TemporaryFolder.with { folder in
      let running = Task { try await shell("echo $$ > pid; exec sleep 600", workingFolder: folder.path) }
      var pid: Int32?
      try await wait(for: "the program has begun") {
        pid = folder.read("pid").flatMap { Int32($0.dropLast()) }
        return pid != nil
      }
      running.cancel()
      await #expect(throws: CancellationError.self) { try await running.value }
      #expect(kill(try #require(pid), 0) == -1)
    }
  }

  @Test("A child gets no descriptor of the test's")
  func descriptors() async throws {
    try await RawTCPServer.withServer(.init(then: .staysSilent)) { _ in
      let result = try await shell("ls -l /proc/$$/fd")
      #expect(!result.standardOutput.contains("socket:"))
    }
  }

  @Test("The tool's executable is found beside the tests")
  func builtTool() async throws {
    #expect(FileManager.default.isExecutableFile(atPath: try builtBinary()))
    #expect(throws: ServerStartFailure.self) { try builtBinary("no-such-executable") }
  }

  @Test("A folder is gone after its use, also after a failure")
  func folder() async throws {
    struct Failure: Error {}
    var path = ""
    await #expect(throws: Failure.self) {
      try await TemporaryFolder.with { folder in
        path = folder.path
        #expect(try folder.write("text", to: "a/b.txt") == "\(folder.path)/a/b.txt")
        #expect(folder.read("a/b.txt") == "text")
        throw Failure()
      }
    }
    #expect(!path.isEmpty && !FileManager.default.fileExists(atPath: path))
  }
}
