import Facts
import Foundation
import InstanceEnvironment
import Synchronization

/// What a command printed, or why it is of no use.
typealias CommandOutput = Result<InstanceVariables, EnvFileError>

/// Reads the environments of all planned instances; their commands run at once, as long as the run may take.
///
/// - Parameters:
///   - interruption: ends the commands that still run.
///   - fingerprinter: what makes facts of an environment.
///   - keep: what is kept of each: the values of a thousand instances take much more room than the facts of them.
/// - Returns: what is kept, and whether commands were ended.
func readEnvironments<Kept: Sendable>(
  _ plan: Plan, _ inputs: RunInputs, interruption: AsyncStream<Void>, _ fingerprinter: Fingerprinter,
  _ keep: @escaping @Sendable (EnvironmentReading, inout Fingerprinter) -> Kept
) async -> (kept: [Kept], wasInterrupted: Bool) {
  var commands: [String: CommandOutput] = [:]
  var wasInterrupted = false
  let wanted = Set(plan.instances.compactMap(\.command))
  if !wanted.isEmpty {
    (commands, wasInterrupted) = await outputs(of: wanted, within: plan.timeout, interruption: interruption)
  }
  let snapshots = plan.readSnapshots()
  let printed = commands
  // Each core reads its share: of a thousand instances nearly all of the time is parsing.
  let instances = plan.instances
  let shares = min(ProcessInfo.processInfo.activeProcessorCount, max(1, instances.count / 64))
  let size = max(1, (instances.count + shares - 1) / shares)
  let kept = await withTaskGroup(of: (Int, [Kept]).self) { group in
    for start in stride(from: 0, to: instances.count, by: size) {
      group.addTask {
        var fingerprinter = fingerprinter
        let kept = instances[start..<min(start + size, instances.count)].map { instance in
          let reading = EnvironmentReading(
            of: instance, process: inputs.environment, standardInput: inputs.standardInput,
            output: instance.command.flatMap { printed[$0] }, dialect: plan.system.envFileDialect, snapshots: snapshots)
          return keep(reading, &fingerprinter)
        }
        return (start, kept)
      }
    }
    return await group.reduce(into: []) { $0.append($1) }
  }
  return (kept.sorted { $0.0 < $1.0 }.flatMap(\.1), wasInterrupted)
}

extension Plan {
  /// The snapshots that instances are read from, each once.
  fileprivate func readSnapshots() -> [String: Result<EnvironmentSnapshot, RunError>] {
    var snapshots: [String: Result<EnvironmentSnapshot, RunError>] = [:]
    for instance in instances {
      guard case .place(.snapshot(let path, _), let location) = instance.environment, snapshots[path] == nil else {
        continue
      }
      snapshots[path] = Result { () throws(RunError) in try EnvironmentSnapshot(path: path, namedAt: location) }
    }
    return snapshots
  }
}

private func outputs(
  of commands: Set<String>, within timeout: Duration, interruption: AsyncStream<Void>
) async -> (outputs: [String: CommandOutput], wereInterrupted: Bool) {
  let (results, report) = AsyncStream.makeStream(of: (command: String, output: CommandOutput).self)
  let work = Task {
    await withTaskGroup(of: Void.self) { group in
      for command in commands {
        group.addTask {
          do throws(EnvFileError) {
            report.yield((command, .success(try await readCommandEnvironment(command, within: timeout))))
          } catch {
            report.yield((command, .failure(error)))
          }
        }
      }
    }
    report.finish()
  }
  // A command that is told to end says so; nothing has to wait for it here.
  let isInterrupted = Mutex(false)
  let listening = Task {
    for await _ in interruption {
      isInterrupted.withLock { $0 = true }
      work.cancel()
    }
  }
  defer { listening.cancel() }
  var outputs: [String: CommandOutput] = [:]
  for await (command, output) in results { outputs[command] = output }
  return (outputs, isInterrupted.withLock { $0 })
}

extension Plan.Instance {
  /// The command that prints its environment; nil where it is read otherwise.
  fileprivate var command: String? {
    if case .place(.command(let command), _) = environment { command } else { nil }
  }
}

extension System {
  /// How the system's own runtime reads `.env` files: Next.js expands references, the others run on plain dotenv.
  fileprivate var envFileDialect: EnvFileDialect {
    switch self {
    case .flowpanel, .testplanit: .next
    case .redisStreams, .fluxstack, .flock: .nodeDotenv
    }
  }
}
