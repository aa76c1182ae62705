import Foundation
import Synchronization

/// What a command printed, and how it ended.
struct CommandOutput: Sendable {
  enum End: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
    case cancelled
    /// The system does not say how, as where another part of this process waits for its children.
    case unknown
    /// It printed more than is read.
    case tooLarge
    /// It was not started; the system's error code.
    case notStarted(Int32)
  }

  var end: End
  var output: [UInt8] = []
  /// The end of what it printed to its standard error, and how many bytes that had altogether.
  var errors: [UInt8] = []
  var errorCount = 0
}

/// How many commands run at once: each takes two descriptors, and more soon reach a process's 1,024.
private let slots = DispatchSemaphore(value: 256)

/// Runs a shell command without standard input and without a terminal, in a session of its own: what would ask for a
/// password there fails instead. When the time is over, or the task is cancelled, all of its process group gets SIGTERM,
/// and SIGKILL half a second later.
///
/// Each command has a thread of its own, so that no thread that tasks share ever waits. swift-subprocess is not used
/// because its teardown is over once the shell has ended, so that what the shell started and what ignores SIGTERM lives on.
///
/// - Parameters:
///   - limit: How many bytes of standard output are read.
///   - time: How long the command may take, with waiting for others where very many run.
func runCommand(_ command: String, limit: Int, within time: Duration) async -> CommandOutput {
  let isCancelled = CancellationFlag()
  let deadline = ContinuousClock.now + time
  return await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        while slots.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
          if isCancelled.value { return continuation.resume(returning: CommandOutput(end: .cancelled)) }
          if ContinuousClock.now >= deadline { return continuation.resume(returning: CommandOutput(end: .timedOut)) }
        }
        var run: CommandRun
        switch CommandRun.start(command, limit: limit, isCancelled: isCancelled) {
        case .success(let started): run = started
        case .failure(let failure):
          slots.signal()
          return continuation.resume(returning: CommandOutput(end: .notStarted(failure.code)))
        }
        let end = run.finish(within: deadline - .now)
        slots.signal()
        continuation.resume(
          returning: CommandOutput(
            end: end, output: run.output.bytes, errors: run.errors.bytes, errorCount: run.errors.count))
        // What the kernel itself holds up ends later.
        run.reap()
      }
    }
  } onCancel: {
    isCancelled.set()
  }
}

/// Whether the task that waits for a command was cancelled.
private final class CancellationFlag: Sendable {
  private let flag = Atomic(false)

  var value: Bool { flag.load(ordering: .relaxed) }

  func set() { flag.store(true, ordering: .relaxed) }
}

/// One running command. All of it stays on one thread.
private struct CommandRun {
  private static let grace = Duration.milliseconds(500)
  /// How long what the shell has left running may go on printing.
  private static let linger = Duration.seconds(1)

  private let process: pid_t
  private let limit: Int
  private let isCancelled: CancellationFlag
  private var isReaped = false
  var output: PipeReader
  var errors: PipeReader

  static func start(
    _ command: String, limit: Int, isCancelled: CancellationFlag
  ) -> Result<CommandRun, ShellNotStarted> {
    switch startShell(command) {
    case .success(let (process, output, errors)):
      .success(
        CommandRun(
          process: process, limit: limit, isCancelled: isCancelled,
          output: PipeReader(descriptor: output, kept: limit + 1),
          errors: PipeReader(descriptor: errors, kept: 4096, keepsEnd: true)))
    case .failure(let failure): .failure(failure)
    }
  }

  /// Reads what the command prints until it has ended, or must be.
  mutating func finish(within time: Duration) -> CommandOutput.End {
    let start = ContinuousClock.now
    var stopped: (end: CommandOutput.End, at: ContinuousClock.Instant)?
    var endedAt: ContinuousClock.Instant?
    while true {
      let now = ContinuousClock.now
      if endedAt == nil, hasEnded() { endedAt = now }
      if let stopped {
        // The process that has ended is not reaped yet, so its group's number is still its own.
        let isOver = endedAt != nil && !output.isOpen && !errors.isOpen
        if isOver || now - stopped.at > Self.grace {
          kill(-process, SIGKILL)
          break
        }
      } else if let reason = reasonToStop(at: now, start: start, time: time) {
        // Once the process has ended, only what it left running still prints.
        if endedAt != nil, reason != .tooLarge { break }
        stopped = (reason, now)
        kill(-process, SIGTERM)
        kill(-process, SIGCONT)
      } else if let endedAt, !output.isOpen || now - endedAt > Self.linger {
        errors.readAll()
        break
      }
      wait(hasEnded: endedAt != nil)
    }
    output.close()
    errors.close()
    let status = awaitExit()
    return stopped?.end ?? status ?? .unknown
  }

  private func reasonToStop(
    at now: ContinuousClock.Instant, start: ContinuousClock.Instant, time: Duration
  ) -> CommandOutput.End? {
    if output.count > limit { return .tooLarge }
    if isCancelled.value { return .cancelled }
    return now - start >= time ? .timedOut : nil
  }

  /// Waits a moment for something to read. Where there is nothing to read any more the exit is near.
  private mutating func wait(hasEnded: Bool) {
    var polled = [output, errors].filter(\.isOpen).map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    poll(&polled, nfds_t(polled.count), polled.isEmpty ? 2 : hasEnded ? 10 : 50)
    output.readAll()
    errors.readAll()
  }

  /// Whether the shell has ended. It stays a zombie, which keeps its number from other processes.
  private func hasEnded() -> Bool {
    var info = siginfo_t()
    let result = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT)
    return result != 0 || info.si_signo == SIGCHLD
  }

  /// How the process ended; nil where the kernel does not let go of it within a second.
  private mutating func awaitExit() -> CommandOutput.End? {
    var status: Int32 = 0
    for _ in 0..<1000 {
      switch waitpid(process, &status, WNOHANG) {
      case process:
        isReaped = true
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
      case 0: poll(nil, 0, 1)
      default:
        if errno == EINTR { continue }
        isReaped = true
        return nil
      }
    }
    return nil
  }

  /// Waits for a process that did not end in time, so that none is left a zombie.
  mutating func reap() {
    while !isReaped {
      var status: Int32 = 0
      isReaped = waitpid(process, &status, 0) == process || errno != EINTR
    }
  }
}
