import Facts

/// The bytes of one file, and where in lines and columns each of them stands.
struct SourceText: Sendable {
  let bytes: [UInt8]
  let path: String
  /// The offset of the first byte after a byte order mark, which takes no column.
  let start: Int
  private let lineStarts: [Int]

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var starts = [start]
    bytes.withUnsafeBufferPointer { bytes in
      for offset in bytes.indices where bytes[offset] == 0x0A || bytes[offset] == 0x0D {
        let isPair = bytes[offset] == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
        if !isPair { starts.append(offset + 1) }
      }
    }
    lineStarts = starts
  }

  /// The place of a byte; lines and columns count from 1, columns in Unicode scalars.
  func location(of offset: Int) -> Location {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let lineStart = lineStarts[low]
    let scalars = lineStart < offset ? bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 } : 0
    return Location(file: path, line: low + 1, column: scalars + 1)
  }

  /// The text between two offsets, invalid UTF-8 replaced as JavaScript's own decoder replaces it.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
