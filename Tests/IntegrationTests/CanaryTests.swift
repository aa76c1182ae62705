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
      ["stream", "--active", "--for", "1s"], ["check", "--active"],
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

  @Test("of a name that stands where no secret should", arguments: ["human", "json"])
  func names(_ format: String) async throws {
    try await RedisServer.withServer { redis in
      _ = try await redis.replies(to: "AUTH \(canary) wrong", "AUTH \(canary)")
      try await TemporaryFolder.with { folder in
        try folder.write(
          """
          VALKEY_URL=redis://\(canary)@127.0.0.1:\(redis.port)
          BULLMQ_PREFIX=b@\(canary)

          """, to: "web-1.env")
        try folder.write(
          """
          VALKEY_URL=redis://:\(canary)@127.0.0.1:\(redis.port)
          VALKEY_SENTINELS=127.0.0.1:\(try closedPort())
          VALKEY_SENTINEL_MASTER=m@\(canary)

          """, to: "web-2.env")
        let result = try await doctor(
          [
            "check", "--system", "testplanit", "--instance", "web-1=web-1.env", "--instance", "web-2=web-2.env",
            "--format", format, "--show", "all", "--save-facts", "facts.json",
          ], in: folder)
        let facts = try #require(folder.read("facts.json"))
        #expect(facts.contains("\"reason\":\"auth\"") || facts.contains("\"reason\" : \"auth\""), "log-ins were seen")
        for text in [result.standardOutput, result.standardError, facts] { #expect(!text.contains(canary)) }
        #expect(result.standardOutput.contains("the key prefix may be a secret"))
      }
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
