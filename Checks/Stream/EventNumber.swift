import Facts

/// Where an event stands among its neighbours: the ID of an entry of a Redis stream, or the reference origin's number.
///
/// Redis: entry IDs, `<milliseconds>-<sequence number>`, https://redis.io/docs/latest/develop/data-types/streams/.
struct EventNumber: Comparable {
  /// The milliseconds of an entry's ID; an event's number.
  var major: UInt64
  /// The sequence number; 0 without one, as Redis takes it.
  var minor: UInt64

  /// The ID as a number; nil for an ID of another form.
  init?(_ id: String) {
    let parts = id.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let major = UInt64(parts[0]), let minor = parts.count == 2 ? UInt64(parts[1]) : 0
    else { return nil }
    self.major = major
    self.minor = minor
  }

  static func < (one: EventNumber, other: EventNumber) -> Bool {
    (one.major, one.minor) < (other.major, other.minor)
  }
}
