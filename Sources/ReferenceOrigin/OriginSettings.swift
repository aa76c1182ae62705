/// What a reference origin answers. The defaults are flowpanel's stream as it stands on the wire: the `ready` event at
/// once, a comment every 15 seconds, and the four headers with which it asks proxies to pass the stream on.
public struct OriginSettings: Sendable, Equatable {
  /// When the answer to a request for the stream begins.
  public enum Answering: Sendable, Equatable {
    /// At once.
    case immediately
    /// After a pause, headers included.
    case after(Duration)
    /// Never: the request is read and the connection stays open and silent.
    case never
  }

  /// How a client learns where the stream's body ends (RFC 9112 section 6.3).
  public enum Framing: String, Sendable, CaseIterable {
    /// As Node frames it: chunks for HTTP/1.1, the end of the connection for HTTP/1.0.
    case chunked
    /// The end of the connection, for HTTP/1.1 too.
    case closeDelimited = "close-delimited"
  }

  /// What happens after the last numbered event.
  public enum Ending: String, Sendable, CaseIterable {
    /// The body ends as its framing says: a final chunk, or the end of the connection.
    case clean
    /// The connection is closed without a final chunk.
    case cut
    /// The connection is reset.
    case reset
    /// Nothing: the stream stays open, with heartbeats alone.
    case never
  }

  /// What makes a numbered event as long as it is asked to be.
  public enum Filling: String, Sendable, CaseIterable {
    /// Words and numbers, as the rows of an admin have them: these compress well.
    case words
    /// Random characters: these don't.
    case random
  }

  /// A time without a byte, heartbeats included.
  public struct Silence: Sendable, Equatable {
    /// The number of the event after which it begins; 0 for the stream's opening.
    public var afterEvent: Int
    /// How long it lasts.
    public var duration: Duration

    /// A silence after an event.
    public init(afterEvent: Int, duration: Duration) {
      self.afterEvent = afterEvent
      self.duration = duration
    }
  }

  /// A header field.
  public struct Header: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A header field.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The address or name to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes a free one.
  public var port = 0
  /// The path of the stream, without a query. Every other path is answered with 404.
  public var path = "/api/flowpanel/stream"
  /// The status of the stream's answer. Any but 200 comes with a short JSON error instead of a stream.
  public var status = 200
  /// The stream's Content-Type; nil sends none.
  public var contentType: String? = "text/event-stream"
  /// The stream's Cache-Control; nil sends none.
  public var cacheControl: String? = "no-cache, no-transform"
  /// The stream's Connection header; nil sends none.
  public var connection: String? = "keep-alive"
  /// The stream's X-Accel-Buffering, which nginx obeys and removes; nil sends none.
  public var accelBuffering: String? = "no"
  /// Further headers of the answer, whatever its status.
  public var extraHeaders: [Header] = []
  /// How a client learns where the body ends.
  public var framing = Framing.chunked
  /// When the answer begins.
  public var answering = Answering.immediately
  /// The cookie, as `name=value`, without which the answer is 401; nil asks for none. For tests of a client that is logged
  /// in: the command has no option for it, and no real session belongs here.
  public var requiredCookie: String?

  /// Whether an event after `ready` repeats the request, without what may be a secret. `echo=1` in a request's query asks
  /// for it as well.
  public var echoesRequest = false
  /// Whether the stream opens with the `ready` event.
  public var sendsHandshake = true
  /// The time between two comments; nil sends none.
  public var heartbeatInterval: Duration? = .seconds(15)
  /// The time between two bursts of numbered events; nil sends none.
  public var eventInterval: Duration?
  /// How many numbered events are sent at once.
  public var burst = 1
  /// Whether numbered events are sent as fast as the client reads, whatever the interval.
  public var sendsAsFastAsRead = false
  /// The bytes of a numbered event's data. A mark alone takes about a hundred, as flowpanel's own events do, and is
  /// never cut.
  public var dataSize = 0
  /// What events are made longer with.
  public var filling = Filling.words
  /// The number of the last event; nil for a stream without end.
  public var eventCount: Int?
  /// What happens after the last event.
  public var ending = Ending.clean
  /// Times without a byte.
  public var silences: [Silence] = []

  /// How events that are published reach the streams that asked for their channels; nil takes no part in it, and
  /// publishing is not found.
  public var fanOut: OriginFanOut? = .memory
  /// What channels are called in Redis, and what is made of their payloads.
  public var convention = OriginConvention.prefixed
  /// What channels' names begin with in Redis; nil for the convention's own prefix.
  public var keyPrefix: String?

  /// What is wrong with the fan-out over Redis; nil for nothing.
  public var fanOutFault: OriginFanOutFault?

  /// Whether the stream ends straight after its opening: its last event is number 0.
  public var closesAfterHandshake: Bool {
    get { eventCount == 0 }
    set { eventCount = newValue ? 0 : nil }
  }

  /// flowpanel's stream on a free loopback port.
  public init() {}
}
