/// Who saw whom join a room of the run's own, of a system whose instances tell each other over Redis who is in a room
/// (flock).
///
/// At each URL two users join: one who listens, and, once all of these are there, one who is announced to them.
public struct RoomFacts: Codable, Sendable, Equatable {
  /// Why a user is not in the room.
  public struct Failure: Codable, Sendable, Equatable {
    /// The failures that are told apart.
    public enum Kind: String, Codable, Sendable {
      /// There was no connection.
      case notReachable
      /// Nothing came in time.
      case timedOut
      /// The WebSocket's handshake was answered with another status than 101.
      case notUpgraded
      /// What came is no WebSocket, or not what the system says over one.
      case notUnderstood
      /// The system refused: see the code.
      case refused
      /// The connection was closed or broke.
      case closed
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// The status in place of 101; nil for other failures.
    public var status: Int?
    /// The system's word for the error, `INVALID_API_KEY`; nil for other failures.
    public var code: String?
    /// What came back, in words, without credentials.
    public var detail: String

    /// A failure.
    public init(_ kind: Kind, status: Int? = nil, code: String? = nil, _ detail: String) {
      self.kind = kind
      self.status = status
      self.code = code
      self.detail = detail
    }
  }

  /// How a user's joining came out.
  public enum Outcome: Codable, Sendable, Equatable {
    /// The server acknowledged it, so many milliseconds after the user began to connect.
    case joined(milliseconds: Double)
    case failed(Failure)

    /// Why the user is not in the room; nil where it is.
    public var failure: Failure? {
      if case .failed(let failure) = self { failure } else { nil }
    }
  }

  /// Somebody who was seen to join.
  public struct Seen: Codable, Sendable, Equatable {
    /// Which of the places that user joined at.
    public var place: Int
    /// How long after the user's message it was told here, in milliseconds.
    public var milliseconds: Double

    /// Somebody who joined at a place.
    public init(place: Int, milliseconds: Double) {
      self.place = place
      self.milliseconds = milliseconds
    }
  }

  /// A URL at which two users joined.
  public struct Place: Codable, Sendable, Equatable {
    /// Which of the URLs that were named it is.
    public var target: Int
    /// The URL, redacted.
    public var url: String
    /// The instance that it reaches directly; nil for a public URL.
    public var instance: String?
    /// Where it was named.
    public var location: Location?
    /// The one who listens.
    public var listener: Outcome
    /// The one who is announced.
    public var announced: Outcome
    /// Whom the listener saw join, of those who are announced; the one of this place too.
    public var seen: [Seen]
    /// The users that joined and could not say that they leave, since the connection had broken: what is kept of them in
    /// Redis may stay.
    public var lost: [String]

    /// A place.
    public init(
      target: Int, url: String, instance: String? = nil, location: Location? = nil, listener: Outcome,
      announced: Outcome, seen: [Seen] = [], lost: [String] = []
    ) {
      self.target = target
      self.url = url
      self.instance = instance
      self.location = location
      self.listener = listener
      self.announced = announced
      self.seen = seen
      self.lost = lost
    }
  }

  /// How many connections one Redis counts on the room's channel (PUBSUB NUMSUB), while all users were there.
  public struct Count: Codable, Sendable, Equatable {
    /// The Redis, without credentials.
    public var redisURL: String
    /// The instances that use it, as far as known.
    public var instances: [String]
    /// One for each instance that is subscribed; unseen where Redis does not say.
    public var subscribers: Observation<Int>

    /// A count.
    public init(redisURL: String, instances: [String] = [], subscribers: Observation<Int>) {
      self.redisURL = redisURL
      self.instances = instances
      self.subscribers = subscribers
    }
  }

  /// The room's name.
  public var room: String
  /// The URLs.
  public var places: [Place]
  /// What each Redis counts.
  public var counts: [Count]

  /// The channel in Redis on which the room's instances tell each other.
  public var channel: String { Self.channel(ofRoom: room) }

  /// The channel of a room.
  public static func channel(ofRoom room: String) -> String { "flock:broadcast:\(room)" }

  /// What was seen of a room.
  public init(room: String, places: [Place] = [], counts: [Count] = []) {
    self.room = room
    self.places = places
    self.counts = counts
  }
}
