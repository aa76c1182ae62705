import NIOCore
import NIOHTTP1

/// One client's connection: answers its requests one after the other and drives the stream's timers on the loop.
final class OriginConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let settings: OriginSettings
  private var request: HTTPRequestHead?
  private var timers: [Timer: Scheduled<Void>] = [:]
  private var lastSequence = 0

  private enum Timer {
    case answer, heartbeat, event
  }

  init(settings: OriginSettings) {
    self.settings = settings
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

  func channelInactive(context: ChannelHandlerContext) {
    stopTimers()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    stopTimers()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func receive(_ request: HTTPRequestHead, context: ChannelHandlerContext) {
    let response = OriginResponse(to: request, settings: settings)
    guard settings.covers(request) else { return send(response, context: context) }
    switch settings.answering {
    case .immediately: send(response, context: context)
    case .after(let pause): schedule(.answer, in: pause, context: context) { self.send(response, context: context) }
    case .never: break
    }
  }

  private func send(_ response: OriginResponse, context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(response.head)), promise: nil)
    switch response.body {
    case .none: break
    case .text(let text): write(text, context: context)
    case .stream:
      // One write for headers and first event would hide a proxy that holds headers back until the first byte.
      context.flush()
      if settings.sendsHandshake { write("event: ready\ndata: {}\n\n", context: context) }
      if !settings.closesAfterHandshake {
        if let interval = settings.heartbeatInterval { repeatHeartbeat(every: interval, context: context) }
        if let interval = settings.eventInterval { repeatEvent(every: interval, context: context) }
        return context.flush()
      }
    }
    end(keepingConnection: response.keepsConnection, context: context)
  }

  private func end(keepingConnection: Bool, context: ChannelHandlerContext) {
    guard !keepingConnection else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in context.value.close(promise: nil) }
  }

  private func repeatHeartbeat(every interval: Duration, context: ChannelHandlerContext) {
    schedule(.heartbeat, in: interval, context: context) {
      guard self.writeToStream(": keep-alive\n\n", context: context) else { return }
      self.repeatHeartbeat(every: interval, context: context)
    }
  }

  private func repeatEvent(every interval: Duration, context: ChannelHandlerContext) {
    schedule(.event, in: interval, context: context) {
      self.lastSequence += 1
      let event = "event: message\ndata: {\"sequence\":\(self.lastSequence)}\n\n"
      guard self.writeToStream(event, context: context) else { return }
      self.repeatEvent(every: interval, context: context)
    }
  }

  /// Writes to an open stream, or closes it for a client that has stopped reading: what it does not fetch would pile up
  /// in memory for as long as it stays connected.
  private func writeToStream(_ text: String, context: ChannelHandlerContext) -> Bool {
    guard context.channel.isWritable else {
      context.close(promise: nil)
      return false
    }
    write(text, context: context)
    context.flush()
    return true
  }

  private func write(_ text: String, context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
  }

  private func schedule(
    _ timer: Timer, in pause: Duration, context: ChannelHandlerContext, _ action: @escaping () -> Void
  ) {
    timers[timer] = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause), action)
  }

  private func stopTimers() {
    for timer in timers.values { timer.cancel() }
    timers = [:]
  }
}
