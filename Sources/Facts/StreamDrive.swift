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

    /// A message by number and time.
    public init(
      number: Int, sentMilliseconds: Double, answeredMilliseconds: Double? = nil, receivers: Int? = nil
    ) {
      self.number = number
      self.sentMilliseconds = sentMilliseconds
      self.answeredMilliseconds = answeredMilliseconds
      self.receivers = receivers
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

  /// What was published on a channel.
  public init(channel: String, publishers: [Publisher] = []) {
    self.channel = channel
    self.publishers = publishers
  }
}
