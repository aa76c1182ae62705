import NIOCore
import NIOHTTP1
import NIOPosix

/// One request on its way through a faulty proxy, and what comes back: the connection to the upstream. It lives on its
/// client's loop.
final class FaultyProxyExchange: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let request: HTTPRequestHead
  private let body: ByteBuffer
  private let settings: FaultyProxySettings
  private let client: ChannelHandlerContext
  private var upstream: ChannelHandlerContext?
  private var hasResponse = false
  private var keepsConnection = false
  /// What came and was not passed on yet.
  private var head: HTTPResponseHead?
  private var held = ByteBuffer()
  private var silence: Scheduled<Void>?
  private var isOver = false

  init(_ request: HTTPRequestHead, body: ByteBuffer, settings: FaultyProxySettings, client: ChannelHandlerContext) {
    self.request = request
    self.body = body
    self.settings = settings
    self.client = client
  }

  /// Passes the request on to a port.
  func begin(at port: Int) {
    let exchange = NIOLoopBound(self, eventLoop: client.eventLoop)
    ClientBootstrap(group: client.eventLoop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // The framing headers are set by hand: HTTP/1.0 knows no chunks.
          var framing = HTTPRequestEncoder.Configuration()
          framing.automaticallySetFramingHeaders = false
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHTTPClientHandlers(encoderConfiguration: framing)
          try pipeline.addHandler(exchange.value)
        }
      }
      .connect(host: "127.0.0.1", port: port)
      .assumeIsolated().whenFailure { _ in self.fail(with: .badGateway) }
  }

  /// The client has left: nobody waits for the rest.
  func abandon() {
    isOver = true
    silence?.cancel()
    upstream?.close(promise: nil)
  }

  /// Reads on where the client does.
  func clientWritabilityChanged() {
    // The one error there is says that the connection is closed.
    try? upstream?.channel.syncOptions?.setOption(.autoRead, value: client.channel.isWritable)
  }

  func channelActive(context: ChannelHandlerContext) {
    guard !isOver else { return context.close(promise: nil) }
    upstream = context
    watchForSilence()
    context.write(wrapOutboundOut(.head(requestHead)), promise: nil)
    if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    watchForSilence()
    switch unwrapInboundIn(data) {
    case .head(let head):
      hasResponse = true
      self.head = responseHead(for: head)
    case .body(var buffer): held.writeBuffer(&buffer)
    case .end: return finish()
    }
    if held.readableBytes >= settings.withheldBytes { passOn() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(with: .badGateway)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(with: .badGateway)
  }

  /// Answers the client in the upstream's stead.
  func refuse(_ status: HTTPResponseStatus) {
    let text = ByteBuffer(string: "\(status.code) \(status.reasonPhrase)\n")
    head = HTTPResponseHead(
      version: .http1_1, status: status,
      headers: [
        "Content-Type": "text/plain", "Content-Length": String(text.readableBytes), "Connection": "close",
      ])
    held = request.method == .HEAD ? ByteBuffer() : text
    keepsConnection = false
    finish()
  }

  /// HTTP/1.0, as nginx < 1.29.7 speaks it to its upstreams.
  private var requestHead: HTTPRequestHead {
    var headers = endToEnd(request.headers)
    for name in ["Content-Length", "Expect"] { headers.remove(name: name) }
    if body.readableBytes > 0 || request.headers.contains(name: "Content-Length") {
      headers.add(name: "Content-Length", value: String(body.readableBytes))
    }
    headers.add(name: "Connection", value: "close")
    return HTTPRequestHead(version: .http1_0, method: request.method, uri: request.uri, headers: headers)
  }

  private func responseHead(for head: HTTPResponseHead) -> HTTPResponseHead {
    var headers = endToEnd(head.headers)
    headers.remove(name: "X-Accel-Buffering")
    let hasBody = request.method != .HEAD && head.status.mayHaveResponseBody
    let isDelimited = !hasBody || headers.contains(name: "Content-Length")
    let isChunked = !isDelimited && (request.version.major, request.version.minor) >= (1, 1)
    if isChunked { headers.add(name: "Transfer-Encoding", value: "chunked") }
    keepsConnection = request.isKeepAlive && (isDelimited || isChunked)
    headers.add(name: "Connection", value: keepsConnection ? "keep-alive" : "close")
    return HTTPResponseHead(version: .http1_1, status: head.status, headers: headers)
  }

  private func passOn() {
    writeHeld()
    client.flush()
    clientWritabilityChanged()
  }

  private func writeHeld() {
    if let head { client.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil) }
    if held.readableBytes > 0 { client.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(held))), promise: nil) }
    head = nil
    held = ByteBuffer()
  }

  private func finish() {
    abandon()
    writeHeld()
    let client = NIOLoopBound(client, eventLoop: client.eventLoop)
    let written = client.value.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)))
    if !keepsConnection { written.whenComplete { _ in client.value.close(promise: nil) } }
  }

  /// The upstream ended too early. As nginx does it, the client gets the headers at most and the connection's end, and what
  /// was withheld is lost.
  private func fail(with status: HTTPResponseStatus) {
    guard !isOver else { return }
    guard hasResponse else { return refuse(status) }
    abandon()
    held = ByteBuffer()
    writeHeld()
    let client = NIOLoopBound(client, eventLoop: client.eventLoop)
    client.value.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.byteBuffer(held)))).whenComplete { _ in
      client.value.close(promise: nil)
    }
  }

  private func watchForSilence() {
    guard let limit = settings.readTimeout else { return }
    silence?.cancel()
    silence = client.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
      // Where the client does not read, nothing is read from the upstream either.
      guard self.client.channel.isWritable else { return self.watchForSilence() }
      self.fail(with: .gatewayTimeout)
    }
  }
}

/// The headers that are meant for more than the next hop (RFC 9110 section 7.6.1).
private func endToEnd(_ headers: HTTPHeaders) -> HTTPHeaders {
  let hopByHop = Set(
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"]
      + headers[canonicalForm: "connection"].map { $0.lowercased() })
  return HTTPHeaders(headers.filter { !hopByHop.contains($0.name.lowercased()) }.map { ($0.name, $0.value) })
}
