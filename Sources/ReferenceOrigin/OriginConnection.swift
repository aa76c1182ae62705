import NIOCore
import NIOHTTP1

/// One client's connection: answers its requests one after the other.
final class OriginConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let settings: OriginSettings
  private let filling: OriginFilling
  private let fanOut: (any FanOut)?
  private var requests = RequestCollecting()
  private var lateAnswer: Scheduled<Void>?
  private var stream: OriginStream?

  init(settings: OriginSettings, filling: OriginFilling, fanOut: (any FanOut)?) {
    self.settings = settings
    self.filling = filling
    self.fanOut = fanOut
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if let request = requests.take(unwrapInboundIn(data)) { receive(request, context: context) }
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

  private func receive(_ whole: RequestCollecting.Request, context: ChannelHandlerContext) {
    let request = whole.head
    if let fanOut, settings.publishes(request) { return publish(whole, on: fanOut, context: context) }
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

  private func publish(_ request: RequestCollecting.Request, on fanOut: any FanOut, context: ChannelHandlerContext) {
    let channels = queryItems(of: request.head.uri).filter { $0.name == "channel" }.map(\.value)
    if let refusal = OriginResponse(
      refusingPublish: request.head, channels: channels, isTooLarge: request.isTooLarge)
    {
      return send(refusal, context: context)
    }
    fanOut.publish(Array(request.body.readableBytesView), on: channels[0]) { result in
      self.send(OriginResponse(publishing: result, for: request.head), context: context)
    }
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
