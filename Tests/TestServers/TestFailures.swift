import Foundation

/// A system call that failed, with the system's reason.
public struct SystemCallFailure: Error, CustomStringConvertible {
  /// What was attempted, and the reason.
  public let description: String

  /// Takes the reason from `errno` unless a code is given: make it before anything else is called.
  init(_ attempt: String, code: Int32 = errno) {
    description = "\(attempt): \(String(cString: strerror(code)))"
  }
}

/// A program that could not be found, or that did not become ready.
public struct ServerStartFailure: Error, CustomStringConvertible {
  /// The program's name.
  public let program: String
  /// What went wrong.
  public let reason: String
  /// The end of what it logged.
  public let logTail: String

  init(_ program: String, _ reason: String, log: String = "") {
    self.program = program
    self.reason = reason
    logTail = String(log.suffix(2000))
  }

  /// Program, reason and the end of its log.
  public var description: String {
    "\(program): \(reason)" + (logTail.isEmpty ? "" : "\nthe end of its log:\n\(logTail)")
  }

  /// Whether somebody else took the port between finding it free and binding it.
  var portWasTaken: Bool { logTail.lowercased().contains("address already in use") }
}

/// A state that was not reached in time.
public struct StateNotReached: Error, CustomStringConvertible {
  /// What was waited for, and how long.
  public let description: String
}
