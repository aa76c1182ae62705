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
  /// A SOCKS5 proxy to go through, `host:port`; it looks up the server's name. Nil for none.
  public var proxy: String?
  /// The system whose channels and keys are asked about.
  public var system = System.flowpanel
  /// The key prefix that the config or the environment gives; nil for the system's own.
  public var keyPrefix = Observation<String?>.seen(nil)
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
  ///
  /// - Parameter progress: is given what is known so far each time that more is: what a run that ends early has.
  public func facts(
    of target: RedisTarget, over transport: Transport, progress: @escaping Progress = { _ in }
  ) async -> RedisFacts {
    hidingPrefixed(await allFacts(of: target, over: transport) { progress(hidingPrefixed($0)) })
  }

  /// What is known of a target before anything was tried.
  public func facts(beforeTrying target: RedisTarget) -> RedisFacts {
    var target = target
    if let sentinels = target.sentinels {
      target.endpoint.host = sentinels.shownMaster
      target.endpoint.isMasterName = true
    }
    var facts = ProbeRecord(target, phases: ConnectionPhases(), for: self).facts
    facts.sentinel = target.sentinels.map { RedisFacts.Sentinel(masterName: $0.shownMaster, answers: []) }
    return facts
  }

  /// The facts without what was asked under the system's own prefix, where there may be another.
  private func hidingPrefixed(_ facts: RedisFacts) -> RedisFacts {
    guard let reason = keyPrefix.unseen, [.flowpanel, .testplanit].contains(system) else { return facts }
    var facts = facts
    if facts.permissions?.value != nil { facts.permissions = .unseen(reason) }
    if system == .flowpanel, facts.channels?.value != nil { facts.channels = .unseen(reason) }
    return facts
  }

  private func allFacts(
    of target: RedisTarget, over transport: Transport, _ progress: @escaping Progress
  ) async -> RedisFacts {
    guard let sentinels = target.sentinels else {
      return await directFacts(of: target, over: transport, progress)
    }
    let facts = await facts(of: target, behind: sentinels, over: transport, progress)
    // A master that has just been replaced says that it is none: the sentinels know better by now.
    guard facts.failedStep != nil || facts.server.value?.role == "slave" else { return facts }
    return await self.facts(of: target, behind: sentinels, over: transport, progress)
  }

  /// Takes what is known so far.
  public typealias Progress = @Sendable (RedisFacts) -> Void

  private func facts(
    of target: RedisTarget, behind sentinels: RedisSentinels, over transport: Transport, _ progress: @escaping Progress
  ) async -> RedisFacts {
    let answers = await ask(sentinels, usesTLS: target.endpoint.usesTLS, over: transport)
    var target = target
    let step = RedisFacts.StepResult(.sentinels, milliseconds: answers.milliseconds, failure: answers.failure)
    if let master = answers.endpoint {
      target.endpoint.host = master.host
      target.endpoint.port = master.port
      @Sendable func behindSentinels(_ facts: RedisFacts) -> RedisFacts {
        var facts = facts
        facts.steps.insert(step, at: 0)
        facts.sentinel = answers.facts
        return facts
      }
      return behindSentinels(await directFacts(of: target, over: transport) { progress(behindSentinels($0)) })
    }
    var facts = facts(beforeTrying: target)
    facts.steps.append(step)
    facts.sentinel = answers.facts
    return facts
  }

  private func directFacts(
    of target: RedisTarget, over transport: Transport, _ progress: @escaping Progress
  ) async -> RedisFacts {
    let first = await attempt(target, over: transport, within: patience, progress)
    let otherSide = first.mayBeTheOtherSide ? await askOtherSide(of: target.endpoint, over: transport) : nil
    var facts = first
    if otherSide != .answers, first.failedStep?.failure?.kind == .timedOut {
      // Nothing came in a hurry: give it all the time it may have.
      facts = await attempt(target, over: transport, within: stepTimeout, progress)
    }
    if let otherSide, facts.failedStep != nil { facts.otherSide = .seen(otherSide) }
    await explainClosing(&facts, of: target, over: transport)
    if facts.failedStep?.failure?.kind == .certificate { facts.tls = await unverifiedTLS(of: target, over: transport) }
    return facts
  }

  /// Reads what a server says that closes the connection before it is asked anything: too many clients, protected mode.
  /// What is written to it meanwhile makes the system forget that.
  private func explainClosing(_ facts: inout RedisFacts, of target: RedisTarget, over transport: Transport) async {
    let index = facts.steps.firstIndex { $0.failure != nil }
    guard let index, facts.steps[index].failure?.kind == .closed,
      [.authenticate, .select, .ping].contains(facts.steps[index].step),
      case .open(let link, _, _) = await transport.openRedisLink(to: linkTarget(target.endpoint), within: patience),
      case .error(let words)? = await link.receive(1, within: patience).reply(0)
    else { return }
    facts.steps[index].failure = errorFailure(scrubbed(words, of: target))
  }

  // MARK: One attempt

  private func attempt(
    _ target: RedisTarget, over transport: Transport, within timeout: Duration, _ progress: @escaping Progress
  ) async -> RedisFacts {
    async let addresses = addressFacts(of: target, over: transport, within: stepTimeout)
    var record: ProbeRecord
    switch await transport.openRedisLink(to: linkTarget(target.endpoint), within: timeout) {
    case .failed(let failure, let phases, let elapsed):
      record = ProbeRecord(target, phases: phases, for: self)
      let (step, reason) = failedStep(failure, within: timeout)
      record.fail(step, reason, milliseconds: elapsed)
    case .open(let link, let phases, let session):
      record = ProbeRecord(target, phases: phases, for: self, progress)
      record.facts.tls = session?.facts
      record.show()
      await ask(link, target, &record, over: transport, within: timeout)
    }
    record.facts.addresses = await addresses
    record.facts.unaskedAddresses = nil
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
    // A user who may not PING may still be allowed everything that the application does.
    let serves =
      record.take(.ping, answers, next, scrubbing: target, answers: errorFailure)
      || record.lastFailure?.kind == .commandRefused
    let replies = Replies(answers, after: entry.count, scrubbing: target)
    // A URL's user that comes without a password is more likely a password in the wrong place.
    record.facts.user = replies.user ?? (target.password == nil ? nil : target.username?.reveal())
    if serves || replies[["INFO"]].map({ !$0.isError }) == true {
      _ = record.take(.info, answers, replies.place(of: ["INFO"]), scrubbing: target, answers: errorFailure)
      record.read(replies)
    }
    record.show()
    guard serves else { return }

    let needs = system.redisNeeds(keyPrefix: keyPrefix.value ?? nil)
    let permissions = PermissionQuestions(needs, user: record.facts.user, database: target.endpoint.database)
    var second = SecondQuestions(permissions, system: system, needs: needs, about: record.facts, replies)
    let more = await link.send(second.commands, within: timeout)
    second.read(more, into: &record, scrubbing: target)
    record.show()
    if system == .redisStreams { await second.scan(link, into: &record, scrubbing: target, within: timeout) }

    let needsTransaction = second.needsTransaction
    async let tried =
      needsTransaction ? tryPermissions(permissions, target, over: transport, within: timeout) : nil
    var third = ThirdQuestions(after: second)
    if !third.commands.isEmpty {
      let last = await link.send(third.commands, within: timeout)
      third.read(last, into: &record, scrubbing: target)
    }
    if let tried = await tried { record.facts.permissions = tried }
    record.show()
    await watch(link, &record, within: timeout)

    let other = await companion
    record.facts.roundTrip = other.roundTrip
    // It may have been listed before it had its name.
    if let list = second.clientList {
      record.facts.clients = .seen(clientGroups(list, but: [replies.clientID, other.clientID].compactMap(\.self)))
    }
    record.show()
    await act(on: link, other, needs, &record, within: timeout)
  }

  /// What is published and written, where that was asked for.
  private func act(
    on link: RedisLink, _ other: Companion, _ needs: RedisNeeds, _ record: inout ProbeRecord, within timeout: Duration
  ) async {
    guard let listener = other.link else {
      let lacking = Unseen(.notReachable, "there was no second connection to listen on")
      if isActive { record.facts.delivery = .unseen(lacking) }
      if isIntrusive, system == .flock { record.facts.expiryEvent = .unseen(lacking) }
      return
    }
    if isActive {
      record.facts.delivery =
        if let channel = ownChannel(needs, record.facts) {
          await delivery(from: link, to: listener, on: channel, within: timeout)
        } else {
          .unseen(Unseen(.refused, "the user may use no channel of our own under the system's patterns"))
        }
      record.show()
    }
    // Last: where nothing is announced, the listener waits in vain, and is of no more use.
    if isIntrusive, system == .flock {
      record.facts.expiryEvent =
        await expiryEvent(from: link, to: listener, in: record.facts.endpoint.database, within: timeout)
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
    // Other servers speak TLS as well: only an answer in the protocol tells.
    return await link.send([RedisCommand(["PING"])], within: patience).exchanges.isEmpty ? .silent : .answers
  }

  /// The certificate that was not accepted. Nothing is sent over this connection.
  private func unverifiedTLS(of target: RedisTarget, over transport: Transport) async -> TLSFacts? {
    var target = linkTarget(target.endpoint)
    target.tls.verifiesCertificate = false
    guard case .open(_, _, let session) = await transport.openRedisLink(to: target, within: patience) else {
      return nil
    }
    return session?.facts
  }

  /// The step at which a connection failed, and why.
  func failedStep(
    _ failure: TransportFailure, within timeout: Duration
  ) -> (RedisFacts.Step, RedisFacts.StepFailure) {
    let step = connectionStep(of: failure.phase)
    var reason = failure.stepFailure(within: timeout)
    // Until there is a connection, it is the proxy that was spoken to.
    guard proxy != nil, [.nameLookup, .connect].contains(step) else { return (step, reason) }
    if reason.kind != .timedOut { reason.kind = .proxy }
    return (.connect, reason)
  }

  func linkTarget(_ endpoint: RedisEndpoint, address: String? = nil) -> RedisLinkTarget {
    RedisLinkTarget(endpoint: endpoint, tls: tls, address: address, proxy: proxy.map { "socks5h://\($0)" })
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
    case .sentinels, .nameLookup, .connect, .info: false
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
