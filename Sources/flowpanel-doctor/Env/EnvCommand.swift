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
        flowpanel-doctor env web-1=web-1.env 'web-2=command:ssh web-2 env -0'
        flowpanel-doctor env web-1=kubernetes:deploy.yaml web-2=docker-env:2.env
      On each machine a snapshot, to be compared anywhere:
        flowpanel-doctor env snapshot --hmac-key-file key -o web-1.json
        flowpanel-doctor env compare web-1.json web-2.json
      What this deploy changes:
        flowpanel-doctor env diff --since last.json --hmac-key-file key
      At each instance's start, and in the deploy that waits for them:
        flowpanel-doctor env publish --hmac-key-file key --deploy v42
        flowpanel-doctor env gate --deploy v42 --expect 12 --wait 2m

      'flowpanel-doctor env parity --help' lists the options of env itself.
      """,
    subcommands: [
      EnvParityCommand.self, EnvSnapshotCommand.self, EnvCompareCommand.self, EnvDiffCommand.self,
      EnvPublishCommand.self, EnvGateCommand.self,
    ],
    defaultSubcommand: EnvParityCommand.self)
}

/// `flowpanel-doctor env parity`, which `env` alone is.
struct EnvParityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parity", abstract: "Compare the instances' environments; what 'env' alone does.")

  @OptionGroup var instances: InstanceArguments
  @OptionGroup var variables: VariableOptions
  @OptionGroup var key: KeyOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output, showsAllVariables: variables.all) {
      var inputs = try input.inputs(on: [.environment], instances: instances.instances)
      inputs.examplePath = variables.example
      inputs.fingerprintKey = try key.secret()
      key.leaveOut(of: &inputs)
      return inputs
    }
  }
}

/// Instances as arguments.
struct InstanceArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      An instance and where its environment is read, instead of the manifest's: a .env file, several after commas, the \
      folder that Next.js loads it in, - for standard input, or KIND:PLACE; flowpanel-doctor(1) lists the kinds.
      """,
      valueName: "name=place"), transform: InstanceArgument.init(argument:))
  var instances: [InstanceArgument] = []
}

/// What is shown of the variables, and what they are held against.
struct VariableOptions: ParsableArguments {
  @Flag(help: "Show every variable in the table, not only those that matter.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "A file that lists the variables an instance needs, such as .env.example; instead of the manifest's.",
      valueName: "file"))
  var example: String?
}
