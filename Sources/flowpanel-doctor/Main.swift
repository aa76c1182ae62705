import ArgumentParser
import Diagnosis
import Doctor
import Foundation

/// The root of the program: every error leaves through here, with the documented exit code.
@main
struct Main {
  static func main() async {
    // What needs no parsing does not wait for the parser, which reflects over every option of every command.
    switch CommandLine.arguments.dropFirst() {
    case ["--version"]: return Console.write(FlowpanelDoctor.version + "\n")
    case ["checks"]: return ChecksCommand.list(as: .human)
    default: break
    }
    do {
      var command = try FlowpanelDoctor.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let status as RunStatus {
      exit(status.code.rawValue)
    } catch is Interrupted {
      exit(Diagnosis.ExitCode.interrupted.rawValue)
    } catch let error as RunError {
      let place = error.problem.location.map { "\($0): " } ?? ""
      Console.talk("error: \(place)\(error.problem.message)")
      exit((error.problem.kind == .missing ? Diagnosis.ExitCode.inputMissing : .inputMalformed).rawValue)
    } catch {
      // Help and version leave with 0; what the parser can't understand with 64 (EX_USAGE).
      let code = FlowpanelDoctor.exitCode(for: error).rawValue
      guard code == 0 || code == Diagnosis.ExitCode.usage.rawValue else {
        Console.talk(
          "internal error: \(error)\nThis is a bug in flowpanel-doctor; please report it with the command line.")
        exit(Diagnosis.ExitCode.bug.rawValue)
      }
      FlowpanelDoctor.exit(withError: error)
    }
  }
}

/// How a command that ran to its end wants to leave.
struct RunStatus: Error {
  var code: Diagnosis.ExitCode
}

/// The command line's root.
struct FlowpanelDoctor: AsyncParsableCommand {
  static let version = "flowpanel-doctor 0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "flowpanel-doctor",
    abstract: "Finds out why events stop arriving in a realtime web admin.",
    discussion: """
      EXAMPLES
        See what it does, without any set-up:
          flowpanel-doctor demo
        Check what flowpanel-doctor.yaml names:
          flowpanel-doctor
        The driver that each instance would run:
          flowpanel-doctor config --instance web-1=web-1.env --instance web-2=2.env
        Which variables are missing or differ where:
          flowpanel-doctor env web-1=web-1.env web-2=web-2.env
        Is Redis reachable, the right one, safe:
          flowpanel-doctor redis --url-variable REDIS_URL
        What a browser gets through the proxy, and when:
          flowpanel-doctor stream https://admin.example.com
        Does an event reach every instance, and every browser:
          flowpanel-doctor fanout
        In CI, annotations and a report to keep:
          flowpanel-doctor --format github --report junit=doctor.xml
        What a check means and what mends it:
          flowpanel-doctor explain redis.eviction-policy

      EXIT CODES
        0  healthy             64  usage
        1  findings            66  an input is missing
        2  undetermined        70  a bug, or output that can't be written
        130  interrupted       78  an input can't be understood

      """,
    version: version,
    subcommands: [
      CheckCommand.self, ConfigCommand.self, RedisCommand.self, EnvCommand.self, StreamCommand.self, FanOutCommand.self,
      JudgeCommand.self,
      ChecksCommand.self, ExplainCommand.self, OriginCommand.self, DemoCommand.self,
    ],
    defaultSubcommand: CheckCommand.self)
}
