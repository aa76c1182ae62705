import Doctor
import Facts
import Foundation
import Reporting
import Synchronization

/// A rollout while it is watched: a line for each thing that happens, and on a terminal one more that says how things
/// stand and is drawn anew in place.
final class RolloutView: Sendable {
  private struct State {
    var screen = RolloutScreen()
    /// Whether the line that says how things stand is on the terminal.
    var isDrawn = false
    var isOver = false
  }

  private let isTerminal: Bool
  private let began = ContinuousClock.now
  private let state = Mutex(State())
  private let output = LiveWriter()

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Runs the work and shows what happens meanwhile.
  func showing<Result: Sendable>(_ work: () async throws -> Result) async rethrows -> Result {
    let drawing = Task { [self] in
      while isTerminal, (try? await Task.sleep(for: .milliseconds(500))) != nil { draw() }
    }
    defer {
      drawing.cancel()
      state.withLock { state in
        state.isOver = true
        if !state.screen.isEmpty { output.write(state.isDrawn ? "\r\u{1B}[K\n" : "\n") }
      }
      output.finish()
    }
    return try await work()
  }

  var watcher: RolloutWatcher {
    RolloutWatcher(
      begin: { [self] rollout in state.withLock { $0.screen.begin(rollout) } },
      tell: { [self] news in
        state.withLock { state in
          guard let line = state.screen.take(news), !state.isOver else { return }
          output.write((state.isDrawn ? "\r\u{1B}[K" : "") + shown(line) + "\n")
          state.isDrawn = false
        }
      })
  }

  /// On a terminal it is wrapped under its words, which begin behind the time.
  private func shown(_ line: String) -> String {
    let line = terminalSafe(line)
    if !isTerminal { return line }
    let indent = RolloutScreen.indent
    let words = wrapped(String(line.dropFirst(indent)), width: max(20, Console.size.columns - indent))
    return line.prefix(indent) + words.joined(separator: "\n" + String(repeating: " ", count: indent))
  }

  private func draw() {
    state.withLock { state in
      guard !state.isOver, !state.screen.isEmpty, output.isIdle else { return }
      // Ctrl-C is echoed behind it.
      let status = fitted(state.screen.status(at: .now - began), width: Console.size.columns - 3)
      output.write("\r\u{1B}[K" + terminalSafe(status))
      state.isDrawn = true
    }
  }
}
