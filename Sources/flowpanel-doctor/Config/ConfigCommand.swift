import ArgumentParser

/// `flowpanel-doctor config`: the realtime driver that every instance would start with.
struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show the realtime driver of every instance, from the admin config and its environment.",
    discussion: """
      The config is read, never run.

      EXAMPLES
        flowpanel-doctor config
        flowpanel-doctor config --instance web-1=web-1.env --instance web-2=web-2.env
        flowpanel-doctor config --config apps/admin --format json
        flowpanel-doctor config --trace realtime.url
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  @Option(
    help: ArgumentHelp(
      "Show the expressions that led to a setting, for each instance: realtime.url.", valueName: "setting"))
  var trace: String?

  func validate() throws {
    guard let trace else { return }
    let parts = trace.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty }) else {
      throw ValidationError("--trace takes names with dots between them, such as realtime.url; this is '\(trace)'")
    }
  }

  func run() async throws {
    try await input.run(reporting: output) {
      var inputs = try input.inputs(on: [.config])
      inputs.trace = trace
      return inputs
    }
  }
}
