public import Facts

/// The programs whose reading of a `.env` file is followed, byte for byte.
public enum EnvFileDialect: String, Sendable, CaseIterable {
  /// The npm package `dotenv`, version 16: `$` has no meaning.
  case nodeDotenv = "node-dotenv"
  /// `@next/env`: `dotenv`, then references expanded by `dotenv-expand` 10.
  case next
}

/// The largest `.env` file that is read, in bytes.
public let maximumEnvFileSize = 1 << 20

/// Reads a `.env` file as the programs of a dialect read it.
///
/// - Parameters:
///   - bytes: The file's contents. What is not UTF-8 becomes U+FFFD, as in Node.
///   - path: The path for locations and messages.
///   - inherited: Variables that are set before the file is read. Only `next` looks at them: they win over the file,
///     for a variable itself and inside references. A variable that they win has no location.
/// - Returns: The variables that the file names; where it names one twice, the later value.
/// - Throws: `tooLarge`; with `next` also `malformed`, where expansion has no end.
public func parseEnvFile(
  _ bytes: [UInt8], path: String, dialect: EnvFileDialect, inherited: [String: Secret] = [:]
) throws(EnvFileError) -> [String: EnvironmentVariable] {
  guard bytes.count <= maximumEnvFileSize else {
    throw EnvFileError(
      .tooLarge, "the file has \(bytes.count) bytes, and at most \(maximumEnvFileSize) are read",
      at: Location(file: path))
  }
  var scanner = EnvFileScanner(bytes, path: path)
  var names: [String] = []
  var variables: [String: EnvironmentVariable] = [:]
  while let variable = scanner.next() {
    // `dotenv` collects into a plain JavaScript object, where assigning a string to this name does nothing.
    if variable.name == "__proto__" { continue }
    if variables.updateValue(variable, forKey: variable.name) == nil { names.append(variable.name) }
  }
  switch dialect {
  case .nodeDotenv: return variables
  case .next:
    var expansion = EnvExpansion(variables, inherited: inherited)
    return try expansion.expandAll(inOrder: javaScriptPropertyOrder(names))
  }
}

/// Names in the order in which JavaScript visits an object's properties: array indices first, ascending, then the others
/// as they were first assigned (ECMA-262, OrdinaryOwnPropertyKeys). Expansion depends on it: a variable that was visited
/// before has lost its escapes when another refers to it.
private func javaScriptPropertyOrder(_ names: [String]) -> [String] {
  let indices = names.compactMap { name in
    UInt32(name).flatMap { $0 < UInt32.max && String($0) == name ? $0 : nil }
  }
  if indices.isEmpty { return names }
  let isIndex = Set(indices.map(String.init))
  return indices.sorted().map(String.init) + names.filter { !isIndex.contains($0) }
}
