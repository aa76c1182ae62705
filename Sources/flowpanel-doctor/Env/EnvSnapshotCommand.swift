import ArgumentParser
import Doctor

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

  @OptionGroup var key: KeyOptions
  @OptionGroup var input: InputOptions

  func validate() throws {
    if let name, !isInstanceName(name) {
      throw ValidationError("'\(name)' is no instance name: it has letters, digits, '_', '.' and '-'")
    }
    if name != nil, !instances.instances.isEmpty {
      throw ValidationError("--name is for the environment of this process; the instances that you gave have names")
    }
    if let output { try refuseUnwritable(output, what: "the snapshot") }
  }

  func run() async throws {
    var inputs = try input.inputs(on: [.environment], instances: instances.instances)
    inputs.fingerprintKey = try key.required()
    inputs.environment[key.hmacKeyVariable ?? ""] = nil
    if instances.instances.isEmpty, input.manifest == nil { inputs.ownName = name ?? hostName() }
    let (snapshot, problems) = try await takeSnapshot(inputs, interruption: interruption())
    for problem in problems {
      Console.talk("error: \(problem.location.map { "\($0): " } ?? "")\(problem.message)")
    }
    let text = try snapshot.encoded()
    if let output {
      do {
        try text.write(toFile: output, atomically: false, encoding: .utf8)
      } catch {
        Console.talk("error: the snapshot can't be written to \(output): \(error.localizedDescription)")
        throw RunStatus(code: .bug)
      }
      Console.talk("\(output): \(snapshot.summary)")
    } else {
      Console.write(text)
    }
    if let problem = problems.first {
      throw RunStatus(code: problem.kind == .missing ? .inputMissing : .inputMalformed)
    }
  }
}
