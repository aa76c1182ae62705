public import Facts

/// An event whose time of sending is known, beside that of its arrival. Times are milliseconds since the stream's request
/// began.
public struct TimedEvent: Sendable, Equatable {
  /// When it was sent; where only the sender's clock tells, as if the least delayed event had come without delay.
  public var sent: Double
  /// When it had arrived.
  public var arrived: Double
  /// The bytes of its lines.
  public var bytes: Int

  /// How long it was under way, at least.
  public var lag: Double { arrived - sent }
}

/// The events of one stream whose time of sending is known, in order of arrival.
public struct TimedEvents: Sendable, Equatable {
  /// How the times of sending are known.
  public enum Source: Sendable, Equatable {
    /// The reference origin's marks state them, on the origin's clock since it opened the stream.
    case marks
    /// The run published them itself: the times are on its own clock.
    case publications
  }

  /// How the times are known; nil where there is no such event.
  public private(set) var source: Source?
  /// The events.
  public private(set) var events: [TimedEvent] = []
  /// When each was sent on a clock that the run's streams have in common: the origin's, or the run's own. Their lags on it
  /// are those of `TimedEvent`, up to a number that is the same for all streams of one origin.
  private(set) var commonLags: [Double] = []
  /// By how much the least delayed event came after the request was sent and its time at the origin: the opening, a round
  /// trip and whatever delays every event alike. Negative for what was sent before it was asked for. 0 for publications.
  public private(set) var leastDelay = 0.0

  /// The timed events of a stream.
  public init(_ stream: StreamFacts, drive: StreamDrive?) {
    let marked = stream.arrivals.compactMap { arrival in
      arrival.mark.map { (arrival, Double($0.elapsedMicroseconds) / 1000) }
    }
    if let least = marked.map({ $0.0.milliseconds - $0.1 }).min() {
      source = .marks
      leastDelay = least - stream.requestMilliseconds
      events = marked.map { TimedEvent(sent: $0.1 + least, arrived: $0.0.milliseconds, bytes: $0.0.wireBytes) }
      commonLags = marked.map { arrival, _ in
        stream.beganMilliseconds + arrival.milliseconds - Double(arrival.mark?.sentAtMicroseconds ?? 0) / 1000
      }
      return
    }
    guard stream.isDriven, let drive else { return }
    var sent: [Int: Double] = [:]
    for publication in drive.publishers.flatMap(\.publications) {
      sent[publication.number] = publication.sentMilliseconds
    }
    events = stream.arrivals.compactMap { arrival in
      arrival.probeNumber.flatMap { sent[$0] }.map { time in
        TimedEvent(sent: time - stream.beganMilliseconds, arrived: arrival.milliseconds, bytes: arrival.wireBytes)
      }
    }
    source = events.isEmpty ? nil : .publications
    commonLags = events.map(\.lag)
  }

  /// Events that came together though they were sent apart.
  struct Burst {
    var events: [TimedEvent]
    /// From the first one's sending to the last one's.
    var span: Double { (events.last?.sent ?? 0) - (events.first?.sent ?? 0) }
    var arrived: Double { events.last?.arrived ?? 0 }
    var bytes: Int { events.reduce(0) { $0 + $1.bytes } }
    /// How long its first event waited for the last.
    var lag: Double { events.first?.lag ?? 0 }
  }

  /// All events in groups of those that came together, single ones too. What was sent together is no burst of the path's.
  var bursts: [Burst] {
    var bursts: [Burst] = []
    for event in events {
      if let last = bursts.last?.events.last, event.arrived - last.arrived <= Self.together {
        bursts[bursts.count - 1].events.append(event)
      } else {
        bursts.append(Burst(events: [event]))
      }
    }
    return bursts
  }

  /// What comes within so many milliseconds came together.
  private static let together = 20.0
}

extension StreamFacts {
  /// When the request could be sent: connected, and the TLS handshake done.
  var requestMilliseconds: Double { phases.tlsMilliseconds ?? phases.connectMilliseconds ?? 0 }

  /// What connecting took: a round trip.
  var roundTripMilliseconds: Double {
    phases.connectMilliseconds.map { $0 - (phases.nameLookupMilliseconds ?? 0) } ?? 0
  }

  /// The response, if one came.
  var answer: Response? {
    if case .response(let response) = outcome { return response }
    return nil
  }

  /// The first thing of the body, event or comment.
  public var firstArrival: Double? { arrivals.first?.milliseconds }
}

extension [Double] {
  /// The middle value; nil for none.
  var median: Double? { isEmpty ? nil : sorted()[count / 2] }

  /// How far from the middle three quarters of the values are at most; 0 for none.
  var spread: Double {
    guard let median else { return 0 }
    return map { abs($0 - median) }.sorted()[Swift.min(count - 1, count * 3 / 4)]
  }
}
