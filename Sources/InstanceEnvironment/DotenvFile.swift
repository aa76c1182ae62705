import Facts

/// The variables of a file as `dotenv` 16 collects them, and their names in the order in which JavaScript visits them.
func dotenvVariables(_ bytes: [UInt8], path: String) -> (variables: [String: EnvironmentVariable], names: [String]) {
  var scanner = EnvFileScanner(bytes, path: path)
  var names: [String] = []
  var variables: [String: EnvironmentVariable] = [:]
  // Tables that grow are copied again and again: a line has some 64 bytes.
  variables.reserveCapacity(bytes.count / 64)
  while let variable = scanner.next() {
    // `dotenv` collects into a plain JavaScript object, where assigning a string to this name does nothing.
    if variable.name == "__proto__" { continue }
    if variables.updateValue(variable, forKey: variable.name) == nil { names.append(variable.name) }
  }
  return (variables, javaScriptPropertyOrder(names))
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
