import Foundation

/// The reading end of a pipe.
struct PipeReader {
  let descriptor: Int32
  /// How many bytes are kept; of the others only the number is.
  let kept: Int
  var keepsEnd = false
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0
  private(set) var isOpen = true

  init(descriptor: Int32, kept: Int, keepsEnd: Bool = false) {
    self.descriptor = descriptor
    self.kept = kept
    self.keepsEnd = keepsEnd
  }

  /// Reads what there is, without waiting, and at most a megabyte: who prints without end must not hold the deadline.
  mutating func readAll() {
    for _ in 0..<16 where isOpen {
      let size = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
        let size = read(descriptor, buffer.baseAddress, buffer.count)
        if size > 0 { keep(UnsafeRawBufferPointer(rebasing: buffer[..<size])) }
        return size
      }
      if size > 0 { continue }
      if size < 0, errno == EINTR || errno == EAGAIN { return }
      close()
    }
  }

  private mutating func keep(_ read: UnsafeRawBufferPointer) {
    count += read.count
    if keepsEnd {
      bytes += read.suffix(kept)
      bytes.removeFirst(max(0, bytes.count - kept))
    } else {
      bytes += read.prefix(kept - bytes.count)
    }
  }

  mutating func close() {
    if isOpen { Foundation.close(descriptor) }
    isOpen = false
  }
}
