import Foundation

/// A server that says what it is told to, to every connection: for bytes that no real server sends.
public struct RawTCPServer: Sendable {
  /// What every connection gets.
  public struct Script: Sendable {
    /// What happens after the bytes are sent.
    public enum Ending: Sendable {
      /// The connection is closed.
      case closes
      /// The connection is reset (RST).
      case resets
      /// The connection stays open until the client closes it.
      case staysSilent
    }

    /// Whether it waits for the client's first bytes.
    public var waitsForFirstBytes: Bool
    /// What it sends.
    public var bytes: [UInt8]
    /// What happens then.
    public var ending: Ending

    /// A script. Without bytes and silent, it is the server that accepts and never answers.
    public init(waitsForFirstBytes: Bool = true, sends bytes: [UInt8] = [], then ending: Ending) {
      self.waitsForFirstBytes = waitsForFirstBytes
      self.bytes = bytes
      self.ending = ending
    }
  }

  /// The port on 127.0.0.1.
  public let port: Int

  /// Runs the body with a server, and ends the server and all its connections afterwards.
  public static func withServer<R>(
    _ script: Script, _ body: (RawTCPServer) async throws -> R
  ) async throws -> R {
    let (listener, port) = try bindLoopbackSocket()
    var wake: [Int32] = [-1, -1]
    guard listen(listener, 64) == 0, pipe(&wake) == 0, fcntl(listener, F_SETFL, O_NONBLOCK) == 0 else {
      let failure = SystemCallFailure("listen on 127.0.0.1 port \(port)")
      close(listener)
      throw failure
    }
    let (ends, continuation) = AsyncStream.makeStream(of: Never.self)
    let (wakeReader, wakeWriter) = (wake[0], wake[1])
    Thread.detachNewThread {
      var loop = ScriptLoop(script: script, listener: listener, wake: wakeReader)
      loop.run()
      continuation.finish()
    }
    // Not a child task: the thread's end is waited for also when the test has been cancelled.
    let end = Task { for await _ in ends {} }
    return try await withCleanUp {
      try await body(RawTCPServer(port: port))
    } cleanUp: {
      // A byte, not the pipe's end: a process started meanwhile may hold the pipe as well.
      write(wakeWriter, [0], 1)
      await end.value
      close(wakeWriter)
    }
  }
}

/// The one thread of a raw server: a poll loop that owns its sockets and closes them all when a byte comes through the wake
/// pipe.
private struct ScriptLoop {
  struct Connection {
    let descriptor: Int32
    var unsent: ArraySlice<UInt8>?
    var isOver = false
  }

  let script: RawTCPServer.Script
  let listener: Int32
  let wake: Int32
  var connections: [Connection] = []

  mutating func run() {
    while true {
      var polled = [wake, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      polled += connections.map { connection in
        let wantsToSend = connection.unsent?.isEmpty == false
        return pollfd(fd: connection.descriptor, events: Int16(wantsToSend ? POLLIN | POLLOUT : POLLIN), revents: 0)
      }
      guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
      if polled[0].revents != 0 { break }
      for index in connections.indices {
        let events = Int32(polled[index + 2].revents)
        if events & ~POLLOUT != 0 { receive(on: &connections[index]) }
        if events & POLLOUT != 0, !connections[index].isOver { send(on: &connections[index]) }
      }
      if polled[1].revents != 0 { accept() }
      for connection in connections where connection.isOver { close(connection.descriptor) }
      connections.removeAll { $0.isOver }
    }
    for descriptor in connections.map(\.descriptor) + [listener, wake] { close(descriptor) }
  }

  private mutating func accept() {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return }
    var connection = Connection(descriptor: descriptor)
    if !script.waitsForFirstBytes { answer(&connection) }
    connections.append(connection)
  }

  private func receive(on connection: inout Connection) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(connection.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) {
      connection.isOver = true
    } else if count > 0, connection.unsent == nil {
      answer(&connection)
    }
  }

  private func answer(_ connection: inout Connection) {
    connection.unsent = script.bytes[...]
    send(on: &connection)
  }

  private func send(on connection: inout Connection) {
    guard let unsent = connection.unsent else { return }
    let count = unsent.withUnsafeBytes {
      Glibc.send(connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    if count < 0 {
      connection.isOver = errno != EAGAIN && errno != EINTR
      return
    }
    let rest = unsent.dropFirst(count)
    connection.unsent = rest
    guard rest.isEmpty else { return }
    switch script.ending {
    case .closes: connection.isOver = true
    case .staysSilent: break
    case .resets:
      // socket(7): with a linger time of zero, close sends RST.
      var lingering = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
      connection.isOver = true
    }
  }
}
