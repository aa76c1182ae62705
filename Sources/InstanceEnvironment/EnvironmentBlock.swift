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
/// of the usual letters goes on with the value before it, as a value of several lines does, and so does every line up to
/// the end of a key or certificate (RFC 7468): its base64 may look like `name=`.
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
  let separator: UInt8 = hasLines ? Byte.lineFeed : 0
  var variables: [String: EnvironmentVariable] = [:]
  var unresolved: [String: Unseen] = [:]
  // The variable that was read last, and where its value begins and ends.
  var last: (name: String, value: Range<Int>)?
  func takeLast() {
    guard let last else { return }
    let text = String(validating: bytes[last.value], as: UTF8.self)
    // Two texts whose strange bytes are replaced would be equal.
    unresolved[last.name] =
      text == nil
      ? Unseen(.notUnderstood, "its value is not text in UTF-8, and is not compared", at: Location(file: path)) : nil
    let value = Secret(text ?? String(decoding: bytes[last.value], as: UTF8.self))
    variables[last.name] = EnvironmentVariable(name: last.name, value: value)
  }
  var isInKey = false
  var start = 0
  var number = 0
  while start < bytes.count {
    number += 1
    let end = bytes.firstIndex(of: separator, from: start)
    let equals = bytes[start..<end].firstIndex(of: Byte.equals)
    if !isInKey, let equals, isVariableName(bytes[start..<equals], inLines: hasLines) {
      takeLast()
      last = (String(decoding: bytes[start..<equals], as: UTF8.self), (equals + 1)..<end)
    } else if hasLines, let before = last {
      last = (before.name, before.value.lowerBound..<end)
    } else if start < end {
      throw EnvFileError(
        .malformed,
        "expected NAME=value, as env -0 prints it, and \(hasLines ? "line" : "entry") \(number) has no name",
        at: Location(file: path, line: hasLines ? number : nil))
    }
    if hasLines { isInKey = endsInKey(bytes[start..<end], from: isInKey) }
    start = end + 1
  }
  takeLast()
  var read = InstanceVariables(source: source, variables: variables, unresolved: unresolved)
  if isInKey, let last {
    let reason =
      "a key or certificate begins in a value and has no end, so that no line behind it can be told from a part of it"
    read.unresolved[last.name] = Unseen(.notUnderstood, "\(reason): print it with env -0", at: Location(file: path))
    read.mayHoldMore = read.unresolved[last.name]
  }
  return read
}

/// Names as shells and programs set them; `BASH_FUNC_x%%` is one too. Among lines only those of usual letters count: any
/// others stand in values, as of JSON, more often.
private func isVariableName(_ name: ArraySlice<UInt8>, inLines: Bool) -> Bool {
  guard let first = name.first, !(0x30...0x39).contains(first) else { return false }
  if inLines, first == Byte.hyphen || first == Byte.dot { return false }
  return inLines && !name.starts(with: "BASH_FUNC_".utf8)
    ? name.allSatisfy(isNameByte) : !name.contains { $0 <= 0x20 || $0 == 0x7F }
}

/// Whether a line ends between the beginning and the end of a key or certificate (RFC 7468 section 2).
private func endsInKey(_ line: ArraySlice<UInt8>, from isInKey: Bool) -> Bool {
  var isInKey = isInKey
  var rest = line
  while let mark = rest.firstRange(of: Array((isInKey ? "-----END " : "-----BEGIN ").utf8)) {
    isInKey.toggle()
    rest = rest[mark.upperBound...]
  }
  return isInKey
}
