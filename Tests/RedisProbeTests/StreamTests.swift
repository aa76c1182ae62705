import Facts
import Foundation
import RedisProbe
import TestServers
import Testing

/// The facts of a server's streams.
private func streams(of server: RedisServer) async throws -> Observation<[RedisFacts.Stream]>? {
  try await facts(server.url()) { $0.system = .redisStreams }.streams
}

@Suite("Streams", .timeLimit(.minutes(5)))
struct StreamTests {
  @Test("lengths, ids, expiry and subscribers of the streams under the system's keys")
  func asTheyStand() async throws {
    try await withRedis { server in
      _ = try await server.replies(
        to: "XADD sse:news 1700000000000-0 f v", "XADD sse:news 1700000000001-0 f v",
        "XADD sse:news 1700000000002-5 f v", "XDEL sse:news 1700000000000-0", "XADD sse:short 5-1 f v",
        "EXPIRE sse:short 10000", "XGROUP CREATE sse:empty g $ MKSTREAM", "SET sse:text x", "XADD other 1-1 f v")
      try await withConnections(to: server, ["SUBSCRIBE sse:channel:news", "SUBSCRIBE sse:channel:news"]) {
        let found = try #require(try await streams(of: server)?.value)
        #expect(found.map(\.key) == ["sse:empty", "sse:news", "sse:short"])
        #expect(
          found[0]
            == RedisFacts.Stream(
              "sse:empty", length: 0, entriesAdded: 0, firstID: "", lastID: "", addedInSample: 0, growthInSample: 0,
              subscribers: 0))
        #expect(
          found[1]
            == RedisFacts.Stream(
              "sse:news", length: 2, entriesAdded: 3, firstID: "1700000000001-0", lastID: "1700000000002-5",
              addedInSample: 0, growthInSample: 0, subscribers: 2))
        #expect(found[2].lastID == "5-1")
        #expect(found[2].ttlSeconds.map { (9000...10_000).contains($0) } == true)
      }
    }
  }

  @Test("what writers add during the sample is counted, and what they take away")
  func growth() async throws {
    try await withRedis { server in
      _ = try await server.replies(to: "XADD sse:idle * f v", "XADD sse:full * f v", "XADD sse:growing * f v")
      let writing = Task {
        try await TCPConnection.with(port: server.port) { connection in
          while !Task.isCancelled {
            try connection.send("XADD sse:growing * f v\r\nXADD sse:full MAXLEN = 1 * f v\r\nPING\r\n")
            _ = try await connection.receive { $0.hasSuffix("+PONG\r\n") }
          }
        }
      }
      let found = try #require(try await streams(of: server)?.value)
      writing.cancel()
      try await writing.value
      #expect(found.map(\.key) == ["sse:full", "sse:growing", "sse:idle"])
      #expect(found[0].growthInSample == 0)
      #expect((found[0].addedInSample ?? 0) > 0)
      #expect((found[1].growthInSample ?? 0) > 0)
      #expect(found[1].addedInSample == found[1].growthInSample)
      #expect(found[2].addedInSample == 0)
      #expect(found[2].growthInSample == 0)
    }
  }

  @Test("without streams there are none, and other systems have none to look at")
  func none() async throws {
    try await withRedis { server in
      #expect(try await streams(of: server) == .seen([]))
      _ = try await server.replies(to: "XADD sse:news 1-1 f v")
      #expect(try await facts(server.url()).streams == nil)
    }
  }

  @Test("streams beyond the keys that are gone through are not said to be none")
  func beyondBudget() async throws {
    try await withRedis {
      $0.extra = ["enable-debug-command local"]
    } _: { server in
      _ = try await server.replies(to: "DEBUG POPULATE 40000")
      _ = try await server.replies(to: "XADD sse:news 1-1 f v")
      #expect(try await streams(of: server)?.value?.map(\.key) == ["sse:news"])

      _ = try await server.replies(to: "FLUSHALL", "DEBUG POPULATE 60000")
      let names = (1...200).map { "sse:\($0)" }
      try await TCPConnection.with(port: server.port) { connection in
        try connection.send(names.map { "XADD \($0) 1-1 f v\r\n" }.joined())
        _ = try await connection.receive { $0.components(separatedBy: "\r\n1-1\r\n").count > names.count }
      }
      // The server's order of keys is another each time: what comes among the first 50,000 is taken away. One step more,
      // since where keys are missing 50 lead further.
      var cursor = "0"
      for _ in 1...51 {
        let reply = try await server.replies(to: "SCAN \(cursor) MATCH sse:* COUNT 1000 TYPE stream")
        let lines = reply.split(separator: "\r\n")
        cursor = String(try #require(lines.dropFirst(2).first))
        let found = lines.filter { $0.hasPrefix("sse:") }
        if !found.isEmpty { _ = try await server.replies(to: "DEL \(found.joined(separator: " "))") }
      }
      #expect(try await server.replies(to: "DBSIZE") != ":60000\r\n")
      let unseen = try await streams(of: server)?.unseen
      #expect(unseen?.kind == .notAttempted)
      #expect(unseen?.detail.hasSuffix("and there are more; no stream sse:* is among these") == true)
    }
  }

  @Test("a user who may not look leaves the streams unseen", arguments: ["scan", "xinfo"])
  func refused(_ command: String) async throws {
    try await withRedis {
      $0.aclUsers = ["app on >sesame ~* allchannels +@all -\(command)"]
    } _: { server in
      _ = try await server.replies(to: "XADD sse:news 1-1 f v")
      let found = try await facts(server.url(user: "app", password: "sesame")) { $0.system = .redisStreams }.streams
      #expect(found?.unseen?.kind == .refused)
      #expect(found?.unseen?.detail.contains("NOPERM") == true)
    }
  }
}
