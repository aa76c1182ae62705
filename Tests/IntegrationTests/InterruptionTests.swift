import TestServers
import Testing

@Suite("Ctrl-C", .timeLimit(.minutes(2)))
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
        "/bin/sh", ["-c", script, builtBinary(), origin.url], timeout: .seconds(30))
      #expect(result.status == 130, "\(result)")
      #expect(result.standardOutput.contains("\"interrupted\": true"))
      #expect(result.standardOutput.contains("\"check\": \"stream.handshake\""))
    }
  }
}
