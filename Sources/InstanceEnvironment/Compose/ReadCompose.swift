public import Facts

/// Reads the environment that compose gives the containers of one service, as `docker compose config` prints it
/// (compose-spec, 05-services.md, 12-interpolation.md and 13-merge.md).
///
/// A service whose profiles are not active is read like any other. What `include` names is not followed, and neither is
/// what other services say: a variable that only they require is not missed.
///
/// - Parameters:
///   - files: The compose files, in the order in which they override each other. Paths in them, and the `.env` file for
///     references, are those of the first one's folder.
///   - service: The service's name.
///   - environment: The environment that compose is run in. It wins over the `.env` file.
/// - Returns: The variables with their lines. One that refers to what is not set, and that compose leaves empty there, is
///   among them and in `unresolved` too; one that is passed on without being set is unresolved.
/// - Throws: `missing` where there is no such file or service; `malformed` where compose refuses the files, or where an
///   `include` leaves open what the service is; `unreadable`, `tooLarge`.
public func readCompose(
  _ files: [String], service name: String, environment: [String: Secret] = [:]
) throws(EnvFileError) -> InstanceVariables {
  var project = try ComposeProject(files, environment: environment)
  let service = try project.service(name)
  let source = "the service \(name) of " + files.joined(separator: ", ") + (files.count > 1 ? " (later files win)" : "")
  var read = InstanceVariables(source: source, variables: [:])

  let settings = service.environment?.settings ?? [:]
  var values: [String: Secret] = [:]
  var incomplete = project.incomplete
  for (name, setting) in settings {
    values[name] = setting.value ?? project.environment[name]
    if setting.isIncomplete, project.environment[name] == nil { incomplete.insert(name) }
  }
  read.take(
    try readComposeEnvFiles(
      service.envFiles, settings: values, environment: project.environment, incomplete: incomplete))
  for (name, setting) in settings {
    // Without a value in the environment the variable is unset, also where an env_file sets it.
    read.variables[name] = values[name].map {
      EnvironmentVariable(
        name: name, value: $0, location: setting.location, isWrittenInManifest: setting.isWritten)
    }
    read.unresolved[name] = whyUnresolved(name, setting, in: project)
  }
  return read
}

private func whyUnresolved(
  _ name: String, _ setting: ComposeEnvironment.Setting, in project: ComposeProject
) -> Unseen? {
  if setting.value == nil, project.environment[name] == nil { return .notPassedOn(by: "compose", setting.location) }
  guard setting.isIncomplete || setting.value == nil && project.incomplete.contains(name) else { return nil }
  return Unseen(
    .notGiven,
    "it refers to a variable that is not set in what was given, so compose puts nothing there: set that in the project's "
      + ".env file, give the environment that compose is run in, or give a default with `:-`; write `$$` where a dollar "
      + "is meant", at: setting.location)
}

/// The names of the services in compose files, sorted, whatever their profiles.
///
/// - Throws: as `readCompose`; `malformed` where a file includes others.
public func composeServices(_ files: [String]) throws(EnvFileError) -> [String] {
  try ComposeProject(files, environment: [:]).serviceNames()
}
