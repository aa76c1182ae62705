import Facts
import ReferenceOrigin
import TestServers
import Testing

@Suite("flowpanel-doctor stream --idle, --via and --direct", .timeLimit(.minutes(5)))
struct StreamHoldingTests {
  private func stream(_ arguments: [String], environment: [String: String] = [:]) async throws -> DrivenReport {
    try await TemporaryFolder.with { folder in
      DrivenReport(
        try await doctor(["stream", "--format", "json"] + arguments, environment: environment, in: folder))
    }
  }

  @Test("--idle holds each stream for its whole time, whatever comes, as a browser opens it")
  func idle() async throws {
    try await withOrigin {
      $0.heartbeatInterval = .milliseconds(100)
    } _: { origin in
      let report = try await stream(["--idle", "1s", origin.url, origin.url])
      let streams = try report.streams
      #expect(streams.map(\.cell) == ["1.1 browser", "1.1 browser"])
      for stream in streams {
        #expect(stream.watchedMilliseconds >= 1990)
        #expect(stream.end.kind == "closedByProbe" && !stream.isDriven)
        #expect(stream.comments > 1)
      }
      let asked = try await stream(["--idle", "1s", "--cells", "all", origin.url])
      #expect(try asked.streams.map(\.cell) == ["1.1 browser", "1.1 identity"])
    }
  }

  @Test("with --active a silent stream and a busy one are held side by side")
  func silentAndBusy() async throws {
    try await RedisServer.withServer { redis in
      try await withOrigin {
        $0.fanOut = .redis(OriginRedis(endpoint: RedisEndpoint(host: "127.0.0.1", port: redis.port)))
      } _: { origin in
        // nginx cuts what is silent.
        let block = """
          location / { proxy_pass http://127.0.0.1:\(origin.port); proxy_http_version 1.1; proxy_read_timeout 2s; }
          """
        try await NginxServer.withServer(serverBlock: block) { server in
          let report = try await stream(
            ["--idle", "4s", "--active", "--redis-variable", "REDIS", "\(server.origin)/api/flowpanel/stream"],
            environment: ["REDIS": redis.url()])
          let streams = try report.streams
          #expect(streams.map(\.cell) == ["1.1 browser", "negotiated browser"])
          #expect(streams.map(\.isDriven) == [false, true])
          let silent = try #require(streams.first)
          let busy = try #require(streams.last)
          #expect(silent.numbers.isEmpty && silent.arrivals.count == 1)
          #expect(silent.end.kind != "closedByProbe" && silent.watchedMilliseconds >= 1900)
          #expect(busy.numbers.starts(with: 1...6))
          #expect(Set(streams.map(\.url)).count == 1)
        }
      }
    }
  }

  @Test("URLs on the way come in their order, with those of instances beside them")
  func way() async throws {
    try await withOrigin { origin in
      let report = try await stream([
        "--events", "1", "--cells", "curl", origin.url, "--via", "\(origin.url)?channel=a", "--via",
        "http://127.0.0.1:\(origin.port)", "--direct", "web-1=\(origin.url)?x=1", "--direct", origin.url,
      ])
      let streams = try report.streams
      #expect(streams.map(\.via) == [nil, 1, 2, nil, nil])
      #expect(streams.map(\.instance) == [nil, nil, nil, "web-1", "direct"])
      #expect(
        streams.map(\.url) == [origin.url, "\(origin.url)?channel=a", origin.url, "\(origin.url)?x=…", origin.url])
    }
  }

  @Test("the manifest names the way, and the command line another")
  func manifest() async throws {
    try await withOrigin { origin in
      try await TemporaryFolder.with { folder in
        let deployment = TestDeployment(
          folder: folder, instancePorts: [origin.port], publicURL: "http://127.0.0.1:\(origin.port)")
        try deployment.write(
          environments: ["A=1\n"],
          manifestTail: "via:\n  - http://127.0.0.1:\(origin.port)/?channel=a\n  - \(origin.url)\n")
        func places(_ more: [String] = []) async throws -> [String] {
          let report = DrivenReport(
            try await doctor(["stream", "--events", "1", "--cells", "curl", "--format", "json"] + more, in: folder))
          return try report.streams.map { $0.instance ?? $0.via.map { "via \($0)" } ?? "public" }
        }
        #expect(try await places() == ["web-1", "public", "via 1", "via 2"])
        #expect(try await places(["--via", origin.url]) == ["web-1", "public", "via 1"])
        #expect(try await places(["--direct", origin.url]) == ["public", "via 1", "via 2", "direct"])
        #expect(try await places([origin.url]) == ["public"])
      }
    }
  }

  @Test(
    "what can't be understood is refused",
    arguments: [
      (["--idle", "1m", "--for", "1m"], "--idle"), (["--idle", "1m", "--events", "1"], "--events"),
      (["--idle", "1m", "--timeout", "1m"], "--timeout"), (["--via", "proxy:80"], "http"),
      (["--direct", "web-1=ftp://x"], "http"), (["--direct", "a=http://x", "--direct", "a=http://y"], "named twice"),
      (["--direct", "a=http://x", "--direct", "b=http://x"], "a and b have one URL"),
      (["--raw", "--idle", "1m", "--active"], "--raw"), (["--raw", "--via", "http://x"], "--raw"),
    ])
  func refused(_ arguments: [String], _ fragment: String) async throws {
    try await TemporaryFolder.with { folder in
      let result = try await doctor(["stream", "http://127.0.0.1:1"] + arguments, in: folder)
      #expect(result.status == 64, "\(result)")
      #expect(result.standardError.contains(fragment), "\(result)")
    }
  }
}
