import CCurl
public import Facts

/// A GET request for a body that may never end.
public struct HTTPStreamRequest: Sendable {
  /// An http or https URL.
  public var url: String
  /// Request headers that anyone may see.
  public var headers: [(name: String, value: String)]
  /// Request headers that carry credentials.
  public var secretHeaders: [(name: String, value: Secret)]
  /// The codings to offer and to undo, as in Accept-Encoding (RFC 9110 section 12.5.3).
  public var acceptEncoding: String
  /// What to trust.
  public var tls: TLSOptions
  /// Name look-up, TCP and TLS together must be done by then.
  public var connectTimeout: Duration
  /// The whole exchange ends then.
  public var timeout: Duration

  /// A request; nothing but the URL is sent unless given.
  public init(
    url: String, headers: [(name: String, value: String)] = [], secretHeaders: [(name: String, value: Secret)] = [],
    acceptEncoding: String = "identity", tls: TLSOptions = TLSOptions(), connectTimeout: Duration = .seconds(5),
    timeout: Duration
  ) {
    self.url = url
    self.headers = headers
    self.secretHeaders = secretHeaders
    self.acceptEncoding = acceptEncoding
    self.tls = tls
    self.connectTimeout = connectTimeout
    self.timeout = timeout
  }
}

/// Something that happened on an HTTP stream; times are since the request began.
public enum HTTPMoment: Sendable {
  /// The final response's head is complete (1xx heads are passed over).
  case head(HTTPHead, at: Duration, ConnectionPhases)
  /// Decoded bytes of the body arrived.
  case body([UInt8], at: Duration)
  /// The exchange is over; nothing comes after this.
  case end(HTTPEnd, at: Duration, ConnectionPhases)
}

/// A response's status and headers.
public struct HTTPHead: Sendable {
  /// The status code.
  public var status = 0
  /// What the status line says after the code; empty in HTTP/2.
  public var reason = ""
  /// `1.0`, `1.1` or `2`.
  public var version = ""
  /// The headers in order, in their own spelling.
  public var headers: [(name: String, value: String)] = []

  /// The last value of a header, its name compared without regard to case.
  public func value(of name: String) -> String? {
    headers.last { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// How an exchange ended.
public enum HTTPEnd: Sendable, Equatable {
  /// The body is complete: final chunk, Content-Length reached, END_STREAM, or the end of a close-delimited body.
  case complete
  /// The request's `timeout` was reached while the body was still open.
  case timeout
  /// More came than the bounds allow; what came first was passed on.
  case tooLarge(String)
  /// The connection or the exchange failed.
  case failed(TransportFailure)
}

/// The bounds on one exchange: a hostile server can't make the probe eat memory.
enum HTTPBounds {
  static let headerBytes = 64 * 1024
  static let bodyBytes = 16 * 1024 * 1024
}

extension Transport {
  /// Opens `request` at once and yields what happens, in order. The exchange is closed when the consumer stops
  /// listening. HTTP/2 is offered over TLS, as browsers do; redirects are not followed.
  public func open(_ request: HTTPStreamRequest) -> AsyncStream<HTTPMoment> {
    let (moments, continuation) = AsyncStream.makeStream(of: HTTPMoment.self)
    loop.enqueue { loop in
      guard let transfer = HTTPTransfer(request, on: loop, continuation) else {
        let failure = TransportFailure(kind: .other, phase: .nameLookup, detail: "libcurl gave no handle")
        continuation.yield(.end(.failed(failure), at: .zero, ConnectionPhases()))
        return continuation.finish()
      }
      let number = loop.add(transfer)
      // The stream keeps the transport alive: a loop that has stopped would never end it.
      continuation.onTermination = { [self] _ in self.loop.enqueue { $0.cancel(number) } }
    }
    return moments
  }
}

/// One exchange, on the loop's thread.
final class HTTPTransfer: EventLoop.Item {
  let easy: EasyHandle
  private let loop: EventLoop
  private let continuation: AsyncStream<HTTPMoment>.Continuation
  private let usesTLS: Bool
  private let headerList: UnsafeMutablePointer<curl_slist>?
  private var head = HTTPHead()
  private var headIsComplete = false
  private var headerBytes = 0
  private var bodyBytes = 0
  private var excess: String?

  init?(_ request: HTTPStreamRequest, on loop: EventLoop, _ continuation: AsyncStream<HTTPMoment>.Continuation) {
    guard let handle = EasyHandle() else { return nil }
    easy = handle
    self.loop = loop
    self.continuation = continuation
    usesTLS = request.url.lowercased().hasPrefix("https:")
    var list: UnsafeMutablePointer<curl_slist>?
    for (name, value) in request.headers { list = doctor_curl_slist_append(list, "\(name): \(value)") }
    for (name, value) in request.secretHeaders { list = doctor_curl_slist_append(list, "\(name): \(value.reveal())") }
    headerList = list

    let easy = handle.pointer
    doctor_curl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
    doctor_curl_set_string(easy, CURLOPT_URL, request.url)
    doctor_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    doctor_curl_set_list(easy, CURLOPT_HTTPHEADER, list)
    doctor_curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, request.acceptEncoding)
    doctor_curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    doctor_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.connectTimeout.milliseconds)))
    doctor_curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, Int(request.timeout.milliseconds)))
    request.tls.apply(to: easy)
    let context = Unmanaged.passUnretained(self).toOpaque()
    doctor_curl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      HTTPTransfer.from(context)?.receiveHeader(bytes, size * count) ?? 0
    }
    doctor_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    doctor_curl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      HTTPTransfer.from(context)?.receiveBody(bytes, size * count) ?? 0
    }
    doctor_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
  }

  deinit {
    doctor_curl_slist_free_all(headerList)
  }

  private var elapsed: Duration { easy.began.duration(to: .now) }

  private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer? {
    context.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Takes one header line; anything but `count` as the answer makes libcurl give up.
  private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes else { return 0 }
    headerBytes += count
    if headerBytes > HTTPBounds.headerBytes {
      excess = "more than \(HTTPBounds.headerBytes / 1024) KiB of response headers"
      return 0
    }
    // Lines after the head are trailers (RFC 9110 section 6.5): part of the body's end, not of the head.
    guard !headIsComplete else { return count }
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    let text = String(decoding: line, as: UTF8.self).trimmingLineEnd()
    if text.hasPrefix("HTTP/") {
      let parts = text.split(separator: " ", maxSplits: 2)
      head = HTTPHead()
      head.version = String(parts[0].dropFirst("HTTP/".count))
      head.status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    } else if !text.isEmpty {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      head.headers.append((String(parts[0]), parts.count > 1 ? parts[1].trimmingBlanks() : ""))
    } else if head.status >= 200 {
      headIsComplete = true
      continuation.yield(.head(head, at: elapsed, easy.phases))
    }
    return count
  }

  private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes else { return 0 }
    let arrival = elapsed
    bodyBytes += count
    if bodyBytes > HTTPBounds.bodyBytes {
      excess = "more than \(HTTPBounds.bodyBytes / 1024 / 1024) MiB of body"
      return 0
    }
    continuation.yield(.body(Array(UnsafeRawBufferPointer(start: bytes, count: count)), at: arrival))
    return count
  }

  func finished(_ code: CURLcode) {
    let end: HTTPEnd =
      if let excess {
        .tooLarge(excess)
      } else if code == CURLE_OK {
        .complete
      } else if code == CURLE_OPERATION_TIMEDOUT, headIsComplete {
        .timeout
      } else {
        .failed(easy.failure(code, usesTLS: usesTLS))
      }
    continuation.yield(.end(end, at: elapsed, easy.phases))
    continuation.finish()
    loop.remove(self)
  }

  func abandoned() {
    continuation.finish()
  }

  // libcurl alone watches this transfer's socket and clock.
  var watchedSocket: (socket: curl_socket_t, wantsWrite: Bool)? { nil }
  var deadline: ContinuousClock.Instant? { nil }
  func advance(now: ContinuousClock.Instant) {}
}

extension StringProtocol {
  fileprivate func trimmingLineEnd() -> String {
    String(self.prefix { $0 != "\r\n" && $0 != "\n" && $0 != "\r" })
  }

  fileprivate func trimmingBlanks() -> String {
    String(self.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
