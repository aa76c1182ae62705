import ArgumentParser

/// `flowpanel-doctor env`: which variables are missing, or differ, on which instance.
struct EnvCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "env",
    abstract: "Compare the instances' environments; no value is ever shown.",
    discussion: """
      EXAMPLES
        flowpanel-doctor env
        flowpanel-doctor env web-1=web-1.env web-2=web-2.env
        flowpanel-doctor env --format github
      """)

  @Argument(
    help: ArgumentHelp(
      """
      An instance and its .env file, or the folder that Next.js loads it in, instead of the manifest's. Further files, \
      after commas, override.
      """,
      valueName: "name=file"), transform: InstanceArgument.init(argument:))
  var instances: [InstanceArgument] = []

  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output) { try input.inputs(on: [.environment], instances: instances) }
  }
}
