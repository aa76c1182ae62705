import Facts

/// The variables of a file as `docker run --env-file` sets them (docker/cli, pkg/kvfile): every line is a comment, or a
/// name and, behind `=`, a value as it stands. A name alone takes the value that is set where the command is run, or is
/// left out. One line that is refused is the end of it.
func dockerVariables(
  _ bytes: [UInt8], path: String, inherited: [String: Secret]
) throws(EnvFileError) -> InstanceVariables {
  // bufio.MaxScanTokenSize of Go, less the line feed.
  let maximumLineLength = (64 << 10) - 1
  var result = InstanceVariables(source: path, variables: [:])
  for (index, content) in bytes.split(separator: Byte.lineFeed, omittingEmptySubsequences: false).enumerated() {
    func refused(_ message: String) -> EnvFileError {
      EnvFileError(.malformed, message, at: Location(file: path, line: index + 1, column: 1))
    }
    guard content.count <= maximumLineLength else {
      throw refused("the line has \(content.count) bytes, and docker reads at most \(maximumLineLength)")
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw refused("the line is not UTF-8, and docker refuses the file for it")
    }
    var line = Array(text.utf8)
    if line.last == Byte.carriageReturn { line.removeLast() }
    if index == 0, line.starts(with: byteOrderMark) { line.removeFirst(byteOrderMark.count) }
    let start = line.endOfGoSpace(from: 0)
    if start == line.count || line[start] == Byte.numberSign { continue }
    let nameEnd = line.firstIndex(of: Byte.equals, from: start)
    guard nameEnd > start else { throw refused("no name stands before `=`, and docker refuses the file for it") }
    if line[start..<nameEnd].contains(where: { $0 == Byte.space || $0 == Byte.tab }) {
      throw refused("docker allows no white space in a name or before `=`: write NAME=value, without `export`")
    }
    let name = String(decoding: line[start..<nameEnd], as: UTF8.self)
    let location = Location(file: path, line: index + 1, column: line[..<start].count { !isContinuation($0) } + 1)
    if nameEnd < line.count {
      let value = Secret(String(decoding: line[(nameEnd + 1)...], as: UTF8.self))
      result.variables[name] = EnvironmentVariable(name: name, value: value, location: location)
      result.unresolved[name] = nil
    } else if let value = inherited[name] {
      result.variables[name] = EnvironmentVariable(name: name, value: value, location: location)
    } else if result.variables[name] == nil {
      result.unresolved[name] = .notPassedOn(by: "docker", location)
    }
  }
  return result
}
