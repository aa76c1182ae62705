import Diagnosis
import Doctor
import Facts
import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("What follows a last event, at every instance and through every proxy", .timeLimit(.minutes(5)))
struct ReplayTests {
  /// A Redis, two servers of the Redis Streams pattern, and what is opened of them.
  private struct Place {
    var redis: RedisServer
    var servers: [StreamsOrigin]
    var inputs: RunInputs

    /// Runs and judges; the run saved and judged again says the same.
    func run() async throws -> (replay: Observation<ReplayFacts>?, verdicts: [Verdict], exhibit: String) {
      let run = try await collect(inputs, interruption: AsyncStream { _ in })
      let report = run.report()
      let again = try JSONDecoder().decode(SavedRun.self, from: JSONEncoder().encode(run))
      #expect(again.facts.replay == run.facts.replay)
      let exhibit = report.exhibits.first { $0.key == "replay" }
      return (
        run.facts.replay,
        report.verdicts.filter { $0.check.hasPrefix("stream.replay") && $0.check != "stream.replayed" },
        exhibit.map { "\($0.title) \($0.rows)" } ?? ""
      )
    }
  }

  /// Runs the body with entries in the stream `sse:news`, two servers and their own URLs.
  private func withPlace(
    entries: Int = 8, _ configure: (inout [StreamsOriginSettings]) -> Void = { _ in },
    redis configureRedis: (inout RedisServer.Configuration) -> Void = { _ in },
    _ body: (inout Place) async throws -> Void
  ) async throws {
    var configuration = RedisServer.Configuration()
    configureRedis(&configuration)
    try await RedisServer.withServer(configuration) { redis in
      for number in 0..<entries { _ = try await redis.replies(to: "XADD sse:news * type update data n\(number)") }
      let place = OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port))
      var settings = [StreamsOriginSettings(redis: place), StreamsOriginSettings(redis: place)]
      configure(&settings)
      try await withStreamsOrigins(settings) { servers in
        var inputs = RunInputs(topics: [.stream], environment: [:])
        inputs.system = .redisStreams
        inputs.manifestPath = nil
        inputs.timeout = .seconds(200)
        inputs.redis.isActive = true
        inputs.redisURLs = [Secret(redis.url())]
        inputs.stream.cells = .browser
        inputs.stream.urls = [servers[0].url(of: "news")]
        inputs.stream.directURLs = servers.enumerated().map { ("web-\($0 + 1)", $1.url(of: "news")) }
        inputs.fanOut = FanOutInputs()
        var all = Place(redis: redis, servers: servers, inputs: inputs)
        try await body(&all)
      }
    }
  }

  /// `stream.replay finding http://…`, `stream.replay-other-instance pass web-1`, of one check without its name.
  private func outcomes(_ verdicts: [Verdict], of check: String) -> [String] {
    verdicts.filter { $0.check == check }.map { "\($0.kind) \($0.subject.name)" }.sorted()
  }

  private func upstreams(_ servers: [StreamsOrigin]) -> String {
    "upstream servers { " + servers.map { "server 127.0.0.1:\($0.port);" }.joined(separator: " ") + " }"
  }

  @Test("all is brought once and in order, at both instances, through nginx and through HAProxy in front of it")
  func healthy() async throws {
    try await withPlace { place in
      let (servers, redis) = (place.servers, place.redis)
      try await NginxServer.withServer(
        http: upstreams(servers), serverBlock: "location / { proxy_pass http://servers; proxy_http_version 1.1; }"
      ) { nginx in
        try await HAProxyServer.withServer(section: "server nginx \(nginx.origin.dropFirst("http://".count))") {
          front in
          place.inputs.stream.urls = ["\(front.origin)/events/news"]
          place.inputs.stream.viaURLs = ["\(nginx.origin)/events/news"]
          let result = try await place.run()
          let channel = try #require(result.replay?.value?.channels.first)
          let asked = try #require(channel.asked)
          #expect(channel.name == "news" && !channel.isOwn)
          #expect(channel.logs.map(\.key) == ["sse:news"])
          #expect(asked.expected.count == 5 && asked.remaining == .seen(asked.expected))
          #expect(channel.streams.map { $0.reply.value?.came } == Array(repeating: asked.expected, count: 4))
          #expect(result.verdicts.allSatisfy { $0.kind == .pass }, "\(result.verdicts.map(\.message))")
          #expect(outcomes(result.verdicts, of: "stream.replay").count == 4)
          #expect(
            outcomes(result.verdicts, of: "stream.replay-other-instance") == ["pass web-1", "pass web-2"])
          #expect(result.exhibit.contains("from sse:news in redis://127.0.0.1:\(redis.port)/0"))
          #expect(result.exhibit.contains("each was opened at most once, and closed; Redis was sent XREVRANGE alone"))
          // Nothing was written.
          #expect(try await redis.replies(to: "XLEN sse:news", "DBSIZE") == ":8\r\n:1\r\n")
        }
      }
    }
  }

  @Test("each way of getting it wrong is a finding on every URL", arguments: StreamsOriginSettings.Replaying.allCases)
  func faults(_ replaying: StreamsOriginSettings.Replaying) async throws {
    let words: String? =
      switch replaying {
      case .following: nil
      case .fromNamed: "again, though"
      case .withoutFirst: "brought 4 of 5 events that sse:news holds after"
      case .newestFirst: "which is newer"
      case .newestTwice: "twice after"
      case .nothing: "brought 0 of 5 events that sse:news holds after"
      }
    try await withPlace {
      for index in $0.indices { $0[index].replaying = replaying }
    } _: { place in
      let result = try await place.run()
      let verdicts = result.verdicts.filter { $0.check == "stream.replay" }
      #expect(verdicts.count == 3)
      guard let words else { return #expect(verdicts.allSatisfy { $0.kind == .pass }) }
      #expect(verdicts.allSatisfy { $0.kind == .finding && $0.message.contains(words) }, "\(verdicts.map(\.message))")
      #expect(!outcomes(result.verdicts, of: "stream.replay-other-instance").contains { $0.hasPrefix("finding") })
    }
  }

  @Test("an instance that reads another key is named, and explains what a balancer's URL loses")
  func otherKey() async throws {
    try await withPlace {
      $0[1].keyPrefix = "events:"
    } _: { place in
      // A balancer that always chooses the one.
      place.inputs.stream.urls = [place.servers[1].url(of: "news")]
      let result = try await place.run()
      let finding = try #require(
        result.verdicts.first { $0.check == "stream.replay-other-instance" && $0.kind == .finding })
      let sent = try #require(result.replay?.value?.channels.first?.asked?.sentID)
      #expect(
        finding.message
          == "web-2 brings 0 of 5 events that web-1 brings after \(sent): it reads another log (another Redis or key)")
      let behind = try #require(result.verdicts.first { $0.check == "stream.replay" && $0.kind == .finding })
      #expect(behind.subject.name == place.servers[1].url(of: "news"))
      #expect(
        behind.message.hasSuffix(
          "; so does web-2's own URL, and not web-1's own URL: a balancer may have chosen the one"))
      #expect(behind.explainedBy == finding.reference)
      #expect(result.verdicts.count { $0.kind == .finding } == 2)
    }
  }

  @Test("an instance with a Redis of its own is told from what that Redis holds")
  func otherRedis() async throws {
    try await RedisServer.withServer { other in
      try await TemporaryFolder.with { folder in
        try await withPlace {
          $0[1].redis.endpoint.port = other.port
        } _: { place in
          var manifest = "system: redis-streams\npublic: \(place.servers[0].url(of: "news"))\ninstances:\n"
          for (index, url) in [place.redis.url(), other.url()].enumerated() {
            try folder.write("REDIS_URL=\(url)\n", to: "web-\(index + 1).env")
            manifest +=
              "  - name: web-\(index + 1)\n    env: \(folder.path(of: "web-\(index + 1).env"))\n"
              + "    url: \(place.servers[index].url(of: "news"))\n"
          }
          place.inputs.manifestPath = try folder.write(manifest, to: "flowpanel-doctor.yaml")
          place.inputs.redisURLs = []
          place.inputs.stream.urls = []
          place.inputs.stream.directURLs = []
          let result = try await place.run()
          #expect(
            outcomes(result.verdicts, of: "stream.replay-other-instance") == ["finding web-2", "pass web-1"])
          let finding = try #require(result.verdicts.first { $0.kind == .finding })
          #expect(
            finding.message.hasSuffix(": its Redis, redis://127.0.0.1:\(other.port)/0, has none of them under sse:news")
          )
        }
      }
    }
  }

  @Test("a proxy that drops the header is told from the instances behind it", arguments: ["nginx", "HAProxy"])
  func dropped(by proxy: String) async throws {
    try await withPlace { place in
      let servers = place.servers
      func judged(_ url: String) async throws {
        var place = place
        place.inputs.stream.urls = ["\(url)/events/news"]
        let result = try await place.run()
        let findings = result.verdicts.filter { $0.kind == .finding }
        #expect(findings.map { "\($0.check) \($0.subject.name)" } == ["stream.replay \(url)/events/news"])
        #expect(
          findings.first?.message.hasSuffix("; not so at web-1's own URL, so what stands between does it") == true)
        #expect(findings.first?.remedy?.text.contains("pass the request header Last-Event-ID on") == true)
      }
      if proxy == "nginx" {
        let block =
          "location / { proxy_pass http://servers; proxy_http_version 1.1; proxy_set_header Last-Event-ID \"\"; }"
        try await NginxServer.withServer(http: upstreams(servers), serverBlock: block) { try await judged($0.origin) }
      } else {
        let lines =
          ["http-request del-header Last-Event-ID", "option http-no-delay"]
          + servers.enumerated().map { "server web-\($0 + 1) 127.0.0.1:\($1.port)" }
        try await HAProxyServer.withServer(section: lines.joined(separator: "\n  ")) { try await judged($0.origin) }
      }
    }
  }

  @Test("where the log is empty it says so, and with --intrusive it writes one of its own, and deletes it")
  func ownLog() async throws {
    try await withPlace(entries: 0) { place in
      let before = try await place.run()
      #expect(before.verdicts.allSatisfy { $0.kind == .undetermined })
      #expect(before.verdicts.first?.message.contains("sse:news has no entry in redis://127.0.0.1") == true)
      place.inputs.redis.isIntrusive = true
      let after = try await place.run()
      #expect(after.verdicts.allSatisfy { $0.kind == .pass }, "\(after.verdicts.map(\.message))")
      let channel = try #require(after.replay?.value?.channels.first)
      #expect(channel.isOwn && channel.name.hasPrefix("flowpanel-doctor."))
      #expect(
        after.exhibit.contains("sse:\(channel.name) in ") && after.exhibit.contains("written by this run and deleted"))
      #expect(try await place.redis.replies(to: "DBSIZE") == ":0\r\n")
    }
  }

  @Test("a log of its own that it may not delete is named, with why and until when")
  func leftLog() async throws {
    try await withPlace(entries: 0) {
      _ in
    } redis: {
      $0.aclUsers = ["app on >sesame &* ~sse:* -@all +auth +select +publish +xrevrange +xadd +expire"]
    } _: { place in
      place.inputs.redisURLs = [Secret(place.redis.url(user: "app", password: "sesame"))]
      place.inputs.redis.isIntrusive = true
      let run = try await collect(place.inputs, interruption: AsyncStream { _ in })
      let channel = try #require(run.facts.replay?.value?.channels.first)
      let left = try #require(channel.logs.first?.left)
      #expect(channel.isOwn && left.secondsToLive == 300)
      #expect(left.reason.contains("DEL was refused: NOPERM") && !left.reason.contains("sesame"))
      let exhibits = run.report().exhibits
      let replay = try #require(exhibits.first { $0.key == "replay" })
      let rows = replay.rows.map { $0.last ?? "" }
      let line = try #require(rows.first { $0.hasPrefix("sse:\(channel.name) was left there") }, "\(rows)")
      #expect(line.contains("NOPERM") && line.hasSuffix("expires 300 s after it was written"), "\(line)")
      #expect(!replay.title.contains("deleted"), "\(replay.title)")
      let drive = try #require(exhibits.first { $0.key == "drive" })
      #expect(!"\(drive.rows)".contains("nothing was written"))
      let seconds = try await place.redis.replies(to: "TTL sse:\(channel.name)")
      #expect((Int(seconds.dropFirst().dropLast()) ?? 0) > 0)
    }
  }

  @Test("events that come meanwhile are neither lost nor twice")
  func busy() async throws {
    try await withPlace { place in
      let redis = place.redis
      let writing = Task {
        while !Task.isCancelled {
          let id =
            try await redis.replies(to: "XADD sse:news MAXLEN = 2000 * type update data busy").split(separator: "\r\n")
            .last.map(String.init) ?? ""
          let message = #"{\"id\":\"\#(id)\",\"type\":\"update\",\"data\":\"busy\"}"#
          _ = try await redis.replies(to: "PUBLISH sse:channel:news \"\(message)\"")
        }
      }
      defer { writing.cancel() }
      let result = try await place.run()
      #expect(!result.verdicts.contains { $0.kind == .finding }, "\(result.verdicts.map(\.message))")
      #expect(result.verdicts.contains { $0.kind == .pass })
    }
  }

  @Test("each channel has its own log")
  func channels() async throws {
    try await withPlace { place in
      let commands = (1...3).map { "XADD sse:user:7 1-\($0) type update data n\($0)" }
      for command in commands { _ = try await place.redis.replies(to: command) }
      place.inputs.stream.urls.append(place.servers[1].url(of: "user%3A7") + "?token=canary-7f3a")
      let result = try await place.run()
      let channels = try #require(result.replay?.value?.channels)
      #expect(channels.map(\.name) == ["news", "user:7"])
      #expect(channels.last?.asked?.sentID == "1-1")
      #expect(channels.last?.streams.map { $0.reply.value?.came } == [["1-2", "1-3"]])
      #expect(outcomes(result.verdicts, of: "stream.replay").allSatisfy { $0.hasPrefix("pass") })
      #expect(!"\(result)".contains("canary"))
    }
  }

  @Test("a run that ends first finds nothing, and leaves nothing behind")
  func unfinished() async throws {
    try await withPlace(entries: 0) {
      for index in $0.indices { $0[index].replaying = .nothing }
    } _: { place in
      place.inputs.redis.isIntrusive = true
      place.inputs.timeout = .seconds(3)
      let result = try await place.run()
      #expect(!result.verdicts.isEmpty && result.verdicts.allSatisfy { $0.kind == .undetermined })
      let redis = place.redis
      try await wait(for: "no key") { try await redis.replies(to: "DBSIZE") == ":0\r\n" }
    }
  }

  @Test("fanout asks, and with --intrusive writes a log where there is none; elsewhere that needs a channel")
  func commandLine() async throws {
    try await withPlace(entries: 0) { place in
      let servers = place.servers
      let redis = place.redis
      try await TemporaryFolder.with { folder in
        var arguments = ["fanout", "--redis-variable", "R", "--format", "json", "--intrusive", "--burst", "0"]
        for (index, server) in servers.enumerated() {
          arguments += ["--direct", "web-\(index + 1)=\(server.url(of: "news"))"]
        }
        arguments.append(servers[0].url(of: "news"))
        let result = try await doctor(
          arguments + ["--system", "redis-streams"], environment: ["R": redis.url()], in: folder)
        let verdicts = try JSONReport(result).verdicts.filter { $0.check.hasPrefix("stream.replay-") }
        #expect(verdicts.map { "\($0.kind) \($0.subject)" }.sorted() == ["pass web-1", "pass web-2"])
        #expect(result.standardOutput.contains("\"isOwn\": true"))
        let refused = try await doctor(
          arguments + ["--system", "flowpanel"], environment: ["R": redis.url()], in: folder)
        #expect(refused.status == 64 && refused.standardError.contains("--channel"))
      }
    }
  }

  @Test("a user who may not read the log is told what to grant")
  func permission() async throws {
    try await withPlace {
      _ in
    } redis: {
      $0.aclUsers = ["app on >sesame \(System.redisStreams.redisNeeds().rules)"]
    } _: { place in
      place.inputs.redisURLs = [Secret(place.redis.url(user: "app", password: "sesame"))]
      let result = try await place.run()
      #expect(result.verdicts.allSatisfy { $0.kind == .undetermined })
      let message = try #require(result.verdicts.first?.message)
      #expect(
        message.contains("XREVRANGE was refused: NOPERM") && message.contains("ACL SETUSER app '~sse:*' +xrevrange"))
      #expect(!"\(result)".contains("sesame"))
    }
  }

  @Test("flowpanel's streams are asked for nothing")
  func flowpanel() async throws {
    try await withPlace { place in
      place.inputs.system = .flowpanel
      let result = try await place.run()
      #expect(result.replay == nil)
      #expect(result.verdicts.allSatisfy { $0.kind == .notApplicable || $0.kind == .undetermined })
    }
  }
}
