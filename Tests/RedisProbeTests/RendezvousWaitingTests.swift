import Facts
import Foundation
import RedisProbe
import Synchronization
import TestServers
import Testing
import Transport

@Suite("Waiting at a rendezvous", .timeLimit(.minutes(5)))
struct RendezvousWaitingTests {
  /// What was told meanwhile.
  private final class Progress: Sendable {
    let states = Mutex<[RendezvousWait]>([])
    var last: RendezvousWait? { states.withLock { $0.last } }
    func add(_ state: RendezvousWait) { states.withLock { $0.append(state) } }
  }

  private func wait(
    for count: Int, at port: Int, within limit: Duration = .seconds(600), _ progress: Progress = Progress()
  ) async throws -> RendezvousWait {
    try await Rendezvous().wait(
      on: try redisTarget(Secret("redis://127.0.0.1:\(port)")), through: RedisProbe(stepTimeout: .seconds(600)),
      over: try Transport(), until: .now + limit, isWorthReading: { $0.count >= count }, progress: progress.add
    ) { reading in
      reading.instances.count { if case .document = $0.state { true } else { false } } >= count
    }
  }

  @Test("it ends once all are there, and reads no documents before that may be")
  func complete() async throws {
    try await withRedis { server in
      try await Rendezvous().publish(as: "web-1", at: server.url())
      async let waiting = wait(for: 3, at: server.port)
      func looks() async throws -> Int { try await server.commandCounts()["zscan"] ?? 0 }
      try await TestServers.wait(for: "it has looked twice") { try await looks() >= 2 }
      try await Rendezvous().publish(as: "web-2", at: server.url())
      let before = try await looks()
      try await TestServers.wait(for: "it has looked again") { try await looks() >= before + 2 }
      #expect(try await server.commandCounts()["strlen"] == nil)
      try await Rendezvous().publish(as: "web-3", at: server.url())
      let result = try await waiting
      #expect(result.ending == .complete)
      #expect(result.failure == nil)
      #expect(result.reading?.inWords == ["web-1: 262 bytes", "web-2: 262 bytes", "web-3: 262 bytes"])
      #expect(try await server.commandCounts()["strlen"] == 3)
    }
  }

  @Test("a stale instance is waited for until it has published again; an index that stays is not read again")
  func stale() async throws {
    try await withRedis { server in
      try await Rendezvous(timeToLive: .milliseconds(1)).publish(as: "web-1", at: server.url())
      try await TestServers.wait(for: "it has expired") { try await server.replies(to: "DBSIZE") == ":1\r\n" }
      let progress = Progress()
      async let waiting = wait(for: 1, at: server.port, progress)
      try await TestServers.wait(for: "it is seen") { progress.last?.reading?.inWords == ["web-1: stale"] }
      let before = try await server.commandCounts()["zscan"] ?? 0
      try await TestServers.wait(for: "it has looked again") {
        try await server.commandCounts()["zscan"] ?? 0 >= before + 2
      }
      #expect(try await server.commandCounts()["strlen"] == 1)
      try await Rendezvous().publish(as: "web-1", at: server.url())
      let result = try await waiting
      #expect(result.ending == .complete)
    }
  }

  @Test("at the deadline it says what is there")
  func deadline() async throws {
    try await withRedis { server in
      try await Rendezvous().publish(as: "web-1", at: server.url())
      let result = try await wait(for: 2, at: server.port, within: .milliseconds(300))
      #expect(result.ending == .deadlinePassed)
      #expect(result.failure == nil)
      #expect(result.reading?.inWords == ["web-1: 262 bytes"])
    }
  }

  @Test("a server that is restarted meanwhile, or comes late, is no end")
  func restart() async throws {
    let port = try freePort()
    let progress = Progress()
    let waiting = Task { try await wait(for: 2, at: port, progress) }
    try await TestServers.wait(for: "nobody is there") { progress.last?.failure?.step == .connect }
    try await withRedis {
      $0.port = port
    } _: { server in
      try await Rendezvous().publish(as: "web-1", at: server.url())
      try await TestServers.wait(for: "the server is found") { progress.last.map { $0.failure == nil } ?? false }
    }
    try await TestServers.wait(for: "the server is gone") { progress.last?.failure != nil }
    #expect(progress.last?.ending == nil)
    try await withRedis {
      $0.port = port
    } _: { server in
      for name in ["web-1", "web-2"] { try await Rendezvous().publish(as: name, at: server.url()) }
      let result = try await waiting.value
      #expect(result.ending == .complete)
      #expect(result.failure == nil)
      #expect(result.reading?.inWords == ["web-1: 262 bytes", "web-2: 262 bytes"])
    }
  }

  @Test("where nobody comes until the deadline, the last failure is told")
  func nobody() async throws {
    let result = try await wait(for: 1, at: try closedPort(), within: .milliseconds(300))
    #expect(result.ending == .deadlinePassed)
    #expect(result.reading == nil)
    #expect(result.failure?.step == .connect)
    #expect(result.failure?.reason == "Connection refused")
  }

  @Test("who is cancelled ends at once, also while a server is silent")
  func cancelled() async throws {
    try await RawTCPServer.withServer(HostileRedis.silence.script) { server in
      // Who waited for an answer or for the deadline would be past the time limit of the suite.
      let task = Task { try await wait(for: 1, at: server.port) }
      task.cancel()
      let result = try await task.value
      #expect(result.ending == .cancelled)
    }
    try await withRedis { server in
      let progress = Progress()
      try await Rendezvous(timeToLive: .milliseconds(1)).publish(as: "web-1", at: server.url())
      try await TestServers.wait(for: "it has expired") { try await server.replies(to: "DBSIZE") == ":1\r\n" }
      let task = Task { try await wait(for: 1, at: server.port, progress) }
      try await TestServers.wait(for: "the instance is seen") { progress.last?.reading != nil }
      task.cancel()
      let result = try await task.value
      #expect(result.ending == .cancelled)
      #expect(result.reading?.inWords == ["web-1: stale"])
      try await TestServers.wait(for: "the connection is closed") {
        try await server.replies(to: "INFO clients").contains("connected_clients:1\r\n")
      }
    }
  }
}
