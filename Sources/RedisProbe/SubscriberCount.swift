public import Facts
public import Transport

/// How many connections are subscribed to one channel (PUBSUB NUMSUB), or why that can't be known.
///
/// - Returns: the server's shown URL too, which sentinels may have led to.
public func subscribers(
  of channel: String, at target: RedisTarget, through probe: RedisProbe, over transport: Transport
) async -> (redisURL: String, count: Observation<Int>) {
  var redisURL = "\(probe.facts(beforeTrying: target).endpoint)"
  do throws(RendezvousFailure) {
    let deadline = ContinuousClock.now + probe.stepTimeout
    var link = try await EnteredLink(
      to: target, for: LinkPurpose(step: .read) { $0.rule(for: ["pubsub|numsub"], on: []) }, through: probe,
      over: transport, until: deadline)
    redisURL = "\(link.target.endpoint)"
    let reply = try await link.exchanges(of: [RedisCommand(["PUBSUB", "NUMSUB", channel])], until: deadline).first?
      .reply
    if case .error(let words)? = reply { throw link.failure(words, to: "PUBSUB NUMSUB") }
    guard let count = reply?.fields?[channel]?.integer else { throw link.failure(notUnderstanding: "PUBSUB NUMSUB") }
    return (redisURL, .seen(count))
  } catch {
    return (redisURL, .unseen(error.unseen))
  }
}
