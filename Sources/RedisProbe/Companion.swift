import Facts
import Glibc
import Transport

/// The second connection: PINGs are timed on it, and messages come in on it.
struct Companion: Sendable {
  var link: RedisLink?
  /// The connection's number in CLIENT LIST; nil where the server does not say.
  var clientID: Int?
  var roundTrip: Observation<RedisFacts.RoundTrip>
}

/// How many round trips are timed.
private let samples = 24

extension RedisProbe {
  /// Opens a second connection and times PINGs on it, the next once the one before is answered or after a millisecond.
  func companion(of target: RedisTarget, over transport: Transport, within timeout: Duration) async -> Companion {
    switch await transport.openRedisLink(to: linkTarget(target.endpoint), within: timeout) {
    case .failed(let failure, _, _):
      return Companion(
        roundTrip: .unseen(Unseen(.notReachable, "a second connection failed: \(failure.detail)")))
    case .open(let link, _, _):
      let ping = RedisCommand(["PING"])
      let own = [RedisCommand(["CLIENT", "SETNAME", ownClientName]), RedisCommand(["CLIENT", "ID"])]
      let entry = await link.send(target.entryCommands + own + [ping], within: timeout)
      let clientID = entry.reply(target.entryCommands.count + 1)?.integer
      let answer = entry.exchanges.last?.reply
      guard case .status? = answer, entry.failure == nil else {
        // A server that turns the connection away says so in place of its first answer.
        let last = entry.failure == nil || answer?.isError == true ? answer : nil
        return Companion(
          link: entry.failure == nil ? link : nil, clientID: clientID,
          roundTrip: .unseen(unseen("PING on a second connection", last, entry.failure, scrubbing: target)))
      }
      let result = await link.send(
        [RedisCommand](repeating: ping, count: samples), each: .milliseconds(1), within: timeout)
      guard result.failure == nil, let summary = roundTrip(result.exchanges.map(\.milliseconds)) else {
        return Companion(
          clientID: clientID, roundTrip: .unseen(Unseen(.timedOut, "not all PINGs were answered in time")))
      }
      return Companion(link: link, clientID: clientID, roundTrip: .seen(summary))
    }
  }

  /// Publishes on a channel of our own, and times the messages.
  func delivery(
    from link: RedisLink, to listener: RedisLink, on channel: String, within timeout: Duration
  ) async -> Observation<RedisFacts.RoundTrip> {
    let publish = RedisCommand(["PUBLISH", channel, "flowpanel-doctor"])
    // One that nobody hears, so that nobody waits for messages that may not be sent.
    let first = await link.send([publish], within: timeout)
    if case .error(let words)? = first.reply(0) {
      return .unseen(Unseen(.refused, "PUBLISH \(channel) was refused: \(bounded(words))"))
    }
    let subscription = await listener.send([RedisCommand(["SUBSCRIBE", channel])], within: timeout)
    if case .error(let words)? = subscription.reply(0) {
      return .unseen(Unseen(.refused, "SUBSCRIBE \(channel) was refused: \(bounded(words))"))
    }
    guard first.failure == nil, subscription.failure == nil else {
      return .unseen(Unseen(.timedOut, "PUBLISH or SUBSCRIBE \(channel) was not answered"))
    }
    async let messages = listener.receive(samples, within: timeout)
    let sent = await link.send(
      [RedisCommand](repeating: publish, count: samples), each: .milliseconds(1), within: timeout)
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
    guard case .array? = subscription.reply(0) else {
      let words =
        if case .error(let text)? = subscription.reply(0) { "refused: \(bounded(text))" } else { "not answered" }
      return .unseen(Unseen(.refused, "SUBSCRIBE \(channel) was \(words)"))
    }
    let written = await link.send([RedisCommand(["SET", key, "1", "PX", "300"])], within: timeout)
    guard written.reply(0) == .status("OK") else {
      let words = if case .error(let text)? = written.reply(0) { "refused: \(bounded(text))" } else { "not done" }
      return .unseen(Unseen(.refused, "SET \(key) was \(words)"))
    }
    let end = ContinuousClock.now + .seconds(3)
    // Others' keys expire as well.
    while true {
      let message = await listener.receive(1, within: max(.zero, ContinuousClock.now.duration(to: end)))
      if case .array(let parts)? = message.reply(0) {
        if parts.last?.text == key { return .seen(true) }
        continue
      }
      // Only who has listened to the end may say that nothing came.
      if message.failure == .timedOut { return .seen(false) }
      return .unseen(Unseen(.notReachable, "the connection that listened on \(channel) broke"))
    }
  }

  /// A channel that no application has, under a pattern that the user may use; nil where there is none.
  func ownChannel(_ needs: RedisNeeds, _ facts: RedisFacts) -> String? {
    let refused = Set(
      (facts.permissions?.value?.answers ?? []).filter { $0.need == .channel && !$0.isAllowed }.map(\.pattern))
    return needs.channels.first { hasOwnName($0) && !refused.contains($0) }.map {
      ownName($0, database: facts.endpoint.database)
    }
  }
}

/// A name of our own under a pattern, `resource.flowpanel-doctor-5f3a…`.
func ownName(_ pattern: String, database: Int) -> String {
  pattern.hasPrefix("__keyevent@")
    ? pattern.replacing("*", with: "\(database)") : pattern.replacing("*", with: "flowpanel-doctor-\(nonce())")
}

/// Sixteen hexadecimal digits that nobody else has.
public func nonce() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

/// The minimum, the median and the 95th percentile; nil where there are no times.
func roundTrip(_ times: [Double]) -> RedisFacts.RoundTrip? {
  let sorted = times.sorted()
  guard let first = sorted.first else { return nil }
  func quantile(_ part: Double) -> Double { sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] }
  return RedisFacts.RoundTrip(
    samples: sorted.count, minimum: first, median: quantile(0.5), p95: quantile(0.95))
}
