import Facts
import Foundation
import NIOCore

/// The numbered events of one stream: each states its number, when it was sent, and whether it is the last.
struct NumberedEvents {
  /// The number of the event that was written last, 0 before the first.
  private(set) var lastNumber: Int

  private let opened = ContinuousClock.now
  private let count: Int?
  private let dataSize: Int
  private let filling: OriginFilling
  private var position = 0

  /// - Parameter lastEventID: where another stream ended, as the client says it (WHATWG HTML 9.2.3): what is no number
  ///   begins anew.
  init(after lastEventID: String?, settings: OriginSettings, filling: OriginFilling) {
    // 15 digits: a number that no stream gets to, and no sum overflows.
    lastNumber = lastEventID.flatMap { $0.count <= 15 ? Int($0) : nil }.map { max(0, $0) } ?? 0
    count = settings.eventCount
    dataSize = settings.dataSize
    self.filling = filling
  }

  /// Whether the last event was written.
  var areOver: Bool { count.map { lastNumber >= $0 } ?? false }

  /// Writes the next event.
  mutating func writeNext(into buffer: inout ByteBuffer) {
    lastNumber += 1
    let mark = OriginMark(
      number: lastNumber, sentAtMicroseconds: microsecondsSinceEpoch(),
      elapsedMicroseconds: Int(opened.duration(to: .now) / .microseconds(1)), isLast: areOver)
    buffer.writeString("event: message\nid: \(lastNumber)\ndata: ")
    let (before, after) = mark.aroundText
    let missing = dataSize - before.utf8.count - after.utf8.count
    if missing > 0 {
      buffer.writeString(before)
      filling.write(missing, from: &position, into: &buffer)
      buffer.writeString(after)
    } else {
      buffer.writeString(mark.data)
    }
    buffer.writeString("\n\n")
  }
}

private func microsecondsSinceEpoch() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}
