/// What one opened event stream showed in one cell of the browser matrix: phases, headers, each event with its arrival,
/// and how it ended.
///
/// All times are milliseconds since the request began, taken from a monotonic clock.
public struct StreamFacts: Codable, Sendable, Equatable {
  /// A response header as it arrived.
  public struct Header: Codable, Sendable, Equatable {
    /// The name in the spelling of the response.
    public var name: String
    /// The value; redacted for headers that carry credentials.
    public var value: String

    /// A header by name and value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The times at which the phases of the request ended; nil for a phase that was not reached.
  public struct Phases: Codable, Sendable, Equatable {
    /// Name look-up done.
    public var nameLookupMilliseconds: Double?
    /// TCP connected.
    public var connectMilliseconds: Double?
    /// TLS handshake done; nil without TLS.
    public var tlsMilliseconds: Double?
    /// All response headers received.
    public var headersMilliseconds: Double?

    /// The phases that were reached.
    public init(
      nameLookupMilliseconds: Double? = nil, connectMilliseconds: Double? = nil, tlsMilliseconds: Double? = nil,
      headersMilliseconds: Double? = nil
    ) {
      self.nameLookupMilliseconds = nameLookupMilliseconds
      self.connectMilliseconds = connectMilliseconds
      self.tlsMilliseconds = tlsMilliseconds
      self.headersMilliseconds = headersMilliseconds
    }
  }

  /// A redirect that was followed (WHATWG Fetch, HTTP-redirect fetch).
  public struct Redirect: Codable, Sendable, Equatable {
    /// Its status code.
    public var status: Int
    /// Where it led to, redacted as `url` is.
    public var url: String
    /// When its response head was there.
    public var milliseconds: Double
    /// The operator's headers that were not sent on, as it led to another place than they were given for.
    public var withheld: [String]

    /// A redirect.
    public init(status: Int = 302, url: String, milliseconds: Double = 0, withheld: [String] = []) {
      self.status = status
      self.url = url
      self.milliseconds = milliseconds
      self.withheld = withheld
    }
  }

  /// The head of the final response, after redirects.
  public struct Response: Codable, Sendable, Equatable {
    /// The status code (RFC 9110 section 15).
    public var status: Int
    /// `1.0`, `1.1` or `2`.
    public var httpVersion: String
    /// The response headers in order.
    public var headers: [Header]
    /// The first bytes of a body that is not an event stream, at most 300, as text; empty otherwise.
    public var bodyStart: String

    /// A response head.
    public init(status: Int, httpVersion: String = "1.1", headers: [Header] = [], bodyStart: String = "") {
      self.status = status
      self.httpVersion = httpVersion
      self.headers = headers
      self.bodyStart = bodyStart
    }

    /// The last value of a header, its name compared without regard to case; nil where it is absent.
    public func value(of name: String) -> String? {
      headers.last { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The coding of the body (RFC 9110 section 8.4); nil where it comes as it is.
    public var coding: String? {
      value(of: "Content-Encoding").flatMap { ["", "none", "identity"].contains($0.lowercased()) ? nil : $0 }
    }

    /// The media type without parameters, in lower case (RFC 9110 section 8.3.1); nil without a Content-Type.
    public var mediaType: String? {
      value(of: "Content-Type").map { value in
        let name = value.prefix { $0 != ";" }.drop { $0 == " " || $0 == "\t" }
        return String(name.reversed().drop { $0 == " " || $0 == "\t" }.reversed()).lowercased()
      }
    }

    /// Whether a browser takes it for an event stream and keeps it (WHATWG HTML section 9.2.3).
    public var isEventStream: Bool { status == 200 && mediaType == "text/event-stream" }

    /// The start of the body in one line.
    public var bodyLine: String { bodyStart.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
  }

  /// Something that arrived on the stream.
  public struct Arrival: Codable, Sendable, Equatable {
    /// What arrived.
    public enum Content: Codable, Sendable, Equatable {
      /// An event that a browser would dispatch: its type and its data, cut to 200 characters.
      case event(type: String, data: String)
      /// A comment line, without its colon and one leading space, cut to 200 characters.
      case comment(text: String)
    }

    /// When it was complete.
    public var milliseconds: Double
    /// What it was.
    public var content: Content
    /// The last event ID that it carried, cut to 200 characters; nil where that is empty, and for comments.
    public var lastEventID: String?
    /// The bytes of an event's lines; 0 for a comment.
    public var wireBytes: Int
    /// What the reference origin says of an event of its own; nil for any other.
    public var mark: OriginMark?
    /// Which of the run's own messages it carries (`StreamDrive.Publication.number`); nil for any other.
    public var probeNumber: Int?

    /// Something that arrived at a time.
    public init(
      _ content: Content, atMilliseconds milliseconds: Double, lastEventID: String? = nil, wireBytes: Int = 0,
      mark: OriginMark? = nil, probeNumber: Int? = nil
    ) {
      self.content = content
      self.milliseconds = milliseconds
      self.lastEventID = lastEventID
      self.wireBytes = wireBytes
      self.mark = mark
      self.probeNumber = probeNumber
    }
  }

  /// Why no response came.
  public struct Failure: Codable, Sendable, Equatable {
    /// The failures that checks tell apart.
    public enum Kind: String, Codable, Sendable {
      case nameNotFound, connectionRefused, timedOut, closed, tlsHandshake, certificate, proxy, tooManyRedirects, badURL
      case other
      /// The certificate or key that this run should show can't be used: nothing was asked of the server.
      case ownCertificate
      /// The server does not speak the version of HTTP that this cell is about: there is nothing to look at.
      case notOffered
      /// The run ended before an answer could be expected: nothing is known about the stream.
      case notFinished
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// What came back, in a sentence.
    public var detail: String

    /// A failure of a kind, in words.
    public init(_ kind: Kind, _ detail: String) {
      self.kind = kind
      self.detail = detail
    }
  }

  /// A response head, or the failure that came instead.
  public enum Outcome: Codable, Sendable, Equatable {
    case response(Response)
    case failure(Failure)
  }

  /// One read of the connection.
  public struct Read: Codable, Sendable, Equatable {
    /// When.
    public var milliseconds: Double
    /// The bytes as they were sent: with HTTP/1.1's chunk framing, before any coding was undone.
    public var wireBytes: Int
    /// The bytes of the event stream that they gave.
    public var bodyBytes: Int

    /// A read.
    public init(atMilliseconds milliseconds: Double, wireBytes: Int, bodyBytes: Int) {
      self.milliseconds = milliseconds
      self.wireBytes = wireBytes
      self.bodyBytes = bodyBytes
    }
  }

  /// All that arrived, also beyond what is kept one by one.
  public struct Totals: Codable, Sendable, Equatable {
    /// Events that a browser would dispatch.
    public var events = 0
    /// Comment lines.
    public var comments = 0
    /// Lines or events past the parser's bound, which were thrown away.
    public var tooLarge = 0
    /// Reads of the connection.
    public var reads = 0
    /// Bytes as they were sent.
    public var wireBytes = 0
    /// Bytes of the body, codings undone.
    public var bodyBytes = 0
    /// How often the probe did not keep up and made the server wait: times after that are later than they need have been.
    public var waits = 0
    /// When the last byte of the body came; nil for none. What only ended the body is none.
    public var lastByteMilliseconds: Double?
    /// The longest time without a byte between two that came, from the response's head on.
    public var longestSilenceMilliseconds = 0.0

    /// Nothing yet.
    public init() {}
  }

  /// Which of the streams that were named it is, counted from 0: each has several cells.
  public var target: Int
  /// The URL that was opened, without user-info and with unknown query values redacted.
  public var url: String
  /// How it was asked for.
  public var cell: StreamCell
  /// The instance that the URL reaches directly; nil for a public URL.
  public var instance: String?
  /// Where on the way from a browser to the instances the URL enters: 1 is the first hop behind the public URLs; nil for
  /// these and for an instance's own.
  public var via: Int?
  /// Whether it listened to what the run published itself (`Facts.drive`).
  public var isDriven: Bool
  /// Where the URL was named.
  public var location: Location?
  /// The names of the operator's headers that were sent.
  public var sentHeaders: [String]
  /// Whether a certificate could be shown to a server that asks for one.
  public var hasClientCertificate: Bool
  /// The origin of the page that it was asked for from (RFC 6454); nil for none.
  public var origin: String?
  /// What was sent as Last-Event-ID, cut to 200 characters; nil for none.
  public var sentLastEventID: String?
  /// The proxy on the client's side, without credentials; nil for none.
  public var proxy: String?
  /// The address that was connected to, `127.0.0.1:443`, the client's proxy where there is one; nil where none was.
  public var address: String?
  /// The addresses that could not be connected to, with the reason: `127.0.0.9:443: Connection refused`.
  public var failedAddresses: [String]
  /// The redirects that were followed, in order.
  public var redirects: [Redirect]
  /// When each phase ended.
  public var phases: Phases
  /// What the TLS handshake agreed on; nil where there was none.
  public var tls: TLSFacts?
  /// The response, or why there was none.
  public var outcome: Outcome
  /// Where the stream was asked for and nothing at all was answered in time: the head of what another path of the same
  /// server was answered with, which tells who stands there; nil elsewhere.
  public var neighbour: Response?
  /// Events and comments in order of arrival, at most 10,000.
  public var arrivals: [Arrival]
  /// The reconnection times that the stream set, in milliseconds, at most 100.
  public var retries: [Int]
  /// The last event ID as it stood in the end (WHATWG HTML section 9.2.6), cut to 200 characters.
  public var lastEventID: String
  /// The reads in order, at most 10,000.
  public var reads: [Read]
  /// All that arrived.
  public var totals: Totals
  /// What came of a burst of the run's own messages, which are not among the arrivals; nil where it listened to none.
  public var burst: FanOutStream.Burst?
  /// The headers after the body (RFC 9110 section 6.5).
  public var trailers: [Header]
  /// How it ended.
  public var end: End
  /// How long the probe watched, or until the server ended the stream, in milliseconds.
  public var watchedMilliseconds: Double
  /// When its request began, in milliseconds since the run's streams were begun: the clock that all of them share.
  public var beganMilliseconds: Double

  /// One stream's facts.
  public init(
    url: String, cell: StreamCell = StreamCell(), instance: String? = nil, location: Location? = nil,
    redirects: [Redirect] = [], phases: Phases = Phases(), outcome: Outcome, arrivals: [Arrival] = [],
    end: End = .closedByProbe, watchedMilliseconds: Double = 0
  ) {
    target = 0
    isDriven = false
    sentHeaders = []
    hasClientCertificate = false
    beganMilliseconds = 0
    self.url = url
    self.cell = cell
    self.instance = instance
    self.location = location
    self.redirects = redirects
    self.phases = phases
    self.outcome = outcome
    self.arrivals = arrivals
    failedAddresses = []
    retries = []
    lastEventID = ""
    reads = []
    totals = Totals()
    trailers = []
    self.end = end
    self.watchedMilliseconds = watchedMilliseconds
  }
}

extension StreamFacts {
  /// Whether it was connected to and asked, and nothing at all was answered in time.
  public var isUnanswered: Bool {
    guard case .failure(let failure) = outcome else { return false }
    return failure.kind == .timedOut && phases.connectMilliseconds != nil
      && (!url.hasPrefix("https:") || phases.tlsMilliseconds != nil)
  }
}

extension [StreamFacts] {
  /// The streams that were named, each with its cells, in order.
  public var byTarget: [[StreamFacts]] {
    var targets: [[StreamFacts]] = []
    var indices: [Int: Int] = [:]
    for stream in self {
      if let index = indices[stream.target] {
        targets[index].append(stream)
      } else {
        indices[stream.target] = targets.count
        targets.append([stream])
      }
    }
    return targets
  }
}
