import Facts
import Foundation
import TestServers
import Testing

@Suite("A user with no more rights than the application needs", .timeLimit(.minutes(5)))
struct LeastPrivilegeTests {
  @Test("is told what to grant, and with that granted nothing is undetermined", arguments: System.allCases)
  func grant(_ system: System) async throws {
    var configuration = RedisServer.Configuration()
    configuration.aclUsers = ["app on >sesame \(system.redisNeeds().rules)"]
    configuration.extra = ["appendonly yes", "notify-keyspace-events Ex"]
    try await RedisServer.withServer(configuration) { redis in
      try await withInstance(of: redis) { folder in
        func run() async throws -> (status: Int32, report: JSONReport) {
          let result = try await doctor(
            ["redis", "--url-variable", "U", "--system", system.rawValue, "--format", "json"],
            environment: ["U": redis.url(user: "app", password: "sesame")], in: folder)
          return (result.status, try JSONReport(result))
        }
        let before = try await run()
        #expect(before.status == 2)
        #expect(before.report.findings == ["redis.config-denied \(redis.url())/0"])
        let finding = try #require(before.report.verdicts.first { $0.check == "redis.config-denied" })
        let line = try #require(finding.remedy?.commands.first)
        #expect(line.hasPrefix("REDISCLI_AUTH=$ADMIN_PASSWORD redis-cli --user ADMIN "))
        #expect(line.contains(" ACL SETUSER app "))

        // The administrator is the default user here, who needs no password.
        let granted = try await runBinary(
          "/bin/sh", ["-c", line.replacing("REDISCLI_AUTH=$ADMIN_PASSWORD redis-cli --user ADMIN", with: "redis-cli")])
        #expect(granted.standardOutput == "OK\n")

        let after = try await run()
        #expect(after.report.findings == [])
        #expect(after.report.verdicts.filter { $0.kind == "undetermined" }.map(\.message) == [])
        #expect(after.status == 0)
      }
    }
  }

  /// A folder to run in, while somebody is subscribed as an instance of Flock or fluxstack is.
  private func withInstance(of redis: RedisServer, _ body: (TemporaryFolder) async throws -> Void) async throws {
    try await TCPConnection.with(port: redis.port) { connection in
      try connection.send("SUBSCRIBE __keyevent@0__:expired fluxstack:cluster:delta\r\n")
      _ = try await connection.receive { $0.hasSuffix(":2\r\n") }
      try await TemporaryFolder.with(body)
    }
  }
}
