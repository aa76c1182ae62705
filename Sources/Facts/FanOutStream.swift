/// One of the streams that show which instances an event reaches: what came on it of the run's own messages.
///
/// It listens to the run's channel as all of them do, and to one of its own, so that Redis's count of that one's
/// subscribers tells whether the instance behind it is subscribed. A public URL has several, as a balancer chooses the
/// instance: each shares a channel with the direct stream of every instance, which has one subscriber where both are the
/// same process, and two where they are not.
public struct FanOutStream: Codable, Sendable, Equatable {
  /// A message that came.
  public struct Heard: Codable, Sendable, Equatable {
    /// Its number (`StreamDrive.Publication.number`).
    public var number: Int
    /// When it came, on the clock of `StreamFacts.beganMilliseconds`.
    public var milliseconds: Double
    /// Whether the event was the payload in an envelope with the channel's name; else it was the payload itself.
    public var isWrapped: Bool

    /// A message and its time.
    public init(_ number: Int, atMilliseconds milliseconds: Double, isWrapped: Bool = false) {
      self.number = number
      self.milliseconds = milliseconds
      self.isWrapped = isWrapped
    }
  }

  /// What came of a burst.
  public struct Burst: Codable, Sendable, Equatable {
    /// How many ranges are kept.
    public static let maximumRanges = 1_000

    /// How many different messages came.
    public var count = 0
    /// Their numbers, in order, the first 1,000 ranges.
    public var came: [ClosedRange<Int>] = []
    /// How many came again.
    public var repeated = 0
    /// How many came after one with a higher number.
    public var disordered = 0
    /// When the last one came, on the clock of `StreamFacts.beganMilliseconds`; nil for none.
    public var lastMilliseconds: Double?

    /// Nothing yet.
    public init() {}
  }

  /// Which of the run's fan-out streams it is, from 0: its channels are numbered so.
  public var index: Int
  /// Which of the URLs it is (`StreamFacts.target`).
  public var target: Int
  /// The URL, redacted.
  public var url: String
  /// The instance that the URL reaches directly; nil for a public URL.
  public var instance: String?
  /// The response, or why there was none.
  public var outcome: StreamFacts.Outcome
  /// When the handshake came, on the clock of `StreamFacts.beganMilliseconds`; nil where it did not.
  public var handshakeMilliseconds: Double?
  /// The messages in order of arrival.
  public var heard: [Heard]
  /// What came of the burst; nil where it did not listen to it.
  public var burst: Burst?
  /// How it ended.
  public var end: StreamFacts.End
  /// When it ended or was ended, on the clock of `StreamFacts.beganMilliseconds`.
  public var endMilliseconds: Double

  /// A stream on which nothing came yet.
  public init(
    index: Int, target: Int, url: String, instance: String? = nil, outcome: StreamFacts.Outcome,
    handshakeMilliseconds: Double? = nil, heard: [Heard] = [], burst: Burst? = nil,
    end: StreamFacts.End = .closedByProbe, endMilliseconds: Double = 0
  ) {
    self.index = index
    self.target = target
    self.url = url
    self.instance = instance
    self.outcome = outcome
    self.handshakeMilliseconds = handshakeMilliseconds
    self.heard = heard
    self.burst = burst
    self.end = end
    self.endMilliseconds = endMilliseconds
  }
}
