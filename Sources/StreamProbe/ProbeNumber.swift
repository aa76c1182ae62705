import Glibc

/// Finds the number of a message of the run's own in an event's data: every version of a system passes on what was
/// published, and some put the channel's name before it.
struct ProbeNumber: Sendable {
  /// `flowpanel-doctor.5f3a…:`.
  private let beginning: [UInt8]

  /// - Parameter channel: the channel that the stream listens to.
  init(on channel: String) {
    beginning = Array("\(channel):".utf8)
  }

  /// The number after the channel's name; nil where there is none, and for more than 9 digits.
  func find(in data: UnsafeRawBufferPointer) -> Int? {
    guard let base = data.baseAddress else { return nil }
    var start = 0
    while data.count - start > beginning.count,
      let found = memchr(base + start, Int32(beginning[0]), data.count - start - beginning.count)
    {
      start = UnsafeRawPointer(found) - base + 1
      guard memcmp(found, beginning, beginning.count) == 0 else { continue }
      let digits = data[(start - 1 + beginning.count)...].prefix { (0x30...0x39).contains($0) }
      if (1...9).contains(digits.count) { return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
    }
    return nil
  }
}
