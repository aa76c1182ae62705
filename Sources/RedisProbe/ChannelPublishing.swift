public import Facts
import Foundation
public import Transport

/// Publishes on a channel of the run's own, so that the streams that listen to it have something to bring: as soon as
/// somebody has subscribed six messages within two seconds, and then one a second. Beside AUTH and SELECT it sends
/// PUBLISH alone, and leaves nothing behind.
public struct ChannelPublishing: Sendable {
  /// How many messages come in quick succession: what a stream has to bring to be seen through.
  public static let quickMessages = quickPauses.count
  /// How long is waited before each of them. The instances of a deployment do not subscribe at the same instant, hence the
  /// first. The others are uneven, so that a hop that lets each event go with the next one only does not look like one
  /// that takes the same time over each; and all longer than the 200 ms of delayed acknowledgements, which would join two.
  private static let quickPauses = [200, 260, 410, 260, 410, 260].map { Duration.milliseconds($0) }
  private static let slowInterval = Duration.seconds(1)
  /// How many messages are published in all.
  private static let maximumMessages = 10_000
  /// How long a subscriber is waited for.
  private static let patience = Duration.seconds(2)

  /// The channel.
  public var channel: DriveChannel
  /// The key prefix that the config gives; nil for the system's own.
  public var keyPrefix: String?
  /// The zero of the times (`StreamFacts.beganMilliseconds`).
  public var epoch: ContinuousClock.Instant
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
      try await waitForSubscriber(over: &link)
      facts.names = names
      for index in 0..<ChannelPublishing.maximumMessages {
        let pause =
          index < ChannelPublishing.quickMessages
          ? ChannelPublishing.quickPauses[index] : ChannelPublishing.slowInterval
        guard (try? await Task.sleep(for: pause)) != nil else { return }
        let number = publishing.numbers.first + index * publishing.numbers.step
        facts.publications.append(
          StreamDrive.Publication(number: number, sentMilliseconds: publishing.milliseconds(.now)))
        progress(facts)
        facts.publications[index] = try await publish(number, over: &link)
        progress(facts)
      }
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
      _ number: Int?, over link: inout EnteredLink
    ) async throws(RendezvousFailure) -> StreamDrive.Publication {
      let message = publishing.channel.message(number, unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
      let exchanges = try await link.exchanges(
        of: names.map { RedisCommand(["PUBLISH", $0, message]) }, until: .now + stepTimeout)
      var receivers = 0
      var refusal: String?
      var taken: [String] = []
      for (name, exchange) in zip(names, exchanges) {
        switch exchange.reply {
        case .integer(let count):
          // More than a server has connections is no count.
          receivers += min(max(0, count), 1_000_000)
          taken.append(name)
        case .error(let words): refusal = refusal ?? words
        default: throw link.failure(notUnderstanding: "PUBLISH")
        }
      }
      if taken.isEmpty, let refusal { throw link.failure(refusal, to: "PUBLISH") }
      names = taken
      let sent = exchanges.first?.sent ?? .now
      let answered = exchanges.last.map { $0.sent + .milliseconds($0.milliseconds) }
      return StreamDrive.Publication(
        number: number ?? 0, sentMilliseconds: publishing.milliseconds(sent),
        answeredMilliseconds: answered.map(publishing.milliseconds), receivers: receivers)
    }
  }

  private func milliseconds(_ time: ContinuousClock.Instant) -> Double { epoch.duration(to: time).milliseconds }
}
