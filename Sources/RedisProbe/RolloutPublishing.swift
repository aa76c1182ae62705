public import Facts
import Foundation
public import Transport

/// Publishes numbered messages on a channel of the run's own while a deploy is watched: twice a second under all of its
/// names, over a connection that is made anew whenever it breaks. In the same write it asks who is subscribed to further
/// channels of the run's own. Beside AUTH and SELECT it sends PUBLISH and PUBSUB NUMSUB alone, and leaves nothing behind.
public struct RolloutPublishing: Sendable {
  /// What happened.
  public enum News: Sendable {
    /// A message of that number is about to be sent.
    case sending(Int)
    case published(Publication)
    /// Nothing can be published just now, and why; it is tried again.
    case failed(String)
  }

  /// A message that Redis took.
  public struct Publication: Sendable {
    /// Its number.
    public var number: Int
    /// The server that took it.
    public var redisURL: String
    /// The names that it was published under.
    public var names: [String]
    /// How many were subscribed to each of the counted channels just then; nil where Redis does not say.
    public var subscribers: [Int]?
    /// Why it does not say.
    public var looksRefused: String?
  }

  /// How many messages are published in all: those of a day.
  public static let maximumMessages = 200_000
  private static let interval = Duration.milliseconds(500)
  private static let longestWait = Duration.seconds(10)

  private let channel: DriveChannel
  private let counted: [[String]]
  private let keyPrefix: String?
  private let numbers: (first: Int, step: Int)

  /// A way of publishing.
  ///
  /// - Parameters:
  ///   - counted: the channels whose subscribers are counted.
  ///   - numbers: the number of the first message, and by how much each further one is higher: several publishers count
  ///     side by side.
  public init(
    on channel: DriveChannel, counting counted: [String], keyPrefix: String?, numbers: (first: Int, step: Int)
  ) {
    self.channel = channel
    self.counted = counted.map { channel.redisNames(of: $0, keyPrefix) }
    self.keyPrefix = keyPrefix
    self.numbers = numbers
  }

  /// Publishes until the task is cancelled.
  public func publish(
    to target: RedisTarget, through probe: RedisProbe, over transport: Transport,
    tell: @escaping @Sendable (News) -> Void
  ) async {
    var index = 0
    var wait = Self.interval
    while !Task.isCancelled, index < Self.maximumMessages {
      do throws(RendezvousFailure) {
        try await publish(from: &index, to: target, through: probe, over: transport, resetting: &wait, tell)
      } catch {
        tell(.failed("\(error.step.title): \(error.reason)" + (error.remedy.map { "; \($0)" } ?? "")))
      }
      try? await Task.sleep(for: wait)
      wait = min(Self.longestWait, wait * 2)
    }
  }

  /// Publishes over one connection until that breaks.
  private func publish(
    from index: inout Int, to target: RedisTarget, through probe: RedisProbe, over transport: Transport,
    resetting wait: inout Duration, _ tell: (News) -> Void
  ) async throws(RendezvousFailure) {
    let purpose = LinkPurpose(step: .write) { [channel, keyPrefix] target in
      target.rule(for: ["publish"], on: channel.redisPatterns(keyPrefix: keyPrefix).map { "&\($0)" })
    }
    var link = try await EnteredLink(
      to: target, for: purpose, through: probe, over: transport, until: .now + probe.stepTimeout)
    var names = channel.redisNames(keyPrefix: keyPrefix)
    var looksRefused: String?
    while !Task.isCancelled, index < Self.maximumMessages {
      let number = numbers.first + index * numbers.step
      index += 1
      tell(.sending(number))
      let message = channel.message(number, unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
      let asks = !counted.isEmpty && looksRefused == nil
      let exchanges = try await link.exchanges(
        of: names.map { RedisCommand(["PUBLISH", $0, message]) }
          + (asks ? [RedisCommand(["PUBSUB", "NUMSUB"] + counted.joined())] : []),
        until: .now + probe.stepTimeout)
      var refusal: String?
      var taken: [String] = []
      for (name, exchange) in zip(names, exchanges) {
        switch exchange.reply {
        case .integer: taken.append(name)
        case .error(let words): refusal = refusal ?? words
        default: throw link.failure(notUnderstanding: "PUBLISH")
        }
      }
      if taken.isEmpty, let refusal { throw link.failure(refusal, to: "PUBLISH") }
      names = taken
      wait = Self.interval
      var publication = Publication(number: number, redisURL: "\(link.target.endpoint)", names: names)
      if asks {
        let reply = exchanges.last?.reply
        publication.subscribers = reply.flatMap(subscribers)
        if publication.subscribers == nil {
          looksRefused = unseen("PUBSUB NUMSUB", reply, nil, scrubbing: link.target).detail
        }
      }
      publication.looksRefused = looksRefused
      tell(.published(publication))
      guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
    }
  }

  /// The counted channels' subscribers under all names; nil for a reply that NUMSUB does not give.
  private func subscribers(in reply: RedisReply) -> [Int]? {
    guard case .array(let items) = reply else { return nil }
    let counts = stride(from: 1, to: items.count, by: 2).map { items[$0].integer }
    guard items.count.isMultiple(of: 2), counts.count == counted.reduce(0, { $0 + $1.count }) else { return nil }
    var start = 0
    return counted.map { names in
      defer { start += names.count }
      // More than a server has connections is no count.
      return counts[start..<start + names.count].reduce(0) { $0 + min(max(0, $1 ?? 0), 1_000_000) }
    }
  }
}
