import Diagnosis
import Foundation
import Glibc
import Reporting

/// The terminal as the program finds it: standard output is the document, standard error is the talk.
enum Console {
  /// Whether standard output is a terminal.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether the terminal can't move its cursor.
  static var isDumb: Bool { ProcessInfo.processInfo.environment["TERM"] == "dumb" }

  /// What is shown to somebody who waits at a terminal, in one line that the next one takes the place of.
  static func showProgress(_ text: String) {
    guard isatty(STDERR_FILENO) == 1, !isDumb else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(terminalSafe(text))".utf8))
  }

  /// Takes the line of the progress away.
  static func endProgress() {
    guard isatty(STDERR_FILENO) == 1, !isDumb else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K".utf8))
  }

  /// Whether to colour: on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb say no.
  static func usesColor(in environment: [String: String]) -> Bool {
    isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// The width to wrap to: the terminal's, else 100 columns.
  static var width: Int { size.columns }

  /// The terminal's size, else 100 columns by 24 rows.
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return (100, 24) }
    return (Int(size.ws_col), max(4, Int(size.ws_row)))
  }

  /// Writes a document to standard output, whole. One that can't be written must not look like one that was.
  static func write(_ document: String) { write(Data(document.utf8)) }

  /// Writes what a server sent to standard output: as it is, or safe to print on a terminal.
  static func write(bytes: [UInt8]) {
    if isTerminal {
      write(terminalSafe(String(decoding: bytes, as: UTF8.self), keeping: ["\n"]))
    } else {
      write(Data(bytes))
    }
  }

  private static func write(_ document: Data) {
    document.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN {
          var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
          poll(&output, 1, -1)
          continue
        }
        guard count >= 0 else {
          talk("error: standard output can't be written: \(String(cString: strerror(errno)))")
          exit(Diagnosis.ExitCode.bug.rawValue)
        }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Says something to the person, on standard error.
  static func talk(_ text: String) {
    let escaped = text.split(separator: "\n", omittingEmptySubsequences: false).map { terminalSafe(String($0)) }
    try? FileHandle.standardError.write(
      contentsOf: Data("flowpanel-doctor: \(escaped.joined(separator: "\n"))\n".utf8))
  }
}
