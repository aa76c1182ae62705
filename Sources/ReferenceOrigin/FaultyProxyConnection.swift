import NIOCore
import NIOHTTP1

/// One client's connection to a faulty proxy: its requests are passed on one after the other, each once it is whole.
final class FaultyProxyConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let settings: FaultyProxySettings
  private let turns: UpstreamTurns
  private var request: HTTPRequestHead?
  private var body = ByteBuffer()
  private var exchange: FaultyProxyExchange?

  /// The most bytes of a request (nginx' client_max_body_size).
  private static let maximumBodySize = 1 << 20

  init(settings: FaultyProxySettings, turns: UpstreamTurns) {
    self.settings = settings
    self.turns = turns
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = head
      body.clear()
    case .body(let buffer):
      // One byte too many is enough to know.
      body.writeBytes(buffer.readableBytesView.prefix(Self.maximumBodySize + 1 - body.readableBytes))
    case .end:
      guard let request else { return }
      self.request = nil
      let exchange = FaultyProxyExchange(request, body: body, settings: settings, client: context)
      self.exchange = exchange
      if body.readableBytes > Self.maximumBodySize {
        exchange.refuse(.payloadTooLarge)
      } else {
        exchange.begin(at: turns.next())
      }
      body = ByteBuffer()
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
