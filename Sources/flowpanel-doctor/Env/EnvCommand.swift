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
        flowpanel-doctor env 'web-1=kubernetes:deploy.yaml#deployment/web' web-2=docker-env:web-2.env
        ssh web-2 env -0 | flowpanel-doctor env web-1=web-1.env web-2=-
        flowpanel-doctor env --format github
      """)

  @Argument(
    help: ArgumentHelp(
      """
      An instance and where its environment is read, instead of the manifest's: a .env file, several after commas, the \
      folder that Next.js loads it in, - for standard input, or KIND:PLACE; flowpanel-doctor(1) lists the kinds.
      """,
      valueName: "name=place"), transform: InstanceArgument.init(argument:))
  var instances: [InstanceArgument] = []

  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output) { try input.inputs(on: [.environment], instances: instances) }
  }
}
