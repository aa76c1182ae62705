import Diagnosis
import Foundation
import Reporting

/// The terminal as the program finds it: standard output is the document, standard error is the talk.
enum Console {
  /// Whether standard output is a terminal.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// What is shown to somebody who waits at a terminal, in one line that the next one takes the place of.
  static func showProgress(_ text: String) {
    guard isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(terminalSafe(text))".utf8))
  }

  /// Takes the line of the progress away.
  static func endProgress() {
    guard isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K".utf8))
  }

  /// Whether to colour: on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb say no.
  static func usesColor(in environment: [String: String]) -> Bool {
    isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// The width to wrap to: the terminal's, else 100 columns.
  static var width: Int {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 100 }
    return Int(size.ws_col)
  }

  /// Writes a document to standard output, whole. One that can't be written must not look like one that was.
  static func write(_ document: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(document.utf8))
    } catch {
      talk("error: standard output can't be written: \(error.localizedDescription)")
      exit(Diagnosis.ExitCode.bug.rawValue)
    }
  }

  /// Says something to the person, on standard error.
  static func talk(_ text: String) {
    let escaped = text.split(separator: "\n", omittingEmptySubsequences: false).map { terminalSafe(String($0)) }
    try? FileHandle.standardError.write(
      contentsOf: Data("flowpanel-doctor: \(escaped.joined(separator: "\n"))\n".utf8))
  }
}
