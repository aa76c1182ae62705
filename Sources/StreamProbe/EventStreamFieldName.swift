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

let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
private let colon = UInt8(ascii: ":")
private let space = UInt8(ascii: " ")
