import Facts

/// How many files one service may name, and how many bytes they may have together: one small file can be named in many
/// spellings.
private let maximumEnvFiles = 100
private let maximumEnvFilesSize = 1 << 22

/// The variables of a service's files, of which later ones win (compose-go, types/project.go,
/// WithServicesEnvironmentResolved).
///
/// References in them see the environment that compose is run in, then what the service sets by itself, then what the
/// file and those before it have set. `incomplete` are those of the first two that lack what they refer to.
func readComposeEnvFiles(
  _ files: [ComposeEnvFile], settings: [String: Secret], environment: [String: Secret], incomplete: Set<String>
) throws(EnvFileError) -> InstanceVariables {
  let visible = environment.merging(settings) { environment, _ in environment }
  var result = InstanceVariables(source: "", variables: [:])
  var size = 0
  for (index, file) in files.enumerated() {
    let bytes: [UInt8]
    do {
      bytes = try envFileBytes(file.path)
    } catch {
      if error.kind == .missing, !file.isRequired { continue }
      throw EnvFileError(error.kind, "the env_file \(file.path) can't be read: \(error.message)", at: file.location)
    }
    size += bytes.count
    guard index < maximumEnvFiles, size <= maximumEnvFilesSize else {
      throw EnvFileError(
        .tooLarge,
        "with this env_file there are more than \(maximumEnvFiles), or more than \(maximumEnvFilesSize) bytes in them",
        at: file.location)
    }
    if file.isRaw {
      result.take(
        try parseEnvFile(
          bytes, path: file.path, dialect: .dockerEnvFile, inherited: visible, incomplete: incomplete))
      continue
    }
    // What the file sets by itself does not come from the files before it.
    let own = try parseEnvFile(bytes, path: file.path, dialect: .compose, inherited: visible).variables
    let earlier = result.variables.filter { own[$0.key] == nil }.mapValues(\.value)
    let inherited = visible.merging(earlier) { visible, _ in visible }
    let incompleteEarlier = result.incomplete.filter { visible[$0] == nil && own[$0] == nil }
    result.take(
      try parseEnvFile(
        bytes, path: file.path, dialect: .compose, inherited: inherited, incomplete: incomplete.union(incompleteEarlier)
      ))
  }
  return result
}
