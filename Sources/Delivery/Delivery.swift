// Delivery: pure functions from what streams showed to what the path between application and browser does to events.

/// How events got through to one cell of a stream.
public struct Delivery: Sendable, Equatable {
  /// The ways in which a path can pass events on.
  public enum Manner: Sendable, Equatable {
    /// Each event at once.
    case streams
    /// Each event at once, but the response's head only with the first of them: so many milliseconds late.
    case headersWithheld(milliseconds: Double)
    /// Each event by about the same time late, its quantum: something waits for more to send with it.
    case delayed(quantum: Double)
    /// Each event only once the next one is sent.
    case heldUntilNext
    /// Several events at a time, once about so many bytes are there; nil where one burst alone was seen.
    case buffered(bytes: Int?, latest: Double)
    /// Nothing before the stream's end, and then all of it.
    case bufferedUntilEnd(hasContentLength: Bool)
    /// Nothing, while elsewhere events came: at least so many bytes of them are held back.
    case withheld(Withheld)
    /// Nothing to who offers compression, while others get events; the coding, where the head tells it.
    case withheldByCompression(coding: String?)
    /// What another viewer was sent, from a cache.
    case replayed(Replay)
    /// No event stream came at all: another check says why.
    case noStream
    /// Too little was seen to tell, and why.
    case unknown(String)
  }

  /// What of a stream was held back.
  public struct Withheld: Sendable, Equatable {
    /// Whether even the response's head was.
    public var includesHead: Bool
    /// For how long nothing came.
    public var milliseconds: Double
    /// The bytes of events that came elsewhere meanwhile.
    public var bytes: Int
    /// The events and comments that came elsewhere meanwhile.
    public var events: Int
    /// The URL where they came.
    public var elsewhere: String
  }

  /// What the manner was concluded from, strongest first.
  public enum Basis: Sendable, Equatable {
    /// So many events whose time of sending is known.
    case timedEvents(Int)
    /// The handshake, and something of the stream's own after it.
    case heartbeat
    /// The first thing that the stream sends.
    case firstBytes
    /// The comparison with another stream of the run.
    case comparison
  }

  /// The manner.
  public var manner: Manner
  /// What it was concluded from.
  public var basis: Basis?
  /// The median and the greatest lag of the events whose time of sending is known, in milliseconds.
  public var lag: (median: Double, greatest: Double)?

  init(_ manner: Manner, _ basis: Basis? = nil, lag: (median: Double, greatest: Double)? = nil) {
    self.manner = manner
    self.basis = basis
    self.lag = lag
  }

  /// Whether two verdicts say the same.
  public static func == (left: Delivery, right: Delivery) -> Bool {
    left.manner == right.manner && left.basis == right.basis && left.lag?.median == right.lag?.median
      && left.lag?.greatest == right.lag?.greatest
  }

  /// Whether each event comes at once.
  public var isGood: Bool {
    switch manner {
    case .streams: true
    default: false
    }
  }

  /// Whether the path holds events back or delays them.
  public var isFault: Bool {
    switch manner {
    case .streams, .noStream, .unknown: false
    default: true
    }
  }
}
