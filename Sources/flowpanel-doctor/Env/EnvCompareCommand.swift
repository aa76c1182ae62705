import ArgumentParser
import Doctor
import InstanceEnvironment

/// `flowpanel-doctor env compare`: snapshots side by side.
struct EnvCompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare the instances in snapshots; the key is not needed.",
    discussion: """
      EXAMPLES
        flowpanel-doctor env compare web-1.json web-2.json
        flowpanel-doctor env compare snapshots/*.json --format json
      """)

  @Argument(help: ArgumentHelp("Files that env snapshot wrote.", valueName: "snapshot"))
  var snapshots: [String]

  @OptionGroup var variables: VariableOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func run() async throws {
    try await input.run(reporting: output, showsAllVariables: variables.all) {
      var inputs = try input.inputs(on: [.environment])
      inputs.examplePath = variables.example
      for path in snapshots {
        for name in try instanceNames(inSnapshot: path) {
          if inputs.instances.contains(where: { $0.name == name }) {
            throw ValidationError(
              """
              \(name) is in \(path) and in a snapshot before it; to compare the two, name each: \
              flowpanel-doctor env then=snapshot:OTHER#\(name) now=snapshot:\(path)#\(name)
              """)
          }
          inputs.instances.append((name, .snapshot(path, instance: name)))
        }
      }
      return inputs
    }
  }
}
