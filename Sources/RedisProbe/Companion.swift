import Facts
import Glibc
import Transport

/// The second connection: PINGs are timed on it, and messages come in on it.
struct Companion: Sendable {
  var link: RedisLink?
  /// Our own end of the connection.
  var localAddress: String?
  var roundTrip: Observation<RedisFacts.RoundTrip>
}

/// How many round trips are timed.
private let samples = 24

extension RedisProbe {
  /// Opens a second connection and times PINGs on it, one each millisecond, whether the one before is answered or not.
  func companion(of target: RedisTarget, over transport: Transport, within timeout: Duration) async -> Companion {
    switch await transport.openRedisLink(to: linkTarget(target.endpoint), within: timeout) {
    case .failed(let failure, _, _):
      return Companion(
        roundTrip: .unseen(Unseen(.notReachable, "a second connection failed: \(failure.detail)")))
    case .open(let link, let phases, _):
      let ping = RedisCommand(["PING"])
      let name = RedisCommand(["CLIENT", "SETNAME", ownClientName])
      let entry = await link.send(target.entryCommands + [name, ping], within: timeout)
      guard case .status? = entry.exchanges.last?.reply, entry.failure == nil else {
        return Companion(
          localAddress: phases.localAddress,
          roundTrip: .unseen(Unseen(.refused, "PING was refused on a second connection")))
      }
      let result = await link.send(
        [RedisCommand](repeating: ping, count: samples), each: .milliseconds(1), within: timeout)
      guard result.failure == nil, let summary = roundTrip(result.exchanges.map(\.milliseconds)) else {
        return Companion(
          localAddress: phases.localAddress,
          roundTrip: .unseen(Unseen(.timedOut, "not all PINGs were answered in time")))
      }
      return Companion(link: link, localAddress: phases.localAddress, roundTrip: .seen(summary))
    }
  }

  /// Publishes on a channel of our own, and times the messages.
  func delivery(
    from link: RedisLink, to listener: RedisLink, on channel: String, within timeout: Duration
  ) async -> Observation<RedisFacts.RoundTrip> {
    let subscription = await listener.send([RedisCommand(["SUBSCRIBE", channel])], within: timeout)
    if case .error(let words)? = subscription.reply(0) {
      return .unseen(Unseen(.refused, "SUBSCRIBE \(channel) was refused: \(words.prefix(200))"))
    }
    guard subscription.failure == nil else {
      return .unseen(Unseen(.timedOut, "SUBSCRIBE \(channel) was not answered"))
    }
    async let messages = listener.receive(samples, within: timeout)
    let publish = RedisCommand(["PUBLISH", channel, "flowpanel-doctor"])
    let sent = await link.send(
      [RedisCommand](repeating: publish, count: samples), each: .milliseconds(1), within: timeout)
    if case .error(let words)? = sent.reply(0) {
      return .unseen(Unseen(.refused, "PUBLISH \(channel) was refused: \(words.prefix(200))"))
    }
    let received = await messages
    let times = zip(sent.exchanges, received.exchanges).map { publish, message in
      publish.sent.duration(to: message.sent).milliseconds + message.milliseconds
    }
    guard received.failure == nil, let summary = roundTrip(times) else {
      return .unseen(
        Unseen(.timedOut, "of \(samples) messages on \(channel), \(received.exchanges.count) came back in time"))
    }
    return .seen(summary)
  }

  /// Writes a key of our own that expires at once, and says whether that is announced (keyspace notifications).
  func expiryEvent(
    from link: RedisLink, to listener: RedisLink, in database: Int, within timeout: Duration
  ) async -> Observation<Bool> {
    let channel = "__keyevent@\(database)__:expired"
    let key = "flowpanel-doctor:probe:\(nonce())"
    let subscription = await listener.send([RedisCommand(["SUBSCRIBE", channel])], within: timeout)
    if case .error(let words)? = subscription.reply(0) {
      return .unseen(Unseen(.refused, "SUBSCRIBE \(channel) was refused: \(words.prefix(200))"))
    }
    let written = await link.send([RedisCommand(["SET", key, "1", "PX", "300"])], within: timeout)
    if case .error(let words)? = written.reply(0) {
      return .unseen(Unseen(.refused, "SET \(key) was refused: \(words.prefix(200))"))
    }
    let end = ContinuousClock.now + .seconds(3)
    // Others' keys expire as well.
    while .now < end {
      let message = await listener.receive(1, within: ContinuousClock.now.duration(to: end))
      guard case .array(let parts)? = message.reply(0) else { break }
      if parts.last?.text == key { return .seen(true) }
    }
    return .seen(false)
  }

  /// A channel that no application has, under a pattern that the user may use.
  func ownChannel(_ needs: RedisNeeds, _ facts: RedisFacts) -> String {
    let refused = Set(
      (facts.permissions?.value?.answers ?? []).filter { $0.need == .channel && !$0.isAllowed }.map(\.pattern))
    let pattern = needs.channels.first { !refused.contains($0) } ?? needs.channels.first ?? "*"
    return ownName(pattern, database: facts.endpoint.database)
  }
}

/// A name of our own under a pattern, `resource.flowpanel-doctor-5f3a…`.
func ownName(_ pattern: String, database: Int) -> String {
  pattern.hasPrefix("__keyevent@")
    ? pattern.replacing("*", with: "\(database)") : pattern.replacing("*", with: "flowpanel-doctor-\(nonce())")
}

/// Sixteen hexadecimal digits that nobody else has.
func nonce() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

/// The minimum, the median and the 95th percentile; nil where there are no times.
func roundTrip(_ times: [Double]) -> RedisFacts.RoundTrip? {
  let sorted = times.sorted()
  guard let first = sorted.first else { return nil }
  func quantile(_ part: Double) -> Double { sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] }
  return RedisFacts.RoundTrip(
    samples: sorted.count, minimum: first, median: quantile(0.5), p95: quantile(0.95))
}
