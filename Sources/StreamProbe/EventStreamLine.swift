import Glibc

/// The names that a line of an event stream can begin with (WHATWG HTML section 9.2.6).
enum EventStreamFieldName {
  case comment, data, event, id, retry, other

  /// The name that a line begins with, which isn't empty, and where its value does.
  static func read(_ line: UnsafeRawBufferPointer) -> (name: EventStreamFieldName, value: Int) {
    switch line[0] {
    case colon: (.comment, 1)
    case UInt8(ascii: "d"): read(.data, "data", line)
    case UInt8(ascii: "e"): read(.event, "event", line)
    case UInt8(ascii: "i"): read(.id, "id", line)
    case UInt8(ascii: "r"): read(.retry, "retry", line)
    default: (.other, line.count)
    }
  }

  @inline(__always)
  private static func read(
    _ name: EventStreamFieldName, _ word: StaticString, _ line: UnsafeRawBufferPointer
  ) -> (name: EventStreamFieldName, value: Int) {
    let length = word.utf8CodeUnitCount
    guard line.count >= length, let base = line.baseAddress, memcmp(base, word.utf8Start, length) == 0 else {
      return (.other, line.count)
    }
    if line.count == length { return (name, length) }
    guard line[length] == colon else { return (.other, line.count) }
    let value = length + 1
    return (name, value < line.count && line[value] == space ? value + 1 : value)
  }
}

/// Data or type of an event that isn't complete: where they lie in the chunk that is being read, or a copy of them.
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

  /// Whether a NUL is among the bytes at `place`.
  static func holdsNull(_ chunk: UnsafeRawBufferPointer, _ place: Range<Int>) -> Bool {
    guard let base = chunk.baseAddress else { return false }
    return memchr(base + place.lowerBound, 0, place.count) != nil
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

let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
private let colon = UInt8(ascii: ":")
private let space = UInt8(ascii: " ")
