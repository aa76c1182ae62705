import Facts
import Transport

/// Who does what at which rendezvous.
struct RendezvousPlace: Sendable {
  var rendezvous: Rendezvous
  var access: RendezvousAccess
}

/// A connection to a rendezvous. The commands that enter go before the first others, in the same write.
struct RendezvousLink: Sendable {
  /// The server; the one that the sentinels name where the URL leads to them.
  let target: RedisTarget
  let place: RendezvousPlace
  private let link: RedisLink
  private var entry: [RedisCommand]

  /// Connects.
  init(
    to target: RedisTarget, at place: RendezvousPlace, through probe: RedisProbe, over transport: Transport,
    until deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) {
    var target = target
    if let sentinels = target.sentinels {
      target.endpoint = try await master(of: target, sentinels, through: probe, over: transport, until: deadline)
    }
    let timeout = remaining(until: deadline)
    switch await transport.openRedisLink(to: probe.linkTarget(target.endpoint), within: timeout) {
    case .failed(let failure, _, _):
      let (step, reason) = probe.failedStep(failure, within: timeout)
      throw RendezvousFailure(step, reason, at: target.endpoint)
    case .open(let link, _, _): self.link = link
    }
    self.target = target
    self.place = place
    entry = target.entryCommands
  }

  /// Sends all commands in one write, and gives a reply for each; some may be errors.
  mutating func replies(
    to commands: [RedisCommand], until deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) -> [RedisReply] {
    let before = entry.count
    let result = await link.send(entry + commands, within: remaining(until: deadline))
    try checkEntry(result.exchanges.prefix(before).map(\.reply))
    let replies = result.exchanges.dropFirst(before).map(\.reply)
    if let failure = result.failure {
      // A server that turns the connection away says so in place of its first answer.
      if case .error(let words)? = replies.first { throw self.failure(words, to: "the connection") }
      throw RendezvousFailure(
        place.access.step, failure, afterMilliseconds: result.milliseconds, at: target.endpoint)
    }
    entry = []
    return replies
  }

  /// The failure that an error reply to a command means.
  func failure(_ words: String, to command: String) -> RendezvousFailure {
    RendezvousFailure(words, to: command, at: place.access.step, place, target)
  }

  /// The failure of a reply that the command does not give.
  func failure(notUnderstanding command: String) -> RendezvousFailure {
    RendezvousFailure(
      step: place.access.step, kind: .notUnderstood, endpoint: target.endpoint,
      reason: "\(command) answered something other than expected")
  }

  private func checkEntry(_ replies: [RedisReply]) throws(RendezvousFailure) {
    for (index, reply) in replies.enumerated() {
      guard case .error(let words) = reply else { continue }
      guard index == 0, target.password != nil else {
        throw RendezvousFailure(words, to: "SELECT", at: .select, place, target)
      }
      guard var failure = authFailure(words) else { continue }
      failure.detail = authWords(words, of: target)
      throw RendezvousFailure(.authenticate, failure, at: target.endpoint)
    }
  }
}

extension RendezvousAccess {
  /// The step at which the commands fail.
  var step: RendezvousFailure.Step {
    switch self {
    case .publish: .write
    case .read: .read
    }
  }
}

/// Where the sentinels say that the master is.
private func master(
  of target: RedisTarget, _ sentinels: RedisSentinels, through probe: RedisProbe, over transport: Transport,
  until deadline: ContinuousClock.Instant
) async throws(RendezvousFailure) -> RedisEndpoint {
  var hurried = probe
  hurried.stepTimeout = min(probe.stepTimeout, remaining(until: deadline))
  hurried.patience = min(probe.patience, hurried.stepTimeout)
  var endpoint = target.endpoint
  let answers = await hurried.ask(sentinels, usesTLS: endpoint.usesTLS, over: transport)
  guard let master = answers.endpoint else {
    endpoint.host = sentinels.shownMaster
    endpoint.isMasterName = true
    var failure = answers.failure ?? RedisFacts.StepFailure(.nameNotFound, "no sentinel answers")
    let each = answers.facts.answers.compactMap { answer in answer.failure.map { "\(answer.address): \($0.detail)" } }
    if let first = each.first { failure.detail += " (\(first)" + (each.count > 1 ? ", …)" : ")") }
    throw RendezvousFailure(.sentinels, failure, at: endpoint)
  }
  endpoint.host = master.host
  endpoint.port = master.port
  return endpoint
}

/// The time that is left, never none: a step that has begun is at least tried.
func remaining(until deadline: ContinuousClock.Instant) -> Duration {
  max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
}
