import Facts
import Transport

/// What one exchange has shown so far.
struct StreamCapture {
  /// How many arrivals are kept.
  static let maximumArrivals = 10_000
  /// How much of a foreign body, or of one event's data, is kept, in characters.
  static let maximumExcerpt = 200

  private(set) var arrivals: [StreamFacts.Arrival] = []
  private(set) var phases = StreamFacts.Phases()
  private(set) var end = StreamFacts.End.closedByProbe
  private(set) var redirect: String?
  private(set) var isEventStream = false
  private let offset: Duration
  private let url: String
  private let secrets: SecretEchoes
  private var response: StreamFacts.Response?
  private var failure: StreamFacts.Failure?
  private var parser = EventStreamParser()
  private var foreignBody: [UInt8] = []

  /// A capture of an exchange with `url` that began `offset` after the watch (redirects came before it). Whatever the
  /// server repeats of the request's secrets is redacted before it is kept.
  init(url: String, offset: Duration, secrets: SecretEchoes) {
    self.url = url
    self.offset = offset
    self.secrets = secrets
  }

  mutating func take(_ moment: HTTPMoment) {
    switch moment {
    case .head(let head, let time, let connection):
      take(connection)
      phases.headersMilliseconds = (offset + time).milliseconds
      if [301, 302, 303, 307, 308].contains(head.status) { redirect = head.value(of: "Location") }
      let type = head.value(of: "Content-Type")?.prefix { $0 != ";" }.lowercased()
      isEventStream = head.status == 200 && type?.filter { $0 != " " && $0 != "\t" } == "text/event-stream"
      response = StreamFacts.Response(
        status: head.status, httpVersion: head.version,
        headers: head.headers.map(shown))
    case .body(let bytes, let time):
      if isEventStream {
        let milliseconds = (offset + time).milliseconds
        for item in parser.feed(bytes) { keep(item, atMilliseconds: milliseconds) }
      } else if foreignBody.count < Self.maximumExcerpt * 4 + secrets.longest {
        foreignBody += bytes
        let start = excerpt(String(decoding: foreignBody, as: UTF8.self))
        response?.bodyStart = start
      }
    case .end(let how, _, let connection):
      take(connection)
      switch how {
      case .complete: end = .complete
      case .timeout: end = .closedByProbe
      case .tooLarge(let detail):
        if response == nil { failure = StreamFacts.Failure(.other, detail) } else { end = .cut(detail: detail) }
      case .failed(let reason):
        if response == nil {
          let kind = StreamFacts.Failure.Kind(rawValue: reason.kind.rawValue) ?? .other
          failure = StreamFacts.Failure(kind, reason.detail)
        } else {
          end = .cut(detail: reason.detail)
        }
      }
    }
  }

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

  private mutating func take(_ connection: ConnectionPhases) {
    let before = offset.milliseconds
    phases.nameLookupMilliseconds = connection.nameLookup.map { $0 + before }
    phases.connectMilliseconds = connection.connect.map { $0 + before }
    phases.tlsMilliseconds = connection.tls.map { $0 + before }
  }

  private func excerpt(_ text: String) -> String {
    String(secrets.redact(text).prefix(Self.maximumExcerpt))
  }

  /// A response header as it is kept: only those that say how a stream is delivered keep their value, for any other may
  /// carry a credential.
  private func shown(_ name: String, _ value: String) -> StreamFacts.Header {
    switch name.lowercased() {
    case "location":
      StreamFacts.Header(name, secrets.redact(URLParts(reference: value, base: url)?.redacted ?? Secret.redacted))
    case let known where deliveryHeaders.contains(known): StreamFacts.Header(name, secrets.redact(value))
    default: StreamFacts.Header(name, Secret.redacted)
    }
  }

  private mutating func keep(_ item: EventStreamParser.Item, atMilliseconds milliseconds: Double) {
    guard arrivals.count < Self.maximumArrivals else { return }
    switch item {
    case .event(let type, let data, _):
      arrivals.append(
        StreamFacts.Arrival(.event(type: excerpt(type), data: excerpt(data)), atMilliseconds: milliseconds))
    case .comment(let text):
      let content = text.hasPrefix(" ") ? String(text.dropFirst()) : text
      arrivals.append(StreamFacts.Arrival(.comment(text: excerpt(content)), atMilliseconds: milliseconds))
    case .retry, .tooLarge: break
    }
  }
}

/// The response headers that say how a stream is delivered (HTML section 9.2, RFC 9110, RFC 9111, and proxies' own).
private let deliveryHeaders: Set<String> = [
  "age", "alt-svc", "cache-control", "cf-cache-status", "cf-ray", "connection", "content-encoding", "content-length",
  "content-type", "date", "retry-after", "server", "transfer-encoding", "via", "x-accel-buffering", "x-cache",
  "x-varnish",
]
