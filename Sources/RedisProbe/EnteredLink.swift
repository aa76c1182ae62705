import Facts
import Transport

/// What a connection is for, as far as its failures say so.
struct LinkPurpose: Sendable {
  /// The step at which the commands fail.
  var step: RendezvousFailure.Step
  /// What lets a user do it who may not: an ACL rule.
  var grant: @Sendable (RedisTarget) -> String
}

/// A connection that enters by itself: AUTH and SELECT go before the first other commands, in the same write.
struct EnteredLink: Sendable {
  /// The server; the one that the sentinels name where the URL leads to them.
  let target: RedisTarget
  private let purpose: LinkPurpose
  private let link: RedisLink
  private var entry: [RedisCommand]

  /// Connects.
  init(
    to target: RedisTarget, for purpose: LinkPurpose, through probe: RedisProbe, over transport: Transport,
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
    self.purpose = purpose
    entry = target.entryCommands
  }

  /// Sends all commands in one write, and gives an exchange for each; some replies may be errors.
  mutating func exchanges(
    of commands: [RedisCommand], until deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) -> [RedisExchange] {
    let before = entry.count
    let result = await link.send(entry + commands, within: remaining(until: deadline))
    try checkEntry(result.exchanges.prefix(before).map(\.reply))
    let exchanges = Array(result.exchanges.dropFirst(before))
    if let failure = result.failure {
      // A server that turns the connection away says so in place of its first answer.
      if case .error(let words)? = exchanges.first?.reply { throw self.failure(words, to: "the connection") }
      throw RendezvousFailure(purpose.step, failure, afterMilliseconds: result.milliseconds, at: target.endpoint)
    }
    entry = []
    return exchanges
  }

  /// The failure that an error reply to a command means.
  func failure(_ words: String, to command: String) -> RendezvousFailure {
    RendezvousFailure(words, to: command, at: purpose.step, purpose, target)
  }

  /// The failure of a reply that the command does not give.
  func failure(notUnderstanding command: String) -> RendezvousFailure {
    RendezvousFailure(
      step: purpose.step, kind: .notUnderstood, endpoint: target.endpoint,
      reason: "\(command) answered something other than expected")
  }

  private func checkEntry(_ replies: [RedisReply]) throws(RendezvousFailure) {
    for (index, reply) in replies.enumerated() {
      guard case .error(let words) = reply else { continue }
      guard index == 0, target.password != nil else {
        throw RendezvousFailure(words, to: "SELECT", at: .select, purpose, target)
      }
      guard var failure = authFailure(words) else { continue }
      failure.detail = authWords(words, of: target)
      throw RendezvousFailure(.authenticate, failure, at: target.endpoint)
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
