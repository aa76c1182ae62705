import NIOCore
import Transport

/// flowpanel's redis driver: one connection subscribes and one publishes, both opened when the first stream or publisher
/// needs one. A channel is subscribed to once for as long as streams of this origin listen to it.
///
/// Where subscribing fails, those who listen later do not try again until all have left: as flowpanel does it.
final class RedisFanOut: FanOut {
  private let settings: OriginSettings
  private let subscriber: RedisConnection
  private let publisher: RedisConnection
  private let log: @Sendable (String) -> Void
  private var listeners = FanOutListeners()
  /// The channels' names in Redis, of those that are subscribed to.
  private var channels: [String: String] = [:]
  private var subscribed: Set<String> = []
  private var isClosed = false
  private var faulty: FaultyDelivery?
  /// Whether nothing is subscribed to any more.
  private var isDeaf = false

  init(
    _ redis: OriginRedis, settings: OriginSettings, on loop: any EventLoop, log: @escaping @Sendable (String) -> Void
  ) {
    self.settings = settings
    self.log = log
    let errors = RedisErrorLog(redis, isUnhandled: settings.convention == .verbatim, log)
    var stalls = false
    if case .stalls = settings.fanOutFault { stalls = true }
    subscriber = RedisConnection(redis, on: loop, errors, isNarrow: stalls)
    publisher = RedisConnection(redis, on: loop, errors)
    isDeaf = settings.fanOutFault == .dead
    faulty = settings.fanOutFault.map { [subscriber] fault in
      FaultyDelivery(fault, on: loop) { [weak subscriber] in subscriber?.pauseReading(for: $0) }
    }
    subscriber.whenLost = { [weak self] in if settings.fanOutFault == .deafAfterReconnect { self?.isDeaf = true } }
    subscriber.whenReady = { [weak self] in self?.subscribeAgain() }
    subscriber.whenPushed = { [weak self] in self?.received($0) }
  }

  func subscribe(to channel: String, _ listener: any FanOutListener) {
    open()
    guard listeners.add(listener, to: channel) else { return }
    let name = settings.convention.wireName(of: channel, prefix: settings.keyPrefix)
    channels[name] = channel
    sendSubscribe([name])
  }

  func unsubscribe(from channel: String, _ listener: any FanOutListener) {
    guard listeners.remove(listener, from: channel) else { return }
    let name = settings.convention.wireName(of: channel, prefix: settings.keyPrefix)
    channels[name] = nil
    subscribed.remove(name)
    subscriber.send(["UNSUBSCRIBE", name]) { _ in }
  }

  func publish(_ body: [UInt8], on channel: String, then: @escaping (Result<Int, FanOutFailure>) -> Void) {
    open()
    let name = settings.convention.wireName(of: channel, prefix: settings.keyPrefix)
    publisher.send(RedisCommand([Array("PUBLISH".utf8), Array(name.utf8), body])) { result in
      then(
        result.flatMap { reply in
          if case .integer(let receivers) = reply { return .success(receivers) }
          return .failure(FanOutFailure(reason: "Redis answered PUBLISH with something else than a number"))
        })
    }
  }

  func close() {
    isClosed = true
    subscriber.close()
    publisher.close()
  }

  private func open() {
    subscriber.open()
    publisher.open()
  }

  private func sendSubscribe(_ names: [String]) {
    if isDeaf || names.isEmpty { return }
    subscriber.send(RedisCommand(["SUBSCRIBE"] + names), replies: names.count) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success: subscribed.formUnion(names.filter { channels[$0] != nil })
      case .failure(let failure): if !isClosed { log("[flowpanel] redis subscribe failed: \(failure.reason)") }
      }
    }
  }

  /// All in one command, as ioredis does it: nobody sees it subscribed to some and not yet to others.
  private func subscribeAgain() { sendSubscribe(subscribed.sorted()) }

  /// `message`, the channel's name, the body.
  private func received(_ parts: [RedisReply]) {
    guard parts.count == 3, let name = parts[1].text, case .bulk(let body) = parts[2], let channel = channels[name]
    else { return }
    let event = settings.convention.event(on: channel, ChannelPayload(body))
    let deliver = { [weak self] in
      for listener in self?.listeners[channel] ?? [] { listener.deliver(event) }
    }
    if let faulty { faulty.take(deliver) } else { deliver() }
  }
}
