import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens for HTTP/1.x, with a handler of its own for each connection; the port that it listens on.
///
/// - Parameter pending: the bytes that may wait for a client before its connection counts as not writable.
/// - Throws: `OriginFailure` for an address that can't be listened on. The loops are ended then.
func listen(
  on loops: MultiThreadedEventLoopGroup, host: String, port: Int, pending: Int,
  _ makeHandler: @escaping @Sendable () throws -> any ChannelInboundHandler
) async throws -> Int {
  do {
    let listener = try await ServerBootstrap(group: loops)
      // A restarted server must not wait for its predecessor's connections in TIME_WAIT.
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: pending / 2, high: pending))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          // The framing headers are set by hand: NIO would send chunks in answer to HTTP/1.0.
          var framing = HTTPResponseEncoder.Configuration()
          framing.automaticallySetFramingHeaders = false
          try pipeline.configureHTTPServerPipeline(withEncoderConfiguration: framing)
          try pipeline.addHandler(makeHandler())
        }
      }
      .bind(host: host, port: port).get()
    return listener.localAddress?.port ?? port
  } catch {
    try await loops.shutdownGracefully()
    throw OriginFailure.cannotListen(host: host, port: port, reason: reason(error))
  }
}

/// Why an address could not be listened on, in the system's words.
private func reason(_ error: any Error) -> String {
  guard let error = error as? IOError else { return "\(error)" }
  let words = String(cString: strerror(error.errnoCode))
  return error.errnoCode == EADDRINUSE ? "\(words). Try port 0 for a free one" : words
}
