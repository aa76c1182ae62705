public import Facts
public import Transport

/// A stream to open, and with what.
public struct StreamTarget: Sendable {
  /// The http or https URL; it carries no user-info.
  public var url: String
  /// The instance that it reaches directly; nil for a public URL.
  public var instance: String?
  /// Where it was named.
  public var location: Location?
  /// Request headers from the operator, a session cookie for instance.
  public var headers: [(name: String, value: Secret)]

  /// A stream by URL.
  public init(
    url: String, instance: String? = nil, location: Location? = nil, headers: [(name: String, value: Secret)] = []
  ) {
    self.url = url
    self.instance = instance
    self.location = location
    self.headers = headers
  }
}

/// Opens an event stream as a browser does and notes when everything came.
public struct StreamProbe: Sendable {
  /// How long to watch one stream, from the request on.
  public var watch: Duration
  /// Ends the watch early, once this has arrived; nil to watch to the end.
  public var stopsAfter: (@Sendable ([StreamFacts.Arrival]) -> Bool)?
  /// A PEM file with the certificate authorities to trust instead of the system's.
  public var caFile: String?

  /// A probe that watches so long, or until something has arrived.
  public init(
    watch: Duration = .seconds(5), caFile: String? = nil,
    stopsAfter: (@Sendable ([StreamFacts.Arrival]) -> Bool)? = nil
  ) {
    self.watch = watch
    self.caFile = caFile
    self.stopsAfter = stopsAfter
  }

  /// Opens the stream, follows redirects as the Fetch standard does (at most 20), and watches. A task that is cancelled
  /// returns what was seen until then.
  public func facts(of target: StreamTarget, over transport: Transport) async -> StreamFacts {
    let clock = ContinuousClock()
    let began = clock.now
    var url = target.url
    var headers = target.headers
    var redirects: [String] = []
    let secrets = SecretEchoes(target.headers)
    while true {
      let left = max(.milliseconds(1), watch - began.duration(to: clock.now))
      let request = browserRequest(url, headers: headers, timeout: left)
      var capture = StreamCapture(url: url, offset: began.duration(to: clock.now), secrets: secrets)
      for await moment in transport.open(request) {
        capture.take(moment)
        if capture.redirect != nil { break }
        if let stopsAfter, capture.isEventStream, stopsAfter(capture.arrivals) { break }
      }
      if let location = capture.redirect {
        guard let next = URLParts(reference: location, base: url), let here = URLParts(url), redirects.count < 20 else {
          capture.refuse(
            redirects.count < 20
              ? StreamFacts.Failure(.badURL, "the redirect's Location is no URL")
              : StreamFacts.Failure(.tooManyRedirects, "more than 20 redirects"))
          return facts(target, redirects, capture, watched: began.duration(to: clock.now))
        }
        redirects.append(secrets.redact(next.redacted))
        // Credentials stay with the origin they were given for.
        if next.origin != here.origin { headers = [] }
        url = next.text
        continue
      }
      return facts(target, redirects, capture, watched: began.duration(to: clock.now))
    }
  }

  /// The request that a browser's EventSource sends (WHATWG HTML section 9.2.3). Browsers offer br and zstd over TLS only.
  private func browserRequest(
    _ url: String, headers: [(name: String, value: Secret)], timeout: Duration
  ) -> HTTPStreamRequest {
    let usesTLS = url.lowercased().hasPrefix("https:")
    return HTTPStreamRequest(
      url: url,
      headers: [
        ("Accept", "text/event-stream"), ("Cache-Control", "no-cache"), ("User-Agent", "flowpanel-doctor"),
      ],
      secretHeaders: headers, acceptEncoding: usesTLS ? "gzip, deflate, br, zstd" : "gzip, deflate",
      tls: TLSOptions(caFile: caFile), connectTimeout: min(timeout, .seconds(5)), timeout: timeout)
  }

  private func facts(
    _ target: StreamTarget, _ redirects: [String], _ capture: StreamCapture, watched: Duration
  ) -> StreamFacts {
    StreamFacts(
      url: URLParts(target.url)?.redacted ?? "(not a URL)", instance: target.instance, location: target.location,
      redirects: redirects, phases: capture.phases, outcome: capture.outcome(after: watched),
      arrivals: capture.arrivals, end: capture.end, watchedMilliseconds: watched.milliseconds)
  }
}
