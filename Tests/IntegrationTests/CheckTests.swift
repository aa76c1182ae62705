import Foundation
import TestServers
import Testing

@Suite("flowpanel-doctor check on a real deployment", .timeLimit(.minutes(5)))
struct CheckTests {
  @Test("two healthy instances behind nginx: a notice of the driver's condition alone, nothing undetermined, exit 0")
  func healthy() async throws {
    try await TestDeployment.withHealthy { deployment, redis in
      let environment = "REDIS_URL=\(redis.url())/0\n"
      try deployment.write(environments: [environment, environment])
      let result = try await deployment.run("check", "--format", "json")
      let report = try JSONReport(result)
      #expect(result.status == 0, "\(result)")
      #expect(report.findings == ["config.driver-env-ternary flowpanel.config.ts"])
      #expect(report.verdicts.first { $0.check == "config.driver-env-ternary" }?.severity == "notice")
      #expect(report.summary["undetermined"] == 0)
      #expect(report.instances?.map(\.realtime.driver.value) == ["redis", "redis"])
      #expect(report.instances?.first?.realtime.redis.value == "\(redis.url())/0")
      #expect(report.instances?.first?.realtime.keyPrefix.value == "fp")
    }
  }

  @Test("REDIS_URL missing on web-2: found by config and by parity, with file and line, exit 1")
  func missingOnOne() async throws {
    try await TestDeployment.withHealthy { deployment, redis in
      try deployment.write(environments: ["REDIS_URL=\(redis.url())/0\n", "PORT=3002\n"])
      let result = try await deployment.run("--format", "json")
      let report = try JSONReport(result)
      #expect(result.status == 1)
      #expect(report.findings.contains("config.driver-memory-multi-instance web-2"))
      #expect(report.findings.contains("env.missing-on-instance web-2"))
      #expect(!report.findings.contains { $0.hasSuffix("web-1") })
      let driver = try #require(
        report.verdicts.first { $0.check == "config.driver-memory-multi-instance" && $0.subject == "web-2" })
      #expect(driver.location?.file == "flowpanel.config.ts")
      #expect(driver.location?.line == 4)
      #expect(driver.message.contains("REDIS_URL"))
    }
  }

  @Test("Redis down: told as a closed port, exit 1")
  func redisDown() async throws {
    try await TestDeployment.withHealthy { deployment, _ in
      let environment = "REDIS_URL=redis://127.0.0.1:\(try closedPort())\n"
      try deployment.write(environments: [environment, environment])
      let result = try await deployment.run("check", "--format", "json")
      let report = try JSONReport(result)
      #expect(result.status == 1)
      #expect(report.findings.count { !$0.hasPrefix("config.driver-env-ternary ") } == 1)
      #expect(report.findings.contains { $0.hasPrefix("redis.unreachable ") })
    }
  }

  @Test("allkeys-lru: a warning for flowpanel, which keeps no keys; an error for a system that does")
  func evicting() async throws {
    try await TestDeployment.withHealthy {
      $0.maxmemory = "64mb"
      $0.maxmemoryPolicy = "allkeys-lru"
    } _: { deployment, redis in
      let environment = "REDIS_URL=\(redis.url())\n"
      try deployment.write(environments: [environment, environment])
      let result = try await deployment.run("check", "--format", "json")
      let report = try JSONReport(result)
      #expect(report.findings.count { !$0.hasPrefix("config.driver-env-ternary ") } == 1)
      #expect(report.verdicts.first { $0.check == "redis.eviction-policy" }?.severity == "warning")
      #expect(result.status == 0)
      #expect(try await deployment.run("check", "--fail-on", "warning").status == 1)
      try deployment.folder.write(
        "system: redis-streams\ninstances:\n  - name: web-1\n    env: web-1.env\n", to: "streams.yaml")
      let streams = try await deployment.run("check", "--manifest", "streams.yaml", "--format", "json")
      #expect(streams.status == 1)
      #expect(try JSONReport(streams).verdicts.first { $0.check == "redis.eviction-policy" }?.severity == "error")
    }
  }

  @Test("TLS swapped both ways is recognised by asking the other side")
  func tlsSwapped() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      var configuration = RedisServer.Configuration()
      configuration.tls = certificates
      try await RedisServer.withServer(configuration) { redis in
        let plainToTLS = try #require(redis.tlsURL()).replacing("rediss://", with: "redis://")
        let tlsToPlain = redis.url().replacing("redis://", with: "rediss://")
        let required = try await doctor(["redis", plainToTLS, "--format", "json"], in: folder)
        #expect(required.status == 1)
        #expect(try JSONReport(required).findings.map { $0.prefix { $0 != " " } } == ["redis.tls-required"])
        let unexpected = try await doctor(["redis", tlsToPlain, "--format", "json"], in: folder)
        #expect(unexpected.status == 1)
        #expect(try JSONReport(unexpected).findings.map { $0.prefix { $0 != " " } } == ["redis.tls-unexpected"])
        let right = try await doctor(
          ["redis", try #require(redis.tlsURL()), "--ca-file", certificates.caFile, "--format", "json"], in: folder)
        #expect(right.status == 0, "\(right)")
      }
    }
  }

  @Test("a wrong password and a missing one, from a variable, a file and standard input")
  func passwords() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "sesame-canary"
    try await RedisServer.withServer(configuration) { redis in
      try await TemporaryFolder.with { folder in
        let wrong = redis.url(password: "wrong-canary")
        try folder.write(wrong + "\n", to: "url")
        let runs = [
          try await doctor(["redis", "--url-variable", "U"], environment: ["U": wrong], in: folder),
          try await doctor(["redis", "--url-file", "url"], in: folder),
          try await doctor(["redis", "-"], in: folder, input: wrong + "\n"),
          try await doctor(["redis", redis.url()], in: folder),
        ]
        for run in runs {
          #expect(run.status == 1, "\(run)")
          #expect(run.standardOutput.contains("redis.auth-failed"))
          #expect(!run.standardOutput.contains("canary"))
        }
        let right = try await doctor(
          ["redis", "--url-variable", "U"], environment: ["U": redis.url(password: "sesame-canary")], in: folder)
        #expect(right.status == 0, "\(right)")
      }
    }
  }

  @Test("a replica is found, and its master named")
  func replica() async throws {
    try await RedisServer.withServer(RedisServer.Configuration()) { master in
      var configuration = RedisServer.Configuration()
      configuration.replicaOf = ("127.0.0.1", master.port)
      try await RedisServer.withServer(configuration) { replica in
        try await TemporaryFolder.with { folder in
          let result = try await doctor(["redis", replica.url()], in: folder)
          #expect(result.status == 1)
          #expect(result.standardOutput.contains("redis.role-replica"))
          #expect(result.standardOutput.contains("127.0.0.1:\(master.port)"))
        }
      }
    }
  }

  @Test("an ACL user without INFO and CONFIG: undetermined with the reason, exit 2")
  func aclUser() async throws {
    var configuration = RedisServer.Configuration()
    configuration.aclUsers = ["app on >sesame resetchannels &resource.* -@all +ping +publish +subscribe"]
    try await RedisServer.withServer(configuration) { redis in
      try await TemporaryFolder.with { folder in
        let url = redis.url(user: "app", password: "sesame")
        let result = try await doctor(
          ["redis", "--url-variable", "U", "--format", "json"], environment: ["U": url], in: folder)
        #expect(result.status == 2, "\(result)")
        let policy = try JSONReport(result).verdicts.first { $0.check == "redis.eviction-policy" }
        #expect(policy?.kind == "undetermined")
        #expect(policy?.message.contains("NOPERM") == true)
      }
    }
  }

  @Test("nginx answering 502 because no instance runs: status found, and no false word on the rest")
  func badGateway() async throws {
    let block = "location / { proxy_pass http://127.0.0.1:\(try closedPort()); }"
    try await NginxServer.withServer(serverBlock: block) { nginx in
      try await TemporaryFolder.with { folder in
        let result = try await doctor(["stream", nginx.origin, "--format", "json"], in: folder)
        #expect(result.status == 1)
        #expect(try JSONReport(result).findings.map { $0.prefix { $0 != " " } } == ["stream.status"])
      }
    }
  }

  @Test("saved facts are judged to the same verdicts, elsewhere and offline")
  func savedFacts() async throws {
    try await TestDeployment.withHealthy { deployment, redis in
      try deployment.write(
        environments: ["REDIS_URL=\(redis.url())/0\nPORT=1\n", "PORT=2\n"],
        manifestTail: "checks:\n  env.missing-on-instance: { severity: warning, reason: known }\n")
      let live = try await deployment.run("check", "--format", "json", "--save-facts", "facts.json")
      let facts = try #require(deployment.folder.read("facts.json"))
      try await TemporaryFolder.with { elsewhere in
        try elsewhere.write(facts, to: "facts.json")
        let judged = try await doctor(["judge", "facts.json", "--format", "json"], in: elsewhere)
        #expect(judged == live)
        #expect(live.status == 1)
      }
    }
  }

  @Test("an instance whose Redis is not known is undetermined beside one whose is, never passed over")
  func unknownRedisOfOne() async throws {
    try await RedisServer.withServer(RedisServer.Configuration()) { redis in
      try await TemporaryFolder.with { folder in
        try folder.write("REDIS_URL=\(redis.url())\n", to: "web-1.env")
        try folder.write("REDIS_URL=http://wrong\n", to: "web-2.env")
        try folder.write(TestDeployment.config, to: "flowpanel.config.ts")
        try folder.write(
          """
          instances:
            - name: web-1
              env: web-1.env
            - name: web-2
              env: web-2.env
            - name: web-3

          """, to: "flowpanel-doctor.yaml")
        let result = try await doctor(["redis", "--format", "json"], in: folder)
        #expect(result.status == 2, "\(result)")
        let undetermined = try JSONReport(result).verdicts.filter { $0.kind == "undetermined" }
        // Nor can it be said whether all lead to one server.
        #expect(Set(undetermined.map(\.subject)) == ["deployment", "web-2", "web-3"])
      }
    }
  }

  @Test("a stream that is cut while it is watched is found")
  func cutStream() async throws {
    try await withOrigin {
      $0.closesAfterHandshake = true
    } _: { origin in
      try await TemporaryFolder.with { folder in
        let result = try await doctor(["stream", origin.url, "--format", "json"], in: folder)
        #expect(result.status == 1)
        #expect(try JSONReport(result).findings == ["stream.ended \(origin.url)"])
      }
    }
  }

  @Test("what no check that is left would read is not probed")
  func narrowed() async throws {
    try await TemporaryFolder.with { folder in
      let deployment = TestDeployment(folder: folder, instancePorts: [try closedPort()], publicURL: "")
      try deployment.write(environments: ["REDIS_URL=redis://127.0.0.1:\(try closedPort())\n"])
      let narrowed = try await deployment.run("check", "--only", "config", "--save-facts", "facts.json")
      #expect(narrowed.status == 0, "\(narrowed)")
      let facts = try #require(folder.read("facts.json"))
      #expect(!facts.contains("\"steps\""))
      #expect(!facts.contains("\"watchedMilliseconds\""))
      let whole = try await deployment.run("check", "--save-facts", "facts.json")
      #expect(whole.status == 1)
      #expect(folder.read("facts.json")?.contains("\"watchedMilliseconds\"") == true)
    }
  }
}
