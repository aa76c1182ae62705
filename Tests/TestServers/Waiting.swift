/// Waits until the condition holds, looking every 10 milliseconds; throws `StateNotReached` once the time is over.
public func wait(
  for state: String, within limit: Duration = .seconds(240), _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < deadline else {
      throw StateNotReached(description: "\(state): not so after \(limit)")
    }
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Waits until nothing listens at the port any more: another test's server may have taken it for as long as it lives.
public func waitUntilFree(port: Int) async throws {
  try await wait(for: "port \(port) is free") { !TCPConnection.accepts(port: port) }
}

/// Runs the body, then the clean-up, whether the body throws or not.
func withCleanUp<R>(_ body: () async throws -> R, cleanUp: () async -> Void) async throws -> R {
  do {
    let result = try await body()
    await cleanUp()
    return result
  } catch {
    await cleanUp()
    throw error
  }
}
