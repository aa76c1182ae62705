import Foundation
import TestServers
import Testing

/// Every secret that the deployment below holds contains this.
private let canary = "CANARY-7f3a9c"

@Suite("No secret leaves through any output", .timeLimit(.minutes(5)))
struct CanaryTests {
  @Test(
    "of any command in any format",
    arguments: [
      ["check"], ["config"], ["env"], ["redis"], ["redis", "--url-variable", "SECRET_URL"], ["stream", "--for", "1s"],
    ], ["human", "json", "junit", "github"])
  func commands(_ command: [String], _ format: String) async throws {
    try await TestDeployment.withHealthy {
      $0.password = "\(canary)-password"
    } _: { deployment, redis in
      let url = redis.url(password: "\(canary)-password")
      try deployment.write(
        environments: [
          "REDIS_URL=\(url)/0\nDATABASE_URL=postgres://\(canary)@db/x\nTOKEN=\(canary)\n",
          "REDIS_URL=\(url)x/0\nDATABASE_URL=\(canary)\nEMPTY=\n",
        ],
        manifestTail: "stream:\n  headers:\n    - name: Cookie\n      variable: SECRET_COOKIE\n")
      let secrets = ["SECRET_COOKIE": "session=\(canary)", "SECRET_URL": redis.url(user: canary, password: canary)]
      let result = try await deployment.run(
        command[0],
        environment: secrets,
        rest: command.dropFirst() + ["--format", format, "--show", "all", "--save-facts", "facts.json"])
      #expect(!result.standardOutput.isEmpty)
      let facts = try #require(deployment.folder.read("facts.json"))
      for text in [result.standardOutput, result.standardError, facts] { #expect(!text.contains(canary)) }
    }
  }
}

extension TestDeployment {
  fileprivate func run(
    _ command: String, environment: [String: String], rest: some Sequence<String>
  ) async throws -> ProcessResult {
    try await doctor([command] + rest, environment: environment, in: folder)
  }
}
