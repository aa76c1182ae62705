// What the findings on the config and its project say where the saying is the point.

import Diagnosis
import Facts
import Testing

@testable import Checks

@Suite struct ConfigMessageTests {
  @Test func `a config that throws names the instance, the variable and the line`() throws {
    let finding = try finding(of: ConfigStarts(), in: Samples.config(.web1, .failing("web-2")))
    #expect(
      finding.message
        == "web-2 does not start, because REDIS_URL is not set in its environment: the config throws "
        + "REDIS_URL is required")
    #expect(finding.location == Location(file: "flowpanel.config.ts", line: 3, column: 3))
    #expect(finding.remedy?.snippet == "REDIS_URL=…")
  }

  @Test func `an instance that does not start is left to one check`() {
    let facts = Samples.config(.web1, .failing("web-2"))
    let verdicts = judge(facts, with: Catalogue.all).filter { $0.subject == .instance("web-2") }
    #expect(verdicts.filter { $0.kind != .notApplicable }.map(\.check) == ["config.fails-at-start"])
    #expect(
      Set(verdicts.filter { $0.kind == .notApplicable }.map(\.message)) == [
        "it fails at start, which config.fails-at-start judges"
      ])
  }

  @Test func `a driver that can't be followed is one reason, however many checks ask`() {
    let facts = Samples.config(.web1, .unknown("web-2", "pickDriver() is not followed"))
    let verdicts = judge(facts, with: Catalogue.all).filter { $0.kind == .undetermined }
    #expect(verdicts.allSatisfy { $0.subject == .instance("web-2") })
    #expect(
      Set(verdicts.map(\.message)) == [
        "its driver is not known: pickDriver() is not followed",
        "whether realtime is set is not known: pickDriver() is not followed",
      ])
  }

  @Test func `drivers that differ come with both sides`() throws {
    let facts = Samples.config(
      .web1, .memory("web-2", variables: [VariableUse("REDIS_URL", .unset)]),
      .redis("web-3", .endpoint(Samples.cache)))
    let finding = try finding(of: DriverIsTheSameEverywhere(), in: facts)
    #expect(finding.message == "the instances start with different drivers: redis on web-1 and web-3; memory on web-2")
    #expect(finding.location?.line == 7)
    #expect(finding.remedy?.snippet == "REDIS_URL=…")
  }

  @Test func `a variable that decides the driver is named with who may lack it`() throws {
    let facts = Samples.config(
      .driver("web-1", "redis", variables: [VariableUse("REDIS_URL", .set)]),
      .memory("web-2", variables: [VariableUse("REDIS_URL", .unset)]))
    #expect(
      try finding(of: DriverNeedsNoVariable(), in: facts).message
        == "which driver it is depends on REDIS_URL; REDIS_URL is not set on web-2")
  }

  @Test func `a URL that is a fallback is mended by its variable`() throws {
    let facts = Samples.config(
      .redis(
        "web-2", url: URLOrigin(isWrittenInFile: true, holdsPassword: true),
        variables: [VariableUse("REDIS_URL", .unset)]))
    let finding = try finding(of: RedisURLStandsInNoFile(), in: facts)
    #expect(
      finding.message
        == "the Redis URL of web-2 is the one that is written in the config, with a password in it, as REDIS_URL is "
        + "not set in its environment")
    #expect(finding.evidence.first?.observed == "redis://cache:6379/0 (password not shown)")
    #expect(finding.remedy?.snippet == "REDIS_URL=…")
  }

  @Test(
    "what stands beside localhost decides how bad it is",
    arguments: [
      (["http://web-1:3000", "http://web-2:3000"], Verdict.Kind.finding, Severity.error),
      (["http://user@10.0.0.1/", "http://[fd00::1]:3000/s"], .finding, .error),
      (["http://127.0.0.1:3000", "http://[::1]:3001"], .notApplicable, .error),
      (["http://host:3000", "http://HOST:3001/x"], .notApplicable, .error),
      (["http://web-1:3000"], .finding, .warning), (["x", "y"], .finding, .warning),
    ])
  func localhost(_ urls: [String], _ kind: Verdict.Kind, _ severity: Severity) {
    let local = RedisEndpoint(host: "127.0.0.1")
    let facts = Samples.located(at: urls, .redis("web-1", .endpoint(local)), .redis("web-2", .endpoint(local)))
    let verdicts = judge(facts, with: [RedisIsNotLocal()])
    #expect(verdicts.map(\.kind) == [kind, kind])
    #expect(verdicts.allSatisfy { $0.severity == severity })
  }

  @Test(
    "every spelling of this machine is local, and nothing else is",
    arguments: [
      ("localhost", true), ("LOCALHOST", true), ("127.0.0.2", true), ("::1", true), ("0.0.0.0", true),
      ("redis.localhost", true), ("127.example.com", false), ("local", false), ("10.0.0.1", false),
    ])
  func spelling(_ host: String, _ isLocal: Bool) {
    let endpoint = RedisEndpoint(host: host)
    let facts = Samples.located(.redis("web-1", .endpoint(endpoint)), .redis("web-2", .endpoint(endpoint)))
    #expect(
      judge(facts, with: [RedisIsNotLocal()]).map(\.kind) == Array(repeating: isLocal ? .finding : .pass, count: 2))
  }

  @Test func `prefixes that differ are told by server`() throws {
    let other = RedisEndpoint(host: "other")
    let facts = Samples.config(
      .prefixed("web-1", "blue"), .prefixed("web-2", "green"), .prefixed("web-3", "blue"),
      .prefixed("web-4", "red", on: other))
    let finding = try finding(of: KeyPrefixIsTheSameEverywhere(), in: facts)
    #expect(finding.subject == .redis(Samples.cache))
    #expect(
      finding.message
        == "instances on this Redis use different key prefixes: blue on web-1 and web-3; green on web-2")
  }

  @Test(
    "ioredis is added with the package manager of the lock file",
    arguments: [
      ("pnpm-lock.yaml", "pnpm add ioredis"), ("../../yarn.lock", "yarn add ioredis"), ("bun.lock", "bun add ioredis"),
      ("package-lock.json", "npm install ioredis"),
    ])
  func installation(_ lockFile: String, _ command: String) throws {
    let facts = Samples.project(
      ioredis: PackagePresence(name: "ioredis"), lockFiles: [LockFile(path: lockFile)], .web1)
    let finding = try finding(of: IoredisIsInstalled(), in: facts)
    #expect(finding.message == "ioredis is not installed, and web-1 uses the redis driver")
    #expect(finding.remedy?.commands == [command])
  }

  @Test(
    "a locked version of 0.3 or later is known to apply the prefix",
    arguments: [
      ("0.3.0", Verdict.Kind.pass), ("0.10.0", .pass), ("1.0.0-beta.1", .pass), ("0.2.9", .undetermined),
      ("(a URL)", .undetermined), ("3", .undetermined),
    ])
  func version(_ version: String, _ kind: Verdict.Kind) {
    let facts = Samples.project(
      flowpanel: Samples.installed("@flowpanel/kit", version), .prefixed("web-1", "fp"))
    #expect(judge(facts, with: [KeyPrefixIsApplied()]).map(\.kind) == [kind])
  }

  @Test(
    "without a lock file the version that a range begins with decides",
    arguments: [
      ("^0.3.0", Verdict.Kind.pass), ("~1.2", .pass), (">=0.4.0", .pass), ("1.0.0", .pass), ("^0.2.0", .undetermined),
      ("latest", .undetermined), ("*", .undetermined), ("workspace:*", .undetermined), ("<2.0.0", .undetermined),
    ])
  func range(_ range: String, _ kind: Verdict.Kind) {
    let facts = Samples.project(flowpanel: Samples.declared("@flowpanel/kit", range), .prefixed("web-1", "fp"))
    #expect(judge(facts, with: [KeyPrefixIsApplied()]).map(\.kind) == [kind])
  }

  @Test func `a route at the edge says what that does`() throws {
    let facts = Samples.project(route: .seen(Samples.route(runtime: "edge", dynamic: nil)), .web1)
    let finding = try finding(of: StreamRouteRunsOnNode(), in: facts)
    #expect(
      finding.message
        == "the stream's route app/api/flowpanel/stream/route.ts has runtime \"edge\", where ioredis can't connect and "
        + "long responses end early")
    #expect(finding.evidence.map(\.observed) == ["edge", "not exported"])
    #expect(finding.location?.line == 5)
  }

  @Test func `a worker that is not bound is named with its script`() throws {
    let facts = Samples.project(
      publishing: [Samples.publishing(in: "src/worker.ts", from: "@flowpanel/kit/server", script: "worker")], .web1)
    let finding = try finding(of: PublishersAreBound(), in: facts)
    #expect(
      finding.message
        == "src/worker.ts is started by the script worker and publishes without bindPublisher, so its events stay in "
        + "that process")
    #expect(finding.location?.file == "src/worker.ts")
  }

  /// The only finding that a check has.
  private func finding(of check: some Check, in facts: Facts) throws -> Verdict {
    let findings = judge(facts, with: [check]).filter { $0.kind == .finding }
    #expect(findings.count == 1)
    return try #require(findings.first)
  }
}
