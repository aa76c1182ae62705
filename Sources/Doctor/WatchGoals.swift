import Facts
import RedisProbe
import StreamProbe

/// What each stream is watched for, and how much of it has come: a watch ends where all was seen, and the others go on.
struct WatchGoals: Sendable {
  /// What one stream has shown.
  private struct Seen {
    var isDriven: Bool
    var handshake: Double?
    /// Whether something of the stream's own came some time after the handshake.
    var hasFurther = false
    var marks = 0
    /// When the second and the last event with the reference origin's mark came.
    var markTimes: ClosedRange<Double>?
    var isMarksEnd = false
    var numbers: Set<Int> = []
    var isOver = false
  }

  /// An event comes with the handshake, or soon after it, where a stream begins with what was before; so does a comment
  /// that is padding.
  private static let furtherMilliseconds = 1000.0
  /// How many marked events, over which time, show how a stream is delivered; the first one is not counted.
  static let neededMarks = 6
  private static let neededMilliseconds = 1500.0

  private let watch: StreamInputs.Watch
  private let handshake: System.Handshake
  private let heartbeat: String?
  private var streams: [Seen]
  private var publishers: [StreamDrive.Publisher]

  init(
    _ streams: [StreamTarget], publishers: Int, watch: StreamInputs.Watch, of system: System
  ) {
    self.watch = watch
    handshake = system.handshake
    heartbeat = system.heartbeat?.comment
    self.streams = streams.map { Seen(isDriven: $0.channel?.isDriven == true) }
    self.publishers = Array(repeating: StreamDrive.Publisher(redisURL: ""), count: publishers)
  }

  /// Whether what comes can end anything.
  var areOpen: Bool {
    switch watch {
    case .handshake, .heartbeat: true
    case .time, .idle: !publishers.isEmpty
    }
  }

  /// Whether every stream that listens has begun, or never will: what is published now, they all can bring.
  var allListen: Bool { streams.allSatisfy { !$0.isDriven || $0.handshake != nil || $0.isOver } }

  mutating func take(_ arrival: StreamFacts.Arrival, of index: Int) {
    let time = arrival.milliseconds
    guard let begun = streams[index].handshake else {
      if handshake.matches(arrival.content) { streams[index].handshake = time }
      return
    }
    if let number = arrival.probeNumber {
      streams[index].numbers.insert(number)
    } else if let mark = arrival.mark {
      streams[index].marks += 1
      if streams[index].marks > 1 {
        let first = streams[index].markTimes?.lowerBound ?? time
        streams[index].markTimes = first...max(first, time)
      }
      streams[index].isMarksEnd = mark.isLast
    } else if isHeartbeat(arrival) || time - begun >= Self.furtherMilliseconds {
      streams[index].hasFurther = true
    }
  }

  private func isHeartbeat(_ arrival: StreamFacts.Arrival) -> Bool {
    guard case .comment(let text) = arrival.content else { return false }
    return text == heartbeat
  }

  mutating func take(_ publisher: StreamDrive.Publisher, of index: Int) { publishers[index] = publisher }

  mutating func end(_ index: Int) { streams[index].isOver = true }

  /// Whether a stream has shown all that it is watched for.
  func isReached(by index: Int) -> Bool {
    let stream = streams[index]
    guard stream.handshake != nil, watch == .handshake || watch == .heartbeat else { return false }
    if stream.isDriven, publishers.contains(where: { $0.failure == nil || !$0.publications.isEmpty }) {
      return hasAllMessages(stream)
    }
    guard watch == .heartbeat else { return true }
    guard stream.marks > 0 else { return stream.hasFurther }
    if stream.isMarksEnd { return true }
    guard let times = stream.markTimes, stream.marks > Self.neededMarks else { return false }
    return times.upperBound - times.lowerBound >= Self.neededMilliseconds
  }

  /// Whether all was published, and the stream has brought what somebody got of one Redis; or nobody got anything.
  private func hasAllMessages(_ stream: Seen) -> Bool {
    guard publishers.allSatisfy(isOver) else { return false }
    var wasTaken = false
    for publisher in publishers {
      let taken = publisher.publications.prefix(ChannelPublishing.quickMessages).filter { ($0.receivers ?? 0) > 0 }
      if taken.isEmpty { continue }
      wasTaken = true
      // Who began to listen a little late has as many of them all the same.
      let come = publisher.publications.count { stream.numbers.contains($0.number) }
      if come >= taken.count { return true }
    }
    return !wasTaken
  }

  /// Whether the quick messages are all published, or no more of them will be.
  private func isOver(_ publisher: StreamDrive.Publisher) -> Bool {
    let messages = publisher.publications.prefix(ChannelPublishing.quickMessages)
    return publisher.failure != nil
      || messages.count == ChannelPublishing.quickMessages && messages.allSatisfy { $0.receivers != nil }
  }
}
