import NIOCore
import NIOPosix

/// A server of the Redis Streams pattern, as its guide has it: `/events/CHANNEL` begins with the comment `connected`, then
/// come the events that a stream of Redis holds after Last-Event-ID, then those that are published. There is no heartbeat.
/// It runs on one event loop thread of its own from `start` to `stop`.
public final class StreamsOrigin: Sendable {
  /// The port that it listens on.
  public let port: Int
  /// Scheme, host and port.
  public let origin: String

  private let loops: MultiThreadedEventLoopGroup
  private let events: NIOLoopBound<ChannelEvents>

  private init(loops: MultiThreadedEventLoopGroup, host: String, port: Int, events: NIOLoopBound<ChannelEvents>) {
    self.loops = loops
    self.port = port
    self.events = events
    origin = "http://\(host):\(port)"
  }

  /// The URL of a channel's stream.
  public func url(of channel: String) -> String { "\(origin)/events/\(channel)" }

  /// Starts to listen. Throws an `OriginFailure` for an address that is taken.
  public static func start(_ settings: StreamsOriginSettings) async throws -> StreamsOrigin {
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = loops.next()
    let events = try await loop.submit { NIOLoopBound(ChannelEvents(settings, on: loop), eventLoop: loop) }.get()
    let port = try await listen(on: loops, host: settings.host, port: settings.port, pending: 8 << 20) {
      StreamsConnection(events.value)
    }
    return StreamsOrigin(loops: loops, host: settings.host, port: port, events: events)
  }

  /// Stops listening and cuts every open stream without its end. Returns when the port is free and the thread has ended;
  /// stopping twice does no harm.
  public func stop() async {
    // Before the loop ends all connections: one to Redis would be made again.
    loops.next().execute { [events] in events.value.close() }
    // The one error there is says that the loops were stopped before.
    try? await loops.shutdownGracefully()
  }
}
