public import Facts

/// Reads `.env` files in the order in which they override each other: where two set a variable, the later one's value
/// holds.
///
/// References see the other files as the dialect's program lets them. `@next/env` begins with the file that overrides all
/// others, and each one's variables are in the environment under which the next is expanded. The others begin with the
/// first: to Compose its variables are set as much as those of the shell, python-dotenv and a shell prefer what comes
/// later, and the others have no references.
public func readEnvFiles(
  _ paths: [String], dialect: EnvFileDialect, inherited: [String: Secret] = [:]
) throws(EnvFileError) -> InstanceVariables {
  if paths.count == 1, let path = paths.first {
    return try parseEnvFile(envFileBytes(path), path: path, dialect: dialect, inherited: inherited)
  }
  let source = paths.joined(separator: ", ") + " (later files win)"
  if dialect == .shell {
    var shell = ShellEnvironment(inherited: inherited)
    for path in paths { try shell.source(envFileBytes(path), path: path) }
    return shell.variables(source: source)
  }
  var environment = inherited
  var combined = InstanceVariables(source: source, variables: [:])
  for path in dialect == .next ? paths.reversed() : paths {
    // To Compose what is inherited is complete, whatever the files make of it.
    let incomplete = combined.incomplete.filter { dialect != .compose || inherited[$0] == nil }
    let read = try parseEnvFile(
      envFileBytes(path), path: path, dialect: dialect, inherited: environment, incomplete: incomplete)
    combined.take(read, wins: dialect != .next)
    switch dialect {
    case .next, .pythonDotenv: environment.merge(read.variables.mapValues(\.value)) { _, latest in latest }
    case .compose:
      environment = inherited.merging(combined.variables.mapValues(\.value)) { inherited, _ in inherited }
    case .nodeDotenv, .nodeEnvFile, .dockerEnvFile, .shell: break
    }
  }
  return combined
}

/// The bytes of a `.env` file.
func envFileBytes(_ path: String) throws(EnvFileError) -> [UInt8] {
  let bytes: [UInt8]
  do {
    bytes = try readRegularFile(path, atMost: maximumEnvFileSize)
  } catch  where error == .isNoFile {
    throw EnvFileError(
      .unreadable,
      "\(error.message): what a program prints is read from standard input with `-`, or from the program itself with "
        + "`command:`", at: Location(file: path))
  } catch {
    throw EnvFileError(error, file: path)
  }
  // No program can have a variable with this byte: the file is something else, or UTF-16.
  if bytes.contains(0) {
    throw EnvFileError(.malformed, "the file holds NUL bytes: a .env file is text in UTF-8", at: Location(file: path))
  }
  return bytes
}

/// The bytes of a file of bounded size that an environment is read from.
func fileBytes(_ path: String, atMost limit: Int) throws(EnvFileError) -> [UInt8] {
  do {
    return try readRegularFile(path, atMost: limit)
  } catch {
    throw EnvFileError(error, file: path)
  }
}
