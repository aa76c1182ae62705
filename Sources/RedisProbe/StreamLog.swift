import Facts
public import Transport

/// The log of a channel's events in one Redis: a stream whose entries' IDs are the events' (XADD, XRANGE).
///
/// Beside AUTH and SELECT it sends XREVRANGE alone, unless it is told to write a log of the run's own.
public struct StreamLog: Sendable {
  /// How many events a replay is asked for.
  public static let wantedEvents = 5
  /// How long a log of the run's own stays at most, should nobody delete it.
  private static let timeToLive = Duration.seconds(300)

  /// The server, without credentials.
  public var redisURL: String { "\(link.target.endpoint)" }

  /// Whether a log of the run's own may be there.
  public private(set) var isWritten = false
  /// After how many seconds Redis deletes it; nil where it is not known to do so.
  public private(set) var secondsToLive: Int?

  private var link: EnteredLink
  private let stepTimeout: Duration

  /// Connects.
  ///
  /// - Parameter writes: whether a log of the run's own is to be written.
  /// - Throws: `RendezvousFailure`, which names the step.
  public init(
    at target: RedisTarget, through probe: RedisProbe, over transport: Transport, writes: Bool = false
  ) async throws(RendezvousFailure) {
    stepTimeout = probe.stepTimeout
    let commands = writes ? ["xrevrange", "xadd", "expire", "del"] : ["xrevrange"]
    link = try await EnteredLink(
      to: target, for: LinkPurpose(step: writes ? .write : .read) { $0.rule(for: commands, on: ["~sse:*"]) },
      through: probe, over: transport, until: .now + stepTimeout)
  }

  /// The keys that a channel's log may have: in a cluster the name is a hash tag.
  public static func keys(ofChannel name: String) -> [String] {
    ["sse:\(name)"] + (name.hasPrefix("{") ? [] : ["sse:{\(name)}"])
  }

  /// The newest entries of the first of the keys that has any, oldest first: the one that is named as the last one seen,
  /// and those that are to follow.
  ///
  /// - Throws: `RendezvousFailure`; not for a key that does not exist, which has no entries.
  public mutating func newest(
    ofFirst keys: [String]
  ) async throws(RendezvousFailure) -> (key: String, ids: [String]) {
    let replies = try await replies(
      to: keys.map { ["XREVRANGE", $0, "+", "-", "COUNT", "\(Self.wantedEvents + 1)"] })
    var refusal: String?
    for (key, reply) in zip(keys, replies) {
      if case .error(let words) = reply {
        refusal = refusal ?? words
        continue
      }
      let ids = try ids(in: reply)
      if !ids.isEmpty { return (key, ids) }
    }
    if let refusal { throw link.failure(refusal, to: "XREVRANGE") }
    return (keys.first ?? "", [])
  }

  /// Those of some entries that are still there; IDs in order.
  public mutating func remaining(of wanted: [String], in key: String) async throws(RendezvousFailure) -> [String] {
    guard let first = wanted.first, let last = wanted.last else { return [] }
    let reply = try await replies(to: [["XREVRANGE", key, last, first, "COUNT", "\(wanted.count)"]])[0]
    if case .error(let words) = reply { throw link.failure(words, to: "XREVRANGE") }
    let found = Set(try ids(in: reply))
    return wanted.filter(found.contains)
  }

  /// Writes a log of the run's own; its entries' IDs, oldest first. Where that fails, `isWritten` says whether there is
  /// something to delete all the same.
  public mutating func write(_ key: String) async throws(RendezvousFailure) -> [String] {
    let expiry = ["EXPIRE", key, "\(Self.timeToLive.components.seconds)"]
    // Of a key that does not exist yet it does nothing: what may not expire is not written at all.
    if case .error(let words) = try await replies(to: [expiry])[0] { throw link.failure(words, to: "EXPIRE") }
    var entries = (0...Self.wantedEvents).map { number in
      ["XADD", key, "*", "type", "message", "data", #"{"flowpanelDoctor":\#(number)}"#]
    }
    isWritten = true
    let first = try await replies(to: [entries.removeFirst(), expiry])
    if case .error(let words) = first[0] {
      isWritten = false
      throw link.failure(words, to: "XADD")
    }
    var ids = [try id(first[0])]
    switch first[1] {
    case .integer(1): secondsToLive = Int(Self.timeToLive.components.seconds)
    case .error(let words): throw link.failure(words, to: "EXPIRE")
    default: throw link.failure(notUnderstanding: "EXPIRE")
    }
    for reply in try await replies(to: entries) {
      if case .error(let words) = reply { throw link.failure(words, to: "XADD") }
      ids.append(try id(reply))
    }
    return ids
  }

  /// Deletes a log that the run wrote.
  public mutating func delete(_ key: String) async throws(RendezvousFailure) {
    if case .error(let words) = try await replies(to: [["DEL", key]])[0] { throw link.failure(words, to: "DEL") }
    isWritten = false
  }

  /// A reply to each command.
  private mutating func replies(to commands: [[String]]) async throws(RendezvousFailure) -> [RedisReply] {
    try await link.exchanges(of: commands.map { RedisCommand($0) }, until: .now + stepTimeout).map(\.reply)
  }

  /// The IDs of entries that came newest first, oldest first.
  private func ids(in reply: RedisReply) throws(RendezvousFailure) -> [String] {
    guard case .array(let entries) = reply else { throw link.failure(notUnderstanding: "XREVRANGE") }
    var ids: [String] = []
    for entry in entries.reversed() {
      guard case .array(let parts) = entry, let first = parts.first else {
        throw link.failure(notUnderstanding: "XREVRANGE")
      }
      ids.append(try id(first))
    }
    guard ids.count <= Self.wantedEvents + 1 else { throw link.failure(notUnderstanding: "XREVRANGE") }
    return ids
  }

  /// An entry's ID, `<milliseconds>-<sequence number>`: two numbers of 64 bits.
  private func id(_ reply: RedisReply) throws(RendezvousFailure) -> String {
    guard let text = reply.text, (3...41).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D })
    else { throw link.failure(notUnderstanding: "a command on the stream") }
    return text
  }
}

extension RendezvousFailure {
  /// Why something was not seen.
  public var unseen: Unseen {
    let kind: Unseen.Kind =
      switch self.kind {
      case .notReachable: .notReachable
      case .timedOut: .timedOut
      case .notUnderstood, .unfit: .notUnderstood
      case .credentials, .noPermission, .readOnly, .outOfMemory, .elsewhere, .wrongType, .serverError: .refused
      }
    return Unseen(kind, "\(self)")
  }
}
