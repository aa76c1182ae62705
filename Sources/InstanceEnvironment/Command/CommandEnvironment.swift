import Facts
import Foundation

/// Runs a command and reads the environment that it prints, as `ssh web-2 env -0` does.
///
/// The command gets no standard input, no terminal and no window to ask for a password in. Of what it prints nothing is
/// kept unless it ends well. Of the command itself only its first word is shown, in the source as in errors.
///
/// - Parameters:
///   - command: What `/bin/sh -c` runs.
///   - time: How long it may take. Then, or when the task is cancelled, it and what it started are ended.
/// - Throws: `missing` where a program was not found; `failed` where the command did not end well, or printed nothing;
///   `timedOut`, also for a task that was cancelled; `tooLarge`; `malformed` where what it printed is no environment.
public func readCommandEnvironment(
  _ command: String, within time: Duration
) async throws(EnvFileError) -> InstanceVariables {
  let source = commandTitle(command)
  let location = Location(file: source)
  guard !command.utf8.contains(0) else {
    throw EnvFileError(.malformed, "a command can't hold a NUL byte", at: location)
  }
  let run = await runCommand(command, limit: maximumEnvironmentSize, within: time)
  if let (kind, message) = failure(of: run, within: time) {
    throw EnvFileError(kind, message + standardError(run.errors, count: run.errorCount), at: location)
  }
  return try parseEnvironment(run.output, source: source, path: source)
}

private func failure(of run: CommandOutput, within time: Duration) -> (EnvFileError.Kind, String)? {
  switch run.end {
  case .exited(0) where run.output.isEmpty:
    (.failed, "the command printed nothing: it must print an environment, as env -0 does")
  case .exited(0): nil
  case .exited(126): (.failed, "exit status 126: a program in the command was found and can't be run")
  case .exited(127):
    (
      .missing,
      "exit status 127: a program in the command was not found, here or where it leads: is it installed, and in PATH?"
    )
  case .exited(255):
    (.failed, "exit status 255, with which ssh says that it could not connect or log in: try the command by hand")
  case .exited(let status) where (129..<165).contains(status):
    (.failed, "exit status \(status), as of a program that signal \(status - 128) ended: try the command by hand")
  case .exited(let status): (.failed, "exit status \(status): try the command by hand")
  case .signalled(let signal): (.failed, "signal \(signal) ended the command")
  case .timedOut:
    if seemsToAsk(run.output) || seemsToAsk(run.errors) {
      (
        .timedOut,
        "no answer within \(time): the command seems to wait for a password, which nobody can type here. Let it log in "
          + "with a key or an agent, and have ssh fail instead of asking: ssh -o BatchMode=yes"
      )
    } else {
      (.timedOut, "no answer within \(time): try the command by hand, or give it more time")
    }
  case .unknown: (.failed, "how the command ended can't be known")
  case .cancelled: (.timedOut, "the run ended before the command did")
  case .tooLarge:
    (.tooLarge, "the command printed more than \(maximumEnvironmentSize) bytes, which is the most that is read")
  case .notStarted(let code): (.failed, "/bin/sh can't be started: \(String(cString: strerror(code)))")
  }
}

/// Whether the last line, which nothing ended, looks like a question.
private func seemsToAsk(_ output: [UInt8]) -> Bool {
  let line = output.suffix(512).split(separator: Byte.lineFeed, omittingEmptySubsequences: false).last ?? []
  let text = String(decoding: line, as: UTF8.self).lowercased()
  let end = text.last { !$0.isWhitespace }
  return end == ":" || end == "?" || ["password", "passphrase", "passcode"].contains(where: text.contains)
}

/// What may be shown of a command, which may hold passwords anywhere: its first word's last path component, as `ssh …`.
public func commandTitle(_ command: String) -> String {
  let word = command.split(whereSeparator: \.isWhitespace).first ?? ""
  // What holds anything else is an assignment, in quotes or otherwise no program's name as it stands.
  guard word.utf8.allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: "/") }), let name = word.split(separator: "/").last
  else { return "a command" }
  return "\(name) …"
}
