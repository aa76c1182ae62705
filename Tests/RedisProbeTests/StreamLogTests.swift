import Facts
import RedisProbe
import TestServers
import Testing
import Transport

@Suite("The log of a channel's events", .timeLimit(.minutes(5)))
struct StreamLogTests {
  private func withLog(
    _ commands: [String] = [], stepTimeout: Duration = .seconds(60), writes: Bool = false,
    _ body: (RedisServer, inout StreamLog) async throws -> Void
  ) async throws {
    try await withRedis { server in
      for command in commands { _ = try await server.replies(to: command) }
      var log = try await StreamLog(
        at: try redisTarget(Secret(server.url())), through: RedisProbe(stepTimeout: stepTimeout),
        over: try Transport(), writes: writes)
      try await body(server, &log)
    }
  }

  private static let entries = (0..<8).map { "XADD sse:news 100\($0)-0 type update data n\($0)" }

  @Test("is read from its newest end, and what was trimmed or deleted is told")
  func newest() async throws {
    try await withLog(Self.entries) { server, log in
      let keys = StreamLog.keys(ofChannel: "news")
      #expect(keys == ["sse:news", "sse:{news}"])
      let (key, ids) = try await log.newest(ofFirst: keys)
      #expect(key == "sse:news")
      #expect(ids == (2..<8).map { "100\($0)-0" })
      _ = try await server.replies(to: "XDEL sse:news 1005-0", "XTRIM sse:news MAXLEN = 3", "XADD sse:news 2000-0 a b")
      let remaining = try await log.remaining(of: ids, in: key)
      #expect(remaining == ["1004-0", "1006-0", "1007-0"])
      #expect(try await server.commandCounts().keys.contains("xrevrange"))
    }
  }

  @Test("is looked for under the name in braces too, which keeps a cluster's keys together")
  func hashTag() async throws {
    try await withLog(["XADD sse:{news} 5-0 type update data a", "XADD sse:{news} 5-1 type update data a"]) { _, log in
      let (key, ids) = try await log.newest(ofFirst: StreamLog.keys(ofChannel: "news"))
      #expect(key == "sse:{news}" && ids == ["5-0", "5-1"])
      #expect(StreamLog.keys(ofChannel: "{news}") == ["sse:{news}"])
      let (none, empty) = try await log.newest(ofFirst: ["sse:none", "sse:{none}"])
      #expect(none == "sse:none" && empty == [])
    }
  }

  @Test("is written with an expiry and deleted; what is no stream is left alone")
  func own() async throws {
    try await withLog(["SET sse:text a"], writes: true) { server, log in
      let ids = try await log.write("sse:flowpanel-doctor.5f3a")
      #expect(ids.count == 6)
      let read = try await log.newest(ofFirst: ["sse:flowpanel-doctor.5f3a"])
      #expect(read.ids == ids)
      let seconds = try await server.replies(to: "TTL sse:flowpanel-doctor.5f3a")
      #expect((Int(seconds.dropFirst().dropLast()) ?? 0) > 200)
      try await log.delete("sse:flowpanel-doctor.5f3a")
      await #expect(throws: RendezvousFailure.self) { try await log.newest(ofFirst: ["sse:text"]) }
      #expect(try await server.replies(to: "GET sse:text", "DBSIZE") == "$1\r\na\r\n:1\r\n")
    }
  }

  @Test("nothing is written where the user may not let it expire", arguments: ["+xadd +del", "+xadd"])
  func half(_ rules: String) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~sse:* -@all \(rules)"]
    } _: { server in
      var log = try await StreamLog(
        at: try redisTarget(Secret(server.url(user: "app", password: "sesame"))),
        through: RedisProbe(stepTimeout: .seconds(60)), over: try Transport(), writes: true)
      do {
        _ = try await log.write("sse:flowpanel-doctor.5f3a")
        Issue.record("it was written")
      } catch {
        let failure = try #require(error as? RendezvousFailure)
        #expect(failure.unseen.kind == .refused)
        #expect(failure.unseen.detail.contains("EXPIRE was refused") && failure.unseen.detail.contains("+expire +del"))
      }
      #expect(!log.isWritten)
      #expect(try await server.replies(to: "DBSIZE") == ":0\r\n")
    }
  }

  @Test("where the user may not delete it, it is known to be there and for how long")
  func left() async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~sse:* -@all +xadd +expire"]
    } _: { server in
      var log = try await StreamLog(
        at: try redisTarget(Secret(server.url(user: "app", password: "sesame"))),
        through: RedisProbe(stepTimeout: .seconds(60)), over: try Transport(), writes: true)
      _ = try await log.write("sse:flowpanel-doctor.5f3a")
      await #expect(throws: RendezvousFailure.self) { try await log.delete("sse:flowpanel-doctor.5f3a") }
      #expect(log.isWritten && log.secondsToLive == 300)
    }
  }

  @Test("whatever comes in Redis' place, it ends and says why", arguments: HostileRedis.allCases)
  func hostile(_ hostile: HostileRedis) async throws {
    try await RawTCPServer.withServer(hostile.script) { server in
      do throws(RendezvousFailure) {
        let target: RedisTarget
        do { target = try redisTarget(Secret("redis://:canary-7f3a@127.0.0.1:\(server.port)")) } catch { return }
        guard let transport = try? Transport() else { return }
        var log = try await StreamLog(
          at: target, through: RedisProbe(stepTimeout: .milliseconds(600)), over: transport)
        _ = try await log.newest(ofFirst: ["sse:news"])
        Issue.record("it was read")
      } catch {
        #expect(!"\(error)".contains("canary"))
      }
    }
  }
}
