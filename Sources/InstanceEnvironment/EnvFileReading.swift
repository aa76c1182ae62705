public import Facts

/// Reads `.env` files in the order in which they override each other: where two set a variable, the later one's value
/// holds.
///
/// With `next`, references see the files as `@next/env` lets them: it begins with the file that overrides all others,
/// and each one's variables are in the environment under which the next is expanded.
public func readEnvFiles(
  _ paths: [String], dialect: EnvFileDialect, inherited: [String: Secret] = [:]
) throws(EnvFileError) -> InstanceVariables {
  var environment = inherited
  var combined: [String: EnvironmentVariable] = [:]
  for path in paths.reversed() {
    let variables = try parseEnvFile(envFileBytes(path), path: path, dialect: dialect, inherited: environment)
    combined.merge(variables) { overriding, _ in overriding }
    environment.merge(variables.mapValues(\.value)) { _, latest in latest }
  }
  let source = paths.joined(separator: ", ") + (paths.count > 1 ? " (later files win)" : "")
  return InstanceVariables(source: source, variables: combined)
}

private func envFileBytes(_ path: String) throws(EnvFileError) -> [UInt8] {
  let bytes: [UInt8]
  do {
    bytes = try readRegularFile(path, atMost: maximumEnvFileSize)
  } catch {
    throw EnvFileError(error, file: path)
  }
  // No program can have a variable with this byte: the file is something else, or UTF-16.
  if bytes.contains(0) {
    throw EnvFileError(.malformed, "the file holds NUL bytes: a .env file is text in UTF-8", at: Location(file: path))
  }
  return bytes
}
