import Foundation
import Synchronization

/// Why a shell was not started.
public struct ShellNotStarted: Error {
  /// The system's error code.
  public var code: Int32
}

/// Held while a process is started: a pipe that another one inherits would not end with its own.
private let spawning = Mutex(())

/// Starts `/bin/sh -c` on a command, without a terminal, in a session of its own.
///
/// - Parameter input: What it reads; nil for nothing.
/// - Returns: The process, and the reading ends of its standard output and standard error, which never wait.
public func startShell(
  _ command: String, readingFrom input: Int32? = nil
) -> Result<(process: pid_t, output: Int32, errors: Int32), ShellNotStarted> {
  spawning.withLock { _ in
    var pipes: [Int32] = [-1, -1, -1, -1]
    func failed(_ code: Int32) -> Result<(process: pid_t, output: Int32, errors: Int32), ShellNotStarted> {
      for descriptor in pipes where descriptor >= 0 { close(descriptor) }
      return .failure(ShellNotStarted(code: code))
    }
    for index in [0, 2] {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { return failed(errno) }
      pipes.replaceSubrange(index...(index + 1), with: ends)
      _ = fcntl(pipes[index], F_SETFL, O_NONBLOCK)
    }
    for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[3], 2)
    // A socket of this process that lived on in the command would never be closed to its other end.
    for descriptor in Int32(3)..<4096 { posix_spawn_file_actions_addclose(&actions, descriptor) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // POSIX_SPAWN_SETSID (spawn.h), which Swift does not see.
    #if os(Linux)
      let newSession: Int32 = 0x80
    #else
      let newSession: Int32 = 0x400
    #endif
    posix_spawnattr_setflags(&attributes, Int16(Int32(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | newSession))

    // ssh would ask for a password in a window where it finds no terminal (ssh(1), ENVIRONMENT).
    let variables = ProcessInfo.processInfo.environment.merging(["SSH_ASKPASS_REQUIRE": "never"]) { $1 }
    var arguments = ["/bin/sh", "-c", command].map { (text: String) in strdup(text) } + [nil]
    var environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + environment { free(pointer) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, &environment)
    guard failure == 0 else { return failed(failure) }
    close(pipes[1])
    close(pipes[3])
    return .success((process, pipes[0], pipes[2]))
  }
}
