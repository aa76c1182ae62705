/// What a command's standard error says, to go on behind a message. Free text may hold any value (`bad token …`), so none
/// of it is quoted: what is said is one of the phrases below, or how much there was.
func standardError(_ bytes: [UInt8], count: Int) -> String {
  let lines = String(decoding: bytes, as: UTF8.self).lowercased().split(whereSeparator: \.isNewline)
  for line in lines.reversed() {
    if let phrase = knownPhrases.first(where: { line.contains($0.lowercased()) }) {
      return "; its standard error says: \(phrase)"
    }
  }
  return count == 0
    ? "" : "; it printed \(count) bytes to its standard error, which are not shown as they may hold values"
}

/// What the shell and the programs that lead to another machine or container say, the more exact phrases first.
private let knownPhrases = [
  // ssh, and the system's errors.
  "Connection refused", "Connection timed out", "Operation timed out", "Connection reset by", "Connection closed by",
  "No route to host", "Network is unreachable", "Host key verification failed", "Too many authentication failures",
  "Bad owner or permissions", "UNPROTECTED PRIVATE KEY FILE",
  // The resolver, of C and of Go.
  "Could not resolve hostname", "Name or service not known", "Temporary failure in name resolution",
  "nodename nor servname provided", "no such host",
  // docker and podman.
  "Cannot connect to the Docker daemon", "trying to connect to the Docker daemon", "Cannot connect to Podman",
  "No such container", "no container with name or ID", "is not running", "can only create exec sessions on running",
  // kubectl.
  "Unable to connect to the server", "The connection to the server", "You must be logged in", "i/o timeout",
  "TLS handshake timeout", "certificate signed by unknown authority", "certificate has expired",
  "context deadline exceeded", "unable to upgrade connection", "NotFound", "Forbidden", "Unauthorized",
  // fly.
  "No access token available", "Could not find App", "no started VMs",
  // sudo.
  "a terminal is required", "a password is required", "no tty present", "not in the sudoers file",
  // Options and the shell.
  "unknown command", "unknown flag", "unknown shorthand flag", "unknown option", "unrecognized option",
  "invalid option", "Permission denied", "Operation not permitted", "executable file not found", "command not found",
  "No such file or directory", "Syntax error", "does not exist", "not found",
]
