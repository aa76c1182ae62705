import Facts
import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("flowpanel-doctor stream --active", .timeLimit(.minutes(5)))
struct StreamActiveTests {
  /// Runs the body with a Redis and an origin whose streams get what is published there, without heartbeats unless set.
  private func withDriven(
    redis configureRedis: (inout RedisServer.Configuration) -> Void = { _ in }, user: String? = nil,
    password: String? = nil, origin configure: @escaping (inout OriginSettings) -> Void = { _ in },
    _ body: (RedisServer, ReferenceOrigin) async throws -> Void
  ) async throws {
    var configuration = RedisServer.Configuration()
    configureRedis(&configuration)
    try await RedisServer.withServer(configuration) { redis in
      try await withOrigin {
        var place = OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port))
        place.username = user.map { Secret($0) }
        place.password = password.map { Secret($0) }
        $0.fanOut = .redis(place)
        configure(&$0)
      } _: { origin in
        try await body(redis, origin)
      }
    }
  }

  /// Runs `stream --active` in an empty folder.
  private func stream(_ arguments: [String], redis urls: String...) async throws -> DrivenReport {
    var environment: [String: String] = [:]
    var options: [String] = []
    for (index, url) in urls.enumerated() {
      environment["REDIS_\(index)"] = url
      options += ["--redis-variable", "REDIS_\(index)"]
    }
    return try await TemporaryFolder.with { folder in
      DrivenReport(
        try await doctor(
          ["stream", "--active", "--format", "json"] + options + arguments, environment: environment, in: folder))
    }
  }

  @Test("through nginx every cell brings the messages, in order, and the run ends by itself")
  func healthy() async throws {
    try await withDriven { redis, origin in
      let block = "location / { proxy_pass http://127.0.0.1:\(origin.port); proxy_http_version 1.1; }"
      try await NginxServer.withServer(serverBlock: block) { server in
        let report = try await stream(
          ["\(server.origin)/api/flowpanel/stream?channel=resource.users", origin.url], redis: redis.url())
        let drive = try #require(try report.drive.value)
        let publisher = try #require(drive.publishers.first)
        #expect(drive.channel.hasPrefix("flowpanel-doctor."))
        #expect(publisher.redis == "redis://127.0.0.1:\(redis.port)/0")
        #expect(publisher.failure == nil)
        #expect(
          publisher.names == [drive.channel, "flowpanel:\(drive.channel)", "fp:custom:\(drive.channel)"])
        #expect(publisher.publications.prefix(6).map(\.number) == Array(1...6))
        #expect(publisher.publications.prefix(6).allSatisfy { $0.receivers == 1 })
        let streams = try report.streams
        #expect(streams.count == 4)
        for stream in streams {
          #expect(stream.isDriven && stream.end.kind == "closedByProbe")
          #expect(stream.numbers.starts(with: 1...6), "\(stream)")
          // Each came after it was sent, on one clock.
          for (sent, come) in zip(publisher.publications, stream.arrivals.filter { $0.probeNumber != nil }) {
            #expect(sent.sentMilliseconds <= stream.beganMilliseconds + come.milliseconds)
          }
        }
        #expect(streams.first?.url == "\(server.origin)/api/flowpanel/stream?channel=resource.users")
        let run = try await redis.replies(to: "INFO commandstats")
        #expect(!run.contains("cmdstat_set:") && !run.contains("cmdstat_pubsub"), "PUBLISH alone: \(run)")
      }
    }
  }

  @Test("a Redis that the streams do not use is shown by its having no subscribers")
  func wrongRedis() async throws {
    try await withDriven { _, origin in
      try await RedisServer.withServer { other in
        let report = try await stream([origin.url], redis: other.url())
        let publisher = try #require(try report.drive.value?.publishers.first)
        #expect(publisher.publications.map(\.receivers).prefix(6) == [0, 0, 0, 0, 0, 0])
        #expect(try report.streams.allSatisfy { $0.numbers.isEmpty && $0.isDriven })
      }
    }
  }

  @Test("a Redis that is down is said to be, and the streams are watched for what they have of their own")
  func redisDown() async throws {
    let port = try closedPort()
    try await withOrigin {
      $0.heartbeatInterval = .milliseconds(200)
    } _: { origin in
      let report = try await stream([origin.url], redis: "redis://:canary-7f3a@127.0.0.1:\(port)")
      let publisher = try #require(try report.drive.value?.publishers.first)
      #expect(publisher.publications.isEmpty)
      #expect(publisher.failure == "TCP connect: Connection refused")
      #expect(try report.streams.allSatisfy { $0.comments >= 1 && $0.end.kind == "closedByProbe" })
      #expect(!report.result.standardOutput.contains("canary"))
    }
  }

  @Test("several are published through side by side, each message with a number of its own")
  func several() async throws {
    try await withDriven { redis, origin in
      try await RedisServer.withServer { other in
        let report = try await stream([origin.url], redis: other.url(), redis.url())
        let publishers = try #require(try report.drive.value?.publishers)
        #expect(
          publishers.map { $0.publications.prefix(6).map(\.number) } == [[1, 3, 5, 7, 9, 11], [2, 4, 6, 8, 10, 12]])
        #expect(try report.streams.allSatisfy { $0.numbers.starts(with: [2, 4, 6, 8, 10, 12]) })
      }
    }
  }

  @Test("names that the user may not use are left out; where that is all of them, what lets the user in is said")
  func permissions() async throws {
    try await withDriven(
      redis: {
        $0.aclUsers = [
          "app on >word ~* &flowpanel:* -@all +publish +subscribe +unsubscribe +info", "none on >word -@all +ping",
        ]
      }, user: "app", password: "word"
    ) { redis, origin in
      let report = try await stream([origin.url], redis: redis.url(user: "app", password: "word"))
      let drive = try #require(try report.drive.value)
      #expect(drive.publishers.map(\.names) == [["flowpanel:\(drive.channel)"]])
      #expect(try report.streams.allSatisfy { $0.numbers.starts(with: 1...6) })
      let refused = try await stream(
        ["--for", "2s", origin.url], redis: redis.url(user: "none", password: "word"))
      let failure = try #require(try refused.drive.value?.publishers.first?.failure)
      #expect(failure.hasPrefix("write: PUBLISH was refused: NOPERM"))
      #expect(failure.hasSuffix("'&fp:custom:flowpanel-doctor.*' +publish"))
    }
  }

  @Test("the pattern of Redis Streams is published on in its own form, also where no stream has begun")
  func redisStreams() async throws {
    try await withDriven(origin: { $0.convention = .verbatim }) { redis, origin in
      // The origin's name of the channel as the pattern's server gives it to Redis. No comment opens the stream.
      let block = """
        location ~ ^/events/(.*)$ {
          proxy_pass http://127.0.0.1:\(origin.port)/api/flowpanel/stream?channel=sse:channel:$1; proxy_http_version 1.1;
        }
        """
      try await NginxServer.withServer(serverBlock: block) { server in
        let report = try await stream(
          ["--system", "redis-streams", "--for", "20s", "\(server.origin)/events/news"], redis: redis.url())
        let drive = try #require(try report.drive.value)
        #expect(drive.publishers.map(\.names) == [["sse:channel:\(drive.channel)"]])
        #expect(try report.streams.allSatisfy { $0.numbers.starts(with: 1...6) })
      }
    }
  }

  @Test("TestPlanIt's channels are real users': nothing is sent to its Redis")
  func testPlanIt() async throws {
    try await withDriven { redis, origin in
      let report = try await stream(
        ["--system", "testplanit", "--for", "1s", origin.url], redis: redis.url())
      #expect(try report.drive.undetermined?.contains("real users") == true)
      #expect(try report.streams.map(\.isDriven) == [false])
      let clients = try await redis.replies(to: "INFO commandstats")
      #expect(!clients.contains("cmdstat_publish"))
    }
  }

  @Test("check --active publishes through each instance's Redis, under its key prefix")
  func check() async throws {
    try await withDriven(origin: { $0.keyPrefix = "fp" }) { redis, origin in
      try await withServers { other, second in
        try await TemporaryFolder.with { folder in
          let deployment = TestDeployment(
            folder: folder, instancePorts: [origin.port, second.port], publicURL: "")
          try deployment.write(environments: ["REDIS_URL=\(redis.url())\n", "REDIS_URL=\(other.url())\n"])
          let report = DrivenReport(
            try await doctor(["check", "--active", "--format", "json", "--save-facts", "facts.json"], in: folder))
          let drive = try #require(try report.drive.value)
          #expect(drive.publishers.map(\.instances) == [["web-1"], ["web-2"]])
          #expect(drive.publishers.map { $0.names.contains("fp:\(drive.channel)") } == [true, true])
          #expect(
            // Before them there is one under each name, of which the origin's instance has one.
            drive.publishers.map { $0.publications.filter { $0.name == nil }.prefix(5).map(\.receivers) } == [
              [1, 1, 1, 1, 1], [0, 0, 0, 0, 0],
            ])
          #expect(folder.read("facts.json")?.contains(drive.channel) == true)
        }
      }
    }
  }

  /// Runs the body with a Redis that nobody uses, and an origin of the memory driver.
  private func withServers(_ body: (RedisServer, ReferenceOrigin) async throws -> Void) async throws {
    try await RedisServer.withServer { redis in try await withOrigin { origin in try await body(redis, origin) } }
  }

  @Test("an option that would do nothing is refused")
  func refused() async throws {
    try await TemporaryFolder.with { folder in
      let result = try await doctor(["stream", "--redis-variable", "X", "http://127.0.0.1:1"], in: folder)
      #expect(result.status == 64)
      #expect(result.standardError.contains("--active"))
      let missing = try await doctor(
        ["stream", "--active", "--redis-variable", "NOWHERE", "http://127.0.0.1:1"], in: folder)
      #expect(missing.status == 66)
    }
  }
}

/// A JSON report on streams, and what was published for them.
struct DrivenReport {
  struct Drive: Decodable {
    struct Value: Decodable {
      struct Publisher: Decodable {
        struct Publication: Decodable {
          var number: Int
          var sentMilliseconds: Double
          var answeredMilliseconds: Double?
          var receivers: Int?
          var name: String?
        }

        var redis: String
        var instances: [String]
        var names: [String]
        var publications: [Publication]
        var failure: String?
      }

      var channel: String
      var publishers: [Publisher]
    }

    var value: Value?
    var undetermined: String?
  }

  struct Stream: Decodable {
    struct Arrival: Decodable {
      var milliseconds: Double
      var comment: String?
      var probeNumber: Int?
    }

    struct End: Decodable {
      var kind: String
    }

    var url: String
    var askedFor: JSONReport.Stream.AskedFor
    var instance: String?
    var via: Int?
    var isDriven: Bool
    var beganMilliseconds: Double
    var watchedMilliseconds: Double
    var arrivals: [Arrival]
    var end: End

    var cell: String { "\(askedFor.httpVersion) \(askedFor.coding)" }
    /// The numbers of the run's own messages that came, in order.
    var numbers: [Int] { arrivals.compactMap(\.probeNumber) }
    var comments: Int { arrivals.count { $0.comment != nil } }
  }

  private struct Content: Decodable {
    var drive: Drive?
    var streams: [Stream]?
  }

  let result: ProcessResult

  init(_ result: ProcessResult) { self.result = result }

  private var content: Content {
    get throws { try JSONDecoder().decode(Content.self, from: Data(result.standardOutput.utf8)) }
  }

  var drive: Drive { get throws { try #require(try content.drive, "\(result)") } }
  var streams: [Stream] { get throws { try #require(try content.streams, "\(result)") } }
}
