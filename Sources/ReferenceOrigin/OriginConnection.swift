import NIOCore
import NIOHTTP1

/// One client's connection: answers its requests one after the other.
final class OriginConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let settings: OriginSettings
  private let filling: OriginFilling
  private let fanOut: (any FanOut)?
  private var request: HTTPRequestHead?
  private var body: [UInt8] = []
  private var lateAnswer: Scheduled<Void>?
  private var stream: OriginStream?

  /// The most bytes that are published at once.
  private static let maximumBodySize = 1 << 20

  init(settings: OriginSettings, filling: OriginFilling, fanOut: (any FanOut)?) {
    self.settings = settings
    self.filling = filling
    self.fanOut = fanOut
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = head
      body = []
    case .body(let buffer):
      // One byte too many is enough to know.
      body += buffer.readableBytesView.prefix(Self.maximumBodySize + 1 - body.count)
    case .end:
      guard let request else { return }
      self.request = nil
      receive(request, context: context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stream?.writabilityChanged()
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    stop()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func stop() {
    lateAnswer?.cancel()
    stream?.stop()
    stream = nil
  }

  private func receive(_ request: HTTPRequestHead, context: ChannelHandlerContext) {
    if let fanOut, settings.publishes(request) { return publish(request, on: fanOut, context: context) }
    guard settings.covers(request) else { return answer(request, context: context) }
    switch settings.answering {
    case .immediately: answer(request, context: context)
    case .after(let pause):
      lateAnswer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) {
        self.answer(request, context: context)
      }
    case .never: break
    }
  }

  private func answer(_ request: HTTPRequestHead, context: ChannelHandlerContext) {
    let response = OriginResponse(to: request, settings: settings)
    guard response.body == .stream else { return send(response, context: context) }
    context.write(wrapOutboundOut(.head(response.head)), promise: nil)
    // One write for headers and first event would hide a proxy that holds headers back until the first byte.
    context.flush()
    stream = OriginStream(
      answering: request, keepsConnection: response.keepsConnection, settings: settings, filling: filling,
      fanOut: fanOut, context: context)
  }

  private func publish(_ request: HTTPRequestHead, on fanOut: any FanOut, context: ChannelHandlerContext) {
    let channels = queryItems(of: request.uri).filter { $0.name == "channel" }.map(\.value)
    if let refusal = OriginResponse(
      refusingPublish: request, channels: channels, isTooLarge: body.count > Self.maximumBodySize)
    {
      return send(refusal, context: context)
    }
    fanOut.publish(body, on: channels[0]) { result in
      self.send(OriginResponse(publishing: result, for: request), context: context)
    }
    body = []
  }

  private func send(_ response: OriginResponse, context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(response.head)), promise: nil)
    if case .text(let text) = response.body {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    end(keepingConnection: response.keepsConnection, context: context)
  }

  private func end(keepingConnection: Bool, context: ChannelHandlerContext) {
    guard !keepingConnection else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in context.value.close(promise: nil) }
  }
}
