import TestServers
import Testing

@Suite("A raw server for tests", .timeLimit(.minutes(5)))
struct RawTCPServerTests {
  @Test("It sends its bytes after the client's first and closes")
  func answersAndCloses() async throws {
    let script = RawTCPServer.Script(sends: Array("nonsense".utf8), then: .closes)
    try await RawTCPServer.withServer(script) { server in
      let received = try await TCPConnection.exchange(port: server.port, "hello")
      #expect(received.text == "nonsense")
      #expect(received.ended)
    }
  }

  @Test("It can speak first, and stay")
  func speaksFirst() async throws {
    let script = RawTCPServer.Script(waitsForFirstBytes: false, sends: Array("220 hello".utf8), then: .staysSilent)
    try await RawTCPServer.withServer(script) { server in
      try await TCPConnection.with(port: server.port) { connection in
        _ = try await connection.receive { $0 == "220 hello" }
        await #expect(throws: StateNotReached.self) { try await connection.receive(within: .milliseconds(100)) }
      }
    }
  }

  @Test("A client that waits for its turn hears nothing before it speaks")
  func waits() async throws {
    let script = RawTCPServer.Script(sends: Array("late".utf8), then: .closes)
    try await RawTCPServer.withServer(script) { server in
      try await TCPConnection.with(port: server.port) { connection in
        await #expect(throws: StateNotReached.self) { try await connection.receive(within: .milliseconds(100)) }
        try connection.send("now")
        let received = try await connection.receive()
        #expect(received.text == "late")
      }
    }
  }

  @Test("Megabytes arrive whole, and a reset ends them")
  func manyBytes() async throws {
    let script = RawTCPServer.Script(sends: Array(repeating: 0x78, count: 4 << 20), then: .staysSilent)
    try await RawTCPServer.withServer(script) { server in
      let received = try await TCPConnection.exchange(port: server.port, "x") { $0.utf8.count >= 4 << 20 }
      #expect(received.bytes.count == 4 << 20)
    }
    try await RawTCPServer.withServer(.init(then: .resets)) { server in
      let received = try await TCPConnection.exchange(port: server.port, "x")
      #expect(received.ended)
    }
  }

  @Test("Ending it closes the connections and frees the port")
  func ends() async throws {
    let script = RawTCPServer.Script(waitsForFirstBytes: false, sends: Array("hello".utf8), then: .staysSilent)
    let (greeting, continuation) = AsyncStream.makeStream(of: Never.self)
    let (client, port) = try await RawTCPServer.withServer(script) { server in
      let port = server.port
      let client = Task {
        defer { continuation.finish() }
        return try await TCPConnection.with(port: port) { connection in
          _ = try await connection.receive { $0 == "hello" }
          continuation.finish()
          return try await connection.receive().ended
        }
      }
      for await _ in greeting {}
      return (client, port)
    }
    let ended = try await client.value
    #expect(ended)
    try await waitUntilFree(port: port)
  }
}
