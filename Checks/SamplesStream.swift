// Streams that scenarios are told with: the public URL, opened over HTTP/1.1 and watched for 5 s.

import Facts

extension Samples {
  static let publicURL = "https://admin.example.com/api/flowpanel/stream"

  /// What flowpanel sends first.
  static let ready = [event("ready", "{}", at: 12)]

  /// An event at a time in milliseconds.
  static func event(_ type: String, _ data: String, at time: Double) -> StreamFacts.Arrival {
    StreamFacts.Arrival(.event(type: type, data: data), atMilliseconds: time)
  }

  /// A comment at a time in milliseconds.
  static func comment(_ text: String, at time: Double) -> StreamFacts.Arrival {
    StreamFacts.Arrival(.comment(text: text), atMilliseconds: time)
  }

  /// A cut of a body.
  static func cut(_ kind: StreamFacts.Cut.Kind, _ detail: String) -> StreamFacts.End {
    .cut(StreamFacts.Cut(kind, detail))
  }

  /// A response of 200 and what arrived after it.
  static func stream(
    _ arrivals: [StreamFacts.Arrival] = [], type: String? = "text/event-stream", body: String = "",
    system: System = .flowpanel, end: StreamFacts.End = .closedByProbe, watched: Double = 5000,
    redirects: [String] = []
  ) -> Facts {
    let headers = type.map { [StreamFacts.Header("Content-Type", $0)] } ?? []
    return facts(
      StreamFacts(
        url: publicURL, location: location, redirects: redirects.map { StreamFacts.Redirect(url: $0) },
        phases: phases(reached: 4),
        outcome: .response(StreamFacts.Response(status: 200, headers: headers, bodyStart: body)), arrivals: arrivals,
        end: end, watchedMilliseconds: watched), system)
  }

  /// A response of another status.
  static func stream(status: Int, headers: [StreamFacts.Header] = [], body: String = "") -> Facts {
    facts(
      StreamFacts(
        url: publicURL, location: location, phases: phases(reached: 4),
        outcome: .response(StreamFacts.Response(status: status, headers: headers, bodyStart: body)),
        end: .complete(.contentLength),
        watchedMilliseconds: 20))
  }

  /// No response: the request got through so many of its phases.
  static func stream(
    _ kind: StreamFacts.Failure.Kind, _ detail: String? = nil, reached: Int, watched: Double = 5000
  ) -> Facts {
    facts(
      StreamFacts(
        url: publicURL, location: location, phases: phases(reached: reached),
        outcome: .failure(StreamFacts.Failure(kind, detail ?? "\(kind)")), watchedMilliseconds: watched))
  }

  /// Two streams: what an instance sends directly, and what comes through the public URL.
  static func streams(direct: [StreamFacts.Arrival], public arrivals: [StreamFacts.Arrival]) -> Facts {
    var facts = stream(arrivals)
    var stream = facts.streams.value?.first
    stream?.url = "http://web-1:3000/api/flowpanel/stream"
    stream?.instance = "web-1"
    stream?.arrivals = direct
    facts.streams = facts.streams.map { streams in
      var behind = streams[0]
      behind.target = 1
      return [stream].compactMap { $0 } + [behind]
    }
    return facts
  }

  /// One URL in two cells of the browser matrix: as a browser asks, and uncompressed.
  static func cells(browser: [StreamFacts.Arrival], identity: [StreamFacts.Arrival]) -> Facts {
    // A head without a coding would not be a compressor's.
    var facts = browser.isEmpty ? compressed(stream(browser)) : stream(browser)
    facts.streams = facts.streams.map { streams in
      var uncompressed = streams[0]
      uncompressed.cell.coding = .identity
      uncompressed.arrivals = identity
      uncompressed.outcome = stream(identity).streams.value?.first?.outcome ?? uncompressed.outcome
      return streams + [uncompressed]
    }
    return facts
  }

  /// An instance and the public URL before it: neither sends anything to who offers compression.
  static var compressedEverywhere: Facts {
    var facts = cells(browser: [], identity: ready)
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        var own = stream
        own.url = "http://web-1:3000/api/flowpanel/stream"
        own.instance = "web-1"
        return own
      }
        + streams.map { stream in
          var behind = stream
          behind.target = 1
          return behind
        }
    }
    return facts
  }

  /// The public URL, asked for and answered over these versions of HTTP.
  static func overHTTP(_ version: String, asked: StreamCell.Version) -> Facts {
    stream(ready).streams { stream in
      stream.cell.version = asked
      guard case .response(var response) = stream.outcome else { return }
      response.httpVersion = version
      stream.outcome = .response(response)
    }
  }

  /// The answer by which TestPlanIt turns a stream away.
  static var overCap: Facts { stream(status: 503, headers: [.init("Retry-After", "30")]).system(.testplanit) }

  /// The same stream over HTTP/1.1, and over HTTP/2, which the server does not offer.
  static func withoutHTTP2(_ facts: Facts) -> Facts {
    var facts = facts
    facts.streams = facts.streams.map { streams in
      var refused = streams[0]
      refused.cell.version = .http2
      refused.outcome = .failure(StreamFacts.Failure(.notOffered, "the server does not offer HTTP/2 here"))
      return [refused] + streams
    }
    return facts
  }

  private static let location = Location(file: "flowpanel-doctor.yaml", line: 9)

  private static func phases(reached: Int) -> StreamFacts.Phases {
    StreamFacts.Phases(
      nameLookupMilliseconds: reached > 0 ? 1 : nil, connectMilliseconds: reached > 1 ? 2 : nil,
      tlsMilliseconds: reached > 2 ? 5 : nil, headersMilliseconds: reached > 3 ? 8 : nil)
  }

  private static func facts(_ stream: StreamFacts, _ system: System = .flowpanel) -> Facts {
    Facts(deployment: deployment(system), streams: .seen([stream]))
  }
}

extension Facts {
  /// The same of another system.
  func system(_ system: System) -> Facts {
    var facts = self
    facts.deployment = Samples.deployment(system)
    return facts
  }

  /// The same with streams that differ in something.
  func streams(_ change: (inout StreamFacts) -> Void) -> Facts {
    var facts = self
    facts.streams = facts.streams.map { streams in
      streams.map { stream in
        var stream = stream
        change(&stream)
        return stream
      }
    }
    return facts
  }
}

extension StreamFacts {
  /// Adds a header to the response.
  mutating func add(_ name: String, _ value: String) {
    guard case .response(var response) = outcome else { return }
    response.headers.append(Header(name, value))
    outcome = .response(response)
  }
}
