import TestServers
import Testing

@Suite("At a terminal", .timeLimit(.minutes(5)))
struct TerminalTests {
  @Test("a run that takes long says that it goes on, and the closing sentence breaks between words")
  func waiting() async throws {
    // The terminal is script's. What web-1's command waits for comes once the run has said that it waits.
    let script = """
      mkfifo gate
      script -qefc "stty cols 60; exec '$0' env 'web-1=command:cat gate'" typescript > /dev/null &
      until grep -q 'waiting for answers' typescript 2> /dev/null; do kill -0 $! || break; done
      printf 'REDIS_URL=redis://cache\\0' > gate
      wait $!
      cat typescript
      """
    try await TemporaryFolder.with { folder in
      let result = try await runBinary("/bin/sh", ["-c", script, builtBinary()], workingFolder: folder.path)
      let takenAway = /waiting for answers, \d+ s; Ctrl-C reports what was seen until then\r\u{1B}\[K/
      #expect(result.standardOutput.contains(takenAway), "\(result)")
      let lines = result.standardOutput.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("Script done") }
      let closing = try #require(lines.last { !$0.isEmpty })
      #expect(closing.hasSuffix("0 suppressed") && closing.count <= 60, "\(result)")
    }
  }
}
