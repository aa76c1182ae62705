import Foundation
import Synchronization

/// A TCP relay to a port of 127.0.0.1 that makes the way long: what comes from either side is passed on, in order, a
/// fixed time after it came. A new connection is accepted at once, as the system does.
public struct DelayingRelay: Sendable {
  /// What went over one connection.
  public struct Connection: Sendable, Equatable {
    /// How often the client spoke: for the first time, or again after it was sent bytes of the server's.
    public var roundTrips = 0
    /// How many bytes the client sent.
    public var bytesFromClient = 0
    /// How many bytes the server sent; those that were held back are left out.
    public var bytesFromServer = 0
    /// Whether some were held back.
    public var isCut = false
  }

  /// What a relay does.
  struct Settings {
    var target: Int
    var delay: Duration
    var cut: Int?
    var appearsForeign: Bool
  }

  /// The port on 127.0.0.1.
  public let port: Int
  fileprivate let counts: Counts

  /// Every connection so far, in the order of their coming.
  public var connections: [Connection] { counts.connections.withLock { $0 } }

  /// Runs the body with a relay, and ends the relay and all its connections afterwards.
  ///
  /// - Parameters:
  ///   - target: the server's port.
  ///   - delay: how long every byte is under way, each way: a round trip takes twice as long.
  ///   - cut: how many bytes of the server's each client gets. In place of the next one the connection ends.
  ///   - appearsForeign: whether the server sees the connections come from 127.0.0.2. Redis' protected mode takes
  ///     127.0.0.1 alone for its own machine.
  public static func withRelay<R>(
    to target: Int, delay: Duration = .zero, cutAfter cut: Int? = nil, appearsForeign: Bool = false,
    _ body: (DelayingRelay) async throws -> R
  ) async throws -> R {
    let settings = Settings(target: target, delay: delay, cut: cut, appearsForeign: appearsForeign)
    let counts = Counts()
    return try await withServingThread { listener, wake in
      var loop = RelayLoop(settings: settings, counts: counts, listener: listener, wake: wake)
      loop.run()
    } _: { port in
      try await body(DelayingRelay(port: port, counts: counts))
    }
  }
}

/// Shared between the relay's thread and the test.
private final class Counts: Sendable {
  let connections = Mutex<[DelayingRelay.Connection]>([])
}

/// One direction of a connection.
private struct Way {
  /// Bytes that came, and when they are to be passed on; without bytes, the end.
  struct Chunk {
    var bytes: ArraySlice<UInt8>
    let due: ContinuousClock.Instant
  }

  let source: Int32
  let target: Int32
  var chunks: ArraySlice<Chunk> = []
  var queuedBytes = 0
  /// Nothing more is taken from the source.
  var isClosed = false
  /// The end has been passed on.
  var hasEnded = false
  /// The target took no more bytes: poll says when it does again.
  var isBlocked = false

  /// More than is under way in any test, less than a stream without end would take.
  var hasRoom: Bool { !isClosed && queuedBytes < 64 << 20 }
  var due: ContinuousClock.Instant? { isBlocked ? nil : chunks.first?.due }

  mutating func append(_ bytes: ArraySlice<UInt8>, due: ContinuousClock.Instant) {
    chunks.append(Chunk(bytes: bytes, due: due))
    queuedBytes += bytes.count
  }

  mutating func close(due: ContinuousClock.Instant) {
    isClosed = true
    chunks.append(Chunk(bytes: [], due: due))
  }

  /// Passes on what is due, and gives how many bytes that were; nil when the target is gone.
  mutating func deliver() -> Int? {
    var delivered = 0
    while let chunk = chunks.first, chunk.due <= .now, !isBlocked {
      if chunk.bytes.isEmpty {
        chunks = []
        shutdown(target, Int32(SHUT_WR))
        hasEnded = true
        break
      }
      let count = chunk.bytes.withUnsafeBytes {
        send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count < 0 {
        guard errno == EAGAIN || errno == EINTR else { return nil }
        isBlocked = errno == EAGAIN
        continue
      }
      delivered += count
      queuedBytes -= count
      chunks[chunks.startIndex].bytes.removeFirst(count)
      if count == chunk.bytes.count { chunks.removeFirst() }
    }
    return delivered
  }
}

/// What a relay's thread does.
private struct RelayLoop {
  struct Connection {
    /// The place in the counts.
    let index: Int
    var toServer: Way
    var toClient: Way
    /// The client has not been sent anything since it spoke.
    var clientIsSpeaking = false
    var isOver = false
  }

  let settings: DelayingRelay.Settings
  let counts: Counts
  let listener: Int32
  let wake: Int32
  var connections: [Connection] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)

  init(settings: DelayingRelay.Settings, counts: Counts, listener: Int32, wake: Int32) {
    self.settings = settings
    self.counts = counts
    self.listener = listener
    self.wake = wake
  }

  mutating func run() {
    while true {
      var polled = [wake, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      for connection in connections {
        polled.append(Self.interest(in: connection.toServer, or: connection.toClient))
        polled.append(Self.interest(in: connection.toClient, or: connection.toServer))
      }
      let due = connections.flatMap { [$0.toServer.due, $0.toClient.due] }.compactMap { $0 }.min()
      guard poll(&polled, nfds_t(polled.count), pollTimeout(until: due)) >= 0 || errno == EINTR else { break }
      if polled[0].revents != 0 { break }
      for index in connections.indices {
        let (client, server) = (Int32(polled[2 * index + 2].revents), Int32(polled[2 * index + 3].revents))
        if client != 0 { connections[index].toClient.isBlocked = false }
        if server != 0 { connections[index].toServer.isBlocked = false }
        if client & ~POLLOUT != 0 { receiveFromClient(on: index) }
        if server & ~POLLOUT != 0 { receiveFromServer(on: index) }
        deliver(on: index)
      }
      if polled[1].revents != 0 { accept() }
      for connection in connections where connection.isOver { Self.close(connection) }
      connections.removeAll { $0.isOver }
    }
    for connection in connections { Self.close(connection) }
    for descriptor in [listener, wake] { Glibc.close(descriptor) }
  }

  /// What poll is asked of the one socket that is a way's source and the other way's target. Without a wish it is left
  /// out: else the end of a connection would be reported again and again.
  private static func interest(in reading: Way, or writing: Way) -> pollfd {
    let events = (reading.hasRoom ? POLLIN : 0) | (writing.isBlocked ? POLLOUT : 0)
    return pollfd(fd: events == 0 ? -1 : reading.source, events: Int16(events), revents: 0)
  }

  private mutating func accept() {
    let client = Glibc.accept(listener, nil, nil)
    guard client >= 0 else { return }
    guard let server = connectToTarget() else {
      Glibc.close(client)
      return
    }
    var on: Int32 = 1
    for descriptor in [client, server] {
      // Small pieces at once: nothing but the delay is to be seen.
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
    let index = counts.connections.withLock { connections in
      connections.append(DelayingRelay.Connection())
      return connections.count - 1
    }
    connections.append(
      Connection(
        index: index, toServer: Way(source: client, target: server), toClient: Way(source: server, target: client)))
  }

  private func connectToTarget() -> Int32? {
    guard let descriptor = try? makeSocket() else { return nil }
    let isBound = !settings.appearsForeign || (try? bindToLoopback(descriptor, host: "127.0.0.2")) != nil
    guard isBound, connectToLoopback(descriptor, port: settings.target) else {
      Glibc.close(descriptor)
      return nil
    }
    return descriptor
  }

  private mutating func receiveFromClient(on index: Int) {
    guard connections[index].toServer.hasRoom, let bytes = receive(from: connections[index].toServer.source) else {
      return
    }
    guard !bytes.isEmpty else {
      connections[index].toServer.close(due: .now + settings.delay)
      return
    }
    let beginsAgain = !connections[index].clientIsSpeaking
    connections[index].clientIsSpeaking = true
    count(on: index) { counts in
      counts.bytesFromClient += bytes.count
      if beginsAgain { counts.roundTrips += 1 }
    }
    connections[index].toServer.append(bytes, due: .now + settings.delay)
  }

  private mutating func receiveFromServer(on index: Int) {
    guard connections[index].toClient.hasRoom, let bytes = receive(from: connections[index].toClient.source) else {
      return
    }
    let due = ContinuousClock.now + settings.delay
    var passed = bytes
    count(on: index) { counts in
      if let cut = settings.cut { passed = bytes.prefix(cut - counts.bytesFromServer) }
      counts.bytesFromServer += passed.count
      counts.isCut = counts.isCut || passed.count < bytes.count
    }
    if !passed.isEmpty { connections[index].toClient.append(passed, due: due) }
    if bytes.isEmpty || passed.count < bytes.count { connections[index].toClient.close(due: due) }
  }

  /// What has come, nothing at the end; nil where nothing has come after all. A reset is an end like any other.
  private mutating func receive(from descriptor: Int32) -> ArraySlice<UInt8>? {
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    return ArraySlice(Array(buffer[..<max(0, count)]))
  }

  private func count(on index: Int, _ change: (inout DelayingRelay.Connection) -> Void) {
    counts.connections.withLock { change(&$0[connections[index].index]) }
  }

  private mutating func deliver(on index: Int) {
    let toServer = connections[index].toServer.deliver()
    let toClient = connections[index].toClient.deliver()
    if let toClient, toClient > 0 { connections[index].clientIsSpeaking = false }
    connections[index].isOver =
      toServer == nil || toClient == nil
      || (connections[index].toServer.hasEnded && connections[index].toClient.hasEnded)
  }

  private static func close(_ connection: Connection) {
    for descriptor in [connection.toServer.source, connection.toServer.target] { Glibc.close(descriptor) }
  }
}
