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

  @OptionGroup var instances: OwnInstanceOptions

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Write to this file, not to standard output.", valueName: "file"))
  var output: String?

  func validate() throws {
    if instances.name != nil, instances.input.manifest != nil {
      throw ValidationError("--name is for the environment of this process; --manifest is for those of its instances")
    }
  }

  func run() async throws {
    let (snapshot, problems) = try await takeSnapshot(
      instances.inputs(takesManifests: true), interruption: interruption())
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
