import Foundation
import NIOCore
import NIOHTTP1

/// One open stream: what is sent on it, and when. It lives on its connection's loop.
final class OriginStream: FanOutListener {
  private let settings: OriginSettings
  private let context: ChannelHandlerContext
  private let keepsConnection: Bool
  private let fanOut: (any FanOut)?
  private var channels: [String] = []
  private var events: NumberedEvents
  private var timers: [Timer: Scheduled<Void>] = [:]
  private var silentUntil = NIODeadline.uptimeNanoseconds(0)
  private var isOver = false
  private var isPumping = false

  private enum Timer {
    case heartbeat, event
  }

  /// How much the firehose writes at a time, and how often before others have their turn.
  private static let pumpBytes = 32 * 1024
  private static let pumpTurns = 16

  init(
    answering request: HTTPRequestHead, keepsConnection: Bool, settings: OriginSettings, filling: OriginFilling,
    fanOut: (any FanOut)?, context: ChannelHandlerContext
  ) {
    self.settings = settings
    self.context = context
    self.fanOut = fanOut
    self.keepsConnection = keepsConnection
    events = NumberedEvents(
      after: request.headers.first(name: "Last-Event-ID"), settings: settings, filling: filling)
    if settings.sendsHandshake { write("event: ready\ndata: {}\n\n") }
    if RequestEcho.isWanted(by: request, settings) { write(RequestEcho(request).event) }
    if events.areOver { end() } else { context.flush() }
    if isOver { return }
    channels = settings.convention.accepted(
      queryItems(of: request.uri).filter { $0.name == "channel" }.map(\.value))
    for channel in channels { fanOut?.subscribe(to: channel, self) }
    let now = NIODeadline.now()
    // Where another stream ended, its silences are over too: one that cuts the stream would never be passed.
    if events.lastNumber == 0 { beginSilence(at: now) }
    if let interval = settings.heartbeatInterval.map(TimeAmount.init) { heartbeat(at: now + interval, every: interval) }
    if events.areOver { return }
    if settings.sendsAsFastAsRead {
      pump()
    } else if let interval = settings.eventInterval.map(TimeAmount.init) {
      sendBurst(at: max(now + interval, silentUntil), every: interval)
    }
  }

  /// Nothing is sent any more.
  func stop() {
    isOver = true
    for channel in channels { fanOut?.unsubscribe(from: channel, self) }
    channels = []
    for timer in timers.values { timer.cancel() }
    timers = [:]
  }

  /// Sends an event of a channel; a silence and a firehose's client that is waited for miss it.
  func deliver(_ event: String) {
    closeIfUnread()
    guard !isOver, context.channel.isWritable, NIODeadline.now() >= silentUntil else { return }
    write(event)
    context.flush()
  }

  /// Goes on where the client's reading had been waited for.
  func writabilityChanged() {
    if settings.sendsAsFastAsRead { pump() }
  }

  private func heartbeat(at time: NIODeadline, every interval: TimeAmount) {
    schedule(.heartbeat, at: time) {
      self.closeIfUnread()
      guard !self.isOver else { return }
      if NIODeadline.now() >= self.silentUntil {
        self.write(": keep-alive\n\n")
        self.context.flush()
      }
      self.heartbeat(at: max(time + interval, .now()), every: interval)
    }
  }

  private func sendBurst(at time: NIODeadline, every interval: TimeAmount) {
    schedule(.event, at: time) {
      self.closeIfUnread()
      guard !self.isOver else { return }
      for _ in 0..<self.settings.burst {
        self.write { self.events.writeNext(into: &$0) }
        if self.events.areOver { return self.end() }
        if self.beginSilence(at: .now()) { break }
      }
      self.context.flush()
      self.sendBurst(at: max(time + interval, .now(), self.silentUntil), every: interval)
    }
  }

  /// Writes events for as long as the client takes them.
  private func pump() {
    guard !isPumping, !isOver, !events.areOver, NIODeadline.now() >= silentUntil else { return }
    isPumping = true
    defer { isPumping = false }
    for _ in 0..<Self.pumpTurns where context.channel.isWritable {
      var isSilent = false
      write { buffer in
        repeat {
          self.events.writeNext(into: &buffer)
          isSilent = self.beginSilence(at: .now())
        } while buffer.readableBytes < Self.pumpBytes && !self.events.areOver && !isSilent
      }
      if events.areOver { return end() }
      context.flush()
      if isSilent { return schedule(.event, at: silentUntil) { self.pump() } }
    }
    if context.channel.isWritable { schedule(.event, at: .now()) { self.pump() } }
  }

  /// Begins the silence that was asked for after the event just written, if one was.
  @discardableResult
  private func beginSilence(at now: NIODeadline) -> Bool {
    guard let silence = settings.silences.first(where: { $0.afterEvent == events.lastNumber }) else { return false }
    silentUntil = now + TimeAmount(silence.duration)
    return true
  }

  /// Closes the connection of a client that has stopped reading: what it does not fetch would pile up in memory for as
  /// long as it stays connected. The firehose waits for it instead.
  private func closeIfUnread() {
    if isOver || context.channel.isWritable || settings.sendsAsFastAsRead { return }
    stop()
    context.close(promise: nil)
  }

  private func end() {
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    switch settings.ending {
    case .never:
      context.value.flush()
    case .clean:
      stop()
      let written = context.value.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)))
      if !keepsConnection { written.whenComplete { _ in context.value.close(promise: nil) } }
    case .cut:
      stop()
      whenWritten { context.value.close(promise: nil) }
    case .reset:
      stop()
      whenWritten {
        // No lingering: closing drops the connection with a reset instead of ending it (socket(7), SO_LINGER).
        let socket = context.value.channel as? any SocketOptionProvider
        _ = socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).always { _ in context.value.close(promise: nil) }
      }
    }
  }

  private func whenWritten(_ action: @escaping @Sendable () -> Void) {
    context.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer())))).whenComplete { _ in action() }
  }

  private func write(_ text: String) {
    write { _ = $0.writeString(text) }
  }

  private func write(_ writing: (inout ByteBuffer) -> Void) {
    var buffer = context.channel.allocator.buffer(capacity: 256)
    writing(&buffer)
    context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(buffer))), promise: nil)
  }

  private func schedule(_ timer: Timer, at time: NIODeadline, _ action: @escaping () -> Void) {
    timers[timer] = context.eventLoop.assumeIsolated().scheduleTask(deadline: time, action)
  }
}
