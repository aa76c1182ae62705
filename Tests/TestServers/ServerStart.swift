/// Starts a server, and starts it again with another port when somebody else took the one that had been free.
func startOnFreePort<Server>(
  _ start: () async throws -> (Server, ChildProcess)
) async throws -> (Server, ChildProcess) {
  for _ in 1..<5 {
    do {
      return try await start()
    } catch let failure as ServerStartFailure where failure.portWasTaken {
      continue
    }
  }
  return try await start()
}

/// Waits until a server that was just started answers; ends it and throws with its log when it does not.
func waitUntilReady(
  _ program: String, _ child: ChildProcess, log: () -> String, isReady: () async throws -> Bool
) async throws {
  do {
    try await wait(for: "\(program) answers") {
      guard child.isRunning else {
        throw ServerStartFailure(program, "ended with status \(await child.waitForExit())", log: log())
      }
      return try await isReady()
    }
  } catch {
    await child.end()
    guard error is StateNotReached else { throw error }
    throw ServerStartFailure(program, "\(error)", log: log())
  }
}
