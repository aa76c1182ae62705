import Facts
import Transport

/// Counts who is subscribed to channels of the run's own, under whatever prefix (PUBSUB CHANNELS, PUBSUB NUMSUB).
struct SubscriberCounting: Sendable {
  /// The names by which the channels are known.
  private let known: [String]
  /// What all names of the channels have in common; nil where nothing else is looked for.
  private let glob: String?
  /// The run's channel, and all channels that are counted.
  private let name: String
  private let channels: Set<String>
  /// Why names that are not known are not among those that are counted; nil where they are.
  private(set) var unlisted: Unseen?
  private var looks = 0
  /// What was listed last.
  private var listed: [String]?

  init(_ channels: [String], of channel: DriveChannel, _ keyPrefix: String?) {
    known =
      channel.redisNames(keyPrefix: keyPrefix)
      + (channel.isFixed ? [] : channels.flatMap { channel.redisNames(of: $0, keyPrefix) })
    glob = channel.isFixed ? nil : "*\(channel.name)*"
    name = channel.name
    self.channels = Set(channels + [channel.name])
  }

  /// The subscribers by name, or why they can't be counted.
  mutating func look(
    over link: inout EnteredLink, within timeout: Duration
  ) async throws(RendezvousFailure) -> Observation<[String: Int]> {
    var names = listed ?? known
    looks += 1
    // Listing goes through all channels of a server: once those who subscribe have done so, now and then is enough.
    if let glob, unlisted == nil, looks < Self.listedLooks || looks.isMultiple(of: Self.listedLooks) {
      let reply = try await link.exchanges(
        of: [RedisCommand(["PUBSUB", "CHANNELS", glob])], until: .now + timeout
      ).first?.reply
      if let live = reply?.elements {
        names = wanted(live.compactMap(\.text))
        listed = Array(Set(known + names)).sorted()
        if names.isEmpty { return .seen([:]) }
      } else {
        let words = if case .error(let words)? = reply { scrubbed(words, of: link.target) } else { "no list came" }
        unlisted = Unseen(.refused, "PUBSUB CHANNELS was refused: \(words)")
      }
    }
    let reply = try await link.exchanges(
      of: [RedisCommand(["PUBSUB", "NUMSUB"] + names)], until: .now + timeout
    ).first?.reply
    guard let counts = reply?.fields else {
      if case .error(let words)? = reply {
        return .unseen(Unseen(.refused, "PUBSUB NUMSUB was refused: \(scrubbed(words, of: link.target))"))
      }
      return .unseen(Unseen(.notUnderstood, "PUBSUB NUMSUB answered something other than expected"))
    }
    let asked = Set(names)
    return .seen(
      counts.filter { asked.contains($0.key) }
        .compactMapValues { $0.integer.flatMap { $0 > 0 ? min($0, 1_000_000) : nil } })
  }

  /// Those of a server's names that are of the channels that are counted, under a few prefixes each.
  private func wanted(_ names: [String]) -> [String] {
    var counts: [Substring: Int] = [:]
    return names.filter { $0.utf8.count <= maximumTextBytes }.sorted().filter { name in
      guard let begin = name.firstRange(of: self.name)?.lowerBound, channels.contains(String(name[begin...])) else {
        return false
      }
      counts[name[begin...], default: 0] += 1
      return counts[name[begin...], default: 0] <= Self.maximumPrefixes
    }
  }

  private static let maximumPrefixes = 8
  /// So many looks list the channels first, and every so many after them.
  private static let listedLooks = 12
}
