public import Facts
public import Transport

/// Looks at one Redis server with read-only commands: connects as a client would, and asks for all that the checks judge.
///
/// After the handshakes it takes four round trips: credentials with the first questions, the questions that hang on their
/// answers, and those that hang on these. PINGs are timed meanwhile on a connection of their own.
public struct RedisProbe: Sendable {
  /// How long one step may take.
  public var stepTimeout: Duration
  /// How long to wait for a handshake or a first answer before asking whether the port speaks the other kind of
  /// connection. A plain server takes a TLS greeting for the start of a command and says nothing, for ever.
  public var patience: Duration
  /// What to trust, and what to show.
  public var tls: TLSOptions
  /// A SOCKS proxy to go through, `socks5h://host:port`; nil for none.
  public var proxy: String?
  /// The system whose channels and keys are asked about.
  public var system = System.flowpanel
  /// The key prefix that the config gives; nil for none.
  public var keyPrefix: String?
  /// Whether to publish on a channel of our own (`--active`).
  public var isActive = false
  /// Whether to write a key of our own that expires (`--intrusive`).
  public var isIntrusive = false

  /// A probe with its deadlines.
  public init(
    stepTimeout: Duration = .seconds(5), patience: Duration = .milliseconds(1500), tls: TLSOptions = TLSOptions()
  ) {
    self.stepTimeout = stepTimeout
    self.patience = min(patience, stepTimeout)
    self.tls = tls
  }

  /// Connects, authenticates and asks; nothing is judged, and nothing written unless the probe is active or intrusive.
  public func facts(of target: RedisTarget, over transport: Transport) async -> RedisFacts {
    guard let sentinels = target.sentinels else { return await directFacts(of: target, over: transport) }
    var facts = await facts(of: target, behind: sentinels, over: transport)
    // A master that has just been replaced says that it is none: the sentinels know better by now.
    if facts.failedStep != nil || facts.server.value?.role == "slave" {
      facts = await self.facts(of: target, behind: sentinels, over: transport)
    }
    return facts
  }

  private func facts(
    of target: RedisTarget, behind sentinels: RedisSentinels, over transport: Transport
  ) async -> RedisFacts {
    let answers = await ask(sentinels, usesTLS: target.endpoint.usesTLS, over: transport)
    var master = target
    var facts: RedisFacts
    if let endpoint = answers.endpoint {
      master.endpoint.host = endpoint.host
      master.endpoint.port = endpoint.port
      facts = await directFacts(of: master, over: transport)
    } else {
      var record = ProbeRecord(target, phases: ConnectionPhases())
      let words =
        answers.facts.answers.contains { $0.failure == nil }
        ? "no sentinel knows a master named \(sentinels.master)" : "no sentinel answers"
      record.fail(.nameLookup, RedisFacts.StepFailure(.nameNotFound, words), milliseconds: answers.milliseconds)
      facts = record.facts
    }
    facts.sentinel = answers.facts
    return facts
  }

  private func directFacts(of target: RedisTarget, over transport: Transport) async -> RedisFacts {
    let first = await attempt(target, over: transport, within: patience)
    let otherSide = first.mayBeTheOtherSide ? await askOtherSide(of: target.endpoint, over: transport) : nil
    var facts = first
    if otherSide != .answers, first.failedStep?.failure?.kind == .timedOut {
      // Nothing came in a hurry: give it all the time it may have.
      facts = await attempt(target, over: transport, within: stepTimeout)
    }
    if let otherSide, facts.failedStep != nil { facts.otherSide = .seen(otherSide) }
    if facts.failedStep?.failure?.kind == .certificate { facts.tls = await unverifiedTLS(of: target, over: transport) }
    return facts
  }

  // MARK: One attempt

  private func attempt(_ target: RedisTarget, over transport: Transport, within timeout: Duration) async -> RedisFacts {
    async let addresses = addressFacts(of: target, over: transport, within: timeout)
    var record: ProbeRecord
    switch await transport.openRedisLink(to: linkTarget(target.endpoint), within: timeout) {
    case .failed(let failure, let phases, let elapsed):
      record = ProbeRecord(target, phases: phases)
      record.fail(connectionStep(of: failure.phase), failure.stepFailure(within: timeout), milliseconds: elapsed)
    case .open(let link, let phases, let session):
      record = ProbeRecord(target, phases: phases)
      record.facts.tls = session.map(tlsFacts)
      await ask(link, target, &record, over: transport, within: timeout)
    }
    record.facts.addresses = await addresses
    return record.facts
  }

  private func ask(
    _ link: RedisLink, _ target: RedisTarget, _ record: inout ProbeRecord, over transport: Transport,
    within timeout: Duration
  ) async {
    async let companion = companion(of: target, over: transport, within: timeout)

    let entry = target.entryCommands
    let first = Questions(entry + firstQuestions)
    let answers = await link.send(first.commands, within: timeout)
    var next = 0
    if target.password != nil {
      guard record.take(.authenticate, answers, 0, scrubbing: target, answers: authFailure) else { return }
      next += 1
    }
    if target.endpoint.database != 0 {
      guard record.take(.select, answers, next, scrubbing: target, answers: errorFailure) else { return }
      next += 1
    }
    next += 1
    // A user who may not PING may still be allowed everything that the application does.
    guard
      record.take(.ping, answers, next, scrubbing: target, answers: errorFailure)
        || record.lastFailure?.kind == .commandRefused
    else { return }
    _ = record.take(.info, answers, next + 1, scrubbing: target, answers: errorFailure)
    let replies = Replies(answers, after: entry.count, scrubbing: target)
    record.read(replies)

    let needs = system.redisNeeds(keyPrefix: keyPrefix)
    let permissions = PermissionQuestions(needs, user: replies.user, database: target.endpoint.database)
    var second = SecondQuestions(permissions, system: system, needs: needs, about: record.facts, replies)
    let more = await link.send(second.commands, within: timeout)
    second.read(more, into: &record, scrubbing: target)

    var third = ThirdQuestions(permissions, after: second, into: record.facts)
    if !third.commands.isEmpty {
      let last = await link.send(third.commands, within: timeout)
      third.read(last, into: &record, scrubbing: target)
    }
    if system == .redisStreams { await sampleStreams(link, &record, within: timeout) }

    let other = await companion
    record.facts.roundTrip = other.roundTrip
    // It may have been listed before it had its name.
    if let list = second.clientList { record.facts.clients = .seen(clientGroups(list, but: other.localAddress)) }
    guard let listener = other.link else { return }
    if isActive {
      record.facts.delivery = await delivery(
        from: link, to: listener, on: ownChannel(needs, record.facts), within: timeout)
    }
    if isIntrusive, system == .flock {
      record.facts.expiryEvent = await expiryEvent(
        from: link, to: listener, in: target.endpoint.database, within: timeout)
    }
  }

  /// Whether the port answers to the other kind of connection. No credentials are sent, so nothing needs verifying.
  private func askOtherSide(of endpoint: RedisEndpoint, over transport: Transport) async -> RedisFacts.OtherSide {
    var other = endpoint
    other.usesTLS.toggle()
    var target = linkTarget(other)
    target.tls.verifiesCertificate = false
    guard case .open(let link, _, _) = await transport.openRedisLink(to: target, within: patience) else {
      return .silent
    }
    if other.usesTLS { return .answers }
    return await link.send([RedisCommand(["PING"])], within: patience).exchanges.isEmpty ? .silent : .answers
  }

  /// The certificate that was not accepted. Nothing is sent over this connection.
  private func unverifiedTLS(of target: RedisTarget, over transport: Transport) async -> RedisFacts.TLS? {
    var target = linkTarget(target.endpoint)
    target.tls.verifiesCertificate = false
    guard case .open(_, _, let session) = await transport.openRedisLink(to: target, within: patience) else {
      return nil
    }
    return session.map(tlsFacts)
  }

  func linkTarget(_ endpoint: RedisEndpoint, address: String? = nil) -> RedisLinkTarget {
    RedisLinkTarget(endpoint: endpoint, tls: tls, address: address, proxy: proxy)
  }
}

extension RedisTarget {
  /// What is sent first on any connection: AUTH and SELECT, as far as the URL asks for them.
  var entryCommands: [RedisCommand] {
    var commands: [RedisCommand] = []
    if let password {
      commands.append(RedisCommand(["AUTH"] + (username.map { [$0.reveal()] } ?? []) + [password.reveal()]))
    }
    if endpoint.database != 0 { commands.append(RedisCommand(["SELECT", "\(endpoint.database)"])) }
    return commands
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
