/// What was seen while a deploy went on: which streams dropped when, how they came back as the system's client does, and
/// which of the run's own messages they missed.
///
/// All times are milliseconds since the watch began, on one monotonic clock.
public struct RolloutFacts: Codable, Sendable, Equatable {
  /// An attempt to open a stream that failed.
  public struct Attempt: Codable, Sendable, Equatable {
    /// When it began.
    public var milliseconds: Double
    /// The status that it was answered with; nil where no response came.
    public var status: Int?
    /// What came back, in words.
    public var detail: String

    /// A failed attempt.
    public init(atMilliseconds milliseconds: Double, status: Int? = nil, _ detail: String) {
      self.milliseconds = milliseconds
      self.status = status
      self.detail = detail
    }
  }

  /// A time in which a stream was not open: from its end, or the watch's beginning, until it was open again.
  public struct Gap: Codable, Sendable, Equatable {
    /// When the stream ended.
    public var milliseconds: Double
    /// How it ended; nil where it had never been open.
    public var end: StreamFacts.End?
    /// The first attempts that failed, at most 10.
    public var failures: [Attempt] = []
    /// How many attempts failed.
    public var failureCount = 0
    /// When it was open again; nil where it was not until the watch ended.
    public var backMilliseconds: Double?
    /// How many published messages did not come because of it; nil where that is not known.
    public var lost: Int?

    /// A gap that begins.
    public init(atMilliseconds milliseconds: Double, end: StreamFacts.End?) {
      self.milliseconds = milliseconds
      self.end = end
    }
  }

  /// Messages that did not come although the stream was open all the time.
  public struct Loss: Codable, Sendable, Equatable {
    /// When the first of them was published.
    public var fromMilliseconds: Double
    /// When the last of them was.
    public var toMilliseconds: Double
    /// How many.
    public var count: Int
    /// At how many of them Redis counted no subscriber for this stream (PUBSUB NUMSUB of a channel of its own); nil where
    /// that is not known.
    public var unsubscribed: Int?
    /// Whether later ones came; else nothing more had come when the stream or the watch ended.
    public var isOver: Bool
    /// How many more had not come when the watch ended, which were published so late that they may be under way; nil where
    /// later ones came or the stream ended.
    public var later: Int?

    /// Messages that did not come.
    public init(
      from: Double, to: Double, count: Int, unsubscribed: Int? = nil, isOver: Bool = true, later: Int? = nil
    ) {
      fromMilliseconds = from
      toMilliseconds = to
      self.count = count
      self.unsubscribed = unsubscribed
      self.isOver = isOver
      self.later = later
    }
  }

  /// Why a stream was watched no longer.
  public enum Stop: String, Codable, Sendable {
    /// The browser's EventSource gives up after such an answer.
    case refused
    /// It dropped more often than is kept.
    case tooManyGaps
  }

  /// One stream, from the watch's beginning to its end.
  public struct Stream: Codable, Sendable, Equatable {
    /// Which of the URLs it is, from 0.
    public var target: Int
    /// Which of the streams at this URL it is, from 1.
    public var connection: Int
    /// The URL, redacted.
    public var url: String
    /// The instance that the URL reaches directly; nil for a public URL.
    public var instance: String?
    /// Where the URL was named.
    public var location: Location?
    /// When it was open first; nil where it never was.
    public var openedMilliseconds: Double?
    /// The times in which it was not open, at most 100; the time before it was open first is one where an attempt failed.
    public var gaps: [Gap] = []
    /// How many of the published messages came.
    public var heard = 0
    /// The messages that did not come while it was open, at most 100.
    public var losses: [Loss] = []
    /// How many messages, at least, should have come before the watch ended; nil where any came, or it was never open.
    public var unheard: Int?
    /// Since when it had been open again when the watch ended without any of ten messages or more, which may be under way;
    /// nil where that is not so.
    public var silentSinceMilliseconds: Double?
    /// Whether Redis ever counted a subscriber for it (PUBSUB NUMSUB of a channel of its own); nil where that is not known.
    public var wasSubscribed: Bool?
    /// Why it was watched no longer; nil where it was to the end.
    public var stop: Stop?

    /// A stream of which nothing is known yet.
    public init(target: Int, connection: Int = 1, url: String, instance: String? = nil, location: Location? = nil) {
      self.target = target
      self.connection = connection
      self.url = url
      self.instance = instance
      self.location = location
    }
  }

  /// A time in which a Redis took no message.
  public struct Outage: Codable, Sendable, Equatable {
    /// When the first attempt failed.
    public var fromMilliseconds: Double
    /// When a message was taken again; nil where none was until the watch ended.
    public var toMilliseconds: Double?

    /// An outage that begins.
    public init(fromMilliseconds: Double) { self.fromMilliseconds = fromMilliseconds }
  }

  /// What was published through one Redis.
  public struct Publisher: Codable, Sendable, Equatable {
    /// The Redis, without credentials.
    public var redisURL: String
    /// The instances that use it, as far as known.
    public var instances: [String]
    /// The names under which the channel was published on.
    public var names: [String] = []
    /// How many messages Redis took.
    public var published = 0
    /// Why it took none, or none for some time: the last reason; nil where there was no such time.
    public var failure: String?
    /// When it took none, at most 100 times.
    public var outages: [Outage] = []
    /// Why Redis does not say who is subscribed; nil where it does.
    public var looksRefused: String?

    /// A publisher.
    public init(redisURL: String, instances: [String] = []) {
      self.redisURL = redisURL
      self.instances = instances
    }
  }

  /// How many messages an open stream misses in a row until it is called silent: those of some five seconds.
  public static let silence = 10

  /// The channel that all streams listened to: it carries a nonce, so nobody else does; nil where nothing was published.
  public var channel: String?
  /// How the streams came back.
  public var reconnection: Reconnection
  /// How long it was watched.
  public var watchedMilliseconds = 0.0
  /// The streams, those of one URL together.
  public var streams: [Stream]
  /// One for each Redis, or why nothing was published.
  public var publishers: Observation<[Publisher]>

  /// A watch that begins.
  public init(
    channel: String?, reconnection: Reconnection, streams: [Stream] = [],
    publishers: Observation<[Publisher]> = .seen([])
  ) {
    self.channel = channel
    self.reconnection = reconnection
    self.streams = streams
    self.publishers = publishers
  }
}

extension RolloutFacts {
  /// The streams of each URL, in order.
  public var byTarget: [[Stream]] {
    var targets: [[Stream]] = []
    var indices: [Int: Int] = [:]
    for stream in streams {
      if let index = indices[stream.target] {
        targets[index].append(stream)
      } else {
        indices[stream.target] = targets.count
        targets.append([stream])
      }
    }
    return targets
  }
}

extension RolloutFacts.Publisher {
  /// For how long it took nothing until the watch ended, in milliseconds.
  public func outageMilliseconds(until end: Double) -> Double {
    outages.reduce(0) { $0 + max(0, ($1.toMilliseconds ?? end) - $1.fromMilliseconds) }
  }
}

extension RolloutFacts.Stream {
  /// Whether nothing came on it, though it was open: at all, or since it was open again.
  public var isSilent: Bool { (unheard ?? 0) > 0 || silentSinceMilliseconds != nil }

  /// The times in which it was not open after it had been.
  public var drops: [RolloutFacts.Gap] { gaps.filter { $0.end != nil } }
}
