import NIOCore
import NIOHTTP1

/// One client's connection to a server of the Redis Streams pattern: answers its requests one after the other.
final class StreamsConnection: ChannelInboundHandler, FanOutListener {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let events: ChannelEvents
  private var requests = RequestCollecting()
  private var context: ChannelHandlerContext?
  /// The channel that is listened to.
  private var channel: String?

  private static let path = "/events/"

  init(_ events: ChannelEvents) {
    self.events = events
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    stop()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if let request = requests.take(unwrapInboundIn(data)) { answer(request.head) }
  }

  /// Sends an event that was published. Whoever does not read is cut off: what it does not fetch would pile up.
  func deliver(_ event: String) {
    guard let context, context.channel.isWritable else {
      stop()
      context?.close(promise: nil)
      return
    }
    write(event)
  }

  private func stop() {
    if let channel { events.leave(channel, self) }
    channel = nil
  }

  private func answer(_ request: HTTPRequestHead) {
    let path = request.uri.prefix { $0 != "?" }
    let name = path.hasPrefix(Self.path) ? path.dropFirst(Self.path.count) : ""
    var settings = OriginSettings()
    settings.path = name.isEmpty ? Self.path + "CHANNEL" : String(path)
    settings.cacheControl = "no-cache, no-store"
    let response = OriginResponse(to: request, settings: settings)
    send(.head(response.head))
    guard response.body == .stream else {
      if case .text(let text) = response.body { send(.body(.byteBuffer(ByteBuffer(string: text)))) }
      return end(keepingConnection: response.keepsConnection)
    }
    write(": connected\n\n")
    let channel = name.removingPercentEncoding ?? String(name)
    guard let last = request.headers.first(name: "Last-Event-ID"), !last.isEmpty else { return listen(to: channel) }
    events.events(of: channel, after: last) { [weak self] missed in
      // In the guide's server an ID that Redis refuses ends the process: the rejection is not handled.
      guard let self, context != nil, let missed else { return self?.context?.close(promise: nil) ?? () }
      for event in missed { write(event) }
      listen(to: channel)
    }
  }

  private func listen(to channel: String) {
    self.channel = channel
    events.listen(to: channel, self)
  }

  private func write(_ text: String) { send(.body(.byteBuffer(ByteBuffer(string: text)))) }

  private func send(_ part: HTTPServerResponsePart) { context?.writeAndFlush(wrapOutboundOut(part), promise: nil) }

  private func end(keepingConnection: Bool) {
    guard let context else { return }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepingConnection { written.whenComplete { _ in bound.value.close(promise: nil) } }
  }
}
