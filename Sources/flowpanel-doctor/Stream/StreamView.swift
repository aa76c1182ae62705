import Diagnosis
import Doctor
import Facts
import Foundation
import Reporting
import StreamProbe
import Synchronization

/// Event streams while they are watched: at a terminal a line for each cell, drawn anew in place; elsewhere a line for
/// each thing that happens.
final class StreamView: Sendable {
  private struct State {
    var screen: StreamScreen
    /// The lines that stand on the terminal.
    var drawn: [String] = []
    var isOver = false
  }

  private let isTerminal: Bool
  private let state: Mutex<State>
  private let output = LiveWriter()

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
    state = Mutex(State(screen: StreamScreen()))
  }

  /// Runs the work and shows what happens meanwhile; on a terminal nothing of it is left afterwards.
  func showing<Result: Sendable>(_ work: () async throws -> Result) async rethrows -> Result {
    let drawing = Task { [self] in
      while isTerminal, (try? await Task.sleep(for: .milliseconds(100))) != nil { draw() }
    }
    defer {
      drawing.cancel()
      erase()
    }
    return try await work()
  }

  var watcher: StreamInputs.Watcher {
    StreamInputs.Watcher(
      begin: { [self] streams, goal in state.withLock { $0.screen.begin(streams, goal) } },
      tell: { [self] index, news in say { $0.take(news, of: index) } },
      published: { [self] index, publisher in state.withLock { $0.screen.take(publisher, index) } },
      end: { [self] index, facts in say { $0.end(facts, index) } })
  }

  /// Takes news in, and tells them in a line where there is no terminal, as long as the report has not begun.
  private func say(_ take: (inout StreamScreen) -> String?) {
    state.withLock { state in
      guard let line = take(&state.screen), !isTerminal, !state.isOver else { return }
      output.write(line + "\n")
    }
  }

  private func draw() {
    state.withLock { state in
      guard !state.isOver, !state.screen.isEmpty, output.isIdle else { return }
      let size = Console.size
      let lines = state.screen.lines(width: size.columns, height: size.rows - 1)
      guard lines != state.drawn else { return }
      // Line by line: what clears a whole screen, many terminals keep in their history.
      output.write(above(state.drawn, size.columns) + lines.map { "\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J")
      state.drawn = lines
    }
  }

  private func erase() {
    state.withLock { state in
      state.isOver = true
      if !state.drawn.isEmpty { output.write(above(state.drawn, Console.size.columns) + "\u{1B}[J") }
      if !isTerminal, !state.screen.isEmpty { output.write("\n") }
      state.drawn = []
    }
    output.finish()
  }

  /// Leads the cursor to the first of the lines that stand above it (ECMA-48: CUU); the terminal may have become narrower
  /// since, and have wrapped them.
  private func above(_ lines: [String], _ columns: Int) -> String {
    let rows = lines.reduce(0) { $0 + max(1, (displayWidth($1) + columns - 1) / columns) }
    return rows == 0 ? "" : "\u{1B}[\(rows)A\r"
  }
}
