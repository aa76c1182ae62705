/// What streams brought that were asked to go on after an event, beside what the log in Redis holds after it.
public struct ReplayFacts: Codable, Sendable, Equatable {
  /// A stream of Redis, which is the log of a channel's events, as one Redis holds it.
  public struct Log: Codable, Sendable, Equatable {
    /// The Redis, without credentials.
    public var redisURL: String
    /// The instances that use it, as far as known.
    public var instances: [String]
    /// The stream's key.
    public var key: String
    /// The IDs of its newest entries, oldest first; none where there is no such key.
    public var entries: Observation<[String]>
    /// Why it may still be there, where the run wrote it and could not delete it.
    public var left: Left?

    /// A log.
    public init(redisURL: String, instances: [String] = [], key: String, entries: Observation<[String]>) {
      self.redisURL = redisURL
      self.instances = instances
      self.key = key
      self.entries = entries
    }
  }

  /// A log of the run's own that could not be deleted.
  public struct Left: Codable, Sendable, Equatable {
    /// Why not.
    public var reason: String
    /// After how many seconds Redis deletes it, counted from when it was written; nil where it may stay for ever.
    public var secondsToLive: Int?

    /// A log that was left.
    public init(_ reason: String, secondsToLive: Int?) {
      self.reason = reason
      self.secondsToLive = secondsToLive
    }
  }

  /// What the streams of a channel were asked for.
  public struct Asked: Codable, Sendable, Equatable {
    /// Which of the channel's logs the IDs are from.
    public var log: Int
    /// The ID that was sent as Last-Event-ID.
    public var sentID: String
    /// The IDs that the log held after it before the streams were opened, in order.
    public var expected: [String]
    /// Those of them that it still held when the streams were over: what was trimmed meanwhile nobody could bring.
    public var remaining: Observation<[String]>

    /// A question.
    public init(log: Int = 0, sentID: String, expected: [String], remaining: Observation<[String]>) {
      self.log = log
      self.sentID = sentID
      self.expected = expected
      self.remaining = remaining
    }
  }

  /// What came on a stream.
  public struct Reply: Codable, Sendable, Equatable {
    /// How many events' IDs are kept.
    public static let maximumIDs = 1_000

    /// The response, or why there was none.
    public var outcome: StreamFacts.Outcome
    /// The IDs of the events in order of arrival, the first 1,000.
    public var came: [String]
    /// How many events came that had no ID.
    public var withoutID: Int
    /// How many lines or events were too large to be read.
    public var tooLarge: Int
    /// How it ended.
    public var end: StreamFacts.End
    /// How long it was watched, in milliseconds.
    public var watchedMilliseconds: Double

    /// What came.
    public init(
      outcome: StreamFacts.Outcome, came: [String] = [], withoutID: Int = 0, tooLarge: Int = 0,
      end: StreamFacts.End = .closedByProbe, watchedMilliseconds: Double = 0
    ) {
      self.outcome = outcome
      self.came = came
      self.withoutID = withoutID
      self.tooLarge = tooLarge
      self.end = end
      self.watchedMilliseconds = watchedMilliseconds
    }
  }

  /// One stream.
  public struct Stream: Codable, Sendable, Equatable {
    /// Which of the URLs it is (`StreamFacts.target`).
    public var target: Int
    /// The URL that was named, redacted.
    public var url: String
    /// The instance that it reaches directly; nil for a public URL.
    public var instance: String?
    /// Where on the way it enters (`StreamFacts.via`).
    public var via: Int?
    /// Where it was named.
    public var location: Location?
    /// What came; unseen where it was not opened, or not to the end.
    public var reply: Observation<Reply>

    /// A stream.
    public init(
      target: Int, url: String, instance: String? = nil, via: Int? = nil, location: Location? = nil,
      reply: Observation<Reply>
    ) {
      self.target = target
      self.url = url
      self.instance = instance
      self.via = via
      self.location = location
      self.reply = reply
    }
  }

  /// A channel, and the streams that bring its events.
  public struct Channel: Codable, Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its log in each Redis.
    public var logs: [Log]
    /// Whether the run wrote the log itself, and deleted it in the end unless it says that it was left.
    public var isOwn: Bool
    /// What was asked for; nil where there was nothing to ask for.
    public var asked: Asked?
    /// The streams.
    public var streams: [Stream]

    /// A channel.
    public init(name: String, logs: [Log] = [], isOwn: Bool = false, asked: Asked? = nil, streams: [Stream] = []) {
      self.name = name
      self.logs = logs
      self.isOwn = isOwn
      self.asked = asked
      self.streams = streams
    }
  }

  /// The channels that the streams' URLs name.
  public var channels: [Channel]

  /// The facts of channels.
  public init(channels: [Channel] = []) { self.channels = channels }
}

extension ReplayFacts.Channel {
  /// The log that was asked about.
  public var log: ReplayFacts.Log? { asked.flatMap { logs.indices.contains($0.log) ? logs[$0.log] : nil } }
}
