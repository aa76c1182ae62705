import Facts
import Transport

/// What one exchange has shown so far.
struct StreamCapture {
  /// How much is read of a body that is no event stream.
  private static let maximumForeignBytes = 64 * 1024
  /// How much of it is kept, in characters: Apache's error pages come to the point after 200.
  private static let maximumBodyStart = 300

  private(set) var record: StreamRecord
  private(set) var phases = StreamFacts.Phases()
  private(set) var address: String?
  private(set) var failedAddresses: [String] = []
  private(set) var tls: TLSFacts?
  private(set) var trailers: [StreamFacts.Header] = []
  private(set) var end = StreamFacts.End.closedByProbe
  /// When the exchange was over, in milliseconds; nil while it is not.
  private(set) var endMilliseconds: Double?
  private(set) var redirect: (status: Int, location: String)?
  private(set) var isEventStream = false
  /// When the first request of the watch began; nil as long as none has.
  private(set) var zero: ContinuousClock.Instant?
  /// How long after that this exchange's did.
  private var offset = Duration.zero
  private let url: String
  private let secrets: SecretEchoes
  private(set) var response: StreamFacts.Response?
  private var failure: StreamFacts.Failure?
  private var parser = EventStreamParser()
  private var foreignBody: [UInt8] = []
  private var foreignBytes = 0

  /// A capture of an exchange with `url`. Whatever the server repeats of the request's secrets is redacted before it is
  /// kept.
  ///
  /// - Parameter zero: when the first request of the watch began, if redirects came before this one.
  init(
    url: String, since zero: ContinuousClock.Instant?, until stop: StreamStop, secrets: SecretEchoes,
    listeningTo channel: String? = nil, burst: (channel: String, count: Int)? = nil
  ) {
    self.url = url
    self.zero = zero
    self.secrets = secrets
    record = StreamRecord(until: stop, secrets: secrets, listeningTo: channel, burst: burst)
  }

  /// Whether there is nothing more to wait for.
  var isDone: Bool { record.isDone || redirect != nil || foreignBytes >= Self.maximumForeignBytes }

  /// Whether the body was given up because nobody knows its Content-Encoding, which browsers then ignore.
  var hasUnknownCoding: Bool {
    guard case .cut(let cut) = end, cut.kind == .undecodable, record.totals.bodyBytes == 0 else { return false }
    let known: Set<String> = ["gzip", "x-gzip", "deflate", "br", "zstd"]
    let codings = response?.value(of: "Content-Encoding")?.split { $0 == "," || $0 == " " }
    return codings?.contains { !known.contains($0.lowercased()) } == true
  }

  /// The last event ID as it stands now.
  var lastEventID: String { String(secrets.redact(parser.lastEventID).prefix(SecretEchoes.maximumExcerpt)) }

  mutating func take(_ moment: HTTPMoment) {
    switch moment {
    case .connected(let connection): take(connection)
    case .head(let head, let time, let connection):
      take(connection)
      phases.headersMilliseconds = milliseconds(time)
      if [301, 302, 303, 307, 308].contains(head.status), let location = head.value(of: "Location") {
        redirect = (head.status, location)
      }
      let response = StreamFacts.Response(
        status: head.status, httpVersion: head.version, headers: head.headers.map(shown))
      isEventStream = response.isEventStream
      self.response = response
    case .body(let body): take(body)
    case .end(let how, let time, let connection):
      take(connection)
      endMilliseconds = milliseconds(time)
      switch how {
      case .body(let end, let trailers):
        self.end = end
        self.trailers = trailers.map { shown($0.name, $0.value) }
      case .failed(let reason):
        failure = StreamFacts.Failure(StreamFacts.Failure.Kind(rawValue: reason.kind.rawValue) ?? .other, reason.detail)
      }
    }
  }

  mutating func forgetArrivals() { record.forgetArrivals() }

  mutating func refuse(_ failure: StreamFacts.Failure) {
    self.failure = failure
    response = nil
  }

  /// The response, or the failure that came instead; a watch that ended before either came shows nothing.
  func outcome(after watched: Duration) -> StreamFacts.Outcome {
    if let response { return .response(response) }
    let time = Int(watched.milliseconds.rounded())
    return .failure(failure ?? StreamFacts.Failure(.notFinished, "the watch ended after \(time) ms, before a response"))
  }

  private func milliseconds(_ time: Duration) -> Double { (offset + time).milliseconds }

  private mutating func take(_ body: HTTPBody) {
    // Taken out, so that the parser can hand over to it what it finds.
    var record = record
    self.record = StreamRecord(until: StreamStop(), secrets: secrets)
    defer { self.record = record }
    body.bytes.withUnsafeBytes { bytes in
      var start = 0
      if body.madeServerWait { record.noteWait() }
      for read in body.reads {
        let milliseconds = milliseconds(read.at)
        record.take(
          StreamFacts.Read(atMilliseconds: milliseconds, wireBytes: read.wireBytes, bodyBytes: read.bodyBytes),
          headAt: phases.headersMilliseconds ?? milliseconds)
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + read.bodyBytes])
        start += read.bodyBytes
        if isEventStream {
          parser.feed(part) { record.take($0, at: milliseconds) }
          if record.isDone { return }
        } else {
          foreignBytes += part.count
          foreignBody += part.prefix(max(0, secrets.excerptBytes - foreignBody.count))
        }
      }
    }
    if !isEventStream {
      let start = foreignBody.withUnsafeBytes { bytes in
        secrets.excerpt(bytes, isCut: foreignBytes > bytes.count, upTo: Self.maximumBodyStart)
      }
      response?.bodyStart = start
    }
  }

  private mutating func take(_ connection: HTTPConnection) {
    if let began = connection.began {
      zero = zero ?? began
      offset = zero?.duration(to: began) ?? .zero
    }
    phases.nameLookupMilliseconds = connection.phases.nameLookup.map { $0 + offset.milliseconds }
    phases.connectMilliseconds = connection.phases.connect.map { $0 + offset.milliseconds }
    phases.tlsMilliseconds = connection.phases.tls.map { $0 + offset.milliseconds }
    address = connection.phases.address
    failedAddresses = connection.failedAddresses
    tls = connection.tls?.facts
  }

  /// A response header as it is kept: only those that say how a stream is delivered keep their value, for any other may
  /// carry a credential.
  private func shown(_ name: String, _ value: String) -> StreamFacts.Header {
    switch name.lowercased() {
    case "location":
      StreamFacts.Header(name, secrets.redact(URLParts(reference: value, base: url)?.redacted ?? Secret.redacted))
    case let known where deliveryHeaders.contains(known): StreamFacts.Header(name, secrets.redact(value))
    default: StreamFacts.Header(secrets.redact(name), Secret.redacted)
    }
  }
}

/// The response headers that say how a stream is delivered (HTML section 9.2, RFC 9110, RFC 9111, and proxies' own).
private let deliveryHeaders: Set<String> = [
  "access-control-allow-credentials", "access-control-allow-origin", "age", "alt-svc", "cache-control", "cache-status",
  "cf-cache-status", "cf-mitigated", "cf-ray", "connection", "content-encoding", "content-length", "content-type",
  "date", "incremental", "keep-alive", "proxy-status", "retry-after", "server", "transfer-encoding", "vary", "via",
  "x-accel-buffering", "x-cache", "x-cache-hits", "x-cache-lookup", "x-cache-status", "x-served-by", "x-varnish",
  "x-vercel-cache",
]
