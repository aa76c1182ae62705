import Dispatch
import Synchronization

/// Writes to standard output on a thread of its own: a pipe that nobody reads and a terminal that is held up (Ctrl-S) must
/// keep nothing waiting, least of all Ctrl-C.
final class LiveWriter: Sendable {
  private let queue = DispatchQueue(label: "live")
  /// What was not written yet, and what was left out as too much waited.
  private let state = Mutex((waiting: 0, leftOut: 0))
  private static let maximumWaiting = 10_000

  /// Whether all that was given has been written.
  var isIdle: Bool { state.withLock { $0.waiting == 0 } }

  /// Writes a text, soon and in order; it is left out where too many wait.
  func write(_ text: String) {
    let leftOut: Int? = state.withLock { state in
      guard state.waiting < Self.maximumWaiting else {
        state.leftOut += 1
        return nil
      }
      state.waiting += 1
      defer { state.leftOut = 0 }
      return state.leftOut
    }
    guard let leftOut else { return }
    queue.async { [self] in
      Console.write((leftOut == 0 ? "" : "… \(leftOut) lines left out, as nobody read them\n") + text)
      state.withLock { $0.waiting -= 1 }
    }
  }

  /// Waits until everything is written.
  func finish() { queue.sync {} }
}
