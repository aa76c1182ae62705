import Facts

/// What of an event stream is kept: each event and comment with its time, up to a bound, and the count of all.
struct StreamRecord {
  /// How many arrivals, and how many reads, are kept.
  static let maximumArrivals = 10_000
  /// How many reconnection times are kept.
  private static let maximumRetries = 100

  private(set) var arrivals: [StreamFacts.Arrival] = []
  private(set) var retries: [Int] = []
  private(set) var reads: [StreamFacts.Read] = []
  private(set) var totals = StreamFacts.Totals()
  /// Whether what ends the watch has come; nothing is kept after it.
  private(set) var isDone = false
  private let stop: StreamStop
  private let secrets: SecretEchoes
  private let probeNumber: ProbeNumber?
  /// What came of a burst; nil where the stream does not listen to one.
  private(set) var burst: BurstRecord?

  /// - Parameters:
  ///   - channel: the channel of the run's own that the stream listens to; nil for none.
  ///   - burst: the channel of the burst, and how many messages each publisher sends; nil for none.
  init(
    until stop: StreamStop, secrets: SecretEchoes, listeningTo channel: String? = nil,
    burst: (channel: String, count: Int)? = nil
  ) {
    self.stop = stop
    self.secrets = secrets
    probeNumber = channel.map { ProbeNumber(on: $0) }
    self.burst = burst.map { BurstRecord(on: $0.channel, block: $0.count) }
  }

  /// Takes a read of a body whose head came at a time.
  mutating func take(_ read: StreamFacts.Read, headAt head: Double) {
    if read.bodyBytes > 0 {
      totals.longestSilenceMilliseconds = max(
        totals.longestSilenceMilliseconds, read.milliseconds - (totals.lastByteMilliseconds ?? head))
      totals.lastByteMilliseconds = read.milliseconds
    }
    // What a read still gave after it had been handed over.
    if read.wireBytes == 0, totals.reads > 0 {
      totals.bodyBytes += read.bodyBytes
      if totals.reads == reads.count { reads[reads.count - 1].bodyBytes += read.bodyBytes }
      return
    }
    totals.reads += 1
    totals.wireBytes += read.wireBytes
    totals.bodyBytes += read.bodyBytes
    if reads.count < Self.maximumArrivals { reads.append(read) }
  }

  /// Lets go of what came one by one.
  mutating func forgetArrivals() {
    arrivals.removeAll(keepingCapacity: true)
    reads.removeAll(keepingCapacity: true)
  }

  /// The server was made to wait.
  mutating func noteWait() { totals.waits += 1 }

  /// Takes what came at a time in milliseconds.
  mutating func take(_ token: EventStreamToken, at milliseconds: Double) {
    if isDone { return }
    switch token {
    case .event(let event):
      if burst?.take(event.data.bytes, at: milliseconds) == true { break }
      totals.events += 1
      guard arrivals.count < Self.maximumArrivals else { break }
      let id = event.lastEventID.bytes.isEmpty ? nil : secrets.excerpt(event.lastEventID.bytes)
      let type = event.namedType.bytes.isEmpty ? "message" : secrets.excerpt(event.namedType.bytes)
      keep(
        StreamFacts.Arrival(
          .event(type: type, data: secrets.excerpt(event.data.bytes)), atMilliseconds: milliseconds, lastEventID: id,
          wireBytes: event.wireBytes, mark: OriginMark(data: event.data.bytes),
          probeNumber: probeNumber?.find(in: event.data.bytes)))
    case .comment(let comment):
      totals.comments += 1
      guard arrivals.count < Self.maximumArrivals else { break }
      let text =
        comment.bytes.first == 0x20 ? UnsafeRawBufferPointer(rebasing: comment.bytes.dropFirst()) : comment.bytes
      keep(StreamFacts.Arrival(.comment(text: secrets.excerpt(text)), atMilliseconds: milliseconds))
    case .retry(let time): if retries.count < Self.maximumRetries { retries.append(time) }
    case .tooLarge: totals.tooLarge += 1
    }
    if let events = stop.events, totals.events >= events { isDone = true }
  }

  private mutating func keep(_ arrival: StreamFacts.Arrival) {
    arrivals.append(arrival)
    if stop.arrival?(arrival.content) == true { isDone = true }
  }
}

/// What ends a watch before its time.
public struct StreamStop: Sendable {
  /// So many events.
  public var events: Int?
  /// An event or a comment that is what was waited for.
  public var arrival: (@Sendable (StreamFacts.Arrival.Content) -> Bool)?

  /// Nothing, unless given.
  public init(events: Int? = nil, arrival: (@Sendable (StreamFacts.Arrival.Content) -> Bool)? = nil) {
    self.events = events
    self.arrival = arrival
  }
}
