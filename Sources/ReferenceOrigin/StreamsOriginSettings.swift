/// What an imitation of the Redis Streams pattern's server does; the defaults are the pattern's own.
///
/// Source: server-sent-events.com, "Scaling SSE Across Multiple Nodes with Redis".
public struct StreamsOriginSettings: Sendable, Equatable {
  /// What is brought to a client that names the last event it saw.
  public enum Replaying: Sendable, CaseIterable {
    /// What the log holds after it.
    case following
    /// The same, and the named event itself first: the round bracket is missing.
    case fromNamed
    /// The same without its first event.
    case withoutFirst
    /// The same, the newest event first.
    case newestFirst
    /// The same, and the newest event again.
    case newestTwice
    /// Nothing: the header is not read.
    case nothing
  }

  /// The address to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes a free one.
  public var port = 0
  /// The Redis that holds the log, and that events are published through.
  public var redis: OriginRedis
  /// What the keys of the logs begin with.
  public var keyPrefix = "sse:"
  /// What is brought to a client that comes back.
  public var replaying = Replaying.following

  /// The pattern's server on a free loopback port.
  public init(redis: OriginRedis) { self.redis = redis }
}
