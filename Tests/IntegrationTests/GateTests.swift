import Foundation
import TestServers
import Testing

private let canary = "CANARY-90cc2f"

@Suite("The gate and what instances publish", .timeLimit(.minutes(5)))
struct GateTests {
  @Test("a whole fleet passes in silence, and what one runs under otherwise is found")
  func fleet() async throws {
    try await withRendezvous { fleet in
      for number in 1...3 { #expect(try await fleet.publish("web-\(number)").status == 0) }
      let well = try await fleet.gate(["--expect", "3"])
      #expect(well == ProcessResult(status: 0, standardOutput: "", standardError: ""))
      let named = try await fleet.gate(["--expect", "web-*"])
      #expect(named.status == 0, "\(named)")

      try await fleet.publish("web-3", ["AUTH_SECRET": "\(canary)-other"])
      let differs = try await fleet.gate(["--expect", "3", "--format", "json"])
      #expect(differs.status == 1)
      #expect(
        try JSONReport(differs).messages == ["AUTH_SECRET has 2 values: a on web-1 and web-2; b on web-3"])
      for result in [well, differs] { #expect(!(result.standardOutput + result.standardError).contains(canary)) }
      let contents = try await fleet.contents()
      #expect(contents.contains("web-2") && !contents.contains(canary))
    }
  }

  @Test("one that is missing, one too many, another deploy's and one that is stale are findings")
  func misfits() async throws {
    try await withRendezvous { fleet in
      for number in 1...2 { try await fleet.publish("web-\(number)") }
      func messages(_ arguments: [String]) async throws -> [String] {
        let result = try await fleet.gate(arguments + ["--format", "json"])
        #expect(result.status == 1, "\(result)")
        return try JSONReport(result).messages
      }
      #expect(try await messages(["--expect", "3"]) == ["2 of 3 instances published for v42"])
      #expect(try await messages(["--expect", "1"]) == ["2 of 1 instance published for v42"])
      #expect(try await messages(["--expect", "web-1,web-2,web-3"]) == ["web-3 has not published for v42"])
      #expect(try await messages(["--expect", "web-1"]) == ["web-2 published for v42 and is not expected"])
      #expect(try await messages(["--expect", "2", "--deploy", "v43"]) == ["0 of 2 instances published for v43"])
      try await fleet.publish("web-3", arguments: ["--ttl", "1ms"])
      try await wait(for: "web-3 has expired") { try await !fleet.contents().contains("instance:web-3") }
      #expect(
        try await messages(["--expect", "web-*"]) == ["web-3 has published before, and not within its time to live"])
    }
  }

  @Test("it waits for those that are late")
  func late() async throws {
    try await withRendezvous { fleet in
      try await fleet.publish("web-1")
      async let waiting = fleet.gate(["--expect", "2", "--wait", "5m"])
      try await wait(for: "it has looked") {
        try await fleet.redis.replies(to: "INFO commandstats").contains("cmdstat_zscan")
      }
      try await fleet.publish("web-2")
      #expect(try await waiting.status == 0)
    }
  }

  @Test("instances that used different keys are not compared, and not taken for different")
  func keys() async throws {
    try await withRendezvous { fleet in
      for number in 1...2 { try await fleet.publish("web-\(number)", key: "the-key-of-machine-\(number)") }
      let result = try await fleet.gate(["--expect", "2", "--format", "json"])
      #expect(result.status == 2, "\(result)")
      #expect(result.standardOutput.contains("made under another key"))
    }
  }

  @Test("what is no snapshot leaves its instance undetermined")
  func foreign() async throws {
    try await withRendezvous { fleet in
      for number in 1...2 { try await fleet.publish("web-\(number)") }
      _ = try await fleet.redis.replies(to: "SET flowpanel-doctor:env:{v42}:instance:web-2 \(canary)")
      let result = try await fleet.gate(["--expect", "2"])
      #expect(result.status == 78, "\(result)")
      #expect(result.standardOutput.contains("what web-2 published can't be understood"))
      #expect(!result.standardOutput.contains(canary))

      _ = try await fleet.redis.replies(
        to: "COPY flowpanel-doctor:env:{v42}:instance:web-1 flowpanel-doctor:env:{v42}:instance:web-2 REPLACE")
      let borrowed = try await fleet.gate(["--expect", "2", "--format", "json"])
      #expect(borrowed.status == 78, "\(borrowed)")
      #expect(borrowed.standardOutput.contains("it is that of another instance"))
    }
  }

  @Test("without Redis neither says that all is well")
  func unreachable() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("the-key-of-the-operator\n", to: "key")
      let url = ["REDIS_URL": "redis://:\(canary)@127.0.0.1:\(try closedPort())"]
      let published = try await doctor(
        ["env", "publish", "--hmac-key-file", "key", "--deploy", "v42", "--name", "web-1"], environment: url, in: folder
      )
      #expect(published.status == 2 && published.standardError.contains("web-1 was not published"), "\(published)")
      let gate = try await doctor(["env", "gate", "--deploy", "v42", "--expect", "1"], environment: url, in: folder)
      #expect(gate.status == 2 && gate.standardOutput.contains("what was published is not known"), "\(gate)")
      for result in [published, gate] { #expect(!(result.standardOutput + result.standardError).contains(canary)) }
      let nowhere = try await doctor(["env", "gate", "--deploy", "v42", "--expect", "1"], in: folder)
      #expect(nowhere.status == 66 && nowhere.standardError.contains("REDIS_URL"), "\(nowhere)")
      let nobody = try await doctor(["env", "gate", "--deploy", "v42"], environment: url, in: folder)
      #expect(nobody.status == 66 && nobody.standardError.contains("--expect"), "\(nobody)")
    }
  }

  @Test("TestPlanIt's sentinels lead to the master, whatever host its URL names")
  func sentinels() async throws {
    try await RedisSentinels.withSentinels { redis in
      try await TemporaryFolder.with { folder in
        try folder.write("the-key-of-the-operator\n", to: "key")
        let environment = [
          "VALKEY_URL": "valkey://127.0.0.1:\(try closedPort())",
          "VALKEY_SENTINELS": redis.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ","),
        ]
        let options = ["--system", "testplanit", "--deploy", "v42"]
        for number in 1...2 {
          let published = try await doctor(
            ["env", "publish", "--hmac-key-file", "key", "--name", "web-\(number)"] + options, environment: environment,
            in: folder)
          #expect(published.status == 0, "\(published)")
        }
        let gate = try await doctor(
          ["env", "gate", "--expect", "2", "--only", "env.published,env.value-differs"] + options,
          environment: environment, in: folder)
        #expect(gate == ProcessResult(status: 0, standardOutput: "", standardError: ""))
      }
    }
  }

  @Test("a refusal that no waiting mends ends the waiting")
  func refused() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "secret"
    try await RedisServer.withServer(configuration) { redis in
      try await TemporaryFolder.with { folder in
        let url = ["REDIS_URL": "redis://:\(canary)@127.0.0.1:\(redis.port)"]
        let result = try await doctor(
          ["env", "gate", "--deploy", "v42", "--expect", "1", "--wait", "10m"], environment: url, in: folder)
        #expect(result.status == 2, "\(result)")
        #expect(result.standardOutput.contains("WRONGPASS") && !result.standardOutput.contains(canary))
      }
    }
  }
}

/// Instances that publish through one Redis.
private struct Fleet {
  var redis: RedisServer
  var folder: TemporaryFolder

  private var url: [String: String] { ["REDIS_URL": "redis://127.0.0.1:\(redis.port)/0"] }

  @discardableResult func publish(
    _ name: String, _ variables: [String: String] = [:], key: String = "the-key-of-the-operator",
    arguments: [String] = []
  ) async throws -> ProcessResult {
    try folder.write("\(key)\n", to: "\(name).key")
    let own = ["AUTH_SECRET": canary, "POD_NAME": name, "DATABASE_URL": "postgres://a:\(canary)@db/x"]
    return try await doctor(
      ["env", "publish", "--hmac-key-file", "\(name).key", "--name", name, "--deploy", "v42"] + arguments,
      environment: url.merging(own) { $1 }.merging(variables) { $1 }, in: folder)
  }

  func gate(_ arguments: [String]) async throws -> ProcessResult {
    let deploy = arguments.contains("--deploy") ? [] : ["--deploy", "v42"]
    return try await doctor(["env", "gate"] + deploy + arguments, environment: url, in: folder)
  }

  /// Every key of the server, and what the documents hold.
  func contents() async throws -> String {
    let keys = try await redis.replies(to: "KEYS *")
    var text = keys
    for key in keys.split(separator: "\r\n") where key.contains(":instance:") {
      text += try await redis.replies(to: "GET \(key)")
    }
    return text
  }
}

private func withRendezvous(_ body: (Fleet) async throws -> Void) async throws {
  try await RedisServer.withServer { redis in
    try await TemporaryFolder.with { folder in try await body(Fleet(redis: redis, folder: folder)) }
  }
}
