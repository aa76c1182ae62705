/// Data, type or ID of an event that isn't complete: where it lies in the chunk that is being read, or a copy of it.
struct EventStreamField: Sendable {
  private var copy: [UInt8] = []
  private var place: Range<Int>?

  /// The text of what was copied: between two chunks that is all.
  var text: String { String(decoding: copy, as: UTF8.self) }

  var count: Int { place?.count ?? copy.count }

  mutating func set(_ place: Range<Int>) { self.place = place }

  /// Adds a line feed and another line; both lie in `chunk`.
  mutating func append(line: Range<Int>, in chunk: UnsafeRawBufferPointer) {
    keep(from: chunk)
    copy.append(lineFeed)
    copy.append(contentsOf: chunk[line])
  }

  /// Copies what lies in `chunk`, which goes away.
  mutating func keep(from chunk: UnsafeRawBufferPointer) {
    guard let place else { return }
    copy.empty()
    copy.append(contentsOf: chunk[place])
    self.place = nil
  }

  mutating func clear() {
    place = nil
    copy.empty()
  }

  /// The bytes, unless they are a copy.
  func lying(in chunk: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    if let place { return UnsafeRawBufferPointer(rebasing: chunk[place]) }
    return copy.isEmpty ? UnsafeRawBufferPointer(start: nil, count: 0) : nil
  }

  func withBytes(in chunk: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    if let bytes = lying(in: chunk) { body(bytes) } else { copy.withUnsafeBytes(body) }
  }
}

extension [UInt8] {
  /// Empties a buffer and keeps its memory, but not that of one huge line: there may be thousands of streams.
  mutating func empty() {
    if !isEmpty { removeAll(keepingCapacity: capacity <= 65_536) }
  }
}
