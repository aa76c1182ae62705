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
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output) { try input.inputs(on: [.config]) }
  }
}
