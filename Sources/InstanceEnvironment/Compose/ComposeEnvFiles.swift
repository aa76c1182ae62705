import Facts

/// The variables of a service's files, of which later ones win (compose-go, types/project.go,
/// WithServicesEnvironmentResolved).
///
/// References in them see the environment that compose is run in, then what the service sets by itself, then what the
/// file and those before it have set.
func readComposeEnvFiles(
  _ files: [ComposeEnvFile], settings: [String: Secret], environment: [String: Secret]
) throws(EnvFileError) -> [String: EnvironmentVariable] {
  let visible = environment.merging(settings) { environment, _ in environment }
  var variables: [String: EnvironmentVariable] = [:]
  for file in files {
    let bytes: [UInt8]
    do {
      bytes = try envFileBytes(file.path)
    } catch {
      if error.kind == .missing, !file.isRequired { continue }
      throw EnvFileError(error.kind, "the env_file \(file.path) can't be read: \(error.message)", at: file.location)
    }
    if file.isRaw {
      let read = try parseEnvFile(bytes, path: file.path, dialect: .dockerEnvFile, inherited: visible)
      variables.merge(read.variables) { _, latest in latest }
      continue
    }
    // What the file sets by itself does not come from the files before it.
    let own = try parseEnvFile(bytes, path: file.path, dialect: .compose, inherited: visible).variables
    let earlier = variables.filter { own[$0.key] == nil }.mapValues(\.value)
    let inherited = visible.merging(earlier) { visible, _ in visible }
    let read = try parseEnvFile(bytes, path: file.path, dialect: .compose, inherited: inherited).variables
    variables.merge(read) { _, latest in latest }
  }
  return variables
}
