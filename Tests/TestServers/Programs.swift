import Foundation

/// The path of a program in PATH or in the folders for administrators, which an ordinary user's PATH lacks on Debian.
public func findProgram(_ name: String) throws -> String {
  let searched = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
  for folder in searched + ["/usr/sbin", "/sbin"] {
    let path = "\(folder)/\(name)"
    if FileManager.default.isExecutableFile(atPath: path) { return path }
  }
  throw ServerStartFailure(name, "not found in PATH, /usr/sbin or /sbin; Tests/packages.txt lists what the tests need")
}

/// The path of a built executable: it lies beside the test bundle that is running.
public func builtBinary(_ name: String = "flowpanel-doctor") throws -> String {
  var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  let start = folder.path
  while folder.path != "/" {
    let path = folder.appendingPathComponent(name).path
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      FileManager.default.isExecutableFile(atPath: path)
    {
      return path
    }
    folder.deleteLastPathComponent()
  }
  throw ServerStartFailure(name, "no such executable in \(start) or above; build it first")
}

/// What a program did.
public struct ProcessResult: Sendable, Equatable {
  /// The exit status; 128 and the signal's number when a signal ended it.
  public var status: Int32
  /// All of its standard output.
  public var standardOutput: String
  /// All of its standard error.
  public var standardError: String

  /// What a program did, or is expected to do.
  public init(status: Int32, standardOutput: String, standardError: String) {
    self.status = status
    self.standardOutput = standardOutput
    self.standardError = standardError
  }
}

/// Runs a program to its end; throws `StateNotReached`, having killed it, once the time is over.
///
/// The program sees the given environment and, of the test's own, only what a program needs to run at all (PATH, HOME,
/// TMPDIR, LD_LIBRARY_PATH), so that no variable of the machine changes a result. Without input, its standard input is
/// empty.
public func runBinary(
  _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], workingFolder: String? = nil,
  standardInput: [UInt8]? = nil, timeout: Duration = .seconds(120)
) async throws -> ProcessResult {
  try await TemporaryFolder.with { folder in
    let input = folder.path(of: "input")
    try Data(standardInput ?? []).write(to: URL(fileURLWithPath: input))
    let inherited = ProcessInfo.processInfo.environment.filter {
      ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"].contains($0.key)
    }
    let child = try ChildProcess(
      path, arguments, environment: inherited.merging(environment) { _, given in given }, workingFolder: workingFolder,
      standardInput: input, standardOutput: folder.path(of: "output"), standardError: folder.path(of: "error"))
    let started = ContinuousClock.now
    let killing = child.kill(after: timeout)
    let status = await withTaskCancellationHandler {
      await child.waitForExit()
    } onCancel: {
      child.signal(SIGKILL)
    }
    killing.cancel()
    let result = ProcessResult(
      status: status, standardOutput: folder.read("output") ?? "", standardError: folder.read("error") ?? "")
    try Task.checkCancellation()
    guard status != 128 + SIGKILL || started.duration(to: .now) < timeout else {
      throw StateNotReached(
        description: "\(path) \(arguments.joined(separator: " ")): had not ended after \(timeout); it wrote "
          + "\"\(result.standardOutput)\" and \"\(result.standardError)\"")
    }
    return result
  }
}
