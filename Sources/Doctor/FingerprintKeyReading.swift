public import Facts

/// The shortest key, in bytes: with a shorter one its guesses can be tried like a password's.
private let minimumKeyBytes = 16

/// The key of fingerprints from a file's first line or a variable; nil where neither is named.
///
/// - Throws: `RunError` where there is none, or one too short.
public func fingerprintKey(
  file: String?, variable: String?, in environment: [String: Secret]
) throws(RunError) -> Secret? {
  if let file {
    // Who gives the key itself for its file must not find it in a log.
    if PathKind(file) == .missing, file.utf8.count >= minimumKeyBytes, !file.contains("/"), !file.contains(".") {
      throw RunError(
        .missing, "there is no key file of the name that was given, which is not shown in case it is the key itself")
    }
    return try fingerprintKey(readSecretLine(file, what: "the key file"), from: file)
  }
  if let variable {
    let key = try secretVariable(variable, in: environment, what: "the key of the fingerprints")
    return try fingerprintKey(key, from: "the variable \(variable)")
  }
  return nil
}

/// The key of fingerprints from the first line of what came on standard input.
///
/// - Throws: `RunError` where there is none, or one too short.
public func fingerprintKey(fromStandardInput input: Secret) throws(RunError) -> Secret {
  let what = "the key from standard input"
  return try fingerprintKey(firstLine(of: Array(input.reveal().utf8), what: what, at: nil), from: "standard input")
}

/// A key that is long enough.
private func fingerprintKey(_ key: Secret, from source: String) throws(RunError) -> Secret {
  guard key.reveal().utf8.count >= minimumKeyBytes else {
    throw RunError(
      .malformed,
      "the key from \(source) has fewer than \(minimumKeyBytes) bytes, and could be guessed; openssl rand -hex 32 makes one"
    )
  }
  return key
}
