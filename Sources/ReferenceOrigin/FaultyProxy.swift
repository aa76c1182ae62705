import NIOCore
import NIOPosix
import Synchronization

/// A small real reverse proxy with a fault, to rehearse with. Like the outer of two nginx, it does not see, and does not
/// pass on, `X-Accel-Buffering`. It runs on one event loop thread of its own from `start` to `stop`.
public final class FaultyProxy: Sendable {
  /// The port that it listens on.
  public let port: Int
  /// Its URL, without a path.
  public let url: String

  private let loops: MultiThreadedEventLoopGroup

  private init(loops: MultiThreadedEventLoopGroup, host: String, port: Int) {
    self.loops = loops
    self.port = port
    url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// Starts to listen. Throws an `OriginFailure` for settings that can't be used or an address that is taken.
  public static func start(_ settings: FaultyProxySettings) async throws -> FaultyProxy {
    try settings.validate()
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let turns = UpstreamTurns(ports: settings.upstreamPorts)
    // What is withheld goes out at once, and must fit before a client counts as one that does not read.
    let pending = 64 * 1024 + 2 * settings.withheldBytes
    let port = try await listen(on: loops, host: settings.host, port: settings.port, pending: pending) {
      FaultyProxyConnection(settings: settings, turns: turns)
    }
    return FaultyProxy(loops: loops, host: settings.host, port: port)
  }

  /// Stops listening and cuts every connection; stopping twice is harmless.
  public func stop() async {
    // The one error there is says that the loops were stopped before.
    try? await loops.shutdownGracefully()
  }
}

/// Whose turn it is to get a request.
final class UpstreamTurns: Sendable {
  private let ports: [Int]
  private let requests = Atomic(0)

  init(ports: [Int]) {
    self.ports = ports
  }

  /// The port that the next request goes to.
  func next() -> Int {
    ports[requests.wrappingAdd(1, ordering: .relaxed).oldValue % ports.count]
  }
}
