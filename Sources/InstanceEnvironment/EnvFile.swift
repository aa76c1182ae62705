public import Facts

/// The programs whose reading of a `.env` file is followed, byte for byte.
public enum EnvFileDialect: String, Sendable, CaseIterable {
  /// The npm package `dotenv`, version 16: `$` has no meaning.
  case nodeDotenv = "node-dotenv"
  /// `@next/env`: `dotenv`, then references expanded by `dotenv-expand` 10.
  case next
  /// `node --env-file` of Node.js 22.20 and 24: `$` has no meaning.
  case nodeEnvFile = "node-env-file"
  /// Docker Compose's `.env` and `env_file`, as compose-go 2 reads them.
  case compose
  /// `docker run --env-file`: lines as they are, without quotes or references.
  case dockerEnvFile = "docker-env-file"
  /// The Python package `python-dotenv`, version 1.2, with references expanded and the file overriding what is set.
  case pythonDotenv = "python-dotenv"
  /// A file of assignments that a shell sources under `set -a`. Nothing of it is run.
  case shell
}

/// The largest `.env` file that is read, in bytes.
public let maximumEnvFileSize = 1 << 20

/// How many bytes all values of one file may have once references are expanded: without a bound, values that double
/// each other would fill memory.
let maximumExpandedSize = 1 << 22

/// Reads a `.env` file as the programs of a dialect read it.
///
/// - Parameters:
///   - bytes: The file's contents. What is not UTF-8 becomes U+FFFD where the program takes it at all.
///   - path: The path for locations and messages.
///   - inherited: Variables that are set before the file is read. With `next` they win over the file, for a variable
///     itself and inside references; a variable that they win has no location. With `compose` they win inside
///     references, with `pythonDotenv` and `shell` the file wins. With `compose` and `dockerEnvFile` a name without
///     value takes theirs. The other dialects don't look at them.
/// - Returns: The variables that the file names, where it names one twice as the later place says. With `shell` those that
///   it sets to what nobody knows without running something are unresolved; with `next`, `compose` and `pythonDotenv`
///   those that refer to what nothing sets are so beside the value that is left.
/// - Throws: `tooLarge`; `malformed` where the program refuses the file, or expansion has no end.
public func parseEnvFile(
  _ bytes: [UInt8], path: String, dialect: EnvFileDialect, inherited: [String: Secret] = [:]
) throws(EnvFileError) -> InstanceVariables {
  try parseEnvFile(bytes, path: path, dialect: dialect, inherited: inherited, incomplete: [])
}

/// - Parameter incomplete: Those of the inherited variables whose values lack what they refer to.
func parseEnvFile(
  _ bytes: [UInt8], path: String, dialect: EnvFileDialect, inherited: [String: Secret], incomplete: Set<String>
) throws(EnvFileError) -> InstanceVariables {
  guard bytes.count <= maximumEnvFileSize else {
    throw EnvFileError(
      .tooLarge, "the file has \(bytes.count) bytes, and at most \(maximumEnvFileSize) are read",
      at: Location(file: path))
  }
  switch dialect {
  case .nodeDotenv: return InstanceVariables(source: path, variables: dotenvVariables(bytes, path: path).variables)
  case .next:
    let read = dotenvVariables(bytes, path: path)
    var expansion = EnvExpansion(read.variables, inherited: inherited, incomplete: incomplete)
    let variables = try expansion.expandAll(inOrder: read.names)
    return InstanceVariables(source: path, variables: variables, unresolved: expansion.unresolved)
  case .nodeEnvFile: return InstanceVariables(source: path, variables: nodeEnvFileVariables(bytes, path: path))
  case .compose: return try composeVariables(bytes, path: path, inherited: inherited, incomplete: incomplete)
  case .dockerEnvFile: return try dockerVariables(bytes, path: path, inherited: inherited)
  case .pythonDotenv: return try pythonVariables(bytes, path: path, inherited: inherited, incomplete: incomplete)
  case .shell:
    var shell = ShellEnvironment(inherited: inherited)
    try shell.source(bytes, path: path)
    return shell.variables(source: path)
  }
}
