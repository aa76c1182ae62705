public import Facts
public import Transport

/// A stream to open, and with what.
public struct StreamTarget: Sendable {
  /// The http or https URL; it carries no user-info.
  public var url: String
  /// Which of the streams that were named it is, counted from 0.
  public var number = 0
  /// How it is asked for.
  public var cell: StreamCell
  /// The instance that it reaches directly; nil for a public URL.
  public var instance: String?
  /// Where on the way it enters (`StreamFacts.via`).
  public var via: Int?
  /// The channel of the run's own that it listens to, and whether the run publishes on it; nil for none.
  public var channel: (channel: DriveChannel, isDriven: Bool)?
  /// Further channels of the run's own that it listens to.
  public var furtherChannels: [String] = []
  /// The channel of a burst, of which only the numbers that came are kept, and how many each publisher sends; nil for none.
  public var burst: (channel: DriveChannel, count: Int)?
  /// Which of the run's fan-out streams it is (`FanOutStream.index`); nil for none.
  public var fanOutIndex: Int?
  /// Whether it is one of the run's streams; else it is there to show something of others.
  public var isReported = true
  /// Where it was named.
  public var location: Location?
  /// Request headers from the operator, a session cookie for instance.
  public var headers: [(name: String, value: Secret)]

  /// A stream by URL.
  public init(
    url: String, cell: StreamCell = StreamCell(version: .negotiated), instance: String? = nil,
    location: Location? = nil, headers: [(name: String, value: Secret)] = []
  ) {
    self.url = url
    self.cell = cell
    self.instance = instance
    self.location = location
    self.headers = headers
  }
}

/// What a stream has just shown, for whoever looks on.
public enum StreamNews: Sendable {
  /// Its request began: `StreamFacts.beganMilliseconds`.
  case began(atMilliseconds: Double)
  /// A redirect is followed.
  case redirect(StreamFacts.Redirect)
  /// The response's head is there.
  case response(StreamFacts.Response, atMilliseconds: Double)
  /// An event or a comment; the first 10,000.
  case arrival(StreamFacts.Arrival)
  /// Bytes of the body, codings undone; only where they are asked for.
  case bytes([UInt8])
  /// What has come until now; after each look at the connection.
  case totals(StreamFacts.Totals)
  /// So many messages of the burst have come; after each look at the connection that brought some.
  case burst(Int)
}

/// Opens an event stream as a browser does and notes when everything came.
public struct StreamProbe: Sendable {
  /// How long to watch one stream, from the request on.
  public var watch: Duration
  /// What ends the watch early.
  public var stop: StreamStop
  /// How servers are reached.
  public var route: Route
  /// The ID of the last event that the browser has seen (WHATWG HTML section 9.2.3); empty for none.
  public var lastEventID = ""
  /// The origin of the page that asks (RFC 6454 section 7); nil for none.
  public var origin: String?
  /// Whether the bytes of bodies are among the news.
  public var passesBytes = false
  /// Whether arrivals and reads are among the facts; else they are told and forgotten, and none is left out for their
  /// number, however long the watch.
  public var keepsArrivals = true
  /// When the run's streams were begun: the zero of `StreamFacts.beganMilliseconds`.
  public var epoch = ContinuousClock.now

  /// A probe that watches so long, or until something has arrived.
  public init(watch: Duration = .seconds(5), route: Route = Route(), stop: StreamStop = StreamStop()) {
    self.watch = watch
    self.route = route
    self.stop = stop
  }

  /// Opens the stream, follows redirects as the Fetch standard does (at most 20), and watches. A task that is cancelled
  /// returns what was seen until then.
  ///
  /// - Parameter tell: hears what happens as it happens, in order.
  public func facts(
    of target: StreamTarget, over transport: Transport, tell: @Sendable (StreamNews) -> Void = { _ in }
  ) async -> StreamFacts {
    let clock = ContinuousClock()
    let began = clock.now
    var target = target
    let named = target
    if let channel = target.channel?.channel {
      target.url = channel.url(
        of: target.url, with: target.furtherChannels + (target.burst.map { [$0.channel.name] } ?? []))
    }
    var redirects: [StreamFacts.Redirect] = []
    // What the transport has to do before it takes up a request is not the request's time.
    var zero: ContinuousClock.Instant?
    var decodesContent = true
    let secrets = SecretEchoes(target.headers, proxy: route.proxy)
    var route = route
    var hasLeftHost = false
    while true {
      let left = max(.milliseconds(1), watch - began.duration(to: clock.now))
      var request = browserRequest(target, over: route, timeout: left)
      request.decodesContent = decodesContent
      var capture = StreamCapture(
        url: target.url, since: zero, until: stop, secrets: secrets,
        listeningTo: target.channel?.channel.name, burst: target.burst.map { ($0.channel.name, $0.count) })
      for await moment in transport.open(request) {
        capture.take(moment, telling: tell, bytes: passesBytes)
        if !keepsArrivals { capture.forgetArrivals() }
        if zero == nil, let began = capture.zero {
          zero = began
          tell(.began(atMilliseconds: epoch.duration(to: began).milliseconds))
        }
        if capture.isDone { break }
      }
      if decodesContent, capture.hasUnknownCoding {
        decodesContent = false
        continue
      }
      if let redirect = capture.redirect {
        guard let next = URLParts(reference: redirect.location, base: target.url), let here = URLParts(target.url),
          redirects.count < 20
        else {
          capture.refuse(
            redirects.count < 20
              ? StreamFacts.Failure(.badURL, "the redirect's Location is no URL")
              : StreamFacts.Failure(.tooManyRedirects, "more than 20 redirects"))
          return facts(named, redirects, capture, since: zero ?? began)
        }
        let sent = target.headers.filter { maySend($0.name, to: next, from: here) }
        let withheld = target.headers.filter { !maySend($0.name, to: next, from: here) }
        redirects.append(
          StreamFacts.Redirect(
            status: redirect.status, url: secrets.redact(next.redacted),
            milliseconds: capture.phases.headersMilliseconds ?? 0,
            withheld: withheld.map(\.name)))
        tell(.redirect(redirects[redirects.count - 1]))
        target.headers = sent
        if !maySend("Cookie", to: next, from: here) {
          hasLeftHost = true
          (route.tls.certificateFile, route.tls.keyFile) = (nil, nil)
        }
        target.url = next.text
        decodesContent = true
        continue
      }
      var facts = facts(named, redirects, capture, since: zero ?? began)
      // Not where the run is over: then there is no time for it. Nor of a server that nobody named.
      if facts.isUnanswered, !hasLeftHost, !Task.isCancelled {
        facts.neighbour = await neighbour(of: target, by: route, over: transport)
      }
      return facts
    }
  }

  /// The request that a browser's EventSource sends (WHATWG HTML section 9.2.3).
  private func browserRequest(_ target: StreamTarget, over route: Route, timeout: Duration) -> HTTPStreamRequest {
    let version: HTTPStreamRequest.Version =
      switch target.cell.version {
      case .negotiated: .http2OrHTTP1
      case .http1: .http1
      case .http2: .http2
      }
    var headers = [
      (name: "Accept", value: "text/event-stream"), ("Cache-Control", "no-cache"), ("User-Agent", "flowpanel-doctor"),
    ]
    if !lastEventID.isEmpty { headers.append(("Last-Event-ID", lastEventID)) }
    if let origin { headers.append(("Origin", origin)) }
    return HTTPStreamRequest(
      url: target.url, headers: headers, secretHeaders: target.headers,
      acceptEncoding: target.cell.acceptEncoding(usesTLS: target.url.lowercased().hasPrefix("https:")),
      version: version, route: route, connectTimeout: min(timeout, .seconds(5)), timeout: timeout)
  }

  private func facts(
    _ target: StreamTarget, _ redirects: [StreamFacts.Redirect], _ capture: StreamCapture,
    since began: ContinuousClock.Instant
  ) -> StreamFacts {
    let watched = began.duration(to: .now)
    var facts = StreamFacts(
      url: URLParts(target.url)?.redacted ?? "(not a URL)", cell: target.cell, instance: target.instance,
      location: target.location, redirects: redirects, phases: capture.phases,
      outcome: capture.outcome(after: watched), arrivals: capture.record.arrivals, end: capture.end,
      watchedMilliseconds: capture.endMilliseconds ?? watched.milliseconds)
    facts.target = target.number
    facts.via = target.via
    facts.isDriven = target.channel?.isDriven == true
    facts.beganMilliseconds = epoch.duration(to: began).milliseconds
    facts.sentHeaders = target.headers.map(\.name)
    facts.hasClientCertificate = route.tls.certificateFile != nil
    facts.origin = origin
    facts.sentLastEventID = lastEventID.isEmpty ? nil : String(lastEventID.prefix(200))
    facts.proxy = route.proxy.map { shown(proxy: $0.reveal()) }
    facts.address = capture.address
    facts.failedAddresses = capture.failedAddresses
    facts.tls = capture.tls
    facts.retries = capture.record.retries
    facts.lastEventID = capture.lastEventID
    facts.reads = capture.record.reads
    facts.totals = capture.record.totals
    facts.burst = capture.record.burst?.facts(startingAt: facts.beganMilliseconds)
    facts.trailers = capture.trailers
    return facts
  }
}

/// Whether a header that was given for one URL goes to where that redirects. Credentials stay with their origin (Fetch,
/// HTTP-redirect fetch); a host's cookies go with it from http to https, as in every browser (RFC 6265 section 8.5).
private func maySend(_ header: String, to next: URLParts, from here: URLParts) -> Bool {
  next.origin == here.origin
    || header.lowercased() == "cookie" && next.host.lowercased() == here.host.lowercased() && here.scheme == "http"
      && next.scheme == "https"
}

/// A proxy's URL without credentials.
private func shown(proxy url: String) -> String {
  guard let scheme = url.firstRange(of: "://"), let at = url.lastIndex(of: "@") else { return url }
  return String(url[..<scheme.upperBound] + url[url.index(after: at)...])
}

extension StreamCapture {
  /// Takes a moment, and tells what it brought.
  fileprivate mutating func take(_ moment: HTTPMoment, telling tell: (StreamNews) -> Void, bytes: Bool) {
    let before = record.arrivals.count
    let burstBefore = record.burst?.count
    take(moment)
    switch moment {
    case .connected, .end: break
    case .head:
      if redirect == nil, let response {
        tell(.response(response, atMilliseconds: phases.headersMilliseconds ?? 0))
      }
    case .body(let body):
      if let count = record.burst?.count, count != burstBefore { tell(.burst(count)) }
      if bytes, !body.bytes.isEmpty { tell(.bytes(body.bytes)) }
      for arrival in record.arrivals[before...] { tell(.arrival(arrival)) }
      tell(.totals(record.totals))
    }
  }
}
