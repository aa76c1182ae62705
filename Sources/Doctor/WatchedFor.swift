public import Facts
import RedisProbe

/// What the streams of a run are watched for, for who looks on.
public struct WatchedFor: Sendable, Equatable {
  /// How long each is watched at most.
  public var atMost: Duration
  /// The time that streams are held for; nil where they are not watched for their end.
  public var idle: Duration?
  /// How many events end a watch; nil for any number.
  public var events: Int?
  /// How many events with the reference origin's marks are enough; nil for any number.
  public var marks: Int?
  /// How many messages of the run's own are enough; nil where it publishes none.
  public var messages: Int?
  /// Through how many Redis servers it publishes them.
  public var publishers = 0
  /// What a stream begins with.
  public var handshake: System.Handshake
  /// What it sends while it has nothing else to send; nil where that is nothing.
  public var heartbeat: System.Heartbeat?

  /// A watch of a system's streams.
  public init(_ system: System, atMost: Duration) {
    self.atMost = atMost
    handshake = system.handshake
    heartbeat = system.heartbeat
  }
}

extension Plan {
  /// What the streams are watched for.
  var watchedFor: WatchedFor {
    var watched = WatchedFor(system, atMost: watchTime)
    watched.events = streamInputs.events
    if case .idle(let time) = streamInputs.watch { watched.idle = time }
    if streamInputs.goal == .heartbeat { watched.marks = WatchGoals.neededMarks + 1 }
    if drivesStreams { watched.messages = ChannelPublishing.quickMessages(forFanOut: fanOut != nil) }
    return watched
  }
}
