import NIOCore
import NIOHTTP1

/// Puts the parts of a connection's requests together, one request after the other.
struct RequestCollecting {
  /// A request that is whole.
  struct Request {
    var head: HTTPRequestHead
    /// Its body; of one that is too large the beginning.
    var body: ByteBuffer
    var isTooLarge: Bool { body.readableBytes > maximumBodySize }
  }

  /// The most bytes of a body (nginx' client_max_body_size).
  private static let maximumBodySize = 1 << 20

  private var head: HTTPRequestHead?
  private var body = ByteBuffer()

  /// Takes the next part, and gives the request that it makes whole.
  mutating func take(_ part: HTTPServerRequestPart) -> Request? {
    switch part {
    case .head(let head):
      self.head = head
      body = ByteBuffer()
      return nil
    case .body(let buffer):
      // One byte too many is enough to know.
      body.writeBytes(buffer.readableBytesView.prefix(Self.maximumBodySize + 1 - body.readableBytes))
      return nil
    case .end:
      defer { (head, body) = (nil, ByteBuffer()) }
      return head.map { Request(head: $0, body: body) }
    }
  }
}
