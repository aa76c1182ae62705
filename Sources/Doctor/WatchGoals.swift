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
    /// When its request began, on the clock of what is published.
    var began = 0.0
    /// How many messages of the burst have come; nil where it does not listen to one.
    var burst: Int?
    /// Which of the fan-out's streams it is; nil for none.
    var fanOutIndex: Int?
    /// Whether it is one of the run's streams; else it is there for others.
    var isReported = true
    /// When its own channel was last seen to have a subscriber, on the clock of what is published; 0 for never.
    var lastListened = 0.0
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
  /// The channel of a fan-out, and whether each of its streams has a channel of its own; nil for no fan-out.
  private let fanOut: (channel: String, hasOwnChannels: Bool)?
  /// How many messages come quickly under all names.
  private let quickMessages: Int
  /// Whether the fan-out's streams have shown all that they are watched for.
  private var isFanOutOver = false
  /// The fan-out's streams whose own channels have a subscriber, by publisher, and when that was seen.
  private var listening: [(indices: Set<Int>, milliseconds: Double)]

  init(
    _ streams: [StreamTarget], publishers: Int, watch: StreamInputs.Watch, of system: System, _ driving: Driving? = nil
  ) {
    self.watch = watch
    fanOut = driving.flatMap { driving in
      driving.fanOut.map { _ in
        (driving.channel.name, !driving.channel.isFixed && DriveChannel.maximumChannels(in: system) > 1)
      }
    }
    let isOnce = driving?.channel.isFixed == true
    quickMessages = isOnce ? 0 : ChannelPublishing.quickMessages(forFanOut: fanOut != nil)
    handshake = system.handshake
    heartbeat = system.heartbeat?.comment
    self.streams = streams.map { target in
      var seen = Seen(isDriven: target.channel?.isDriven == true)
      seen.fanOutIndex = target.fanOutIndex
      seen.isReported = target.isReported
      seen.burst = target.burst.map { _ in 0 }
      return seen
    }
    listening = Array(repeating: ([], 0), count: publishers)
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
    concludeFanOut()
  }

  private func isHeartbeat(_ arrival: StreamFacts.Arrival) -> Bool {
    guard case .comment(let text) = arrival.content else { return false }
    return text == heartbeat
  }

  mutating func begin(_ index: Int, atMilliseconds time: Double) { streams[index].began = time }

  mutating func takeBurst(_ count: Int, of index: Int) {
    streams[index].burst = count
    concludeFanOut()
  }

  mutating func take(_ publisher: StreamDrive.Publisher, of index: Int) {
    publishers[index] = publisher
    if let fanOut, let look = publisher.looks?.value?.last, look.lastMilliseconds != listening[index].milliseconds {
      let indices = look.subscribers.keys.compactMap { DriveChannel.ownIndex(in: $0, of: fanOut.channel) }
      listening[index] = (Set(indices), look.lastMilliseconds)
      for place in streams.indices where streams[place].fanOutIndex.map(listening[index].indices.contains) == true {
        streams[place].lastListened = look.lastMilliseconds
      }
    }
    concludeFanOut()
  }

  /// Whether what comes on a stream tells of others too.
  func isOfFanOut(_ index: Int) -> Bool { streams[index].fanOutIndex != nil }

  mutating func end(_ index: Int) {
    streams[index].isOver = true
    concludeFanOut()
  }

  /// Whether a stream has shown all that it is watched for.
  func isReached(by index: Int) -> Bool {
    let stream = streams[index]
    if fanOut != nil, stream.fanOutIndex != nil || !stream.isReported {
      // Together, for what one listens to is counted with the others.
      return isFanOutOver && (watch == .handshake || watch == .heartbeat)
    }
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

  private mutating func concludeFanOut() {
    guard fanOut != nil, !isFanOutOver, publishers.allSatisfy(isOver) else { return }
    isFanOutOver = streams.allSatisfy { $0.fanOutIndex == nil || $0.isOver || hasShownItsPart($0) }
  }

  /// Whether nothing more of a stream's part in the fan-out is to come.
  private func hasShownItsPart(_ stream: Seen) -> Bool {
    guard let fanOut, let handshake = stream.handshake else { return false }
    let looked = publishers.indices.filter { publishers[$0].looks?.value != nil }
    guard !looked.isEmpty else { return hasAllMessages(stream) && hasBurst(stream, of: publishers) }
    let listened = looked.filter { index in
      fanOut.hasOwnChannels
        ? stream.fanOutIndex.map(listening[index].indices.contains) == true : !stream.numbers.isEmpty
    }
    if listened.isEmpty {
      // Whoever has not subscribed by then never will, and whoever was may do so again.
      let patience = max(
        stream.began + handshake + Self.subscribingMilliseconds,
        stream.lastListened == 0 ? 0 : stream.lastListened + Self.returningMilliseconds)
      return looked.allSatisfy { listening[$0].milliseconds > patience }
    }
    return !stream.numbers.isEmpty && hasBurst(stream, of: listened.map { publishers[$0] })
      && listened.contains { index in
        publishers[index].publications.count { $0.name == nil && stream.numbers.contains($0.number) } >= quickMessages
      }
  }

  /// Whether all of the bursts came that publishers sent; where nobody counts subscribers, that of one of them.
  private func hasBurst(_ stream: Seen, of publishers: [StreamDrive.Publisher]) -> Bool {
    guard let came = stream.burst else { return true }
    // What nobody got comes nowhere.
    let sent = publishers.compactMap(\.burst).filter { $0.receivers > 0 }.map(\.count)
    return came >= (publishers.contains { $0.looks?.value != nil } ? sent.reduce(0, +) : sent.max() ?? 0)
  }

  /// How long an instance is given to subscribe after its stream's handshake.
  private static let subscribingMilliseconds = 3000.0
  /// How long one is given to subscribe again after its subscription ended.
  private static let returningMilliseconds = 5500.0

  /// Whether all was published, and the stream has brought what somebody got of one Redis; or nobody got anything.
  private func hasAllMessages(_ stream: Seen) -> Bool {
    guard publishers.allSatisfy(isOver) else { return false }
    var wasTaken = false
    for publisher in publishers {
      let taken = quick(publisher).filter { ($0.receivers ?? 0) > 0 }
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
    let messages = quick(publisher)
    let isBurstOver = publisher.burst != nil || !streams.contains { $0.burst != nil }
    return publisher.failure != nil
      || messages.count == quickMessages && messages.allSatisfy { $0.receivers != nil } && isBurstOver
        && (quickMessages > 0 || publisher.publications.last?.receivers != nil)
  }

  private func quick(_ publisher: StreamDrive.Publisher) -> ArraySlice<StreamDrive.Publication> {
    publisher.publications.filter { $0.name == nil }.prefix(quickMessages)
  }
}
