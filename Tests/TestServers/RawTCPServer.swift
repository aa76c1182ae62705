import Foundation
import Synchronization

/// A server that says what it is told to, to every connection: for bytes that no real server sends.
public struct RawTCPServer: Sendable {
  /// What every connection gets.
  public struct Script: Sendable {
    /// What happens after the bytes are sent.
    public enum Ending: Sendable, Equatable {
      /// The connection is closed.
      case closes
      /// Nothing more is sent (FIN, over TLS with close_notify before it or not), and the client is heard until it closes:
      /// closing with unheard bytes would reset the connection.
      case endsSending(closeNotify: Bool = false)
      /// The connection is reset (RST).
      case resets
      /// The connection stays open until the client closes it.
      case staysSilent
      /// These bytes are sent over and over until the client closes.
      case repeats([UInt8])
    }

    /// What is sent once the client has said enough.
    public struct Turn: Sendable {
      /// Whether all that the client said so far is enough.
      public var isDue: @Sendable ([UInt8]) -> Bool
      /// What it sends then.
      public var bytes: [UInt8]

      /// A turn, which may be without bytes: the ending waits for it all the same.
      public init(once isDue: @escaping @Sendable ([UInt8]) -> Bool, sends bytes: [UInt8]) {
        self.isDue = isDue
        self.bytes = bytes
      }
    }

    /// Whether it waits for the client's first bytes.
    public var waitsForFirstBytes: Bool
    /// What it sends.
    public var bytes: [UInt8]
    /// How long it waits before each byte; nil where it sends all at once.
    public var pause: Duration?
    /// What it sends after those bytes, one turn after the other.
    public var turns: [Turn] = []
    /// What happens then.
    public var ending: Ending
    /// Whether it may happen by now, asked every 10 milliseconds: a reset takes what the client has not read yet with it.
    public var mayEnd: @Sendable () -> Bool = { true }
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
  fileprivate let counts: Counts

  /// How many connections there have been.
  public var connections: Int { counts.values.withLock { $0.connections } }
  /// How many bytes the clients said, TLS undone.
  public var bytesHeard: Int { counts.values.withLock { $0.bytesHeard } }
  /// How many bytes the system took for the clients, as they go over the wire.
  public var bytesSent: Int { counts.values.withLock { $0.bytesSent } }

  /// Runs the body with a server, and ends the server and all its connections afterwards.
  ///
  /// - Parameters:
  ///   - tls: certificates to speak TLS with: the script is what is said inside.
  ///   - alpn: the protocol that is agreed on where the client offers it.
  public static func withServer<R>(
    _ script: Script, tls: TestCertificates? = nil, alpn: String? = nil, _ body: (RawTCPServer) async throws -> R
  ) async throws -> R {
    // What is wrong with them is said here: a context belongs to the thread that uses it.
    if let tls { _ = try TLSContext(tls, alpn: alpn) }
    let counts = Counts()
    return try await withServingThread { listener, wake in
      let context = tls.flatMap { try? TLSContext($0, alpn: alpn) }
      var loop = ScriptLoop(script: script, context: context, counts: counts, listener: listener, wake: wake)
      loop.run()
    } _: { port in
      try await body(RawTCPServer(port: port, counts: counts))
    }
  }
}

/// Shared between the server's thread and the test.
private final class Counts: Sendable {
  let values = Mutex((connections: 0, bytesHeard: 0, bytesSent: 0))
}

/// What a raw server's thread does.
private struct ScriptLoop {
  struct Connection {
    let descriptor: Int32
    let session: TLSSession?
    var received: [UInt8] = []
    var turnsTaken = 0
    var unsent: ArraySlice<UInt8>?
    /// When the next byte may be sent, where there are pauses.
    var due: ContinuousClock.Instant?
    /// All is sent, and the ending waits for its leave.
    var waitsToEnd = false
    var isOver = false
  }

  let script: RawTCPServer.Script
  let context: TLSContext?
  let counts: Counts
  let turns: [RawTCPServer.Script.Turn]
  let listener: Int32
  let wake: Int32
  var connections: [Connection] = []

  init(script: RawTCPServer.Script, context: TLSContext?, counts: Counts, listener: Int32, wake: Int32) {
    (self.script, self.context, self.counts) = (script, context, counts)
    (self.listener, self.wake) = (listener, wake)
    let waits = script.waitsForFirstBytes
    turns = [.init(once: { !waits || !$0.isEmpty }, sends: script.bytes)] + script.turns
  }

  mutating func run() {
    while true {
      var polled = [wake, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      polled += connections.map { connection in
        let wantsToSend = connection.unsent?.isEmpty == false && connection.due == nil
        return pollfd(fd: connection.descriptor, events: Int16(wantsToSend ? POLLIN | POLLOUT : POLLIN), revents: 0)
      }
      let asking = connections.contains(where: \.waitsToEnd) ? ContinuousClock.now + .milliseconds(10) : nil
      let timeout = pollTimeout(until: (connections.compactMap(\.due) + [asking].compactMap { $0 }).min())
      guard poll(&polled, nfds_t(polled.count), timeout) >= 0 || errno == EINTR else { break }
      if polled[0].revents != 0 { break }
      for index in connections.indices {
        let events = Int32(polled[index + 2].revents)
        if events & ~POLLOUT != 0 { receive(on: &connections[index]) }
        let isDue = connections[index].due.map { $0 <= .now } ?? (events & POLLOUT != 0)
        if isDue, !connections[index].isOver { send(on: &connections[index]) }
        if connections[index].waitsToEnd { end(&connections[index]) }
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
    counts.values.withLock { $0.connections += 1 }
    let session = context.flatMap { try? TLSSession($0) }
    var connection = Connection(descriptor: descriptor, session: session, isOver: context != nil && session == nil)
    takeTurn(&connection)
    connections.append(connection)
  }

  private func receive(on connection: inout Connection) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(connection.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) {
      connection.isOver = true
    } else if count > 0, script.resetsWhoSpeaks {
      reset(&connection)
    } else if count > 0 {
      let said = connection.session?.receive(buffer[..<count]) ?? Array(buffer[..<count])
      counts.values.withLock { $0.bytesHeard += said.count }
      // Nothing is kept of what nobody asks for any more.
      if connection.turnsTaken < turns.count { connection.received += said }
      sendSealed(on: &connection)
      takeTurn(&connection)
    }
  }

  /// Begins the next turn once the former one's bytes are sent and the client has said enough.
  private func takeTurn(_ connection: inout Connection) {
    guard !connection.isOver, connection.unsent?.isEmpty ?? true, connection.turnsTaken < turns.count,
      connection.session?.isEstablished ?? true, turns[connection.turnsTaken].isDue(connection.received)
    else { return }
    connection.turnsTaken += 1
    connection.unsent = []
    say(turns[connection.turnsTaken - 1].bytes, on: &connection)
    if let pause = script.pause, connection.unsent?.isEmpty == false {
      connection.due = .now + pause
    } else {
      send(on: &connection)
    }
  }

  /// Puts bytes behind those that are still to be sent.
  private func say(_ bytes: [UInt8], on connection: inout Connection) {
    guard let session = connection.session else {
      connection.unsent = (connection.unsent ?? []) + bytes
      return
    }
    session.send(bytes)
    connection.unsent = (connection.unsent ?? []) + session.takeOutput()
  }

  /// Sends what TLS itself has to say. A handshake's few kilobytes fit into a socket that has sent nothing else.
  private func sendSealed(on connection: inout Connection) {
    guard let output = connection.session?.takeOutput(), !output.isEmpty else { return }
    if connection.unsent?.isEmpty == false {
      connection.unsent? += output
    } else {
      _ = Glibc.send(connection.descriptor, output, output.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  private func send(on connection: inout Connection) {
    guard let unsent = connection.unsent else { return }
    connection.due = nil
    if !unsent.isEmpty {
      let count = (script.pause == nil ? unsent : unsent.prefix(1)).withUnsafeBytes {
        Glibc.send(connection.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count < 0 {
        connection.isOver = errno != EAGAIN && errno != EINTR
        return
      }
      counts.values.withLock { $0.bytesSent += count }
      connection.unsent = unsent.dropFirst(count)
    }
    if connection.unsent?.isEmpty == true {
      if connection.turnsTaken < turns.count { takeTurn(&connection) } else { end(&connection) }
    }
    if let pause = script.pause, connection.unsent?.isEmpty == false { connection.due = .now + pause }
  }

  private func end(_ connection: inout Connection) {
    guard !connection.isOver else { return }
    connection.waitsToEnd = !script.mayEnd()
    if connection.waitsToEnd { return }
    switch script.ending {
    case .closes: connection.isOver = true
    case .endsSending(let closeNotify):
      if closeNotify {
        connection.session?.sendCloseNotify()
        sendSealed(on: &connection)
      }
      shutdown(connection.descriptor, Int32(SHUT_WR))
    case .staysSilent: break
    case .repeats(let bytes): say(bytes, on: &connection)
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
