import NIOHTTP1

/// What an origin answers to one request: pure, so that every header stands in one place.
struct OriginResponse: Equatable {
  enum Body: Equatable {
    /// No bytes at all: HEAD, and the statuses that forbid a body.
    case none
    /// These bytes, announced by Content-Length.
    case text(String)
    /// The event stream.
    case stream
  }

  var head: HTTPResponseHead
  var body: Body
  /// Whether another request may follow on the connection.
  var keepsConnection: Bool

  /// Everything that is no stream: a short JSON object, as flowpanel and its neighbours send with an error.
  private init(
    error status: HTTPResponseStatus, to request: HTTPRequestHead, headers: HTTPHeaders = [:], reason: String? = nil
  ) {
    self.init(
      "{\"error\":\(jsonString(reason ?? status.reasonPhrase))}", status: status, to: request, headers: headers)
  }

  private init(
    _ json: String, status: HTTPResponseStatus, to request: HTTPRequestHead, headers extra: HTTPHeaders = [:]
  ) {
    var headers = extra
    if status.mayHaveResponseBody {
      headers.add(name: "Content-Type", value: "application/json")
      headers.add(name: "Content-Length", value: String(json.utf8.count))
    }
    headers.add(name: "Connection", value: request.isKeepAlive ? "keep-alive" : "close")
    head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    body = status.mayHaveResponseBody && request.method != .HEAD ? .text(json) : .none
    keepsConnection = request.isKeepAlive
  }

  /// The answer to a request to publish that can't be fulfilled; nil for one that can.
  init?(refusingPublish request: HTTPRequestHead, channels: [String], isTooLarge: Bool) {
    if request.method != .POST {
      self.init(error: .methodNotAllowed, to: request, headers: ["Allow": "POST"])
    } else if channels.count != 1 {
      self.init(error: .badRequest, to: request, reason: "name one channel, as in ?channel=resource.users")
    } else if isTooLarge {
      self.init(error: .payloadTooLarge, to: request, reason: "the payload has more than 1 MiB")
    } else {
      return nil
    }
  }

  /// The answer to a request to publish.
  init(publishing result: Result<Int, FanOutFailure>, for request: HTTPRequestHead) {
    switch result {
    case .success(let receivers): self.init("{\"receivers\":\(receivers)}", status: .ok, to: request)
    case .failure(let failure): self.init(error: .badGateway, to: request, reason: failure.reason)
    }
  }

  /// The event stream, framed as Node frames it unless told otherwise: HTTP/1.1 in the status line whatever was asked,
  /// chunks for a client that knows them, otherwise everything up to the end of the connection.
  private init(streamTo request: HTTPRequestHead, settings: OriginSettings) {
    var headers = HTTPHeaders()
    if let value = settings.contentType { headers.add(name: "Content-Type", value: value) }
    if let value = settings.cacheControl { headers.add(name: "Cache-Control", value: value) }
    if let value = settings.connection { headers.add(name: "Connection", value: value) }
    if let value = settings.accelBuffering { headers.add(name: "X-Accel-Buffering", value: value) }
    headers.add(contentsOf: settings.extraHeaders.map { ($0.name, $0.value) })
    let isChunked = settings.framing == .chunked && (request.version.major, request.version.minor) >= (1, 1)
    let hasBody = request.method != .HEAD
    if hasBody && isChunked { headers.add(name: "Transfer-Encoding", value: "chunked") }
    head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
    body = hasBody ? .stream : .none
    keepsConnection = request.isKeepAlive && (isChunked || !hasBody)
  }

  /// The answer to a request.
  init(to request: HTTPRequestHead, settings: OriginSettings) {
    guard settings.covers(request) else {
      self.init(error: .notFound, to: request)
      return
    }
    guard request.method == .GET || request.method == .HEAD else {
      self.init(error: .methodNotAllowed, to: request, headers: ["Allow": "GET, HEAD"])
      return
    }
    if let cookie = settings.requiredCookie, !request.headers.carries(cookie: cookie) {
      self.init(error: .unauthorized, to: request)
      return
    }
    guard settings.status == 200 else {
      self.init(
        error: HTTPResponseStatus(statusCode: settings.status, reasonPhrase: "Unassigned"), to: request,
        headers: HTTPHeaders(settings.extraHeaders.map { ($0.name, $0.value) }))
      return
    }
    self.init(streamTo: request, settings: settings)
  }
}

extension OriginSettings {
  /// Whether a request is for the stream's path, whatever its query.
  func covers(_ request: HTTPRequestHead) -> Bool {
    request.uri.prefix { $0 != "?" } == path
  }

  /// Whether a request is for the place beside the stream where events are published.
  func publishes(_ request: HTTPRequestHead) -> Bool {
    request.uri.prefix { $0 != "?" } == publishPath
  }

  private var publishPath: String {
    let end = "/stream"
    return (path.hasSuffix(end) ? String(path.dropLast(end.count)) : path) + "/publish"
  }
}

extension HTTPHeaders {
  /// Whether a Cookie header carries the pair `name=value` (RFC 6265 section 4.2: pairs parted by `; `).
  fileprivate func carries(cookie: String) -> Bool {
    self["Cookie"].contains { line in
      line.split(separator: ";").contains { $0.drop { $0 == " " } == cookie }
    }
  }
}
