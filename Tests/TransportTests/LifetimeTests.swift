import Facts
import TestServers
import Testing
import Transport

@Suite("What is opened is ended, and nobody waits for ever", .timeLimit(.minutes(5)))
struct LifetimeTests {
  private func link(to port: Int) async throws -> RedisLink {
    let transport = try Transport()
    let target = RedisLinkTarget(endpoint: RedisEndpoint(host: "127.0.0.1", port: port))
    guard case .open(let link, _, _) = await transport.openRedisLink(to: target, within: .seconds(20)) else {
      throw RedisLinkFailure.closed("the link did not open")
    }
    return link
  }

  @Test("a link works on after its transport was let go of")
  func linkOutlivesTransport() async throws {
    try await RedisServer.withServer(RedisServer.Configuration()) { server in
      let link = try await link(to: server.port)
      let result = await link.send([RedisCommand(["PING"]), RedisCommand(["ECHO", "ä\r\n"])], within: .seconds(20))
      #expect(result.exchanges.map(\.reply) == [.status("PONG"), .bulk(Array("ä\r\n".utf8))])
      #expect(result.failure == nil)
    }
  }

  @Test("after a failure the link says so at once to every further command")
  func brokenLink() async throws {
    let script = RawTCPServer.Script(sends: Array("+PO".utf8), then: .closes)
    try await RawTCPServer.withServer(script) { server in
      let link = try await link(to: server.port)
      for _ in 1...2 {
        let result = await link.send([RedisCommand(["PING"])], within: .seconds(20))
        guard case .closed? = result.failure else {
          Issue.record("expected a closed connection, got \(result)")
          return
        }
      }
    }
  }

  @Test("a stream that nobody listens to any more is closed, many times over")
  func abandonedStreams() async throws {
    try await RawTCPServer.withServer(RawTCPServer.Script(then: .staysSilent)) { server in
      for _ in 1...50 {
        let transport = try Transport()
        let request = HTTPStreamRequest(url: "http://127.0.0.1:\(server.port)/", timeout: .seconds(20))
        let watching = Task { for await _ in transport.open(request) {} }
        watching.cancel()
        await watching.value
      }
    }
  }
}
