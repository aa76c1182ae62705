/// What one opened event stream showed: phases, headers, each event with its arrival, and how it ended.
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

  /// The head of the final response, after redirects.
  public struct Response: Codable, Sendable, Equatable {
    /// The status code (RFC 9110 section 15).
    public var status: Int
    /// `1.1` or `2`.
    public var httpVersion: String
    /// The response headers in order.
    public var headers: [Header]
    /// The first bytes of a body that is not an event stream, at most 200, as text; empty otherwise.
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

    /// Something that arrived at a time.
    public init(_ content: Content, atMilliseconds milliseconds: Double) {
      self.content = content
      self.milliseconds = milliseconds
    }
  }

  /// Why no response came.
  public struct Failure: Codable, Sendable, Equatable {
    /// The failures that checks tell apart.
    public enum Kind: String, Codable, Sendable {
      case nameNotFound, connectionRefused, timedOut, closed, tlsHandshake, certificate, tooManyRedirects, badURL, other
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

  /// How the stream ended.
  public enum End: Codable, Sendable, Equatable {
    /// The probe closed it: it had seen what it came for, or its time was over.
    case closedByProbe
    /// The body ended in good order.
    case complete
    /// The connection ended in the middle of the body, and how.
    case cut(detail: String)
  }

  /// The URL that was opened, without user-info and with unknown query values redacted.
  public var url: String
  /// The instance that the URL reaches directly; nil for a public URL.
  public var instance: String?
  /// Where the URL was named.
  public var location: Location?
  /// The URLs of the redirects that were followed, redacted, in order.
  public var redirects: [String]
  /// When each phase ended.
  public var phases: Phases
  /// The response, or why there was none.
  public var outcome: Outcome
  /// Events and comments in order of arrival, at most 10,000.
  public var arrivals: [Arrival]
  /// How it ended.
  public var end: End
  /// How long the probe watched, in milliseconds.
  public var watchedMilliseconds: Double

  /// One stream's facts.
  public init(
    url: String, instance: String? = nil, location: Location? = nil, redirects: [String] = [],
    phases: Phases = Phases(), outcome: Outcome, arrivals: [Arrival] = [],
    end: End = .closedByProbe, watchedMilliseconds: Double = 0
  ) {
    self.url = url
    self.instance = instance
    self.location = location
    self.redirects = redirects
    self.phases = phases
    self.outcome = outcome
    self.arrivals = arrivals
    self.end = end
    self.watchedMilliseconds = watchedMilliseconds
  }
}
