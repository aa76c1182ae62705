import ArgumentParser
import Doctor

/// What is fingerprinted for other machines: instances that are named, or the one that this process belongs to.
struct OwnInstanceOptions: ParsableArguments {
  @OptionGroup var instances: InstanceArguments

  @Option(help: ArgumentHelp("The name of this process's instance, instead of the machine's.", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "A file that lists the variables an instance needs, such as .env.example, whose secrets are samples.",
      valueName: "file"))
  var example: String?

  @OptionGroup var key: KeyOptions
  @OptionGroup var input: InputOptions

  /// How many instances are named.
  var count: Int { instances.instances.count + input.instance.count }

  func validate() throws {
    if let name, !isInstanceName(name) {
      throw ValidationError("'\(name)' is no instance name: it has letters, digits, '_', '.' and '-'")
    }
    if name != nil, count > 0 {
      throw ValidationError("--name is for the environment of this process; the instances that you gave have names")
    }
  }

  /// The inputs of a run on them.
  ///
  /// - Parameter takesManifests: whether a manifest that is named stands for its instances.
  func inputs(takesManifests: Bool) throws -> RunInputs {
    var inputs = try input.inputs(on: [.environment], instances: instances.instances)
    inputs.fingerprintKey = try key.required()
    key.leaveOut(of: &inputs)
    inputs.examplePath = example
    if count == 0, !takesManifests || input.manifest == nil { inputs.ownName = name ?? hostName() }
    return inputs
  }
}
