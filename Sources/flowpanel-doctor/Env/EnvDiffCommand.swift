import ArgumentParser
import Doctor

/// `flowpanel-doctor env diff`: what has changed since a snapshot.
struct EnvDiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what has been added, taken away or changed since a snapshot.",
    discussion: """
      EXAMPLES
        flowpanel-doctor env diff --since deploy-41.json --hmac-key-file doctor.key
        flowpanel-doctor env diff --since deploy-41.json --hmac-key-file doctor.key web-1=web-1.env web-2=web-2.env
        flowpanel-doctor env diff --since deploy-41.json web-1=snapshot:deploy-42.json
        flowpanel-doctor env diff --since deploy-41.json --hmac-key-file doctor.key --fail-on notice
      """)

  @OptionGroup var instances: InstanceArguments

  @Option(help: ArgumentHelp("The snapshot to compare with, which env snapshot wrote.", valueName: "snapshot"))
  var since: String

  @OptionGroup var key: KeyOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output) {
      var inputs = try input.inputs(on: [.environment], instances: instances.instances)
      inputs.fingerprintKey = try key.secret()
      key.leaveOut(of: &inputs)
      inputs.baselinePath = since
      return inputs
    }
  }
}
