import ArgumentParser
import Doctor
import Facts
import InstanceEnvironment

/// Where the key of fingerprints is read that are compared across machines.
struct KeyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with the key of the fingerprints in its first line, or - for standard input.", valueName: "file"))
  var hmacKeyFile: String?

  @Option(help: ArgumentHelp("A variable that holds the key of the fingerprints.", valueName: "name"))
  var hmacKeyVariable: String?

  func validate() throws {
    if hmacKeyFile != nil, hmacKeyVariable != nil {
      throw ValidationError("the key comes from a file or a variable, not both")
    }
  }

  /// Takes the key itself out of the environment that is looked at.
  func leaveOut(of inputs: inout RunInputs) {
    if let hmacKeyVariable { inputs.environment[hmacKeyVariable] = nil }
  }

  /// The key; nil where none was named.
  func secret() throws -> Secret? {
    guard hmacKeyFile == "-" else {
      return try fingerprintKey(
        file: hmacKeyFile, variable: hmacKeyVariable, in: processEnvironment().mapValues(\.value))
    }
    return try fingerprintKey(fromStandardInput: readStandardInput())
  }

  /// The key, without which nothing can be compared with what another machine says.
  func required() throws -> Secret {
    if let secret = try secret() { return secret }
    throw ValidationError(
      """
      a key is missing: --hmac-key-file FILE or --hmac-key-variable NAME, the same on every machine. \
      Fingerprints can be compared only under one key, and nobody without it can test guesses. \
      'openssl rand -hex 32 > doctor.key' makes one
      """)
  }
}
