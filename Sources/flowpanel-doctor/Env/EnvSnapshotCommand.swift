import ArgumentParser
import Doctor
import Foundation

/// `flowpanel-doctor env snapshot`: the environments of this machine as fingerprints.
struct EnvSnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Write names and keyed fingerprints of an environment, and no value.",
    discussion: """
      Without an instance: the environment of this process, under the machine's name or --name. The same key makes \
      snapshots of several machines comparable.

      EXAMPLES
        openssl rand -hex 32 > doctor.key
        flowpanel-doctor env snapshot --hmac-key-file doctor.key -o web-1.json
        flowpanel-doctor env snapshot --hmac-key-file doctor.key web-1=web-1.env web-2=web-2.env -o deploy-41.json
        ssh web-2 flowpanel-doctor env snapshot --hmac-key-file - < doctor.key > web-2.json
      """)

  @OptionGroup var instances: InstanceArguments

  @Option(help: ArgumentHelp("The name of this process' instance, instead of the machine's.", valueName: "name"))
  var name: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Write to this file, not to standard output.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "A file that lists the variables an instance needs, such as .env.example, whose secrets are samples.",
      valueName: "file"))
  var example: String?

  @OptionGroup var key: KeyOptions
  @OptionGroup var input: InputOptions

  func validate() throws {
    if let name, !isInstanceName(name) {
      throw ValidationError("'\(name)' is no instance name: it has letters, digits, '_', '.' and '-'")
    }
    if name != nil, !(instances.instances + input.instance).isEmpty || input.manifest != nil {
      throw ValidationError("--name is for the environment of this process; the instances that you gave have names")
    }
  }

  func run() async throws {
    var inputs = try input.inputs(on: [.environment], instances: instances.instances)
    inputs.fingerprintKey = try key.required()
    inputs.examplePath = example
    key.leaveOut(of: &inputs)
    if inputs.instances.isEmpty, input.manifest == nil { inputs.ownName = name ?? hostName() }
    let (snapshot, problems) = try await takeSnapshot(inputs, interruption: interruption())
    for problem in problems {
      Console.talk("error: \(problem.location.map { "\($0): " } ?? "")\(problem.detail)")
    }
    // Half a snapshot would be taken for a whole one.
    guard problems.isEmpty else {
      Console.talk("no snapshot was written")
      let kinds = problems.map(\.kind)
      throw RunStatus(
        code: kinds.contains(.missing)
          ? .inputMissing : kinds.contains(.notUnderstood) ? .inputMalformed : .undetermined)
    }
    let text = try snapshot.encoded()
    guard let output else {
      Console.write(text)
      return
    }
    do {
      try Data(text.utf8).write(to: URL(filePath: output), options: .atomic)
    } catch {
      Console.talk("error: the snapshot can't be written to \(output): \(error.localizedDescription)")
      throw RunStatus(code: .bug)
    }
    Console.talk("\(output): \(snapshot.summary)")
  }
}
