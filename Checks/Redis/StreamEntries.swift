// What the checks on streams share: the cap by convention, how far trimming may lag behind it, and how much time a
// stream spans.

import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each Redis on its streams. Where there may be more than were looked at, only a finding stands.
  func eachRedisWithStreams(_ facts: Facts, _ judge: (RedisFacts, [RedisFacts.Stream]) -> Verdict) -> [Verdict] {
    inSystems([.redisStreams], facts, otherwise: "the system keeps no streams of events") { _ in
      eachRedis(facts, with: \.streams, "XINFO STREAM") { redis, streams in
        let subject = Subject.redis(redis.endpoint)
        let verdict =
          streams.isEmpty
          ? notApplicable(subject, "no stream exists under the system's keys") : judge(redis, streams)
        guard verdict.kind != .finding, let more = redis.unseenStreams else { return verdict }
        return undetermined(
          subject, "\(counted(streams.count, "stream")) looked at, and there may be more: \(more.detail)",
          at: redis.location)
      }
    }
  }
}

extension RedisFacts {
  /// `stream-node-max-entries` where nobody set it.
  static let defaultNodeEntries = 100

  /// How many entries `XADD … MAXLEN ~` may keep beyond the cap: a node is removed as a whole (redis.io/docs: XTRIM).
  var trimmingSlack: Int {
    let setting = setting("stream-node-max-entries").flatMap { Int($0) } ?? Self.defaultNodeEntries
    // 0 leaves nodes bounded by their 4,096 bytes alone, and no entry is shorter than one.
    return (1...1_000_000).contains(setting) ? setting : 4096
  }
}

extension RedisFacts.Stream {
  /// The cap of the pattern: `XADD … MAXLEN ~ 10000`.
  static let cap = 10_000

  /// Whether entries were removed, be it by trimming or by XDEL; nil where Redis does not tell.
  var wasTrimmed: Bool? { entriesAdded.map { $0 > length } }

  /// The time from the first entry to the last; nil where the ids are not times.
  var spanSeconds: Int? {
    // An id below this is a number that somebody gave: it would be a time before 2001.
    guard let first = Self.milliseconds(of: firstID), let last = Self.milliseconds(of: lastID),
      first > 1_000_000_000_000, last >= first
    else { return nil }
    return (last - first) / 1000
  }
}
