// What findings say where the saying is the point: who, what, where, and what to type.

import Diagnosis
import Facts
import Testing

@testable import Checks

@Suite struct MessageTests {
  @Test func `a memory driver names the instance, the variable and the line`() throws {
    let facts = Samples.config(.web1, .memory("web-2", variables: [VariableUse("REDIS_URL", .unset)]))
    let finding = try finding(of: DriverReachesEveryInstance(), in: facts)
    #expect(
      finding.message
        == "web-2 uses the memory driver, because REDIS_URL is not set in its environment: "
        + "its events don't reach the browsers on web-1")
    #expect(finding.location == Location(file: "flowpanel.config.ts", line: 7, column: 3))
    #expect(finding.remedy?.snippet == "REDIS_URL=…")
  }

  @Test func `a missing URL names the variable and its instance`() throws {
    let facts = Samples.config(.web1, .redis("web-2", .empty, variables: [VariableUse("REDIS_URL", .empty)]))
    let finding = try finding(of: RedisDriverHasURL(), in: facts)
    #expect(
      finding.message
        == "web-2 is on the redis driver and has an empty Redis URL (REDIS_URL is empty in its environment): "
        + "ioredis takes that for 127.0.0.1:6379")
    #expect(finding.location?.line == 8)
  }

  @Test func `a missing variable names who has it, and the file that lacks it`() throws {
    let facts = Samples.environments(["REDIS_URL": "a"], ["DATABASE_URL": "b", "PORT": "1"])
    let verdicts = judge(facts, with: [VariablesAreSetEverywhere()])
    let messages = verdicts.map(\.message)
    #expect(
      messages == [
        "DATABASE_URL is not set on web-1; web-2 sets it", "REDIS_URL is not set on web-2; web-1 sets it",
      ])
    #expect(verdicts.map(\.location) == [Location(file: "web-1.env"), Location(file: "web-2.env")])
    #expect(
      verdicts[1].evidence == [
        Evidence("REDIS_URL", "not set", expected: "set, as on web-1 (web-1.env:1)", source: "web-2.env")
      ])
  }

  @Test func `an empty variable is pointed at where it is set`() throws {
    let facts = Samples.environments(["REDIS_URL": "a"], ["PORT": "1", "REDIS_URL": ""])
    let finding = try finding(of: VariablesAreSetEverywhere(), in: facts)
    #expect(finding.message == "REDIS_URL is empty on web-2; web-1 sets it")
    #expect(finding.location == Location(file: "web-2.env", line: 2))
    #expect(finding.evidence.first?.observed == "empty")
  }

  @Test func `several missing variables are one finding`() throws {
    let facts = Samples.environments(["REDIS_URL": "a", "DATABASE_URL": "b"], ["PORT": "1"])
    let finding = try finding(of: VariablesAreSetEverywhere(), in: facts)
    #expect(finding.message == "DATABASE_URL and REDIS_URL are not set on web-2; other instances set them")
    #expect(finding.evidence.map(\.name) == ["DATABASE_URL", "REDIS_URL"])
  }

  @Test func `values that differ are told apart by letters, the larger group first`() throws {
    var facts = Samples.environments(["REDIS_URL": "x"], ["REDIS_URL": "y"])
    let third = facts.environments.value?.last.map { environment in
      var environment = environment
      environment.instance = "web-3"
      environment.source = "web-3.env"
      return environment
    }
    facts.environments = facts.environments.map { $0 + [third].compactMap { $0 } }
    let finding = try finding(of: VariablesAgree(), in: facts)
    #expect(finding.message == "REDIS_URL has 2 values: a on web-2 and web-3; b on web-1")
    #expect(finding.evidence.map(\.name) == ["value a", "value b"])
    #expect(finding.location == Location(file: "web-1.env", line: 1))
  }

  @Test func `a third environment that can't be read leaves the agreement of the others open`() {
    var facts = Samples.environments(["REDIS_URL": "x"], ["REDIS_URL": "x"])
    let unread = EnvironmentFacts(
      instance: "web-3", source: "web-3.env", variables: .unseen(Unseen(.notGiven, "no environment was given")))
    facts.environments = facts.environments.map { $0 + [unread] }
    #expect(judge(facts, with: [VariablesAgree()]).map(\.kind) == [.undetermined])
    #expect(judge(facts, with: [VariablesAreSetEverywhere()]).map(\.kind) == [.pass, .pass, .undetermined])
  }

  @Test func `an eviction policy comes with both sides of the comparison and the command`() throws {
    let facts = Samples.redis(.redisStreams, policy: "allkeys-lru", limit: 268_435_456, evicted: 4711)
    let finding = try finding(of: RedisKeepsEveryKey(), in: facts)
    #expect(
      finding.message
        == "redis://cache:6379/0 evicts keys once it holds 256 MiB, by allkeys-lru (used by web-1 and web-2); "
        + "lost are entries, jobs and claims still in use")
    #expect(
      finding.evidence.first
        == Evidence(
          "maxmemory-policy", "allkeys-lru", expected: "noeviction", source: "CONFIG GET maxmemory-policy"))
    #expect(finding.evidence.map(\.observed) == ["allkeys-lru", "256 MiB", "4711"])
    #expect(
      finding.remedy?.commands == [
        "redis-cli -h cache -p 6379 CONFIG SET maxmemory-policy noeviction",
        "redis-cli -h cache -p 6379 CONFIG REWRITE",
      ])
    #expect(finding.location == Location(file: "web-1.env", line: 2))
  }

  @Test func `a URL with the wrong scheme comes with the right one`() throws {
    let plain = Samples.redis(.ping, .closed, "closed by the other side", otherSide: .seen(.answers))
    #expect(try finding(of: RedisServesPlainConnections(), in: plain).remedy?.snippet == "rediss://cache:6379/0")
    let secure = Samples.redis(.tls, .timedOut, "no answer", tls: true, otherSide: .seen(.answers))
    #expect(try finding(of: RedisServesTLSConnections(), in: secure).remedy?.snippet == "redis://cache:6379/0")
  }

  @Test func `credentials go into the URL where they belong`() throws {
    let facts = Samples.redis(.ping, .credentialsRequired, "NOAUTH Authentication required.", tls: true)
    let finding = try finding(of: RedisAcceptsCredentials(), in: facts)
    #expect(finding.remedy?.snippet == "rediss://USER:PASSWORD@cache:6379/0")
  }

  @Test func `a proxy that answers 502 is named`() throws {
    let facts = Samples.stream(status: 502, headers: [.init("Server", "nginx/1.22.1")])
    let finding = try finding(of: StreamAnswersOK(), in: facts)
    #expect(
      finding.message
        == "the public URL answered 502 (Server: nginx/1.22.1), after which EventSource does not try again")
    #expect(finding.remedy?.text.contains("upstream") == true)
  }

  @Test func `what an instance sends and the public URL withholds is held back by a proxy`() throws {
    let facts = Samples.streams(direct: Samples.ready, public: [])
    let finding = try finding(of: StreamIsNotBuffered(), in: facts)
    #expect(finding.subject == .stream(Samples.publicURL))
    #expect(finding.message.hasSuffix("; not so at web-1's own URL, so what stands between does it"))
    let direct = finding.evidence.first { $0.name == "at web-1's own URL" }
    #expect(direct?.observed == "headers after 8 ms, first event after 12 ms, 0 events in all")
    #expect(finding.remedy?.snippet == "proxy_buffering off;")
  }

  @Test func `comments that come through are no sign of a proxy that holds back`() throws {
    let finding = try finding(
      of: StreamBeginsWithHandshake(), in: Samples.stream([Samples.comment("keep-alive", at: 4000)]))
    #expect(finding.message == "the public URL sent 1 comment and no event in 5000 ms")
    #expect(finding.remedy?.text.hasPrefix("Comments come through") == true)
  }

  @Test func `settings that hang on a variable are mended by the variable`() throws {
    let facts = Samples.config(.web1, .unset("web-2", variables: [VariableUse("REDIS_URL", .unset)]))
    #expect(try finding(of: RealtimeIsSet(), in: facts).remedy?.snippet == "REDIS_URL=…")
  }

  @Test func `each of several servers gets a verdict of its own`() {
    let one = Samples.redis()
    let other = Samples.redis(.connect, .connectionRefused, "connection refused", tls: true)
    var facts = one
    facts.redis = .seen((one.redis.value ?? []) + (other.redis.value ?? []))
    #expect(judge(facts, with: [RedisServes()]).map(\.kind) == [.pass, .finding])
    #expect(judge(facts, with: [RedisAcceptsCredentials()]).map(\.kind) == [.pass, .undetermined])
  }

  /// The only finding that a check has.
  private func finding(of check: some Check, in facts: Facts) throws -> Verdict {
    let findings = judge(facts, with: [check]).filter { $0.kind == .finding }
    #expect(findings.count == 1)
    return try #require(findings.first)
  }
}
