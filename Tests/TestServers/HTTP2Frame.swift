/// A frame of HTTP/2 as a test wants it, right or wrong: RFC 9113 sections 4.1 and 6.
public struct HTTP2Frame: Sendable, Equatable {
  /// The type's number.
  public var type: UInt8
  /// The flags.
  public var flags: UInt8
  /// The stream's number: 0 for the whole connection.
  public var stream: UInt32
  /// What follows the nine octets of the head.
  public var payload: [UInt8]

  /// A frame of any kind.
  public init(type: UInt8, flags: UInt8 = 0, stream: UInt32, payload: [UInt8] = []) {
    self.type = type
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  /// DATA.
  public static func data(_ text: String, endsStream: Bool = false, stream: UInt32 = 1) -> HTTP2Frame {
    data(Array(text.utf8), endsStream: endsStream, stream: stream)
  }

  /// DATA.
  public static func data(_ bytes: [UInt8], endsStream: Bool = false, stream: UInt32 = 1) -> HTTP2Frame {
    HTTP2Frame(type: 0, flags: endsStream ? 0x1 : 0, stream: stream, payload: bytes)
  }

  /// HEADERS, whole: a response's head, which begins with `:status`, or its trailers, which end the stream.
  public static func headers(
    _ fields: [(name: String, value: String)], endsStream: Bool = false, stream: UInt32 = 1
  ) -> HTTP2Frame {
    HTTP2Frame(type: 1, flags: endsStream ? 0x5 : 0x4, stream: stream, payload: fields.flatMap(literal))
  }

  /// RST_STREAM with an error code (RFC 9113 section 7).
  public static func resetStream(_ code: UInt32, stream: UInt32 = 1) -> HTTP2Frame {
    HTTP2Frame(type: 3, stream: stream, payload: octets(code))
  }

  /// SETTINGS without any, or the acknowledgement of the client's.
  public static func settings(acknowledges: Bool = false) -> HTTP2Frame {
    HTTP2Frame(type: 4, flags: acknowledges ? 0x1 : 0, stream: 0)
  }

  /// PING with a number, or the acknowledgement of the client's.
  public static func ping(_ number: UInt32, acknowledges: Bool = false) -> HTTP2Frame {
    HTTP2Frame(type: 6, flags: acknowledges ? 0x1 : 0, stream: 0, payload: octets(0) + octets(number))
  }

  /// GOAWAY with the last stream that was or will be served, and an error code.
  public static func goAway(_ code: UInt32, lastStream: UInt32) -> HTTP2Frame {
    HTTP2Frame(type: 7, stream: 0, payload: octets(lastStream) + octets(code))
  }

  /// The frame as it goes over the wire.
  public var bytes: [UInt8] {
    Self.octets(UInt32(payload.count)).dropFirst() + [type, flags] + Self.octets(stream) + payload
  }

  /// The whole frames at the beginning of the bytes.
  static func frames(in bytes: ArraySlice<UInt8>) -> [HTTP2Frame] {
    var frames: [HTTP2Frame] = []
    var rest = bytes
    func number(_ octets: ArraySlice<UInt8>) -> UInt32 { octets.reduce(0) { $0 << 8 | UInt32($1) } }
    while rest.count >= 9 {
      let count = Int(number(rest.prefix(3)))
      let head = Array(rest.prefix(9))
      guard rest.count >= 9 + count else { break }
      let payload = Array(rest.dropFirst(9).prefix(count))
      frames.append(HTTP2Frame(type: head[3], flags: head[4], stream: number(head[5...]), payload: payload))
      rest = rest.dropFirst(9 + count)
    }
    return frames
  }

  private static func octets(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }

  /// A literal field, never indexed, with a new name and without Huffman's code: RFC 7541 section 6.2.3.
  private static func literal(_ field: (name: String, value: String)) -> [UInt8] {
    [0x10] + string(field.name) + string(field.value)
  }

  /// RFC 7541 section 5.2, the length as section 5.1 says with a prefix of seven bits.
  private static func string(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
    var length: [UInt8] = [127]
    var rest = bytes.count - 127
    while rest >= 128 {
      length.append(UInt8(rest % 128) | 0x80)
      rest /= 128
    }
    return length + [UInt8(rest)] + bytes
  }
}
