import Synchronization

/// Says to who waits at a terminal for more than a few seconds that the run goes on.
final class Waiting: Sendable {
  private let isOver = Mutex(false)
  private static let patience = Duration.seconds(3)

  init() {
    let began = ContinuousClock.now
    Task { [weak self] in
      try? await Task.sleep(for: Self.patience)
      while let self, self.show(began.duration(to: .now)) { try? await Task.sleep(for: .seconds(1)) }
    }
  }

  /// Shows how long it has been; whether there is more to wait for.
  private func show(_ elapsed: Duration) -> Bool {
    isOver.withLock { isOver in
      if !isOver {
        Console.showProgress(
          "waiting for answers, \(elapsed.components.seconds) s; Ctrl-C reports what was seen until then")
      }
      return !isOver
    }
  }

  /// Takes the line away.
  func end() {
    isOver.withLock { isOver in
      isOver = true
      Console.endProgress()
    }
  }
}
