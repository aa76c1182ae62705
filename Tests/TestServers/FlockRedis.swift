import NIOCore
import NIOPosix
import Transport

/// A connection of an imitated server to Redis, on which nobody waits for replies.
final class FlockRedis: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  private let take: ([String]) -> Void
  private let reader = RedisReader()
  private var channel: (any Channel)?

  private init(_ take: @escaping ([String]) -> Void) { self.take = take }

  /// Connects.
  ///
  /// - Parameter take: gets the texts in each reply, on the loop.
  static func connect(
    port: Int, on loop: any EventLoop, _ take: @escaping @Sendable ([String]) -> Void
  ) async throws -> FlockRedis {
    let redis = FlockRedis(take)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(redis) }
      }
      .connect(host: "127.0.0.1", port: port).get()
    try await loop.submit { redis.channel = channel }.get()
    return redis
  }

  /// Sends a command.
  func send(_ arguments: String...) {
    channel?.writeAndFlush(ByteBuffer(bytes: RedisCommand(arguments).bytes), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Array(unwrapInboundIn(data).readableBytesView)
    do {
      try bytes.withUnsafeBytes { try reader?.feed($0) }
      while let reply = try reader?.next() {
        if case .array(let elements) = reply { take(elements.compactMap(\.text)) }
      }
    } catch {
      context.close(promise: nil)
    }
  }
}
