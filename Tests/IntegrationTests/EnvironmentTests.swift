import TestServers
import Testing

@Suite("flowpanel-doctor env", .timeLimit(.minutes(1)))
struct EnvironmentTests {
  @Test("two spellings of one URL are a notice, two URLs an error")
  func spellings() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://:CANARY@cache\n", to: "web-1.env")
      try folder.write("REDIS_URL=redis://:CANARY@Cache:6379/0\n", to: "web-2.env")
      try folder.write("REDIS_URL=redis://:CANARY@cache/1\n", to: "web-3.env")
      let same = try await doctor(["env", "a=web-1.env", "b=web-2.env"], in: folder)
      #expect(same.status == 0, "\(same)")
      #expect(same.standardOutput.contains("REDIS_URL is one URL in 2 spellings: a on a; b on b"))
      let different = try await doctor(["env", "a=web-1.env", "b=web-2.env", "c=web-3.env"], in: folder)
      #expect(different.status == 1)
      #expect(different.standardOutput.contains("REDIS_URL has 2 values: a on a and b; b on c"))
      for result in [same, different] { #expect(!result.standardOutput.contains("CANARY")) }
    }
  }

  @Test("what is wrong with a value's form is told, and the value is not")
  func damaged() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL='\"redis://:CANARY@cache\"'\nTOKEN=\"CANARY \"\n", to: "web-1.env")
      let result = try await doctor(["env", "web-1=web-1.env", "--format", "json"], in: folder)
      let findings = try JSONReport(result).verdicts.filter { $0.check == "env.value-damaged" }
      #expect(
        findings.map { "\($0.severity) \($0.message)" } == [
          "warning REDIS_URL has quotation marks around it that are part of its value",
          "notice TOKEN begins or ends with white space",
        ])
      #expect(findings.map(\.location?.line) == [1, 2])
      #expect(!result.standardOutput.contains("CANARY"))
    }
  }
}
