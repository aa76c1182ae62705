import Diagnosis
import Doctor
import Facts
import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("A rollout that is watched", .timeLimit(.minutes(10)))
struct RolloutTests {
  /// Two instances behind an nginx that takes turns.
  private func withDeployment(
    _ body: (RedisServer, inout RolloutInstance, inout RolloutInstance, String) async throws -> Void
  ) async throws {
    try await RedisServer.withServer { redis in
      try await RolloutInstance.with(redis) { first in
        try await RolloutInstance.with(redis) { second in
          let block = """
            location / { proxy_pass http://instances; proxy_http_version 1.1; proxy_buffering off; }
            """
          let upstream = "upstream instances { server \(first.authority); server \(second.authority); }"
          try await NginxServer.withServer(http: upstream, serverBlock: block) { nginx in
            try await body(redis, &first, &second, "\(nginx.origin)/api/flowpanel/stream")
          }
        }
      }
    }
  }

  private func verdicts(_ run: SavedRun, _ check: String) -> [Verdict] {
    run.report().verdicts.filter { $0.check == "stream.rollout-\(check)" }
  }

  @Test("an instance that is restarted: its streams drop, come back as the client does, and miss what was published")
  func restart() async throws {
    try await withDeployment { redis, first, second, url in
      let run = try await watchingRollout(
        [url], direct: [("web-1", first.url), ("web-2", second.url)], redis: redis, connections: 4
      ) { seen in
        try await seen.waitUntilAllHear(6)
        await first.origin.stop()
        // The public streams come first.
        try await seen.wait(for: "two attempts in vain") { ($0.failures[4] ?? 0) >= 2 }
        try await first.start()
        try await seen.wait(for: "all are open again") { $0.open.count == 6 }
        try await seen.waitUntilAllHear(6)
      }
      let rollout = try #require(run.facts.rollout)
      let web1 = try #require(rollout.streams.first { $0.instance == "web-1" })
      let web2 = try #require(rollout.streams.first { $0.instance == "web-2" })
      let open = rollout.streams.filter { $0.instance == nil }
      #expect(web1.drops.count == 1 && web2.drops.isEmpty)
      let drop = try #require(web1.drops.first)
      #expect(drop.failureCount >= 2 && (drop.lost ?? 0) > 0)
      // 500 ms, then 1 s, then 2 s after the attempts before.
      let times = [drop.milliseconds] + drop.failures.map(\.milliseconds)
      for (wait, pair) in zip([500.0, 1000, 2000], zip(times, times.dropFirst())) {
        #expect(pair.1 - pair.0 >= wait, "\(times)")
      }
      #expect(open.count == 4)
      #expect(open.contains { !$0.drops.isEmpty } && open.contains { $0.drops.isEmpty })
      #expect(open.flatMap(\.drops).allSatisfy { $0.backMilliseconds != nil })
      #expect(rollout.streams.allSatisfy { $0.losses.isEmpty && $0.heard > 0 })
      #expect(rollout.publishers.value?.first?.names.count == 3)
      #expect(verdicts(run, "gap").allSatisfy { $0.kind != .finding }, "\(verdicts(run, "gap"))")
      #expect(verdicts(run, "loss").allSatisfy { $0.kind != .finding || $0.severity == .notice })
      #expect(verdicts(run, "herd").map(\.kind) == [.pass])
      #expect(run.wasInterrupted)
      let saved = try JSONDecoder().decode(SavedRun.self, from: Data(try run.encoded().utf8))
      #expect(saved == run)
    }
  }

  @Test("a subscriber whose connection Redis closes: the stream stays open, and what was published meanwhile is lost")
  func killed() async throws {
    try await withDeployment { redis, first, second, url in
      let run = try await watchingRollout(
        [url], direct: [("web-1", first.url), ("web-2", second.url)], redis: redis
      ) { seen in
        try await seen.waitUntilAllHear(5)
        try await seen.wait(for: "both were counted as subscribed") { $0.published > 2 }
        let before = seen.state.published
        try await TestServers.wait(for: "a message that nobody got", within: .seconds(240)) {
          _ = try await redis.replies(to: "CLIENT KILL TYPE pubsub")
          return seen.state.unsubscribed.count { $0.value > before } == 2
        }
        try await seen.waitUntilAllHear(5)
      }
      let rollout = try #require(run.facts.rollout)
      #expect(rollout.streams.allSatisfy { $0.drops.isEmpty })
      for stream in rollout.streams {
        #expect(!stream.losses.isEmpty && stream.losses.allSatisfy(\.isOver), "\(stream)")
        if stream.instance != nil { #expect(stream.losses.contains { ($0.unsubscribed ?? 0) > 0 }) }
      }
      let losses = verdicts(run, "loss")
      let open = try #require(losses.first { $0.subject.name == url })
      #expect(open.message.hasPrefix("3 of 3 streams at the public URL lost "), "\(open.message)")
      #expect(open.message.contains("lost messages at "), "\(open.message)")
      #expect(Set(open.evidence.map(\.name)).count == open.evidence.count)
      #expect(losses.count == 3 && losses.allSatisfy { $0.kind == .finding && $0.severity == .error })
      #expect(losses.contains { $0.message.contains("was not subscribed") })
      #expect(verdicts(run, "gap").allSatisfy { $0.kind == .notApplicable })
    }
  }

  @Test("instances that go together: a crowd, which comes back as one, from a proxy that refused it")
  func herd() async throws {
    try await RedisServer.withServer { redis in
      try await RolloutInstance.with(redis) { both in
        let block = "location / { proxy_pass http://\(both.authority); proxy_http_version 1.1; proxy_buffering off; }"
        try await NginxServer.withServer(serverBlock: block) { nginx in
          let run = try await watchingRollout(
            ["\(nginx.origin)/api/flowpanel/stream"], direct: [("web-1", both.url), ("web-2", both.url)], redis: redis,
            connections: 5
          ) { seen in
            try await seen.waitUntilAllHear(7)
            await both.origin.stop()
            try await seen.wait(for: "two attempts in vain") { state in
              (0..<7).allSatisfy { (state.failures[$0] ?? 0) >= 2 }
            }
            try await both.start()
            try await seen.wait(for: "all are open again") { $0.open.count == 7 }
          }
          let herd = try #require(verdicts(run, "herd").first)
          #expect(herd.kind == .finding && herd.severity == .warning)
          #expect(herd.message.contains("those of web-1 and web-2 together"))
          let gap = try #require(verdicts(run, "gap").first { $0.subject.name.hasPrefix(nginx.origin) })
          #expect(gap.kind == .finding && gap.severity == .warning && gap.message.contains("more than one attempt"))
          #expect(gap.evidence.contains { $0.observed.contains("status 502") })
          let timeline = try #require(run.report().exhibits.first)
          #expect(timeline.rows.count == 3)
        }
      }
    }
  }

  @Test("an EventSource that is answered with 502 does not come back, and misses what is published")
  func refused() async throws {
    try await RedisServer.withServer { redis in
      try await RolloutInstance.with(redis) { only in
        let block = """
          location ~ ^/events/(.*)$ {
            proxy_pass http://\(only.authority)/api/flowpanel/stream?channel=$1; proxy_http_version 1.1;
          }
          """
        try await NginxServer.withServer(serverBlock: block) { nginx in
          let origin = only.origin
          let run = try await watchingRollout(
            ["\(nginx.origin)/events/news"], direct: [], redis: nil, system: .redisStreams, connections: 2
          ) { seen in
            try await seen.wait(for: "both are open") { $0.open.count == 2 }
            await origin.stop()
            try await seen.wait(for: "both gave up") { $0.stopped.count == 2 }
          }
          let rollout = try #require(run.facts.rollout)
          #expect(rollout.reconnection == .eventSource)
          #expect(rollout.streams.map(\.stop) == [.refused, .refused])
          #expect(rollout.streams.flatMap(\.drops).map { $0.failures.map(\.status) } == [[502], [502]])
          let gap = try #require(verdicts(run, "gap").first)
          #expect(gap.kind == .finding && gap.severity == .error && gap.message.contains("gives up"))
          // No Redis was named: what was missed is not known.
          #expect(rollout.streams.flatMap(\.drops).allSatisfy { $0.lost == nil })
          let loss = try #require(verdicts(run, "loss").first)
          #expect(loss.kind == .undetermined && loss.message.contains("no Redis"), "\(loss)")
        }
      }
    }
  }

  @Test("an instance that never subscribed is no healthy one, though its stream stays open")
  func deaf() async throws {
    try await withDeployment { redis, first, _, _ in
      try await withOrigin { deaf in
        let run = try await watchingRollout([], direct: [("web-1", first.url), ("web-2", deaf.url)], redis: redis) {
          // Two a second, of which those of the last ten seconds don't count.
          try await $0.wait(for: "all are open") { $0.open.count == 2 }
          let last = $0.state.published
          try await $0.wait(for: "messages enough") { $0.published > last + 24 }
        }
        let rollout = try #require(run.facts.rollout)
        #expect(rollout.streams.map(\.wasSubscribed) == [true, false])
        #expect(rollout.streams[0].unheard == nil && (rollout.streams[1].unheard ?? 0) > 0)
        let losses = verdicts(run, "loss")
        #expect(losses.map(\.kind) == [.notApplicable, .finding], "\(losses)")
        #expect(losses.last?.severity == .error)
        #expect(losses.last?.message.contains("never subscribed") == true)
        #expect(losses.last?.subject.name == deaf.url)
      }
    }
  }

  @Test("a watch without drops says so, and is no pass")
  func quiet() async throws {
    try await withDeployment { redis, first, second, url in
      let run = try await watchingRollout(
        [url], direct: [("web-1", first.url), ("web-2", second.url)], redis: redis
      ) { try await $0.waitUntilAllHear(5) }
      for check in ["gap", "loss", "herd"] {
        let verdicts = verdicts(run, check)
        #expect(!verdicts.isEmpty && verdicts.allSatisfy { $0.kind == .notApplicable }, "\(verdicts)")
      }
      #expect(run.report().verdicts.allSatisfy { $0.kind == .notApplicable })
      let counted = try #require(run.facts.rollout?.publishers.value?.first)
      #expect(counted.published > 0 && counted.failure == nil && counted.looksRefused == nil)
      // Beside what the tool does elsewhere nothing is done to Redis but this.
      let commands = try await redis.replies(to: "INFO commandstats")
      #expect(commands.contains("cmdstat_publish") && commands.contains("cmdstat_pubsub|numsub"))
      #expect(!commands.contains("cmdstat_set:") && !commands.contains("cmdstat_client|kill"))
    }
  }

  @Test("a Redis that is not there at first is published through as soon as it answers")
  func redisDown() async throws {
    let port = try freePort()
    try await withOrigin { origin in
      var inputs = RunInputs(topics: [.stream], environment: [:])
      inputs.stream.directURLs = [("web-1", origin.url)]
      inputs.stream.urls = [origin.url]
      inputs.redisURLs = [Secret("redis://:canary-7f3a@127.0.0.1:\(port)")]
      let (interruption, interrupt) = AsyncStream.makeStream(of: Void.self)
      let (failures, failed) = AsyncStream.makeStream(of: String.self)
      let seen = SeenRollout()
      let watcher = RolloutWatcher(begin: { _ in }) { news in
        seen.watcher.tell(news)
        if case .publisherFailed(_, let reason, _) = news { failed.yield(reason) }
      }
      let watch = Task { [inputs] in
        try await watchRollout(
          inputs, RolloutInputs(connections: 1, watcher: watcher), interruption: interruption)
      }
      #expect(await failures.first { _ in true } == "TCP connect: Connection refused")
      var configuration = RedisServer.Configuration()
      configuration.port = port
      configuration.password = "canary-7f3a"
      try await RedisServer.withServer(configuration) { _ in
        try await seen.wait(for: "a message was published") { $0.published > 0 }
      }
      interrupt.yield()
      let run = try await watch.value
      let publisher = try #require(run.facts.rollout?.publishers.value?.first)
      #expect(publisher.published > 0 && publisher.failure != nil)
      #expect(publisher.outages.first?.toMilliseconds != nil)
      #expect(try !run.encoded().contains("canary"))
    }
  }

  @Test("--for ends a watch with the exit code of its findings, Ctrl-C with 130; both with the report")
  func command() async throws {
    try await withDeployment { redis, first, second, url in
      let options = [
        "fanout", "--watch", "--connections", "2", "--direct", "web-1=\(first.url)", "--redis-variable", "CACHE", url,
      ]
      let limited = try await TemporaryFolder.with { folder in
        try await doctor(
          options + ["--for", "2s", "--format", "json"], environment: ["CACHE": redis.url()], in: folder)
      }
      #expect(limited.status == 0 || limited.status == 2, "\(limited)")
      #expect(limited.standardOutput.contains("\"rollout\": {"))
      #expect(limited.standardOutput.contains("\"check\": \"stream.rollout-gap\""))
      // The line that says that all streams are open comes before the interruption.
      let script = """
        "$@" >out & until grep -q 'are open' out; do kill -0 $! || break; done; kill -INT $!; wait $!; s=$?; cat out
        exit $s
        """
      let interrupted = try await TemporaryFolder.with { folder in
        try await runBinary(
          "/bin/sh", ["-c", script, "sh", builtBinary()] + options, environment: ["CACHE": redis.url()],
          workingFolder: folder.path, timeout: .seconds(240))
      }
      #expect(interrupted.status == 130, "\(interrupted)")
      #expect(interrupted.standardOutput.contains("all 3 streams are open: deploy now"))
      #expect(interrupted.standardOutput.contains("Drops in "))
    }
  }

  @Test("options that go with --watch are refused without it, and the other way round")
  func options() async throws {
    try await TemporaryFolder.with { folder in
      for arguments in [["--for", "1s"], ["--watch", "--burst", "5"], ["--watch", "--for", "25h"]] {
        let result = try await doctor(["fanout", "http://127.0.0.1:1"] + arguments, in: folder)
        #expect(result.status == 64, "\(arguments): \(result)")
        #expect(result.standardError.contains("--watch") || result.standardError.contains("--for"))
      }
    }
  }
}
