import Foundation
import TestServers
import Testing

@Suite("Ctrl-C", .timeLimit(.minutes(5)))
struct InterruptionTests {
  @Test("ends a run at once with what is known by then, exit 130")
  func interrupted() async throws {
    // The script interrupts the run once it has opened a socket: by then it listens for the signal.
    let script = """
      "$0" stream "$1" --for 50s --format json &
      until ls -l /proc/$!/fd 2>/dev/null | grep -q socket:; do kill -0 $! || break; done
      kill -INT $!
      wait $!
      """
    try await withOrigin { origin in
      let result = try await runBinary(
        "/bin/sh", ["-c", script, builtBinary(), origin.url], timeout: .seconds(120))
      #expect(result.status == 130, "\(result)")
      #expect(result.standardOutput.contains("\"interrupted\": true"))
      #expect(result.standardOutput.contains("\"check\": \"stream.handshake\""))
    }
  }

  @Test("keeps what is known of a Redis that does not answer, and says that the rest was not waited for")
  func redis() async throws {
    // Two connections are open once the first is known to be.
    let script = """
      "$0" redis "redis://127.0.0.1:$1" --format json &
      until [ "$(grep -c "0100007F:$2 01" /proc/net/tcp)" -ge 2 ]; do kill -0 $! || break; done
      kill -INT $!
      wait $!
      """
    try await RawTCPServer.withServer(HostileRedis.silence.script) { server in
      let result = try await runBinary(
        "/bin/sh", ["-c", script, builtBinary(), "\(server.port)", String(format: "%04X", server.port)])
      #expect(result.status == 130, "\(result)")
      let report = try JSONReport(result)
      #expect(report.redis?.first?.steps.map(\.step) == ["nameLookup", "connect"])
      #expect(report.redis?.first?.unfinished == "the run was interrupted first")
      #expect(report.findings == [])
      let unreachable = report.verdicts.first { $0.check == "redis.unreachable" }
      #expect(unreachable?.message == "PING was not answered yet: the run was interrupted first")
    }
  }
}
