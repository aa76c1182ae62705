/// What a reference origin answers. The defaults are flowpanel's stream as it stands on the wire: the `ready` event at
/// once, a comment every 15 seconds, and the four headers with which it asks proxies to pass the stream on.
public struct OriginSettings: Sendable, Equatable {
  /// When the answer to a request for the stream begins.
  public enum Answering: Sendable, Equatable {
    /// At once.
    case immediately
    /// After a pause, headers included.
    case after(Duration)
    /// Never: the request is read and the connection stays open and silent.
    case never
  }

  /// The address or name to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes a free one.
  public var port = 0
  /// The path of the stream, without a query. Every other path is answered with 404.
  public var path = "/api/flowpanel/stream"
  /// The status of the stream's answer. Any but 200 comes with a short JSON error instead of a stream.
  public var status = 200
  /// The stream's Content-Type.
  public var contentType = "text/event-stream"
  /// The stream's Cache-Control; nil sends none.
  public var cacheControl: String? = "no-cache, no-transform"
  /// The stream's Connection header; nil sends none.
  public var connection: String? = "keep-alive"
  /// The stream's X-Accel-Buffering, which nginx obeys and removes; nil sends none.
  public var accelBuffering: String? = "no"
  /// When the answer begins.
  public var answering = Answering.immediately
  /// Whether the stream opens with the `ready` event.
  public var sendsHandshake = true
  /// The time between two comments; nil sends none.
  public var heartbeatInterval: Duration? = .seconds(15)
  /// The time between two numbered events; nil sends none.
  public var eventInterval: Duration?
  /// Whether the stream ends cleanly straight after its opening.
  public var closesAfterHandshake = false
  /// The cookie, as `name=value`, without which the answer is 401; nil asks for none. A made-up value: no real session
  /// belongs here.
  public var requiredCookie: String?

  /// flowpanel's stream on a free loopback port.
  public init() {}
}

extension OriginSettings {
  /// Refuses what could not be answered as it was asked for.
  func validate() throws(OriginFailure) {
    guard (0...65535).contains(port) else {
      throw .unusable(setting: "port", reason: "\(port) is no port; give 0 to 65535, 0 for a free one")
    }
    guard path.hasPrefix("/"), !path.contains("?") else {
      throw .unusable(setting: "path", reason: "\"\(path)\" must begin with a slash and have no query")
    }
    guard (200...599).contains(status) else {
      throw .unusable(setting: "status", reason: "\(status) is no final status; give 200 to 599")
    }
    let headers = [
      ("contentType", contentType), ("cacheControl", cacheControl), ("connection", connection),
      ("accelBuffering", accelBuffering),
    ]
    for (setting, value) in headers {
      // RFC 9110 section 5.5: a field value has no control bytes, a line end least of all.
      guard let value, value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { continue }
      throw .unusable(setting: setting, reason: "a header's value cannot have control characters")
    }
    for (setting, interval) in [("heartbeatInterval", heartbeatInterval), ("eventInterval", eventInterval)] {
      guard let interval, interval < .milliseconds(1) else { continue }
      throw .unusable(setting: setting, reason: "\(interval) is too short; give 1ms or more")
    }
  }
}
