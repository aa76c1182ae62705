/// How what is published reaches the streams of one origin. It lives on the origin's one loop.
protocol FanOut: AnyObject {
  /// Hands every event of a channel to a stream until `unsubscribe`.
  func subscribe(to channel: String, _ listener: any FanOutListener)
  /// Ends that.
  func unsubscribe(from channel: String, _ listener: any FanOutListener)
  /// Publishes a body; how many got it, or why nobody did.
  func publish(_ body: [UInt8], on channel: String, then: @escaping (Result<Int, FanOutFailure>) -> Void)
  /// Ends all connections, for good.
  func close()
}

/// A stream that events are handed to.
protocol FanOutListener: AnyObject {
  func deliver(_ event: String)
}

/// Why something was not published or subscribed to.
struct FanOutFailure: Error {
  var reason: String
}

/// Who listens to which channel.
struct FanOutListeners {
  private var byChannel: [String: [any FanOutListener]] = [:]

  /// Those who listen to a channel, each as often as it asked.
  subscript(channel: String) -> [any FanOutListener] { byChannel[channel] ?? [] }

  /// Adds a listener; whether it is the channel's first.
  mutating func add(_ listener: any FanOutListener, to channel: String) -> Bool {
    byChannel[channel, default: []].append(listener)
    return byChannel[channel]?.count == 1
  }

  /// Takes a listener away once; whether it was the channel's last.
  mutating func remove(_ listener: any FanOutListener, from channel: String) -> Bool {
    guard let index = byChannel[channel]?.firstIndex(where: { $0 === listener }) else { return false }
    byChannel[channel]?.remove(at: index)
    guard byChannel[channel]?.isEmpty == true else { return false }
    byChannel[channel] = nil
    return true
  }
}

/// flowpanel's memory driver: within this process.
final class MemoryFanOut: FanOut {
  private let convention: OriginConvention
  private var listeners = FanOutListeners()

  init(_ convention: OriginConvention) {
    self.convention = convention
  }

  func subscribe(to channel: String, _ listener: any FanOutListener) {
    _ = listeners.add(listener, to: channel)
  }

  func unsubscribe(from channel: String, _ listener: any FanOutListener) {
    _ = listeners.remove(listener, from: channel)
  }

  func publish(_ body: [UInt8], on channel: String, then: @escaping (Result<Int, FanOutFailure>) -> Void) {
    let reached = listeners[channel]
    let event = convention.event(on: channel, ChannelPayload(body))
    for listener in reached { listener.deliver(event) }
    then(.success(reached.count))
  }

  func close() {}
}
