import CCurl
import Facts

extension Transport {
  /// Opens `request` at once and yields what happens, in order, no faster than it is fetched: a body that is not fetched
  /// makes the server wait. The exchange is closed when the stream is let go of or its task is cancelled. Redirects are
  /// not followed.
  public func open(_ request: HTTPStreamRequest) -> AsyncStream<HTTPMoment> {
    let exchange = HTTPExchange(self)
    loop.enqueue { loop in exchange.begin(request, on: loop) }
    return AsyncStream {
      await exchange.mailbox.next()
    } onCancel: {
      exchange.cancel()
    }
  }
}

/// An exchange as its consumer holds it; letting go of it closes the exchange.
private final class HTTPExchange: Sendable {
  let mailbox: HTTPMailbox
  // Kept alive: a loop that has stopped would never end the exchange.
  private let transport: Transport
  private let number = NumberOnLoop()

  init(_ transport: Transport) {
    self.transport = transport
    mailbox = HTTPMailbox { [weak transport, number] in
      transport?.loop.enqueue { loop in
        if let transfer = number.value.flatMap({ loop.item($0) }) as? HTTPTransfer { transfer.goOn() }
      }
    }
  }

  deinit { cancel() }

  func begin(_ request: HTTPStreamRequest, on loop: EventLoop) {
    guard !number.isCancelled else { return mailbox.close() }
    guard let transfer = HTTPTransfer(request, on: loop, mailbox) else {
      let failure = TransportFailure(kind: .other, phase: .nameLookup, detail: "libcurl gave no handle")
      mailbox.put(end: .end(.failed(failure), at: .zero, HTTPConnection()))
      return mailbox.flush()
    }
    number.value = loop.add(transfer)
  }

  func cancel() {
    mailbox.close()
    transport.loop.enqueue { [number] loop in
      number.isCancelled = true
      if let value = number.value { loop.cancel(value) }
    }
  }
}

/// The loop's number for a transfer, written and read on the loop's thread alone.
private final class NumberOnLoop: @unchecked Sendable {
  var value: Int?
  var isCancelled = false
}

/// One exchange, on the loop's thread.
final class HTTPTransfer: EventLoop.Item {
  let easy: EasyHandle
  private let loop: EventLoop
  private let mailbox: HTTPMailbox
  private let usesTLS: Bool
  private let demandsHTTP2: Bool
  private var reader = HTTPHeadReader()
  private var head: HTTPHead?
  private var read = HTTPBody.Read(at: .zero, wireBytes: 0, bodyBytes: 0)
  private var excess: String?

  init?(_ request: HTTPStreamRequest, on loop: EventLoop, _ mailbox: HTTPMailbox) {
    guard let handle = EasyHandle() else { return nil }
    easy = handle
    self.loop = loop
    self.mailbox = mailbox
    usesTLS = request.url.lowercased().hasPrefix("https:")
    demandsHTTP2 = request.version == .http2
    let easy = handle.pointer
    handle.setList(
      CURLOPT_HTTPHEADER,
      request.headers.map { "\($0.name): \($0.value)" }
        + request.secretHeaders.map { "\($0.name): \($0.value.reveal())" })
    doctor_curl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
    doctor_curl_set_long(easy, CURLOPT_BUFFERSIZE, 64 * 1024)
    doctor_curl_set_string(easy, CURLOPT_URL, request.url)
    doctor_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    doctor_curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, request.acceptEncoding)
    if !request.decodesContent { doctor_curl_set_long(easy, CURLOPT_HTTP_CONTENT_DECODING, 0) }
    doctor_curl_set_long(
      easy, CURLOPT_HTTP_VERSION,
      Int(request.version == .http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS))
    doctor_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.connectTimeout.milliseconds)))
    doctor_curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, Int(request.timeout.milliseconds)))
    handle.take(request.route)
    if usesTLS { doctor_curl_set_long(easy, CURLOPT_CERTINFO, 1) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    doctor_curl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      HTTPTransfer.from(context)?.receiveHeader(bytes, size * count) ?? 0
    }
    doctor_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    doctor_curl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      HTTPTransfer.from(context)?.receiveBody(bytes, size * count) ?? 0
    }
    doctor_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    doctor_curl_set_prerequest(easy) { context, _, _, _, _ in
      HTTPTransfer.from(context)?.isConnected() == false ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK
    }
    doctor_curl_set_pointer(easy, CURLOPT_PREREQDATA, context)
    handle.onBodyRead = { [unowned self] count in receiveRead(count) }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer? {
    context.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private var elapsed: Duration { easy.began.duration(to: .now) }
  private var connection: HTTPConnection {
    HTTPConnection(
      began: easy.began, phases: easy.phases, tls: usesTLS ? easy.tlsSession : nil,
      failedAddresses: easy.failedAddresses)
  }

  /// The connection stands; says whether it is what was asked for, so that the request may be sent.
  private func isConnected() -> Bool {
    // libcurl would ask again (HTTP_1_1_REQUIRED) and go on with another response's body.
    if head != nil { return false }
    mailbox.put(connected: .connected(connection))
    loop.willEndTurn(self)
    return !demandsHTTP2 || easy.alpn == "h2"
  }

  /// Takes one header line; anything but `count` as the answer makes libcurl give up.
  private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    switch reader.take(UnsafeRawBufferPointer(start: bytes, count: count)) {
    case .more: return count
    case .head(let head):
      self.head = head
      mailbox.put(head: .head(head, at: elapsed, connection))
      loop.willEndTurn(self)
      return count
    case .tooLarge(let sentence):
      excess = sentence
      return 0
    }
  }

  /// The connection was read for the body: what libcurl makes of it comes next.
  private func receiveRead(_ count: Int) {
    read = HTTPBody.Read(at: elapsed, wireBytes: count, bodyBytes: 0)
    mailbox.put(read)
    loop.willEndTurn(self)
  }

  private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
    return mailbox.put(bytes, of: read) ? count : Int(CURL_WRITEFUNC_PAUSE)
  }

  /// There is room again for what was held back.
  func goOn() {
    doctor_curl_easy_pause(easy.pointer, CURLPAUSE_CONT)
    loop.willEndTurn(self)
  }

  func turnEnded() { mailbox.flush() }

  func finished(_ code: CURLcode) {
    mailbox.put(end: .end(end(code), at: elapsed, connection))
    loop.remove(self)
    mailbox.flush()
  }

  func abandoned() { mailbox.close() }

  private func end(_ code: CURLcode) -> HTTPEnd {
    let failure = easy.failure(code, usesTLS: usesTLS)
    guard let head else {
      if let excess { return .failed(TransportFailure(kind: .other, phase: .exchange, detail: excess)) }
      if code == CURLE_ABORTED_BY_CALLBACK {
        return .failed(
          TransportFailure(kind: .notOffered, phase: .tls, detail: "the server does not offer HTTP/2 here"))
      }
      if code == CURLE_OK {
        return .failed(
          TransportFailure(
            kind: .closed, phase: .exchange, detail: "the connection was closed in the middle of the response's head"))
      }
      return .failed(code == CURLE_OPERATION_TIMEDOUT ? timeout(failure) : failure)
    }
    let end: StreamFacts.End =
      if let excess {
        .cut(StreamFacts.Cut(.tooLarge, excess))
      } else if code == CURLE_OK {
        .complete(head.framing)
      } else if code == CURLE_OPERATION_TIMEDOUT {
        .closedByProbe
      } else {
        .cut(easy.cut(code, failure))
      }
    return .body(end, trailers: reader.trailers.map { StreamFacts.Header($0.name, $0.value) })
  }
}

/// A deadline of our own that passed before there was a response: what it was that did not come.
private func timeout(_ failure: TransportFailure) -> TransportFailure {
  var failure = failure
  failure.detail =
    switch failure.phase {
    case .nameLookup: "the name was not looked up in time"
    case .connect: "the connection was not made in time"
    case .tls: "the TLS handshake was not done in time"
    case .exchange: "nothing came in time"
    }
  return failure
}

extension HTTPHead {
  /// What marks the end of this response's body (RFC 9112 section 6.3, RFC 9113 section 8.1).
  fileprivate var framing: StreamFacts.Framing {
    if status == 204 || status == 304 { return .noBody }
    if version.hasPrefix("2") { return .endStream }
    let lastCoding = value(of: "Transfer-Encoding")?.split(separator: ",").last?.filter { $0 != " " && $0 != "\t" }
    if lastCoding?.lowercased() == "chunked" { return .lastChunk }
    // One that is no number, or too large a one, libcurl passes over.
    return value(of: "Content-Length").flatMap { Int($0) } == nil ? .connectionClosed : .contentLength
  }
}
