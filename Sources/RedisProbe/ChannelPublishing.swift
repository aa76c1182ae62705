public import Facts
import Foundation
public import Transport

/// Publishes on a channel of the run's own, so that the streams that listen to it have something to bring: as soon as
/// somebody has subscribed six messages within two seconds, and then one a second. Beside AUTH and SELECT it sends
/// PUBLISH alone, and leaves nothing behind; for a fan-out it also counts the subscribers.
public struct ChannelPublishing: Sendable {
  /// What is done beside that to see whom an event reaches.
  public struct FanOut: Sendable {
    /// The channels whose subscribers are counted.
    public var channels: [String]
    /// How many messages come at once in the end; 0 for none.
    public var burst: Int

    /// Counts the subscribers of channels, and publishes a burst.
    public init(channels: [String], burst: Int) {
      self.channels = channels
      self.burst = burst
    }
  }

  /// How many messages come in quick succession under all names: what a stream has to bring to be seen through. For a
  /// fan-out the one under each name is the first of them.
  public static func quickMessages(forFanOut: Bool) -> Int { quickPauses.count - (forFanOut ? 1 : 0) }
  /// How long is waited before each of them. The instances of a deployment do not subscribe at the same instant, hence the
  /// first. The others are uneven, so that a hop that lets each event go with the next one only does not look like one
  /// that takes the same time over each; and all longer than the 200 ms of delayed acknowledgements, which would join two.
  private static let quickPauses = [200, 260, 410, 260, 410, 260].map { Duration.milliseconds($0) }
  private static let slowInterval = Duration.seconds(1)
  /// How many messages are published in all.
  private static let maximumMessages = 10_000
  /// How long a subscriber is waited for.
  private static let patience = Duration.seconds(2)
  /// How long is waited for one more after the last one came, and how often that is looked at.
  private static let settling = Duration.milliseconds(150)
  /// The same where some have not come, who may be slow or never will.
  private static let lateSettling = Duration.milliseconds(1000)
  private static let lookInterval = Duration.milliseconds(50)
  /// How many looks are kept.
  private static let maximumLooks = 200

  /// The channel.
  public var channel: DriveChannel
  /// The key prefix that the config gives; nil for the system's own.
  public var keyPrefix: String?
  /// The zero of the times (`StreamFacts.beganMilliseconds`).
  public var epoch: ContinuousClock.Instant
  /// What is done beside it to see whom an event reaches; nil for nothing.
  public var fanOut: FanOut?
  /// The number of the first message, and by how much each further one is higher: several publishers count side by side.
  public var numbers: (first: Int, step: Int)

  /// A way of publishing.
  public init(
    on channel: DriveChannel, keyPrefix: String?, epoch: ContinuousClock.Instant, numbers: (first: Int, step: Int)
  ) {
    self.channel = channel
    self.keyPrefix = keyPrefix
    self.epoch = epoch
    self.numbers = numbers
  }

  /// Connects at once, and publishes from the end of `start` on until the task is cancelled.
  ///
  /// - Parameter progress: is given what was published so far each time that it is more, and why there is no more.
  public func publish(
    to target: RedisTarget, through probe: RedisProbe, over transport: Transport, from start: AsyncStream<Void>,
    progress: @escaping @Sendable (StreamDrive.Publisher) -> Void
  ) async {
    var work = Work(
      publishing: self, stepTimeout: probe.stepTimeout, names: channel.redisNames(keyPrefix: keyPrefix),
      facts: facts(beforeTrying: target, through: probe), progress: progress)
    do throws(RendezvousFailure) {
      try await work.run(target, through: probe, over: transport, from: start)
    } catch {
      work.facts.failure = "\(error.step.title): \(error.reason)" + (error.remedy.map { "; \($0)" } ?? "")
      progress(work.facts)
    }
  }

  /// What is known of a publisher before anything was tried.
  public func facts(beforeTrying target: RedisTarget, through probe: RedisProbe) -> StreamDrive.Publisher {
    StreamDrive.Publisher(redisURL: "\(probe.facts(beforeTrying: target).endpoint)")
  }

  /// One connection's work.
  private struct Work {
    let publishing: ChannelPublishing
    let stepTimeout: Duration
    /// The names that may be published under, as far as known.
    var names: [String]
    var facts: StreamDrive.Publisher
    let progress: @Sendable (StreamDrive.Publisher) -> Void

    mutating func run(
      _ target: RedisTarget, through probe: RedisProbe, over transport: Transport, from start: AsyncStream<Void>
    ) async throws(RendezvousFailure) {
      let purpose = LinkPurpose(step: .write) { [publishing] target in
        target.rule(
          for: ["publish"], on: publishing.channel.redisPatterns(keyPrefix: publishing.keyPrefix).map { "&\($0)" })
      }
      var link = try await EnteredLink(
        to: target, for: purpose, through: probe, over: transport, until: .now + stepTimeout)
      facts.redisURL = "\(link.target.endpoint)"
      // Credentials that are wrong are known before anybody waits for messages.
      _ = try await link.exchanges(of: [], until: .now + stepTimeout)
      for await _ in start {}
      var counting = publishing.fanOut.map {
        SubscriberCounting($0.channels, of: publishing.channel, publishing.keyPrefix)
      }
      if counting == nil {
        try await waitForSubscriber(over: &link)
      } else {
        try await waitForSubscribers(counting: &counting, over: &link)
        addListenedNames()
      }
      facts.names = names
      // One for each name, so that it is seen which of them an instance listens under.
      if counting != nil { for name in names { try await publishNext(under: name, over: &link) } }
      if publishing.channel.isFixed { return try await keepCounting(&counting, over: &link) }
      for pause in ChannelPublishing.quickPauses.suffix(ChannelPublishing.quickMessages(forFanOut: counting != nil)) {
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        try await publishNext(over: &link)
        try await count(&counting, over: &link)
      }
      try await publishBurst(over: &link)
      try await count(&counting, over: &link)
      while facts.publications.count < ChannelPublishing.maximumMessages {
        try await keepCounting(&counting, for: ChannelPublishing.slowInterval, over: &link)
        if Task.isCancelled { return }
        try await publishNext(over: &link)
      }
    }

    /// Publishes the message that comes next, under one name or all.
    private mutating func publishNext(
      under name: String? = nil, over link: inout EnteredLink
    ) async throws(RendezvousFailure) {
      let index = facts.publications.count
      let number = publishing.numbers.first + index * publishing.numbers.step
      facts.publications.append(
        StreamDrive.Publication(number: number, sentMilliseconds: publishing.milliseconds(.now), name: name))
      progress(facts)
      facts.publications[index] = try await publish(number, under: name, over: &link)
      progress(facts)
    }

    // MARK: Whom it reaches

    /// Counts the subscribers, where that is asked for.
    private mutating func count(
      _ counting: inout SubscriberCounting?, over link: inout EnteredLink
    ) async throws(RendezvousFailure) {
      guard let outcome = try await counting?.look(over: &link, within: stepTimeout) else { return }
      facts.unlisted = counting?.unlisted
      var looks = facts.looks?.value ?? []
      switch outcome {
      case .unseen(let reason):
        // Who was seen stays seen.
        if looks.isEmpty { facts.looks = .unseen(reason) }
      case .seen(let subscribers):
        let look = StreamDrive.Look(atMilliseconds: publishing.milliseconds(.now), subscribers: subscribers)
        if looks.last?.subscribers == subscribers {
          looks[looks.count - 1].lastMilliseconds = look.milliseconds
        } else if looks.count < ChannelPublishing.maximumLooks {
          looks.append(look)
        }
        facts.looks = .seen(looks)
      }
      progress(facts)
    }

    /// Counts until nobody else has come for a while: the instances of a deployment do not subscribe at the same instant.
    private mutating func waitForSubscribers(
      counting: inout SubscriberCounting?, over link: inout EnteredLink
    ) async throws(RendezvousFailure) {
      let end = ContinuousClock.now + ChannelPublishing.patience
      var sameSince = ContinuousClock.now
      var last: [String: Int]?
      while !Task.isCancelled, .now < end {
        try await count(&counting, over: &link)
        guard case .seen(let looks)? = facts.looks else {
          try await waitForSubscriber(over: &link)
          // Who comes after the first is not seen.
          try? await Task.sleep(for: ChannelPublishing.lateSettling)
          return
        }
        if looks.last?.subscribers != last {
          last = looks.last?.subscribers
          sameSince = .now
        }
        let settled = sameSince.duration(to: .now)
        if last?.isEmpty == false, settled > ChannelPublishing.settling,
          isWhole(last ?? [:]) || settled > ChannelPublishing.lateSettling
        {
          return
        }
        try? await Task.sleep(for: ChannelPublishing.lookInterval)
      }
    }

    /// Whether each stream's own channel has a subscriber.
    private func isWhole(_ subscribers: [String: Int]) -> Bool {
      let name = publishing.channel.name
      let own = Set((publishing.fanOut?.channels ?? []).compactMap { DriveChannel.ownIndex(in: $0, of: name) })
      return own.isSubset(of: subscribers.keys.compactMap { DriveChannel.ownIndex(in: $0, of: name) })
    }

    /// Takes over the names under which instances listen that the run does not know.
    private mutating func addListenedNames() {
      let listened = (facts.looks?.value?.last?.subscribers.keys.sorted() ?? []).filter {
        $0.hasSuffix(publishing.channel.name) && !names.contains($0)
      }
      names += listened.prefix(8)
    }

    /// Goes on counting for a time, or until the task is cancelled.
    private mutating func keepCounting(
      _ counting: inout SubscriberCounting?, for time: Duration = .seconds(3600), over link: inout EnteredLink
    ) async throws(RendezvousFailure) {
      let end = ContinuousClock.now + time
      while .now < end {
        let pause =
          counting == nil ? time : min(ChannelPublishing.lookInterval * 2, ContinuousClock.now.duration(to: end))
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        try await count(&counting, over: &link)
      }
    }

    /// Publishes many messages in one write, as far as anybody listens to them.
    private mutating func publishBurst(over link: inout EnteredLink) async throws(RendezvousFailure) {
      guard let count = publishing.fanOut?.burst, count > 0, !Task.isCancelled else { return }
      let burst = publishing.channel.burst
      var names = burst.redisNames(keyPrefix: publishing.keyPrefix)
      if let look = facts.looks?.value?.last {
        names = look.subscribers.keys.filter { $0.hasSuffix(burst.name) }.sorted()
      }
      if names.isEmpty {
        let now = publishing.milliseconds(.now)
        facts.burst = StreamDrive.Burst(count: 0, sentMilliseconds: now, answeredMilliseconds: now, receivers: 0)
        return progress(facts)
      }
      // Several publishers may reach the same instances.
      let start = (publishing.numbers.first - 1) * count + 1
      let time = Int64(Date().timeIntervalSince1970 * 1000)
      let before = try await subscribedConnections(over: &link)
      let exchanges = try await link.exchanges(
        of: (start..<start + count).flatMap { number in
          let message = burst.message(number, unixMilliseconds: time)
          return names.map { RedisCommand(["PUBLISH", $0, message]) }
        }, until: .now + stepTimeout)
      let after = try await subscribedConnections(over: &link)
      var receivers = 0
      for start in stride(from: 0, to: exchanges.count, by: names.count) {
        let reached = exchanges[start..<start + names.count].reduce(0) { sum, exchange in
          if case .integer(let count) = exchange.reply { sum + min(max(0, count), 1_000_000) } else { sum }
        }
        receivers = max(receivers, reached)
      }
      guard let first = exchanges.first, let last = exchanges.last else { return }
      facts.burst = StreamDrive.Burst(
        count: count, sentMilliseconds: publishing.milliseconds(first.sent),
        answeredMilliseconds: publishing.milliseconds(last.sent + .milliseconds(last.milliseconds)),
        receivers: receivers,
        closedConnections: before.flatMap { before in after.map { before.subtracting($0).count } })
      facts.burst?.first = start
      progress(facts)
    }

    /// The numbers of the connections that are subscribed; nil where the server does not say.
    private func subscribedConnections(over link: inout EnteredLink) async throws(RendezvousFailure) -> Set<Int>? {
      let exchanges = try await link.exchanges(
        of: [RedisCommand(["CLIENT", "LIST", "TYPE", "pubsub"])], until: .now + stepTimeout)
      guard let reply = exchanges.first?.reply, !reply.isError, let list = reply.text else { return nil }
      return Set(clientNumbers(list))
    }

    /// Publishes until somebody gets it, but not for ever.
    private mutating func waitForSubscriber(over link: inout EnteredLink) async throws(RendezvousFailure) {
      let end = ContinuousClock.now + ChannelPublishing.patience
      while !Task.isCancelled, try await publish(nil, over: &link).receivers == 0, .now < end {
        try? await Task.sleep(for: .milliseconds(50))
      }
    }

    /// Publishes a message under every name; a name that the user may not use is left out from then on.
    private mutating func publish(
      _ number: Int?, under name: String? = nil, over link: inout EnteredLink
    ) async throws(RendezvousFailure) -> StreamDrive.Publication {
      let message = publishing.channel.message(number, unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
      let used = name.map { [$0] } ?? names
      let exchanges = try await link.exchanges(
        of: used.map { RedisCommand(["PUBLISH", $0, message]) }, until: .now + stepTimeout)
      var receivers = 0
      var refusal: String?
      var taken: [String] = []
      for (name, exchange) in zip(used, exchanges) {
        switch exchange.reply {
        case .integer(let count):
          // More than a server has connections is no count.
          receivers += min(max(0, count), 1_000_000)
          taken.append(name)
        case .error(let words): refusal = refusal ?? words
        default: throw link.failure(notUnderstanding: "PUBLISH")
        }
      }
      names.removeAll { used.contains($0) && !taken.contains($0) }
      if names.isEmpty, let refusal { throw link.failure(refusal, to: "PUBLISH") }
      let sent = exchanges.first?.sent ?? .now
      let answered = exchanges.last.map { $0.sent + .milliseconds($0.milliseconds) }
      return StreamDrive.Publication(
        number: number ?? 0, sentMilliseconds: publishing.milliseconds(sent),
        answeredMilliseconds: answered.map(publishing.milliseconds), receivers: receivers, name: name)
    }
  }

  private func milliseconds(_ time: ContinuousClock.Instant) -> Double { epoch.duration(to: time).milliseconds }
}
