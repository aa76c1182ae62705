public import Foundation
public import Transport

/// What was published.
public struct RendezvousPublication: Sendable, Equatable {
  /// The keys that were written, the document's before the index.
  public var keys: [String]
  /// How long it took, in milliseconds, the connection included.
  public var milliseconds: Double
}

extension Rendezvous {
  /// Leaves an instance's document: one connection, one write, and one read of the replies. What was left before under
  /// the same name is replaced.
  ///
  /// - Parameters:
  ///   - document: at most `maximumDocumentBytes`, and not empty.
  ///   - instance: the instance's name.
  ///   - limit: how long it may take in all.
  ///   - now: the time of the publishing.
  /// - Throws: `RendezvousFailure`, which names the step. What was written before a command was refused stays written.
  public func publish(
    _ document: [UInt8], as instance: String, to target: RedisTarget, through probe: RedisProbe = RedisProbe(),
    over transport: Transport, within limit: Duration = .seconds(5), at now: Date = Date()
  ) async throws(RendezvousFailure) -> RendezvousPublication {
    let problem =
      Rendezvous.problem(withInstance: instance)
      ?? (document.isEmpty ? "the document is empty" : nil)
      ?? (document.count > Rendezvous.maximumDocumentBytes
        ? "the document has more than \(Rendezvous.maximumDocumentBytes / 1024) KiB" : nil)
    if let problem { throw RendezvousFailure(step: .write, kind: .unfit, reason: problem) }
    let began = ContinuousClock.now
    func attempt() async throws(RendezvousFailure) {
      try await write(document, instance, to: target, through: probe, over: transport, until: began + limit, at: now)
    }
    do throws(RendezvousFailure) {
      try await attempt()
    } catch {
      // A master that has just been replaced is gone or says that it is none: the sentinels know better by now.
      guard target.sentinels != nil, [.notReachable, .readOnly].contains(error.kind) else { throw error }
      try await attempt()
    }
    return RendezvousPublication(
      keys: [documentKey(instance), indexKey], milliseconds: began.duration(to: .now).milliseconds)
  }

  private func write(
    _ document: [UInt8], _ instance: String, to target: RedisTarget, through probe: RedisProbe,
    over transport: Transport, until deadline: ContinuousClock.Instant, at now: Date
  ) async throws(RendezvousFailure) {
    var link = try await RendezvousLink(
      to: target, at: RendezvousPlace(rendezvous: self, access: .publish), through: probe, over: transport,
      until: deadline)
    let commands = writes(document, instance, unixMilliseconds: Int64(now.timeIntervalSince1970 * 1000))
    let replies = try await link.replies(to: commands.map { RedisCommand($0) }, until: deadline)
    for (command, reply) in zip(commands, replies) {
      let name = String(decoding: command[0], as: UTF8.self)
      switch reply {
      case .error(let words): throw link.failure(words, to: name)
      case .status("OK"), .integer: continue
      default: throw link.failure(notUnderstanding: name)
      }
    }
  }

  /// The document first: who finds a name in the index finds its document.
  private func writes(_ document: [UInt8], _ instance: String, unixMilliseconds now: Int64) -> [[[UInt8]]] {
    let keep = Int64(keepTime.milliseconds)
    return [
      ["SET", documentKey(instance), nil, "PX", "\(Int64(timeToLive.milliseconds))"],
      ["ZADD", indexKey, "\(now)", instance],
      ["ZREMRANGEBYSCORE", indexKey, "-inf", "(\(now - keep)"],
      ["PEXPIRE", indexKey, "\(keep)"],
    ].map { $0.map { $0.map { Array($0.utf8) } ?? document } }
  }
}
