/// What the run published itself, on a channel of its own, so that the streams had something to bring.
public struct StreamDrive: Codable, Sendable, Equatable {
  /// One message that was published.
  public struct Publication: Codable, Sendable, Equatable {
    /// Its number, from 1; no other message of the run has it.
    public var number: Int
    /// When it was sent, on the clock of `StreamFacts.beganMilliseconds`.
    public var sentMilliseconds: Double
    /// When Redis had answered; nil where it did not.
    public var answeredMilliseconds: Double?
    /// How many subscribers Redis handed it to (PUBLISH), under all of the channel's names; nil where it did not answer.
    public var receivers: Int?
    /// The one name that it was published under; nil where it was all of them.
    public var name: String?

    /// A message by number and time.
    public init(
      number: Int, sentMilliseconds: Double, answeredMilliseconds: Double? = nil, receivers: Int? = nil,
      name: String? = nil
    ) {
      self.number = number
      self.sentMilliseconds = sentMilliseconds
      self.answeredMilliseconds = answeredMilliseconds
      self.receivers = receivers
      self.name = name
    }
  }

  /// Who is subscribed to the run's own channels, from the first of some looks that showed the same to the last (PUBSUB
  /// CHANNELS, PUBSUB NUMSUB).
  public struct Look: Codable, Sendable, Equatable {
    /// When that was first seen, on the clock of `StreamFacts.beganMilliseconds`.
    public var milliseconds: Double
    /// When it was last seen.
    public var lastMilliseconds: Double
    /// The subscribers by the channel's name in Redis; channels without any are left out.
    public var subscribers: [String: Int]

    /// A single look.
    public init(atMilliseconds milliseconds: Double, subscribers: [String: Int]) {
      self.milliseconds = milliseconds
      lastMilliseconds = milliseconds
      self.subscribers = subscribers
    }
  }

  /// Messages that were published in one write, to see whether any of them is lost.
  public struct Burst: Codable, Sendable, Equatable {
    /// How many; 0 where nobody listened.
    public var count: Int
    /// The number of the first; no other publisher's messages have the same numbers.
    public var first = 1
    /// When they were sent, on the clock of `StreamFacts.beganMilliseconds`.
    public var sentMilliseconds: Double
    /// When Redis had answered them all.
    public var answeredMilliseconds: Double
    /// The most subscribers that one of them was handed to.
    public var receivers: Int
    /// How many subscribers' connections Redis closed meanwhile (CLIENT LIST); nil where it does not say.
    public var closedConnections: Int?

    /// A burst.
    public init(
      count: Int, sentMilliseconds: Double, answeredMilliseconds: Double, receivers: Int, closedConnections: Int? = nil
    ) {
      self.count = count
      self.sentMilliseconds = sentMilliseconds
      self.answeredMilliseconds = answeredMilliseconds
      self.receivers = receivers
      self.closedConnections = closedConnections
    }
  }

  /// What was published through one Redis.
  public struct Publisher: Codable, Sendable, Equatable {
    /// The Redis, without credentials.
    public var redisURL: String
    /// The instances that use it, as far as known.
    public var instances: [String]
    /// The names under which the channel was published on: a system's versions name it differently.
    public var names: [String]
    /// The messages in order.
    public var publications: [Publication]
    /// Why no message, or no further one, could be published; nil where all were.
    public var failure: String?
    /// Who was subscribed, look by look; unseen where Redis does not say; nil where nobody asked.
    public var looks: Observation<[Look]>?
    /// Why only names that the run knows were counted, and not those under other prefixes; nil where all were.
    public var unlisted: Unseen?
    /// What was published in one write; nil where nothing was.
    public var burst: Burst?

    /// A publisher.
    public init(
      redisURL: String, instances: [String] = [], names: [String] = [], publications: [Publication] = [],
      failure: String? = nil
    ) {
      self.redisURL = redisURL
      self.instances = instances
      self.names = names
      self.publications = publications
      self.failure = failure
    }
  }

  /// The channel that the driven streams listened to: it carries a nonce, so nobody else does.
  public var channel: String
  /// One for each Redis.
  public var publishers: [Publisher]
  /// The streams that show which instances an event reaches; nil where that was not asked for.
  public var fanOut: [FanOutStream]?
  /// How many streams were held beside those, to tell whose process is behind a public one.
  public var helperStreams = 0

  /// What was published on a channel.
  public init(channel: String, publishers: [Publisher] = [], fanOut: [FanOutStream]? = nil, helperStreams: Int = 0) {
    self.channel = channel
    self.publishers = publishers
    self.fanOut = fanOut
    self.helperStreams = helperStreams
  }
}
