import Doctor
import Facts
import Foundation

/// A Redis of the demo's own: on a free loopback port, with a password, keeping nothing, and ended with this program.
struct DemoRedis: Sendable {
  let port: Int
  let password: Secret
  private let caretaker: Caretaker

  /// Why there is none.
  struct NotStarted: Error {
    var reason: String
  }

  /// How long it may take to start.
  private static let patience = Duration.seconds(10)
  /// How much of what it prints is read.
  private static let maximumLog = 64 * 1024

  /// Starts the one in PATH; its configuration is left in the working folder.
  ///
  /// - Parameter freePort: gives a port that was free a moment ago.
  static func start(
    freePort: () async throws -> Int
  ) async throws -> Result<DemoRedis, NotStarted> {
    guard let program = ["redis-server", "valkey-server"].lazy.compactMap(programInPath).first else {
      return .failure(
        NotStarted(
          reason: "there is no redis-server in PATH; to have it looked at too, install it (apt install redis-server, "
            + "brew install redis) and run the demo again"))
    }
    var reason = ""
    // Another program may take the port that was free.
    for _ in 1...3 {
      switch try await start(program, on: try await freePort()) {
      case .success(let redis): return .success(redis)
      case .failure(let failure): reason = failure.reason
      }
      guard reason.contains("already in use") else { break }
    }
    return .failure(NotStarted(reason: reason))
  }

  /// Ends it and returns when it is gone.
  func stop() async { await caretaker.end() }

  private static func start(_ program: String, on port: Int) async throws -> Result<DemoRedis, NotStarted> {
    let password = Secret((0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined())
    // Without a password every user of the machine could have it write files in the name of whoever runs the demo.
    let configuration = """
      bind 127.0.0.1
      port \(port)
      requirepass \(password.reveal())
      save ""
      appendonly no

      """
    let file = "redis.conf"
    try write(configuration, to: file)
    let (caretaker, output) = try Caretaker.start(
      begin: "\(shellQuoted(program)) \(file) 2>&1 &", end: "kill -KILL $!; wait")
    let log = await read(output)
    close(output)
    if isReady(log) { return .success(DemoRedis(port: port, password: password, caretaker: caretaker)) }
    await caretaker.end()
    let last = log.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it printed nothing"
    return .failure(NotStarted(reason: "\(program) did not start: \(last.prefix(200))"))
  }

  /// What it prints until it says that it is ready, has ended or takes too long, or the task is cancelled.
  private static func read(_ output: Int32) async -> String {
    let deadline = ContinuousClock.now + patience
    var log: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while log.count < maximumLog, !isReady(String(decoding: log, as: UTF8.self)), .now < deadline, !Task.isCancelled {
      var event = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      // Nothing that blocks runs on the cooperative pool.
      guard poll(&event, 1, 0) > 0 else {
        try? await Task.sleep(for: .milliseconds(10))
        continue
      }
      let count = Glibc.read(output, &buffer, buffer.count)
      if count > 0 { log += buffer[..<count] } else if count == 0 { break }
    }
    return String(decoding: log, as: UTF8.self)
  }

  /// In the words of every version: `The server is now ready to accept connections`, `Ready to accept connections tcp`.
  private static func isReady(_ log: String) -> Bool {
    log.contains("eady to accept connections")
  }
}

/// The path of a program in PATH.
private func programInPath(_ name: String) -> String? {
  let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  return folders.lazy.map { "\($0)/\(name)" }.first { path in
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
      && access(path, X_OK) == 0
  }
}
