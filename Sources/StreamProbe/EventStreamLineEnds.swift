import Glibc

/// Where the lines of a chunk end: at LF or CR, whichever comes first.
///
/// The C library's search takes 32 bytes at a step and more, but one value at a time. So both are searched for, and what
/// was found is kept until it is passed: the whole chunk is read twice, however its lines end. One pass for both with the
/// standard library's SIMD16 was not faster where lines end with LF, measured; with SIMD32 it was slower.
struct EventStreamLineEnds {
  private let chunk: UnsafeRawBufferPointer
  private var lineFeed = -1
  private var carriageReturn = -1

  init(in chunk: UnsafeRawBufferPointer) { self.chunk = chunk }

  /// The first line end at or after `start`, or the chunk's end.
  mutating func next(from start: Int) -> Int {
    if lineFeed < start { lineFeed = search(0x0A, from: start) }
    if carriageReturn < start { carriageReturn = search(0x0D, from: start) }
    return min(lineFeed, carriageReturn)
  }

  private func search(_ byte: Int32, from start: Int) -> Int {
    guard let base = chunk.baseAddress, let found = memchr(base + start, byte, chunk.count - start) else {
      return chunk.count
    }
    return UnsafeRawPointer(found) - base
  }
}
