public import Diagnosis
public import Facts
import Glibc
import InstanceEnvironment

/// A run that can't begin, because an input that was named is missing or can't be understood.
public struct RunError: Error, Sendable, Equatable {
  /// The problem, with what was expected and what to try.
  public var problem: InputProblem

  /// A problem of a kind, in a sentence.
  public init(_ kind: InputProblem.Kind, _ message: String, at location: Location? = nil) {
    problem = InputProblem(kind, message, at: location)
  }
}

/// The operator interrupted what leaves nothing half done.
public struct Interrupted: Error, Sendable {}

/// Reads a regular file, bounded.
///
/// - Parameters:
///   - path: the path, relative to the working folder or absolute.
///   - what: what the file is, as the error names it: `the manifest`.
///   - location: where the path was named.
/// - Throws: `RunError`: missing when there is no such file, malformed when it can't be read as a file of that size.
func readInput(
  _ path: String, what: String, maximumBytes: Int, namedAt location: Location? = nil
) throws(RunError) -> [UInt8] {
  do {
    return try readRegularFile(path, atMost: maximumBytes)
  } catch {
    let kind: InputProblem.Kind = error.kind == .missing ? .missing : .malformed
    throw RunError(kind, "\(what) \(path) can't be read: \(error.message)", at: location ?? Location(file: path))
  }
}

/// The first line of a file that holds a secret, without its line end.
///
/// - Throws: `RunError`, also when the line is empty.
public func readSecretLine(_ path: String, what: String, namedAt location: Location? = nil) throws(RunError) -> Secret {
  let bytes = try readInput(path, what: what, maximumBytes: 64 * 1024, namedAt: location)
  return try firstLine(of: bytes, what: "\(what) \(path)", at: location ?? Location(file: path))
}

/// The first line of what holds a secret, without its line end.
///
/// - Throws: `RunError` when it is empty or can't be sent.
func firstLine(of bytes: [UInt8], what: String, at location: Location?) throws(RunError) -> Secret {
  let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
  guard !line.isEmpty else {
    throw RunError(.malformed, "\(what) has an empty first line; expected the value there", at: location)
  }
  return try checked(Secret(String(decoding: line, as: UTF8.self)), what: what, at: location)
}

/// A secret that can be sent: a control character would end a header or a command early, and begin another.
private func checked(_ secret: Secret, what: String, at location: Location?) throws(RunError) -> Secret {
  guard secret.reveal().utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
    throw RunError(.malformed, "\(what) has a control character in its value; expected one line of text", at: location)
  }
  return secret
}

/// The value of a variable of this process that is named as the place of a secret.
///
/// - Throws: `RunError` when it is not set or empty.
public func secretVariable(
  _ name: String, in environment: [String: Secret], what: String, namedAt location: Location? = nil
) throws(RunError) -> Secret {
  guard let value = environment[name], !value.isEmpty else {
    throw RunError(
      .missing, "\(what) comes from the variable \(name), which is not set here; export it, or name another place",
      at: location)
  }
  return try checked(value, what: what, at: location)
}

/// What kind of thing stands at a path.
enum PathKind {
  case file, folder, missing

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self = .missing
      return
    }
    self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }
}
