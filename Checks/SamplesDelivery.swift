// Streams that scenarios of delivery are told with: the public URL beside an instance's own, which is well.

import Facts

extension Samples {
  static let directURL = "http://web-1:3000/api/flowpanel/stream"

  /// Marked events of the reference origin, so late each, sent at intervals in milliseconds, 300 ms unless given.
  static func marks(lags: [Double], intervals: [Double] = [], isEnding: Bool = false) -> [StreamFacts.Arrival] {
    var sent = 20.0
    return lags.enumerated().map { index, lag in
      defer { sent += index < intervals.count ? intervals[index] : 300 }
      let mark = OriginMark(
        number: index + 1, sentAtMicroseconds: 1_700_000_000_000_000 + Int(sent * 1000),
        elapsedMicroseconds: Int(sent * 1000), isLast: isEnding && index == lags.count - 1)
      return StreamFacts.Arrival(
        .event(type: "message", data: mark.data), atMilliseconds: 8 + sent + lag, lastEventID: "\(index + 1)",
        wireBytes: 110, mark: mark)
    }
  }

  /// The public URL with these arrivals, and behind it an instance's own where each event came at once.
  static func path(_ arrivals: [StreamFacts.Arrival], end: StreamFacts.End = .closedByProbe) -> Facts {
    let prompt = arrivals.map { arrival in
      var arrival = arrival
      if let mark = arrival.mark {
        arrival.milliseconds = 8 + Double(mark.elapsedMicroseconds) / 1000
        // Each viewer has a stream of his own, opened a moment apart.
        arrival.mark?.sentAtMicroseconds += 7
      }
      return arrival
    }
    var facts = streams(direct: prompt, public: arrivals)
    guard end != .closedByProbe else { return facts }
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        var stream = stream
        stream.end = end
        stream.watchedMilliseconds = (stream.arrivals.last?.milliseconds ?? 0) + 2
        return stream
      }
    }
    return facts
  }

  /// The same with an origin that ended the streams.
  static func endingPath(_ arrivals: [StreamFacts.Arrival]) -> Facts { path(arrivals, end: .complete(.lastChunk)) }

  /// A public URL that sends not even a head, while the instance's own sends events.
  static var silentPath: Facts {
    var facts = path(marks(lags: Array(repeating: 0, count: 10)))
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        guard stream.instance == nil else { return stream }
        var stream = stream
        stream.outcome = .failure(StreamFacts.Failure(.timedOut, "nothing came in time"))
        stream.phases.headersMilliseconds = nil
        stream.arrivals = []
        return stream
      }
    }
    return facts
  }

  /// The heads of an instance's own URL and of the public one, with headers beside the type.
  static func heads(
    direct: [StreamFacts.Header], public headers: [StreamFacts.Header], version: String = "1.1"
  ) -> Facts {
    var facts = path(ready)
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        guard case .response(var response) = stream.outcome else { return stream }
        var stream = stream
        response.headers += stream.instance == nil ? headers : direct
        if stream.instance == nil { response.httpVersion = version }
        stream.outcome = .response(response)
        return stream
      }
    }
    return facts
  }

  /// A stream with its handshake while six messages were published, of which these arrived.
  static func driven(
    arrived: ClosedRange<Int>?, receivers: Int?, failure: String? = nil, watched: Double = 5000
  ) -> Facts {
    let messages = arrived.map { numbers in
      numbers.map { number in
        var arrival = event("message", #"{"id":"flowpanel-doctor.x:\#(number)"}"#, at: 100 + 300 * Double(number))
        arrival.probeNumber = number
        return arrival
      }
    }
    return driving(stream(ready + (messages ?? []), watched: watched), receivers: receivers, failure: failure)
  }

  /// The same streams while six messages were published.
  static func driving(_ facts: Facts, receivers: Int? = 1, failure: String? = nil) -> Facts {
    var facts = facts
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        var stream = stream
        stream.isDriven = true
        return stream
      }
    }
    let publications = (1...6).map { number in
      let time = 90 + 300 * Double(number)
      return StreamDrive.Publication(
        number: number, sentMilliseconds: time, answeredMilliseconds: time + 1, receivers: receivers)
    }
    facts.drive = .seen(
      StreamDrive(
        channel: "flowpanel-doctor.x",
        publishers: [
          StreamDrive.Publisher(
            redisURL: "redis://cache:6379", publications: failure == nil ? publications : [], failure: failure)
        ]))
    return facts
  }

  /// Two cells that were given the very same events.
  static var sharedPath: Facts {
    let events = marks(lags: [0, 0, 0, 0])
    return cells(browser: events, identity: events)
  }

  /// The same streams with a Content-Encoding, their events at once.
  static func compressed(_ facts: Facts) -> Facts {
    mapResponses(facts) { $0.headers.append(StreamFacts.Header("Content-Encoding", "gzip")) }
  }

  /// A healthy stream with these headers as well.
  static func stream(_ arrivals: [StreamFacts.Arrival], headers: [StreamFacts.Header]) -> Facts {
    mapResponses(stream(arrivals)) { $0.headers += headers }
  }

  private static func mapResponses(_ facts: Facts, _ change: (inout StreamFacts.Response) -> Void) -> Facts {
    var facts = facts
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        guard case .response(var response) = stream.outcome else { return stream }
        change(&response)
        var stream = stream
        stream.outcome = .response(response)
        return stream
      }
    }
    return facts
  }

  /// An instance that sends its head at once and its first event after 1.5 s, and the public URL's head at a time.
  static func lateHeads(direct: Double, public head: Double) -> Facts {
    let events = marks(lags: [0, 0, 0, 0, 0]).map { arrival in
      var arrival = arrival
      arrival.milliseconds += 1480
      arrival.mark?.elapsedMicroseconds += 1_480_000
      arrival.mark?.sentAtMicroseconds += 1_480_000
      return arrival
    }
    var facts = path(events)
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        var stream = stream
        stream.phases.headersMilliseconds = stream.instance == nil ? head : direct
        return stream
      }
    }
    return facts
  }

  /// A stream with a byte every second until its end.
  static func busy(until end: Double, end how: StreamFacts.End = Samples.cut(.reset, "reset")) -> Facts {
    var facts = stream(
      ready + stride(from: 1000, to: end, by: 1000).map { comment("keep-alive", at: $0) }, end: how, watched: end)
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        var stream = stream
        stream.totals.lastByteMilliseconds = stream.arrivals.last?.milliseconds
        stream.totals.longestSilenceMilliseconds = 1000
        return stream
      }
    }
    return facts
  }

  /// A stream of the reference origin that ended after its last event.
  static var lastMark: Facts {
    stream(marks(lags: [0, 0, 0, 0, 0], isEnding: true), end: .complete(.lastChunk), watched: 1240)
  }
}
