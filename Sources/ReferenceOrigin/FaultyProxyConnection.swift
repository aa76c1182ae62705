import NIOCore
import NIOHTTP1

/// One client's connection to a faulty proxy: its requests are passed on one after the other, each once it is whole.
final class FaultyProxyConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let settings: FaultyProxySettings
  private let turns: UpstreamTurns
  private var requests = RequestCollecting()
  private var exchange: FaultyProxyExchange?

  init(settings: FaultyProxySettings, turns: UpstreamTurns) {
    self.settings = settings
    self.turns = turns
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let request = requests.take(unwrapInboundIn(data)) else { return }
    let exchange = FaultyProxyExchange(request.head, body: request.body, settings: settings, client: context)
    self.exchange = exchange
    if request.isTooLarge {
      exchange.refuse(.payloadTooLarge)
    } else {
      exchange.begin(at: turns.next())
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    exchange?.clientWritabilityChanged()
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
    exchange?.abandon()
    exchange = nil
  }
}
