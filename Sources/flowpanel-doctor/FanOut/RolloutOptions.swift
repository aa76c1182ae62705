import ArgumentParser
import Doctor
import Facts

/// Whether a deploy is watched instead, and for how long.
struct RolloutOptions: ParsableArguments {
  @Flag(
    help: """
      Watch a deploy instead: hold a stream open at each instance and 10 (--connections) at each public URL, come \
      back as the system's client does when they drop, and show what dropped when, for how long, and what was lost. \
      Ctrl-C ends it with the report, and exit code 130.
      """)
  var watch = false

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("End --watch after so long, with the exit code of its findings.", valueName: "duration"),
    transform: durationArgument)
  var limit: Duration?

  func validate() throws {
    if limit != nil, !watch { throw ValidationError("--for says how long --watch lasts; add --watch") }
    if let limit, limit > RolloutInputs.longest { throw ValidationError("--for takes a day at most") }
  }

  /// Watches, shows what happens to people, and leaves with the report.
  ///
  /// - Parameter connections: how many streams are held open at each public URL; nil for the usual.
  func run(
    _ input: InputOptions, connections: Int?, reporting output: ReportOptions, on inputs: () throws -> RunInputs
  ) async throws -> Never {
    let view = RolloutView(isTerminal: Console.isTerminal && !Console.isDumb)
    let run: SavedRun
    do {
      var inputs = try inputs()
      inputs.rules = output.rules
      let rollout = RolloutInputs(
        limit: limit, connections: connections ?? RolloutInputs.defaultConnections,
        watcher: output.format == .human ? view.watcher : nil)
      run = try await view.showing { try await watchRollout(inputs, rollout, interruption: interruption()) }
    } catch let error as RunError {
      try output.finish(error)
    }
    try input.finish(run, reporting: output)
  }
}
