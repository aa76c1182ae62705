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
      /// These bytes are sent over and over until the client closes.
      case repeats([UInt8])
    }

    /// Whether it waits for the client's first bytes.
    public var waitsForFirstBytes: Bool
    /// What it sends.
    public var bytes: [UInt8]
    /// How long it waits before each byte; nil where it sends all at once.
    public var pause: Duration?
    /// What happens then.
    public var ending: Ending
    /// Whether who speaks before that is reset in its place.
    public var resetsWhoSpeaks = false

    /// A script. Without bytes and silent, it is the server that accepts and never answers.
    public init(
      waitsForFirstBytes: Bool = true, sends bytes: [UInt8] = [], pausing pause: Duration? = nil, then ending: Ending
    ) {
      self.waitsForFirstBytes = waitsForFirstBytes
      self.bytes = bytes
      self.pause = pause
      self.ending = ending
    }
  }

  /// The port on 127.0.0.1.
  public let port: Int

  /// Runs the body with a server, and ends the server and all its connections afterwards.
  public static func withServer<R>(
    _ script: Script, _ body: (RawTCPServer) async throws -> R
  ) async throws -> R {
    try await withServingThread { listener, wake in
      var loop = ScriptLoop(script: script, listener: listener, wake: wake)
      loop.run()
    } _: { port in
      try await body(RawTCPServer(port: port))
    }
  }
}

/// What a raw server's thread does.
private struct ScriptLoop {
  struct Connection {
    let descriptor: Int32
    var unsent: ArraySlice<UInt8>?
    /// When the next byte may be sent, where there are pauses.
    var due: ContinuousClock.Instant?
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
        let wantsToSend = connection.unsent?.isEmpty == false && connection.due == nil
        return pollfd(fd: connection.descriptor, events: Int16(wantsToSend ? POLLIN | POLLOUT : POLLIN), revents: 0)
      }
      let timeout = pollTimeout(until: connections.compactMap(\.due).min())
      guard poll(&polled, nfds_t(polled.count), timeout) >= 0 || errno == EINTR else { break }
      if polled[0].revents != 0 { break }
      for index in connections.indices {
        let events = Int32(polled[index + 2].revents)
        if events & ~POLLOUT != 0 { receive(on: &connections[index]) }
        let isDue = connections[index].due.map { $0 <= .now } ?? (events & POLLOUT != 0)
        if isDue, !connections[index].isOver { send(on: &connections[index]) }
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
    } else if count > 0, script.resetsWhoSpeaks {
      reset(&connection)
    } else if count > 0, connection.unsent == nil {
      answer(&connection)
    }
  }

  private func answer(_ connection: inout Connection) {
    connection.unsent = script.bytes[...]
    if let pause = script.pause, !script.bytes.isEmpty {
      connection.due = .now + pause
    } else {
      send(on: &connection)
    }
  }

  private func send(on connection: inout Connection) {
    guard let unsent = connection.unsent else { return }
    let count = (script.pause == nil ? unsent : unsent.prefix(1)).withUnsafeBytes {
      Glibc.send(connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    connection.due = nil
    if count < 0 {
      connection.isOver = errno != EAGAIN && errno != EINTR
      return
    }
    let rest = unsent.dropFirst(count)
    connection.unsent = rest
    if rest.isEmpty { end(&connection) }
    if let pause = script.pause, connection.unsent?.isEmpty == false { connection.due = .now + pause }
  }

  private func end(_ connection: inout Connection) {
    switch script.ending {
    case .closes: connection.isOver = true
    case .staysSilent: break
    case .repeats(let bytes): connection.unsent = bytes[...]
    case .resets: reset(&connection)
    }
  }

  private func reset(_ connection: inout Connection) {
    // socket(7): with a linger time of zero, close sends RST.
    var lingering = linger(l_onoff: 1, l_linger: 0)
    setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
    connection.isOver = true
  }
}
