import ArgumentParser
import Doctor

/// `flowpanel-doctor check`: everything that the manifest names, or that the current folder and this process give.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check the whole deployment (the default).",
    discussion: """
      EXAMPLES
        flowpanel-doctor check
        flowpanel-doctor check --manifest deploy/flowpanel-doctor.yaml --fail-on warning
        flowpanel-doctor check --only redis,stream --format json
      """)

  @OptionGroup var redis: RedisOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output) {
      var inputs = try input.inputs(on: RunInputs.everything)
      inputs.redis = redis.inputs
      if inputs.redis.isActive {
        var fanOut = FanOutInputs()
        fanOut.needsInstances = true
        // Whoever wants to see that asks for it: fanout --burst.
        fanOut.burst = 0
        inputs.fanOut = fanOut
      }
      return inputs
    }
  }
}
