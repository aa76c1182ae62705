import Foundation

/// Runs the body while a thread of its own serves a free port of 127.0.0.1, and ends the thread afterwards.
///
/// The thread owns what it opens and the two descriptors that it is given: it closes them all, and returns, when a byte
/// comes through the wake pipe.
func withServingThread<R>(
  _ serve: @escaping @Sendable (_ listener: Int32, _ wake: Int32) -> Void,
  _ body: (_ port: Int) async throws -> R
) async throws -> R {
  let (listener, port) = try bindLoopbackSocket()
  var wake: [Int32] = [-1, -1]
  guard listen(listener, 64) == 0, pipe(&wake) == 0, fcntl(listener, F_SETFL, O_NONBLOCK) == 0 else {
    let failure = SystemCallFailure("listen on 127.0.0.1 port \(port)")
    close(listener)
    throw failure
  }
  let (ends, continuation) = AsyncStream.makeStream(of: Never.self)
  let (wakeReader, wakeWriter) = (wake[0], wake[1])
  Thread.detachNewThread {
    serve(listener, wakeReader)
    continuation.finish()
  }
  // Not a child task: the thread's end is waited for also when the test has been cancelled.
  let end = Task { for await _ in ends {} }
  return try await withCleanUp {
    try await body(port)
  } cleanUp: {
    // A byte, not the pipe's end: a process started meanwhile may hold the pipe as well.
    write(wakeWriter, [0], 1)
    await end.value
    close(wakeWriter)
  }
}

/// The timeout for poll(2) that ends no earlier than the instant; without one, none.
func pollTimeout(until instant: ContinuousClock.Instant?) -> Int32 {
  guard let instant else { return -1 }
  return Int32(max(0, (instant - .now) / .milliseconds(1)).rounded(.up))
}
