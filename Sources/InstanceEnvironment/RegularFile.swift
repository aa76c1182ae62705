#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file was not read.
public struct RegularFileError: Error, Sendable, Equatable {
  /// The kinds of failure that callers tell apart.
  public enum Kind: Sendable, Equatable {
    /// There is no file of that name.
    case missing
    /// It exists, but is no regular file or may not be read.
    case unreadable
    /// It has more bytes than the caller takes.
    case tooLarge
  }

  /// It is a pipe, a device or a socket.
  static let isNoFile = RegularFileError(kind: .unreadable, message: "it is not a regular file")

  /// What kind of failure it is.
  public var kind: Kind
  /// What came back, without the path: `there is no such file`.
  public var message: String
}

/// Reads a whole file of bounded size. Only regular files are read, and opening never waits: a FIFO or a device in the
/// file's place cannot hold the run.
public func readRegularFile(_ path: String, atMost limit: Int) throws(RegularFileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { throw failure(errno) }
  defer { close(descriptor) }

  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: break
  case S_IFDIR: throw RegularFileError(kind: .unreadable, message: "it is a folder, not a file")
  default: throw RegularFileError.isNoFile
  }

  // One byte more than the bound tells a file of just that size from a larger one; a size in `status` may be stale.
  var bytes = [UInt8](repeating: 0, count: min(limit, max(0, Int(status.st_size))) + 1)
  var filled = 0
  while true {
    let count = bytes.withUnsafeMutableBytes {
      read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
    }
    if count < 0 {
      if errno == EINTR { continue }
      throw failure(errno)
    }
    filled += count
    if filled > limit {
      throw RegularFileError(
        kind: .tooLarge, message: "it has more than \(limit) bytes, which is the most that is read")
    }
    if count == 0 { return Array(bytes[..<filled]) }
    if filled == bytes.count { bytes += [UInt8](repeating: 0, count: min(bytes.count, limit + 1 - filled)) }
  }
}

/// What stands at a path.
enum FileKind {
  case regular, folder, pipe, missing
  /// A device or a socket.
  case other
}

/// Says what stands at a path, where links lead.
///
/// - Throws: `unreadable` where that can't be known.
func fileKind(of path: String) throws(RegularFileError) -> FileKind {
  var status = stat()
  guard stat(path, &status) == 0 else {
    let failure = failure(errno)
    if failure.kind == .missing { return .missing }
    throw failure
  }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .regular
  case S_IFDIR: return .folder
  case S_IFIFO: return .pipe
  default: return .other
  }
}

private func failure(_ code: Int32) -> RegularFileError {
  switch code {
  case ENOENT, ENOTDIR: RegularFileError(kind: .missing, message: "there is no such file")
  case EACCES, EPERM: RegularFileError(kind: .unreadable, message: "this user may not read it")
  case ENXIO: RegularFileError.isNoFile
  default: RegularFileError(kind: .unreadable, message: String(cString: strerror(code)))
  }
}
