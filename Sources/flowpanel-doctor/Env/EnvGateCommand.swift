import ArgumentParser
import Doctor

/// `flowpanel-doctor env gate`: waits for what the instances publish, and compares it.
struct EnvGateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Wait until every instance has published, and fail unless they agree.",
    discussion: """
      Says nothing and exits with 0 when all is well. The key is not needed: the instances' fingerprints are compared \
      with each other. Instances that are missing, too many, stale or that differ are findings (1).

      EXAMPLES
        flowpanel-doctor env gate --deploy "$RELEASE" --expect 12 --wait 2m
        flowpanel-doctor env gate --deploy v42 --expect "web-1,web-2,worker-*" --url-variable REDIS_URL
        flowpanel-doctor env gate --deploy v42 --expect 12 --format junit > gate.xml
      """)

  @Option(
    help: ArgumentHelp(
      "How many instances there are, or their names, comma-separated; a name may be a pattern (web-*). Without it: "
        + "those of the manifest.", valueName: "number|names"))
  var expect: String?

  @Option(
    help: ArgumentHelp("How long to wait for them: 30s, 2m.", valueName: "duration"), transform: durationArgument)
  var wait: Duration?

  @OptionGroup var rendezvous: RendezvousOptions
  @OptionGroup var variables: VariableOptions
  @OptionGroup var redis: RedisOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func validate() throws {
    guard let expect else { return }
    if let count = Int(expect), count < 1 { throw ValidationError("--expect takes a number above zero, or names") }
    if expect.split(separator: ",").isEmpty { throw ValidationError("--expect names no instance") }
  }

  func run() async throws {
    let run: SavedRun
    do {
      var inputs = try input.inputs(on: [.environment])
      inputs.rules = output.rules
      inputs.examplePath = variables.example
      inputs.redis = redis.inputs
      var rendezvous = try rendezvous.inputs()
      rendezvous.wait = wait ?? .zero
      rendezvous.expectedCount = expect.flatMap { Int($0) }
      if rendezvous.expectedCount == nil {
        rendezvous.expectedNames = expect?.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
      }
      inputs.rendezvous = rendezvous
      run = try await collectPublished(inputs, interruption: interruption()) { count in
        Console.showProgress("\(count) published, waiting for more")
      }
      Console.endProgress()
    } catch let error as RunError {
      try output.finish(error)
    }
    try input.finish(run, reporting: output, showsAllVariables: variables.all, isQuietWhenWell: !variables.all)
  }
}
