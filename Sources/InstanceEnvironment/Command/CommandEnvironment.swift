import Facts
import Foundation

/// Runs a command and reads the environment that it prints, as `ssh web-2 env -0` does.
///
/// The command gets no standard input, no terminal and no window to ask for a password in. Of what it prints nothing is
/// kept unless it ends well.
///
/// - Parameters:
///   - command: What `/bin/sh -c` runs.
///   - time: How long it may take. Then, or when the task is cancelled, it and what it started are ended.
/// - Throws: `missing` where a program was not found; `failed` where the command did not end well, or printed nothing;
///   `timedOut`, also for a task that was cancelled; `tooLarge`; `malformed` where what it printed is no environment.
public func readCommandEnvironment(
  _ command: String, within time: Duration
) async throws(EnvFileError) -> InstanceVariables {
  let location = Location(file: command)
  guard !command.utf8.contains(0) else {
    throw EnvFileError(.malformed, "a command can't hold a NUL byte", at: location)
  }
  let run = await runCommand(command, limit: maximumEnvironmentSize, within: time)
  if let (kind, message) = failure(of: run, within: time) {
    throw EnvFileError(kind, message + standardError(of: run), at: location)
  }
  return try parseEnvironment(run.output, source: command, path: command)
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

/// What the command's standard error says, to go on behind a message: its last line where that can hold no value, and
/// otherwise only how much there was.
private func standardError(of run: CommandOutput) -> String {
  let lines = String(decoding: run.errors, as: UTF8.self).split(whereSeparator: \.isNewline)
  guard let last = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
  let line = String(last.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init))
  guard !line.contains("="), !line.contains("://"), !holdsOwnValue(line) else {
    return "; to its standard error it printed \(run.errorCount) bytes, which may hold values"
  }
  return "; its standard error ends: \(prefix(of: line, bytes: 200))"
}

/// Whether a text holds a value of this process's environment. Those that say who and where one is are no secrets, and
/// shorter ones are in every other line.
private func holdsOwnValue(_ text: String) -> Bool {
  let known: Set<String> = ["HOME", "HOSTNAME", "LANG", "LOGNAME", "PWD", "SHELL", "TERM", "USER"]
  return ProcessInfo.processInfo.environment.contains { name, value in
    value.utf8.count >= 4 && !known.contains(name) && text.contains(value)
  }
}

private func prefix(of text: String, bytes: Int) -> String {
  var result = text
  while result.utf8.count > bytes { result.removeLast() }
  return result
}
