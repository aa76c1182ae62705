import NIOCore
import NIOPosix
import Synchronization

/// A small real origin of server-sent events to rehearse with: put it behind a proxy, and what a browser then gets is
/// the proxy's doing. It runs on one event loop thread of its own from `start` to `stop`.
public final class ReferenceOrigin: Sendable {
  /// The port that it listens on.
  public let port: Int
  /// The stream's URL.
  public let url: String

  private let loops: MultiThreadedEventLoopGroup
  private let stopping: AsyncStream<Never>.Continuation
  private let stopped: Task<Void, Never>
  private let fanOut: NIOLoopBound<(any FanOut)?>
  private let isStopping = Mutex(false)

  private init(
    loops: MultiThreadedEventLoopGroup, port: Int, settings: OriginSettings, fanOut: NIOLoopBound<(any FanOut)?>
  ) {
    self.loops = loops
    self.fanOut = fanOut
    // Not a future of the loop's: one that is asked for after the loop has ended never completes.
    let (stops, stopping) = AsyncStream.makeStream(of: Never.self)
    self.stopping = stopping
    stopped = Task { for await _ in stops {} }
    self.port = port
    let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
    url = "http://\(host):\(port)\(settings.path)"
  }

  /// Starts to listen. Throws an `OriginFailure` for settings that cannot be used or an address that is taken.
  ///
  /// - Parameter log: takes what flowpanel would say on its standard error, a line at a time, without credentials.
  public static func start(
    _ settings: OriginSettings = OriginSettings(), log: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> ReferenceOrigin {
    try settings.validate()
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = loops.next()
    let fanOut = try await loop.submit {
      NIOLoopBound(makeFanOut(settings, on: loop, log: log), eventLoop: loop)
    }.get()
    let filling = OriginFilling(settings)
    // What a burst takes must fit before a client counts as one that does not read.
    let pending = 64 * 1024 + 2 * settings.burst * max(settings.dataSize, 256)
    let port = try await listen(on: loops, host: settings.host, port: settings.port, pending: pending) {
      OriginConnection(settings: settings, filling: filling, fanOut: fanOut.value)
    }
    return ReferenceOrigin(loops: loops, port: port, settings: settings, fanOut: fanOut)
  }

  /// Stops listening and cuts every open stream without its end, as a killed process does. Returns when the port is
  /// free and the thread has ended; stopping twice is harmless.
  public func stop() async {
    let isFirst = isStopping.withLock { isStopping in
      defer { isStopping = true }
      return !isStopping
    }
    // Before the loop ends all connections: one to Redis would be made again.
    if isFirst { loops.next().execute { [fanOut] in fanOut.value?.close() } }
    // The one error there is says that the loops were stopped before.
    try? await loops.shutdownGracefully()
    stopping.finish()
  }

  /// Waits until `stop` has ended the origin; cancelling the waiting task does not.
  public func waitUntilStopped() async {
    await stopped.value
  }
}

private func makeFanOut(
  _ settings: OriginSettings, on loop: any EventLoop, log: @escaping @Sendable (String) -> Void
) -> (any FanOut)? {
  switch settings.fanOut {
  case nil: nil
  case .memory: MemoryFanOut(settings.convention)
  case .redis(let redis): RedisFanOut(redis, settings: settings, on: loop, log: log)
  }
}
