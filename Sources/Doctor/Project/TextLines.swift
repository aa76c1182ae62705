/// The lines of a text with the offset of their first byte, one at a time, so that a large file is never held twice.
struct TextLines: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> (offset: Int, line: String)? {
    guard position < bytes.count else { return nil }
    let start = position
    let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    position = end + 1
    let line = bytes[start..<end]
    return (start, String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self))
  }
}
