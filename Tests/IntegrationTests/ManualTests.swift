import Facts
import Foundation
import TestServers
import Testing

@Suite("The manual pages", .timeLimit(.minutes(5)))
struct ManualTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../man").standardizedFileURL.path

  @Test(
    "are clean under mandoc -Tlint",
    arguments: ["flowpanel-doctor.1", "flowpanel-doctor.yaml.5", "flowpanel-doctor-checks.7"])
  func lint(_ page: String) async throws {
    let result = try await runBinary(findProgram("mandoc"), ["-Tlint", "\(Self.folder)/\(page)"])
    #expect(result == ProcessResult(status: 0, standardOutput: "", standardError: ""))
  }

  @Test(
    "name every command and every option that --help names",
    arguments: [
      "check", "config", "env", "env parity", "env snapshot", "env compare", "env diff", "env publish", "env gate",
      "redis", "stream", "judge", "checks", "explain", "origin", "demo",
    ])
  func options(_ command: String) async throws {
    let page = try String(contentsOfFile: "\(Self.folder)/flowpanel-doctor.1", encoding: .utf8)
    let words = command.split(separator: " ").map(String.init)
    #expect(page.contains(".It Cm \(words[0])\n"))
    #expect(page.contains("Cm \(command)\n") || command == "env parity")
    let help = try await runBinary(builtBinary(), words + ["--help"]).standardOutput
    let said = help.split { " \n,;.()[]'".contains($0) }
    let options = Set(said.filter { $0.hasPrefix("--") }).subtracting(["--version", "--help"])
    for option in options { #expect(page.contains("Fl Fl \(option.dropFirst(2))"), "\(option)") }
  }

  @Test("page 1 names every command that the doctor asks Redis with")
  func doctorCommands() throws {
    let page = try String(contentsOfFile: "\(Self.folder)/flowpanel-doctor.1", encoding: .utf8)
    let section = try #require(page.split(separator: ".Sh WHAT IS DONE TO REDIS").last)
    let rules = section.split { " \n".contains($0) }.filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) }
    #expect(rules == System.flowpanel.doctorCommands)
  }
}
