import Diagnosis
import Doctor
import Facts
import Foundation
import TestServers
import Testing

@Suite("Rooms of flock, joined at every instance", .timeLimit(.minutes(5)))
struct RoomTests {
  /// Servers of flock, their Redis, and what is looked at of them.
  private struct Place {
    var redis: RedisServer
    var servers: [FlockServer]
    var inputs: RunInputs

    /// Runs and judges; the run saved and judged again says the same.
    func run() async throws -> (rooms: Observation<RoomFacts>?, verdicts: [Verdict], report: Report) {
      let run = try await collect(inputs, interruption: AsyncStream { _ in })
      let again = try JSONDecoder().decode(SavedRun.self, from: JSONEncoder().encode(run))
      #expect(again.facts.rooms == run.facts.rooms)
      let report = run.report()
      return (run.facts.rooms, report.verdicts.filter { $0.check == "pubsub.fanout-app-channel" }, report)
    }
  }

  private func withPlace(
    _ count: Int = 3, _ configure: (inout [FlockSettings]) -> Void = { _ in },
    _ body: (inout Place) async throws -> Void
  ) async throws {
    try await RedisServer.withServer { redis in
      var settings = [FlockSettings](repeating: FlockSettings(redisPort: redis.port), count: count)
      configure(&settings)
      try await FlockServer.withServers(settings) { servers in
        var inputs = RunInputs(topics: RunInputs.everything, environment: [:])
        inputs.system = .flock
        inputs.manifestPath = nil
        inputs.timeout = .seconds(200)
        inputs.redis.isActive = true
        inputs.redis.isIntrusive = true
        inputs.redisURLs = [Secret(redis.url())]
        inputs.stream.cells = .browser
        inputs.stream.directURLs = servers.enumerated().map { ("web-\($0 + 1)", $1.url) }
        inputs.fanOut = FanOutInputs()
        inputs.isFanOut = true
        var place = Place(redis: redis, servers: servers, inputs: inputs)
        try await body(&place)
      }
    }
  }

  private func told(_ verdicts: [Verdict]) -> [String] { verdicts.map { "\($0.kind) \($0.subject.name)" }.sorted() }

  @Test("all see each other, directly and through nginx, and Redis counts them; nothing is left there")
  func healthy() async throws {
    try await withPlace { place in
      let block = """
        location / { proxy_pass http://127.0.0.1:\(place.servers[1].port); proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
        """
      let redis = place.redis
      var inputs = place
      try await NginxServer.withServer(serverBlock: block) { nginx in
        inputs.inputs.stream.urls = ["\(nginx.origin)/rooms"]
        let result = try await inputs.run()
        let kinds = told(result.verdicts)
        #expect(kinds == ["pass \(nginx.origin)/rooms", "pass web-1", "pass web-2", "pass web-3"])
        let rooms = try #require(result.rooms?.value)
        #expect(rooms.counts.map(\.subscribers) == [.seen(3)])
        #expect(
          result.report.conclusions
            == [
              "who joins a room at one of \(nginx.origin)/rooms, web-1…web-3 is seen at all of them"
            ])
        let exhibit = try #require(result.report.exhibits.first { $0.key == "rooms" })
        #expect(exhibit.title == "Who sees whom join \(rooms.room)" && exhibit.rows.allSatisfy { $0[3] == "-" })
      }
      try await wait(for: "no key") { try await redis.replies(to: "DBSIZE") == ":0\r\n" }
    }
  }

  @Test("an instance without Redis is named, with what Redis counts, and explains the URL in front of it")
  func cutOff() async throws {
    try await withPlace {
      $0[2].redisPort = nil
    } _: { place in
      place.inputs.timeout = .seconds(90)
      place.inputs.stream.urls = [place.servers[2].url]
      let result = try await place.run()
      let findings = result.verdicts.filter { $0.kind == .finding }
      #expect(findings.map(\.subject.name).sorted() == [place.servers[2].url, "web-3"].sorted())
      let named = try #require(findings.first { $0.subject.name == "web-3" })
      #expect(named.message.hasPrefix("web-3 does not see who joins at web-1 and web-2, nor is seen there"))
      #expect(named.evidence.first?.observed == "2")
      #expect(findings.first { $0.subject.name != "web-3" }?.explainedBy == named.reference)
      #expect(result.report.conclusions == [named.message])
      #expect(told(result.verdicts.filter { $0.kind == .pass }) == ["pass web-1", "pass web-2"])
    }
  }

  @Test("a proxy that does not pass the upgrade on is a finding with the lines that mend it; tried, they do")
  func upgrade() async throws {
    try await withPlace(2) { place in
      let inputs = place
      let port = place.servers[0].port
      func judged(_ block: String) async throws -> Verdict? {
        try await NginxServer.withServer(http: "upstream flock { server 127.0.0.1:\(port); }", serverBlock: block) {
          nginx in
          var place = inputs
          place.inputs.stream.urls = ["\(nginx.origin)/"]
          return try await place.run().verdicts.first { $0.subject.name == "\(nginx.origin)/" }
        }
      }
      let finding = try #require(try await judged("location / { proxy_pass http://flock; proxy_http_version 1.1; }"))
      #expect(finding.kind == .finding && finding.evidence.first?.observed == "404")
      let snippet = try #require(finding.remedy?.snippet)
      #expect(try await judged(snippet)?.kind == .pass)
    }
  }

  @Test("fanout joins only with --intrusive, with the key from a variable or a file, and shows it nowhere")
  func commandLine() async throws {
    try await withPlace(2) {
      for index in $0.indices { $0[index].apiKeys = ["sesame-canary"] }
    } _: { place in
      let servers = place.servers
      let redis = place.redis
      try await TemporaryFolder.with { folder in
        let key = try folder.write("sesame-canary\n", to: "key")
        let arguments =
          ["fanout", "--system", "flock", "--redis-variable", "R", "--timeout", "100s", "--format", "json"]
          + servers.enumerated().flatMap { ["--direct", "web-\($0 + 1)=\($1.url)"] }
        func run(_ more: String...) async throws -> ProcessResult {
          try await doctor(arguments + more, environment: ["R": redis.url(), "KEY": "sesame-canary"], in: folder)
        }
        func kinds(_ result: ProcessResult) throws -> [String] {
          #expect(!(result.standardOutput + result.standardError).contains("canary"))
          return try JSONReport(result).verdicts.filter { $0.check == "pubsub.fanout-app-channel" }.map {
            "\($0.kind) \($0.subject)"
          }.sorted()
        }
        let welcome = try await run("--intrusive", "--api-key-variable", "KEY")
        #expect(try kinds(welcome) == ["pass web-1", "pass web-2"])
        #expect(welcome.standardOutput.contains("\"latencyMilliseconds\""))
        #expect(try kinds(await run("--intrusive", "--api-key-file", key)) == ["pass web-1", "pass web-2"])
        let refused = try await run("--intrusive")
        #expect(try kinds(refused) == ["undetermined web-1", "undetermined web-2"])
        #expect(refused.standardOutput.contains("name a key: --api-key-variable"))
        let cautious = try await run()
        #expect(cautious.standardOutput.contains("fanout --intrusive joins one of this run's own"))
        #expect(try kinds(cautious).allSatisfy { $0.hasPrefix("undetermined") })
        #expect(try await run("--channel", "flock:broadcast:a", "--intrusive").status == 64)
        #expect(try await run("--api-key-file", key, "--api-key-variable", "KEY").status == 64)
        for server in servers { #expect(try await server.users == 0) }
        try await wait(for: "no key") { try await redis.replies(to: "DBSIZE") == ":0\r\n" }
      }
    }
  }

  @Test("check joins nothing, and says what does")
  func check() async throws {
    try await withPlace(2) { place in
      place.inputs.isFanOut = false
      let result = try await place.run()
      #expect(result.rooms == nil)
      #expect(told(result.verdicts).allSatisfy { $0.hasPrefix("notApplicable") })
      #expect(result.verdicts.first?.message.contains("fanout --intrusive") == true)
      for server in place.servers { #expect(try await server.said.isEmpty) }
    }
  }
}
