import ArgumentParser
import Doctor
import Foundation
import InstanceEnvironment

/// `flowpanel-doctor demo`: the real check on an imitated deployment with two faults.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Start a small broken deployment on loopback, and check it.",
    discussion: """
      Two imitated instances, one of them without REDIS_URL; a proxy that holds bytes back; and redis-server, where it is \
      in PATH. The report is that of 'flowpanel-doctor check --active' on them, and so is the exit code. Nothing is left of \
      it afterwards.

      EXAMPLES
        flowpanel-doctor demo
        flowpanel-doctor demo --mended
        flowpanel-doctor demo --serve
      """)

  @Flag(help: "The same deployment with both faults mended.")
  var mended = false

  @Flag(help: "Keep it running after the report until Ctrl-C, to try other commands on it in another terminal.")
  var serve = false

  @OptionGroup var output: ReportOptions

  func run() async throws {
    var output = output
    output.settleFiles()
    let steps = DemoSteps(program: CommandLine.arguments[0])
    // A hang-up that nohup(1) ignores stays ignored.
    let signals = [SIGINT, SIGTERM] + (isHangUpIgnored() ? [] : [SIGHUP])
    let (whileStarting, later) = twice(interruption(by: signals))
    let (whileChecking, whileServing) = twice(later)
    Console.talk("starting two instances, a proxy and Redis on loopback, to be checked within 10 seconds")
    let (deployment, failure) = await start(until: whileStarting)
    do {
      if let failure { throw failure }
      if let reason = deployment.whyNoRedis { Console.talk("Redis is left out: \(reason)") }
      let run = try await collect(inputs(deployment), interruption: whileChecking)
      try output.finish(run.report(under: output.rules))
    } catch let status as RunStatus where status.code != .interrupted {
      guard serve else {
        await deployment.stop()
        Console.talk(steps.afterwards(isMended: mended))
        throw status
      }
      Console.talk(steps.whileServing(deployment))
      for await _ in whileServing { break }
      await deployment.stop()
      throw RunStatus(code: .interrupted)
    } catch {
      await deployment.stop()
      if let error = error as? RunError { try output.finish(error) }
      throw error
    }
  }

  /// Starts everything, but for what is left when that is interrupted or fails.
  private func start(until interruption: AsyncStream<Void>) async -> (DemoDeployment, (any Error)?) {
    let starting = Task { [mended] in
      var deployment = DemoDeployment()
      do {
        try await deployment.start(isMended: mended)
        return (deployment, nil as (any Error)?)
      } catch {
        return (deployment, error)
      }
    }
    let listening = Task {
      for await _ in interruption { starting.cancel() }
    }
    defer { listening.cancel() }
    return await starting.value
  }

  /// What `check --active` looks at.
  private func inputs(_ deployment: DemoDeployment) -> RunInputs {
    let topics = deployment.redis == nil ? RunInputs.everything.subtracting([.redis]) : RunInputs.everything
    var inputs = RunInputs(topics: topics, environment: processEnvironment().mapValues(\.value))
    inputs.manifestPath = DemoDeployment.manifest
    inputs.redis.isActive = deployment.redis != nil
    inputs.fanOut = FanOutInputs()
    // Through the faulty proxy nothing comes however long it is waited for, a heartbeat's time least of all.
    if !mended { inputs.stream.watch = .time(.seconds(6)) }
    inputs.rules = output.rules
    return inputs
  }
}

/// What to try next, with this program as it was called.
private struct DemoSteps {
  let program: String

  init(program: String) {
    self.program = shellQuoted(program.contains("/") ? absolutePath(program) : program)
  }

  func afterwards(isMended: Bool) -> String {
    """
    that was a real check of real servers on this machine, which are gone by now. To try next:
      \(program) demo\(isMended ? "" : " --mended")
          \(isMended ? "the same with its two faults" : "the same without its two faults")
      \(program) demo --serve
          keeps it running, to point other commands at
      \(program) explain config.driver-memory-multi-instance
          why it is a fault, and what mends it; any check of the report
      \(program) stream https://admin.example.com
          what a browser gets through your own proxies
      \(program) check
          your own deployment, where flowpanel-doctor.yaml names it: man flowpanel-doctor.yaml
    """
  }

  func whileServing(_ deployment: DemoDeployment) -> String {
    """
    it runs until Ctrl-C. To try in another terminal:
      cd \(shellQuoted(deployment.folder?.path ?? "."))
      \(program)
          the check again: the files in this folder are yours to change
      \(program) config
          which driver each instance starts with, and why
      \(program) stream --for 20s \(deployment.proxy?.url ?? "")
          what a browser gets through the proxy
      \(program) stream --for 20s \(deployment.instances.first?.url ?? "")
          and from an instance itself
    """
  }
}

/// Whether whoever started this program wants it to outlive its terminal.
private func isHangUpIgnored() -> Bool {
  var action = sigaction()
  sigaction(SIGHUP, nil, &action)
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
