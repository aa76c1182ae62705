/// What a server's frames say, put together (RFC 6455 section 5).
enum WebSocketEvent: Sendable, Equatable {
  /// A message of text.
  case text(String)
  /// A message of bytes.
  case binary
  /// A ping, to be answered by a pong with the same bytes.
  case ping([UInt8])
  case pong
  /// The other side closes. Without a code it gave none (1005).
  case close(code: Int?, reason: String)
}

/// What a server must not send.
struct WebSocketViolation: Error, Sendable, Equatable {
  /// What it was, in words.
  var detail: String
  init(_ detail: String) { self.detail = detail }
}

/// Takes a server's bytes apart.
struct WebSocketFrameReader {
  /// The most that a message may have, in bytes.
  static let maximumMessage = 1024 * 1024

  private var bytes: [UInt8] = []
  /// The first byte that no frame was read from yet.
  private var start = 0
  /// The message whose last frame has not come; nil between messages.
  private var message: (isText: Bool, payload: [UInt8])?

  /// Takes what came.
  mutating func feed(_ more: some Collection<UInt8>) {
    bytes.removeFirst(start)
    start = 0
    bytes += more
  }

  /// The next event; nil where more bytes are needed.
  mutating func next() throws(WebSocketViolation) -> WebSocketEvent? {
    while let frame = try nextFrame() {
      switch frame.opcode {
      case 0x0:
        guard message != nil else { throw WebSocketViolation("a frame goes on with a message that has not begun") }
      case 0x1, 0x2:
        guard message == nil else { throw WebSocketViolation("a message begins within another") }
        message = (frame.opcode == 0x1, [])
      case 0x8: return try close(bytes[frame.payload])
      case 0x9: return .ping(Array(bytes[frame.payload]))
      case 0xA: return .pong
      default: throw WebSocketViolation("a frame has the reserved opcode \(frame.opcode)")
      }
      message?.payload += bytes[frame.payload]
      guard frame.isFinal, let whole = message else {
        try refuseIfTooLarge(message?.payload.count ?? 0)
        continue
      }
      message = nil
      guard whole.isText else { return .binary }
      guard let text = String(validating: whole.payload, as: UTF8.self) else {
        throw WebSocketViolation("a text message is not UTF-8")
      }
      return .text(text)
    }
    return nil
  }

  private struct Frame {
    var isFinal: Bool
    var opcode: UInt8
    var payload: Range<Int>
  }

  private mutating func nextFrame() throws(WebSocketViolation) -> Frame? {
    guard bytes.count - start >= 2 else { return nil }
    let (first, second) = (bytes[start], bytes[start + 1])
    guard first & 0x70 == 0 else {
      throw WebSocketViolation("a frame has reserved bits, though no extension was agreed")
    }
    guard second & 0x80 == 0 else { throw WebSocketViolation("the server masks its frames") }
    let (isFinal, opcode) = (first & 0x80 != 0, first & 0x0F)
    var length = Int(second)
    if opcode & 0x8 != 0, !isFinal || length > 125 {
      throw WebSocketViolation("a control frame is in parts, or has more than 125 bytes")
    }
    var header = 2
    if length > 125 {
      header = length == 126 ? 4 : 10
      guard bytes.count - start >= header else { return nil }
      let value = bytes[(start + 2)..<(start + header)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      length = Int(clamping: value)
    }
    try refuseIfTooLarge(length)
    try refuseIfTooLarge((message?.payload.count ?? 0) + length)
    guard bytes.count - start >= header + length else { return nil }
    start += header + length
    return Frame(isFinal: isFinal, opcode: opcode, payload: (start - length)..<start)
  }

  private func refuseIfTooLarge(_ count: Int) throws(WebSocketViolation) {
    if count > Self.maximumMessage {
      throw WebSocketViolation("a message of more than \(Self.maximumMessage / 1024) KiB")
    }
  }

  private func close(_ payload: ArraySlice<UInt8>) throws(WebSocketViolation) -> WebSocketEvent {
    guard payload.count != 1 else { throw WebSocketViolation("a close frame has half a code") }
    let code = payload.isEmpty ? nil : payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
    return .close(code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
  }
}

/// A client's frame: whole, and masked as section 5.3 wants it.
///
/// - Parameters:
///   - opcode: 1 for text, 8 for close, 10 for pong.
///   - mask: four bytes that nobody can foresee.
func webSocketFrame(_ opcode: UInt8, _ payload: some Collection<UInt8>, mask: [UInt8]) -> [UInt8] {
  var frame: [UInt8] = [0x80 | opcode]
  switch payload.count {
  case ...125: frame.append(0x80 | UInt8(payload.count))
  case ...0xFFFF: frame += [0x80 | 126] + bigEndian(payload.count, 2)
  default: frame += [0x80 | 127] + bigEndian(payload.count, 8)
  }
  frame += mask
  frame += zip(payload, 0...).map { byte, index in byte ^ mask[index & 3] }
  return frame
}

private func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
