import Foundation
import Synchronization

/// A process that a test started and that it ends: asked first, killed after five seconds, by its id alone.
///
/// Started with posix_spawn rather than Foundation's Process, whose children keep the calling thread's blocked signals
/// (so that SIGTERM does nothing) and hold a socket of the parent's.
final class ChildProcess: Sendable {
  let pid: Int32
  private let exit: Task<Int32, Never>
  private let hasEnded: HasEnded

  /// Shared with the waiting thread, and read under the lock that also guards the reaping: an id is never signalled once
  /// it may be another process's.
  private final class HasEnded: Sendable {
    let value = Mutex(false)
  }

  /// Starts a program. Input and output are files: a pipe that nobody empties would stop the program once full.
  init(
    _ executable: String, _ arguments: [String], environment: [String: String]? = nil, workingFolder: String? = nil,
    standardInput: String = "/dev/null", standardOutput: String, standardError: String? = nil
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, standardInput, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, standardOutput, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if let standardError {
      posix_spawn_file_actions_addopen(&actions, 2, standardError, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    // A listening socket of another test's that lived on in this child would keep its port taken. Each by its number,
    // open or not: other threads open more while this one looks.
    for descriptor in Int32(3)..<4096 { posix_spawn_file_actions_addclose(&actions, descriptor) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let variables = environment ?? ProcessInfo.processInfo.environment
    // env changes the folder and becomes the program; the action of posix_spawn that does so is not visible to Swift.
    let command = (workingFolder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [executable] + arguments
    var argumentPointers = command.map { strdup($0) } + [nil]
    var variablePointers = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argumentPointers + variablePointers { free(pointer) } }
    var pid: Int32 = 0
    let failure = posix_spawn(&pid, command[0], &actions, &attributes, &argumentPointers, &variablePointers)
    guard failure == 0 else { throw SystemCallFailure("start \(executable)", code: failure) }

    let (exits, continuation) = AsyncStream.makeStream(of: Int32.self)
    let hasEnded = HasEnded()
    Thread.detachNewThread { [pid] in
      continuation.yield(reap(pid, marking: hasEnded.value))
      continuation.finish()
    }
    self.pid = pid
    self.hasEnded = hasEnded
    exit = Task {
      var status: Int32 = -1
      for await exit in exits { status = exit }
      return status
    }
  }

  var isRunning: Bool { hasEnded.value.withLock { !$0 } }

  /// The exit status, once there is one; also for a task that has been cancelled. A signal counts as a shell counts it:
  /// 128 and its number.
  func waitForExit() async -> Int32 { await exit.value }

  /// Sends a signal, unless the process has ended.
  func signal(_ number: Int32) {
    hasEnded.value.withLock { hasEnded in
      if !hasEnded { Glibc.kill(pid, number) }
    }
  }

  /// Kills the process when the time is over. Cancel the task once the process has ended.
  func kill(after limit: Duration) -> Task<Void, Never> {
    Task {
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      signal(SIGKILL)
    }
  }

  /// Ends the process and returns when it is gone.
  func end() async {
    signal(SIGTERM)
    let killing = kill(after: .seconds(5))
    _ = await waitForExit()
    killing.cancel()
  }
}

/// Blocks until a child has ended, and reaps it.
private func reap(_ pid: Int32, marking hasEnded: borrowing Mutex<Bool>) -> Int32 {
  var information = siginfo_t()
  while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
  return hasEnded.withLock { hasEnded in
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    hasEnded = true
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}
