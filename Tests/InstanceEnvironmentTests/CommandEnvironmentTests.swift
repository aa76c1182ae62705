import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

/// Real commands, run by the real shell.
@Suite("The environment that a command prints", .timeLimit(.minutes(5))) final class CommandEnvironmentTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func values(_ command: String, within time: Duration = .seconds(30)) async throws -> [String: String] {
    try await readCommandEnvironment(command, within: time).variables.mapValues { $0.value.reveal() }
  }

  private func failure(_ command: String, within time: Duration = .seconds(30)) async -> EnvFileError? {
    await #expect(throws: EnvFileError.self) { try await readCommandEnvironment(command, within: time) }
  }

  /// Waits until a process is gone, or a zombie that init has not yet reaped where it was not this process's child.
  private func waitForEnd(of process: String?, orphan: Bool = false) async throws {
    let process = try #require(process.flatMap { Int32($0) })
    while kill(process, 0) == 0 {
      let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      if orphan, status.contains(") Z ") { return }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private func waitForText(in file: String) async throws -> String {
    while true {
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      if text.hasSuffix("\n") { return String(text.dropLast()) }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test(arguments: [
    ("printf 'A=1\\0B=2\\n3\\0'", ["A": "1", "B": "2\n3"]), ("echo A=1; echo B=2", ["A": "1", "B": "2"]),
    ("echo A=1; echo warning >&2", ["A": "1"]), ("env -i A=1 env | cat", ["A": "1"]),
    ("exec 2>&-; echo A=1", ["A": "1"]), ("echo A=1; exec >&- 2>&-; :", ["A": "1"]),
  ])
  func isReadAsItIsPrinted(_ command: String, _ expected: [String: String]) async throws {
    let read = try await readCommandEnvironment(command, within: .seconds(30))
    #expect(read.variables.mapValues { $0.value.reveal() } == expected)
  }

  @Test func aCommandHasThisEnvironmentButNoInputNoTerminalAndNoWindowToAskIn() async throws {
    let session = "test \"$(cut -d ' ' -f 6 /proc/$$/stat)\" = $$ && echo SESSION=own"
    let terminal = "(: < /dev/tty) 2> /dev/null || echo TERMINAL=none"
    let read = try await values(
      "echo INPUT=$(cat); \(session); \(terminal); echo ASKPASS=$SSH_ASKPASS_REQUIRE; echo COMMANDS=$PATH; trap; env | "
        + "grep -c '^PATH='|sed s/^/COUNT=/")
    #expect(
      read == [
        "INPUT": "", "SESSION": "own", "TERMINAL": "none", "ASKPASS": "never", "COUNT": "1",
        "COMMANDS": ProcessInfo.processInfo.environment["PATH"] ?? "",
      ])
  }

  @Test(arguments: [
    ("no-such-program-anywhere", EnvFileError.Kind.missing, "exit status 127: a program in the command was not found"),
    ("/dev/null", .failed, "exit status 126"), ("exit 3", .failed, "exit status 3: try"),
    ("exit 255", .failed, "with which ssh says"), ("kill -9 $$", .failed, "signal 9 ended the command"),
    ("sh -c 'kill -9 $$'; exit $?", .failed, "exit status 137, as of a program that signal 9 ended"),
    ("echo A=canary; exit 4", .failed, "exit status 4"), ("true", .failed, "printed nothing"),
    ("printf 'canary\\n'", .malformed, "line 1 has no name"), ("printf '\\377\\376\\000x'", .malformed, "has no name"),
    ("echo Password: canary", .malformed, "has no name"), ("A\0B", .malformed, "NUL byte"),
  ])
  func whatEndsOtherwiseIsAnError(_ command: String, _ kind: EnvFileError.Kind, _ message: String) async {
    let error = await failure(command)
    #expect(error?.kind == kind)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("canary") == false)
    let unseen = error?.unseen.kind
    #expect(unseen == (kind == .missing ? .missing : kind == .failed ? .notReachable : .notUnderstood))
  }

  @Test(
    "more than the bound is an error, with or without an end",
    arguments: ["yes A=canary | head -c 5000000", "yes A=canary"])
  func tooMuch(_ command: String) async {
    let error = await failure("\(command) # \(folder.path)")
    #expect(error?.kind == .tooLarge && error?.message.contains("canary") == false)
  }

  @Test(arguments: [
    ("printf 'Password: '; exec sleep 1000", true), ("printf 'Enter passphrase for key' >&2; exec sleep 1000", true),
    ("echo A=1; printf 'Continue (yes/no)? ' >&2; exec sleep 1000", true), ("echo Password:; exec sleep 1000", false),
    ("printf 'A=1\\nB'; exec sleep 1000", false), ("exec sleep 1000", false),
  ])
  func noAnswerInTimeIsAnErrorAndAQuestionIsTold(_ command: String, _ asks: Bool) async {
    let error = await failure(command, within: .seconds(15))
    #expect(error?.kind == .timedOut && error?.unseen.kind == .timedOut)
    #expect(error?.message.hasPrefix("no answer within 15.0 seconds: ") == true)
    #expect(error?.message.contains("BatchMode") == asks)
  }

  @Test func whatIgnoresSIGTERMIsKilled() async throws {
    let file = "\(folder.path)/pid"
    let error = await failure(
      "trap '' TERM; echo $$ > \(file); while :; do sleep 1000; done", within: .seconds(15))
    #expect(error?.kind == .timedOut)
    try await waitForEnd(of: waitForText(in: file))
  }

  @Test func whatAnEndingShellLeavesBehindIsKilledToo() async throws {
    let file = "\(folder.path)/pid"
    let command = "sh -c 'trap \"\" TERM; echo $$ > \(file); while :; do sleep 1000; done' & wait"
    let error = await failure(command, within: .seconds(15))
    #expect(error?.kind == .timedOut)
    try await waitForEnd(of: waitForText(in: file), orphan: true)
  }

  @Test func whatGoesOnAfterACommandThatEndedWellIsNotWaitedFor() async throws {
    let read = try await values("sleep 1000 & echo A=1; echo PID=$!")
    #expect(read["A"] == "1")
    let sleeper = try #require(read["PID"].flatMap { Int32($0) })
    #expect(kill(sleeper, SIGKILL) == 0)
  }

  @Test func whatIsPrintedShortlyAfterTheShellHasEndedCounts() async throws {
    let untilItIsOver = "until grep -q ') Z' /proc/$$/stat; do :; done"
    #expect(try await values("{ \(untilItIsOver); echo A=1; } &") == ["A": "1"])
  }

  @Test func aCancelledTaskEndsItsCommand() async throws {
    let file = "\(folder.path)/pid"
    let task = Task { try await readCommandEnvironment("echo $$ > \(file); exec sleep 1000", within: .seconds(1000)) }
    let process = try await waitForText(in: file)
    task.cancel()
    await #expect { try await task.value } throws: { ($0 as? EnvFileError)?.kind == .timedOut }
    try await waitForEnd(of: process)
  }

  @Test func twoHundredRunAtOnceAndNoneIsLeft() async throws {
    let folder = folder.path
    let go = "\(folder)/go"
    #expect(mkfifo(go, 0o600) == 0)
    let signal = open(go, O_RDWR | O_CLOEXEC)
    defer { close(signal) }
    let processes = try await withThrowingTaskGroup(of: String?.self) { group in
      for number in 0..<200 {
        group.addTask {
          let command = "echo $$ > \(folder)/\(number); read _ < \(go); echo PID=$$"
          return try await readCommandEnvironment(command, within: .seconds(60)).variables["PID"]?.value.reveal()
        }
      }
      // All of them have begun before one may end.
      for number in 0..<200 { _ = try await waitForText(in: "\(folder)/\(number)") }
      // Each reads one line, byte by byte.
      #expect(write(signal, String(repeating: "\n", count: 200), 200) == 200)
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(processes.compactMap { $0 }).count == 200)
    for process in processes { try await waitForEnd(of: process) }
  }

  @Test(arguments: [
    ("ssh -V 2>&1 canary", "ssh …"), ("  /usr/bin/env -i canary", "env …"), ("sshpass -p canary ssh x", "sshpass …"),
    ("AUTH=canary env", "a command"), ("AUTH=/srv/canary env", "a command"), ("\"/srv/canary\" x", "a command"),
    ("$(canary)", "a command"), ("", "a command"), ("/", "a command"),
  ])
  func ofACommandOnlyItsFirstWordIsShown(_ command: String, _ title: String) async throws {
    let error = await failure("\(command); exit 3")
    #expect(error?.location == Location(file: title))
    #expect(error?.message.contains("canary") == false)
    let read = try await readCommandEnvironment("\(command) > /dev/null 2>&1; echo A=1", within: .seconds(30))
    #expect(read.source == title && read.variables.keys.sorted() == ["A"])
  }

  @Test(arguments: [
    ("ssh: connect to host canary port 22: Connection refused", "Connection refused"),
    ("ssh: Could not resolve hostname canary: Name or service not known", "Could not resolve hostname"),
    ("root@canary: Permission denied (publickey).\r", "Permission denied"),
    ("Connection closed by 10.0.0.1 port 22\n  \n", "Connection closed by"), ("sh: 1: canary: not found", "not found"),
    ("Error response from daemon: No such container: canary", "No such container"),
    ("Error from server (NotFound): pods \"canary\" not found", "NotFound"),
    ("error: You must be logged in to the server (Unauthorized)", "You must be logged in"),
    ("sudo: a terminal is required to read the password", "a terminal is required"),
    ("error: unknown flag: --canary", "unknown flag"),
    ("bash: env: command not found\ncommand terminated with canary", "command not found"),
  ])
  func standardErrorIsToldInWellKnownPhrases(_ text: String, _ phrase: String) async throws {
    let file = try folder.write("errors", text)
    let error = await failure("cat \(file) >&2; exit 1")
    #expect(error?.message.hasSuffix("by hand; its standard error says: \(phrase)") == true, "\(error?.message ?? "")")
  }

  @Test(
    "nothing of other standard errors is quoted",
    arguments: [
      "PASSWORD=canary", "ERROR could not decrypt canary", "bad token canary", "in \u{1B}[31mcanary", "canary",
    ])
  func standardErrorIsNotQuoted(_ text: String) async throws {
    let file = try folder.write("errors", text)
    let error = await failure("cat \(file) >&2; exit 1")
    let end =
      "by hand; it printed \(text.utf8.count) bytes to its standard error, which are not shown as they may hold values"
    #expect(error?.message.hasSuffix(end) == true, "\(error?.message ?? "")")
  }

  @Test func standardErrorIsReadToABound() async {
    let filling = "head -c 100000 /dev/zero | tr '\\0' x >&2"
    let error = await failure("\(filling); echo >&2; echo Connection refused >&2; exit 1")
    #expect(error?.message.hasSuffix("says: Connection refused") == true)
    let early = await failure("echo Connection refused >&2; \(filling); exit 1")
    #expect(early?.message.contains("printed 100019 bytes") == true)
    #expect(await failure("exit 1")?.message.hasSuffix("by hand") == true)
  }
}
