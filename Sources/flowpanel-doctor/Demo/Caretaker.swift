import Doctor
import Foundation
import InstanceEnvironment

/// A shell that does what must be done once this program is over, however it ends, SIGKILL included: it reads from a pipe
/// whose other end this program alone has open.
struct Caretaker: Sendable {
  private let process: pid_t
  private let lifeline: Int32

  /// Starts one, and gives the reading end of what `begin` prints; whoever calls closes it.
  ///
  /// - Parameters:
  ///   - begin: What the shell does at once.
  ///   - end: What it does in the end.
  static func start(begin: String = ":", end: String) throws(RunError) -> (Caretaker, output: Int32) {
    var pipe: [Int32] = [-1, -1]
    guard Glibc.pipe(&pipe) == 0 else { throw notStarted(errno) }
    for descriptor in pipe { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    defer { close(pipe[0]) }
    let script = """
      \(begin)
      exec > /dev/null 2>&1
      read -r _
      \(end)
      """
    switch startShell(script, readingFrom: pipe[0]) {
    case .success(let (process, output, errors)):
      close(errors)
      return (Caretaker(process: process, lifeline: pipe[1]), output)
    case .failure(let failure):
      close(pipe[1])
      throw notStarted(failure.code)
    }
  }

  /// Has it done now, and returns once it is. Not to be called twice.
  func end() async {
    close(lifeline)
    await withCheckedContinuation { continuation in
      // Waiting blocks, and nothing blocking runs on the cooperative pool.
      DispatchQueue.global().async {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        continuation.resume()
      }
    }
  }

  private static func notStarted(_ code: Int32) -> RunError {
    RunError(.missing, "/bin/sh can't be started: \(String(cString: strerror(code)))")
  }
}

/// A word as a shell takes it for itself, whatever is in it.
func shellQuoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || "/._-0123456789".utf8.contains($0) }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
