import NIOCore
import NIOHTTP1

/// One client's connection: answers its requests one after the other.
final class OriginConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let settings: OriginSettings
  private let filling: OriginFilling
  private var request: HTTPRequestHead?
  private var lateAnswer: Scheduled<Void>?
  private var stream: OriginStream?

  init(settings: OriginSettings, filling: OriginFilling) {
    self.settings = settings
    self.filling = filling
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body: break
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
    context.write(wrapOutboundOut(.head(response.head)), promise: nil)
    switch response.body {
    case .none: break
    case .text(let text): context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    case .stream:
      // One write for headers and first event would hide a proxy that holds headers back until the first byte.
      context.flush()
      stream = OriginStream(
        answering: request, keepsConnection: response.keepsConnection, settings: settings, filling: filling,
        context: context)
      return
    }
    end(keepingConnection: response.keepsConnection, context: context)
  }

  private func end(keepingConnection: Bool, context: ChannelHandlerContext) {
    guard !keepingConnection else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in context.value.close(promise: nil) }
  }
}
