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
  private let secrets: [String]
  private var response: StreamFacts.Response?
  private var failure: StreamFacts.Failure?
  private var parser = EventStreamParser()
  private var foreignBody: [UInt8] = []

  /// A capture whose exchange began `offset` after the watch (redirects came before it). Whatever the server repeats of
  /// the request's secret headers is redacted before it is kept.
  init(offset: Duration, secretHeaders: [(name: String, value: Secret)]) {
    self.offset = offset
    secrets = secretHeaders.flatMap { echoes(of: $0.value) }
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
        headers: head.headers.map { shown($0.name, withoutSecrets($0.value)) })
    case .body(let bytes, let time):
      if isEventStream {
        let milliseconds = (offset + time).milliseconds
        for item in parser.feed(bytes) { keep(item, atMilliseconds: milliseconds) }
      } else if foreignBody.count < Self.maximumExcerpt * 4 {
        foreignBody += bytes.prefix(Self.maximumExcerpt * 4)
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

  /// The response, or the failure that came instead; a watch that was over before either came counts as timed out.
  func outcome(after watched: Duration) -> StreamFacts.Outcome {
    if let response { return .response(response) }
    return .failure(
      failure ?? StreamFacts.Failure(.timedOut, "no response within \(Int(watched.milliseconds.rounded())) ms"))
  }

  private mutating func take(_ connection: ConnectionPhases) {
    let before = offset.milliseconds
    phases.nameLookupMilliseconds = connection.nameLookup.map { $0 + before }
    phases.connectMilliseconds = connection.connect.map { $0 + before }
    phases.tlsMilliseconds = connection.tls.map { $0 + before }
  }

  private func withoutSecrets(_ text: String) -> String {
    secrets.reduce(text) { $0.replacing($1, with: Secret.redacted) }
  }

  private func excerpt(_ text: String) -> String {
    String(withoutSecrets(text).prefix(Self.maximumExcerpt))
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

/// The forms in which a server may repeat a secret header's value: whole, or a cookie's or token's own part of it.
private func echoes(of secret: Secret) -> [String] {
  let whole = secret.reveal()
  let parts = whole.split { " ;,=".contains($0) }.map(String.init).filter { $0.count >= 8 }
  return ([whole] + parts).filter { !$0.isEmpty }
}

/// A response header as it may be kept: the ones that carry credentials lose their value.
private func shown(_ name: String, _ value: String) -> StreamFacts.Header {
  switch name.lowercased() {
  case "set-cookie", "www-authenticate", "authorization", "proxy-authenticate", "authentication-info":
    StreamFacts.Header(name, Secret.redacted)
  case "location": StreamFacts.Header(name, URLParts(value)?.redacted ?? String(value.prefix { $0 != "?" }))
  default: StreamFacts.Header(name, value)
  }
}

extension Duration {
  /// The duration in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
