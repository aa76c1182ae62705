import Foundation
import NIOCore
import Transport

/// The events of all channels as the Redis Streams pattern keeps them: the log of each is a stream of Redis, and what is
/// published comes over one connection for each channel. It lives on the origin's one loop.
final class ChannelEvents {
  private let settings: StreamsOriginSettings
  private let loop: any EventLoop
  private let errors: RedisErrorLog
  private let commands: RedisConnection
  private var subscribers: [String: RedisConnection] = [:]
  private var listeners = FanOutListeners()

  init(_ settings: StreamsOriginSettings, on loop: any EventLoop) {
    self.settings = settings
    self.loop = loop
    errors = RedisErrorLog(settings.redis) { _ in }
    commands = RedisConnection(settings.redis, on: loop, errors)
  }

  /// The events of a channel after the one that a client names, as a stream sends them; nil where Redis refuses it.
  func events(of channel: String, after id: String, then: @escaping ([String]?) -> Void) {
    if settings.replaying == .nothing { return then([]) }
    commands.open()
    let start = settings.replaying == .fromNamed ? id : "(\(id)"
    commands.send(["XRANGE", settings.keyPrefix + channel, start, "+"]) { [replaying = settings.replaying] result in
      guard case .success(.array(let entries)) = result else { return then(nil) }
      var events = entries.compactMap(eventText)
      switch replaying {
      case .following, .fromNamed, .nothing: break
      case .withoutFirst: events = Array(events.dropFirst())
      case .newestFirst: events.reverse()
      case .newestTwice: events += events.suffix(1)
      }
      then(events)
    }
  }

  /// Hands every event that is published on a channel to a stream until `leave`.
  func listen(to channel: String, _ listener: any FanOutListener) {
    guard listeners.add(listener, to: channel) else { return }
    let subscriber = RedisConnection(settings.redis, on: loop, errors)
    subscriber.whenReady = { [weak subscriber] in
      subscriber?.send(["SUBSCRIBE", "sse:channel:\(channel)"]) { _ in }
    }
    subscriber.whenPushed = { [weak self] in self?.received($0, on: channel) }
    subscribers[channel] = subscriber
    subscriber.open()
  }

  /// Ends that.
  func leave(_ channel: String, _ listener: any FanOutListener) {
    if listeners.remove(listener, from: channel) { subscribers.removeValue(forKey: channel)?.close() }
  }

  /// Ends all connections, for good.
  func close() {
    commands.close()
    for subscriber in subscribers.values { subscriber.close() }
  }

  /// `message`, the channel's name in Redis, the body.
  private func received(_ parts: [RedisReply], on channel: String) {
    guard parts.count == 3, case .bulk(let body) = parts[2],
      let event = try? JSONDecoder().decode(Published.self, from: Data(body))
    else { return }
    for listener in listeners[channel] { listener.deliver(eventText(id: event.id, type: event.type, data: event.data)) }
  }

  private struct Published: Decodable {
    var id: String
    var type: String
    var data: String
  }
}

/// An entry of a stream as an event; nil for a reply that is no entry.
private func eventText(_ entry: RedisReply) -> String? {
  guard case .array(let parts) = entry, parts.count == 2, let id = parts[0].text, case .array(let fields) = parts[1]
  else { return nil }
  func value(_ name: String) -> String {
    fields.firstIndex { $0.text == name }.flatMap { $0 + 1 < fields.count ? fields[$0 + 1].text : nil } ?? "undefined"
  }
  return eventText(id: id, type: value("type"), data: value("data"))
}

private func eventText(id: String, type: String, data: String) -> String {
  "id: \(id)\nevent: \(type)\ndata: \(data)\n\n"
}
