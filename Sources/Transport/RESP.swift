import CHiredis

/// A reply in the Redis protocol (RESP2).
public enum RedisReply: Sendable, Equatable {
  case status(String)
  case error(String)
  case integer(Int)
  case bulk([UInt8])
  case null
  case array([RedisReply])

  /// The text of a bulk or status reply, invalid UTF-8 replaced.
  public var text: String? {
    switch self {
    case .status(let text): text
    case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
    default: nil
    }
  }
}

/// One command in the Redis protocol, ready to be sent.
public struct RedisCommand: Sendable {
  /// The command as it is sent; empty for one that is too large.
  public let bytes: [UInt8]

  /// Encodes a command and its arguments.
  public init(_ arguments: [String]) {
    self.init(arguments.map { Array($0.utf8) })
  }

  /// Encodes a command and its arguments, which need not be text, with hiredis.
  public init(_ arguments: [[UInt8]]) {
    let lengths = arguments.map(\.count)
    let flat = Array(arguments.joined())
    bytes = flat.withUnsafeBytes { storage in
      var offset = 0
      var pointers = lengths.map { length in
        defer { offset += length }
        return storage.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
      }
      var formatted: UnsafeMutablePointer<CChar>?
      let length = redisFormatCommandArgv(&formatted, Int32(lengths.count), &pointers, lengths)
      guard let formatted, length > 0 else { return [] }
      defer { redisFreeCommand(formatted) }
      return Array(UnsafeRawBufferPointer(start: formatted, count: Int(length)))
    }
  }
}

/// hiredis's reader, with bounds on what it takes: a hostile server's lengths allocate nothing.
public final class RedisReader {
  /// What one reply may take at most, in bytes on the wire.
  static let maximumReplyBytes = 4 * 1024 * 1024

  /// Bytes that are not a reply, or more than a reply may take.
  public struct ProtocolError: Error {
    /// What is wrong with them.
    public var detail: String
  }

  private let handle: UnsafeMutablePointer<doctor_redis_reader>
  private var bytesSinceReply = 0

  /// A reader; nil where there is no memory.
  public init?() {
    guard let handle = doctor_redis_reader_create() else { return nil }
    self.handle = handle
  }

  deinit {
    doctor_redis_reader_free(handle)
  }

  /// Takes bytes as they came.
  public func feed(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) {
    bytesSinceReply += bytes.count
    if bytesSinceReply > Self.maximumReplyBytes {
      throw ProtocolError(detail: "a reply of more than \(Self.maximumReplyBytes / 1024 / 1024) MiB")
    }
    guard redisReaderFeed(handle.pointee.reader, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count) == REDIS_OK
    else { throw readerError }
  }

  /// The next whole reply, or nil when more bytes are needed.
  public func next() throws(ProtocolError) -> RedisReply? {
    var object: UnsafeMutableRawPointer?
    guard redisReaderGetReply(handle.pointee.reader, &object) == REDIS_OK else { throw readerError }
    guard let object else { return nil }
    defer { freeReplyObject(object) }
    bytesSinceReply = 0
    return RedisReply(object.assumingMemoryBound(to: redisReply.self))
  }

  private var readerError: ProtocolError {
    let text = withUnsafeBytes(of: handle.pointee.reader.pointee.errstr) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
    return ProtocolError(detail: text)
  }
}

extension RedisReply {
  /// Copies hiredis's reply; its own nesting bound keeps this recursion shallow.
  fileprivate init(_ reply: UnsafePointer<redisReply>) {
    let bytes = UnsafeRawBufferPointer(
      start: reply.pointee.str, count: reply.pointee.str == nil ? 0 : reply.pointee.len)
    switch reply.pointee.type {
    case REDIS_REPLY_STATUS: self = .status(String(decoding: bytes, as: UTF8.self))
    case REDIS_REPLY_ERROR: self = .error(String(decoding: bytes, as: UTF8.self))
    case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
    case REDIS_REPLY_STRING: self = .bulk(Array(bytes))
    case REDIS_REPLY_ARRAY:
      self = .array(
        (0..<reply.pointee.elements).map { index in
          reply.pointee.element[index].map { RedisReply($0) } ?? .null
        })
    default: self = .null
    }
  }
}
