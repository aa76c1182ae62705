public import Facts
public import Transport

/// Looks at one Redis server with read-only commands: connects as a client would, and reads INFO and the eviction policy.
public struct RedisProbe: Sendable {
  /// How long one step may take.
  public var stepTimeout: Duration
  /// How long to wait for a handshake or a first answer before asking whether the port speaks the other kind of
  /// connection. A plain server takes a TLS greeting for the start of a command and says nothing, for ever.
  public var patience: Duration
  /// A PEM file with the certificate authorities to trust instead of the system's.
  public var caFile: String?

  /// A probe with its deadlines.
  public init(
    stepTimeout: Duration = .seconds(5), patience: Duration = .milliseconds(1500), caFile: String? = nil
  ) {
    self.stepTimeout = stepTimeout
    self.patience = min(patience, stepTimeout)
    self.caFile = caFile
  }

  /// Connects, authenticates and asks; nothing is judged and nothing written.
  public func facts(of target: RedisTarget, over transport: Transport) async -> RedisFacts {
    let first = await attempt(target, over: transport, within: patience)
    let otherSide = first.mayBeTheOtherSide ? await askOtherSide(of: target.endpoint, over: transport) : nil
    var facts = first
    if otherSide != .answers, first.failedStep?.failure?.kind == .timedOut {
      // Nothing came in a hurry: give it all the time it may have.
      facts = await attempt(target, over: transport, within: stepTimeout)
    }
    if let otherSide, facts.failedStep != nil { facts.otherSide = .seen(otherSide) }
    return facts
  }

  private func attempt(_ target: RedisTarget, over transport: Transport, within timeout: Duration) async -> RedisFacts {
    let endpoint = target.endpoint
    let link: RedisLink
    var record: ProbeRecord
    switch await transport.openRedisLink(to: linkTarget(endpoint), within: timeout) {
    case .failed(let failure, let phases, let elapsed):
      record = ProbeRecord(endpoint, phases: phases)
      record.fail(connectionStep(of: failure.phase), failure.stepFailure(within: timeout), milliseconds: elapsed)
      return record.facts
    case .open(let opened, let phases):
      record = ProbeRecord(endpoint, phases: phases)
      link = opened
    }

    if let password = target.password {
      let user = target.username.map { [$0.reveal()] } ?? []
      let command = RedisCommand(["AUTH"] + user + [password.reveal()])
      let result = await link.send([command], within: timeout)
      guard record.take(.authenticate, result, 0, scrubbing: target, answers: authFailure) else { return record.facts }
    }

    let select = endpoint.database == 0 ? [] : [RedisCommand(["SELECT", "\(endpoint.database)"])]
    let greeting = await link.send(select + [RedisCommand(["PING"])], within: timeout)
    if !select.isEmpty {
      guard record.take(.select, greeting, 0, scrubbing: target, answers: errorFailure) else { return record.facts }
    }
    // A user who may not PING may still be allowed everything that the application does.
    guard
      record.take(.ping, greeting, select.count, scrubbing: target, answers: errorFailure)
        || record.lastFailure?.kind == .commandRefused
    else { return record.facts }

    let questions = [RedisCommand(["INFO"]), RedisCommand(["CONFIG", "GET", "maxmemory-policy"])]
    let answers = await link.send(questions, within: timeout)
    _ = record.take(.info, answers, 0, scrubbing: target, answers: errorFailure)
    record.read(info: answers.reply(0), policy: answers.reply(1), failure: answers.failure, scrubbing: target)
    return record.facts
  }

  /// Whether the port answers to the other kind of connection. No credentials are sent, so nothing needs verifying.
  private func askOtherSide(of endpoint: RedisEndpoint, over transport: Transport) async -> RedisFacts.OtherSide {
    var other = endpoint
    other.usesTLS.toggle()
    let target = RedisLinkTarget(endpoint: other, tls: TLSOptions(verifiesCertificate: false))
    guard case .open(let link, _) = await transport.openRedisLink(to: target, within: patience) else { return .silent }
    if other.usesTLS { return .answers }
    return await link.send([RedisCommand(["PING"])], within: patience).exchanges.isEmpty ? .silent : .answers
  }

  private func linkTarget(_ endpoint: RedisEndpoint) -> RedisLinkTarget {
    RedisLinkTarget(endpoint: endpoint, tls: TLSOptions(caFile: caFile))
  }
}

extension RedisFacts {
  /// Whether the failure is one that the wrong kind of connection causes.
  fileprivate var mayBeTheOtherSide: Bool {
    guard let failed = failedStep, let kind = failed.failure?.kind, !endpoint.isUnixSocket else { return false }
    return switch failed.step {
    case .tls: kind != .certificate
    case .authenticate, .select, .ping: !endpoint.usesTLS && [.closed, .notRedis, .timedOut].contains(kind)
    case .nameLookup, .connect, .info: false
    }
  }
}

private func connectionStep(of phase: TransportFailure.Phase) -> RedisFacts.Step {
  switch phase {
  case .nameLookup: .nameLookup
  case .connect: .connect
  case .tls, .exchange: .tls
  }
}
