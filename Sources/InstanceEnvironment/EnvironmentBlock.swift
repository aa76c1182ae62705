import Facts

/// The largest environment that is read from a process or from standard input, in bytes.
public let maximumEnvironmentSize = 4 << 20

/// Reads the environment that a process was started with (proc(5): /proc/PID/environ). What it set itself later is not
/// there.
public func readProcessEnvironment(_ process: Int) throws(EnvFileError) -> InstanceVariables {
  let path = "/proc/\(process)/environ"
  let bytes: [UInt8]
  do {
    bytes = try readRegularFile(path, atMost: maximumEnvironmentSize)
  } catch {
    let location = Location(file: path)
    throw error.kind == .missing
      ? EnvFileError(.missing, "there is no process \(process) on this machine", at: location)
      : EnvFileError(.unreadable, "the environment of process \(process) can't be read: \(error.message)", at: location)
  }
  return try parseEnvironment(bytes, source: "process \(process)", path: path)
}

/// Reads what `env -0` or `env` print: `NAME=value`, ended by NUL, or by line feeds. In the latter a line without a name
/// goes on with the value before it, as a value of several lines does.
///
/// - Throws: `malformed` where something is no variable, as of a command that failed or asks for a password; `tooLarge`.
public func parseEnvironment(
  _ bytes: [UInt8], source: String, path: String
) throws(EnvFileError) -> InstanceVariables {
  guard bytes.count <= maximumEnvironmentSize else {
    throw EnvFileError(
      .tooLarge, "\(source) gave more than \(maximumEnvironmentSize) bytes, which is the most that is read",
      at: Location(file: path))
  }
  let hasLines = !bytes.contains(0)
  var variables: [String: EnvironmentVariable] = [:]
  var last: String?
  for (index, entry) in bytes.split(separator: hasLines ? 0x0A : 0, omittingEmptySubsequences: false).enumerated() {
    let text = String(decoding: entry, as: UTF8.self)
    let name = text.prefix { $0 != "=" }
    if name.count < text.count, isVariableName(name) {
      let value = Secret(String(text.dropFirst(name.count + 1)))
      variables[String(name)] = EnvironmentVariable(name: String(name), value: value)
      last = String(name)
    } else if hasLines, let name = last, let before = variables[name] {
      variables[name]?.value = Secret("\(before.value.reveal())\n\(text)")
    } else if !text.isEmpty {
      throw EnvFileError(
        .malformed,
        "expected NAME=value, as env -0 prints it, and \(hasLines ? "line" : "entry") \(index + 1) has no name",
        at: Location(file: path, line: hasLines ? index + 1 : nil))
    }
  }
  // The line feed at the end belongs to no value.
  if hasLines, let name = last, let variable = variables[name], variable.value.reveal().hasSuffix("\n") {
    variables[name]?.value = Secret(String(variable.value.reveal().dropLast()))
  }
  return InstanceVariables(source: source, variables: variables)
}

/// Names as shells and programs set them; `BASH_FUNC_x%%` is one too.
private func isVariableName(_ name: Substring) -> Bool {
  !name.isEmpty && !name.utf8.contains { $0 <= 0x20 || $0 == 0x7F } && !(0x30...0x39).contains(name.utf8.first ?? 0)
}
