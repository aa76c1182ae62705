import Foundation

/// A raw TCP connection to a port of 127.0.0.1 or another address of the loopback network, to see the very bytes that a server sends.
public struct TCPConnection: Sendable {
  /// What came in.
  public struct Received: Sendable {
    /// All bytes of this read.
    public var bytes: [UInt8] = []
    /// Whether the other side closed, cleanly or with a reset.
    public var ended = false
    /// The bytes as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  private let descriptor: Int32

  /// Runs the body with a connection and closes it afterwards.
  public static func with<R>(
    host: String = "127.0.0.1", port: Int, _ body: (TCPConnection) async throws -> R
  ) async throws -> R {
    let connection = TCPConnection(descriptor: try makeSocket())
    defer { close(connection.descriptor) }
    try connection.connect(host: host, port: port)
    return try await body(connection)
  }

  /// Sends text and gives what comes back until the condition holds or the other side closes: Redis does, having
  /// answered, when it is told that nothing more will be sent.
  public static func exchange(
    host: String = "127.0.0.1", port: Int, _ request: String, thenEnds: Bool = false,
    until isComplete: (@Sendable (String) -> Bool)? = nil
  ) async throws -> Received {
    try await with(host: host, port: port) { connection in
      try connection.send(request)
      if thenEnds { try connection.endSending() }
      return try await connection.receive(until: isComplete)
    }
  }

  /// Whether something accepts connections on a port.
  public static func accepts(port: Int) -> Bool {
    guard let descriptor = try? makeSocket() else { return false }
    defer { close(descriptor) }
    return connectToLoopback(descriptor, port: port)
  }

  /// Sends text.
  public func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw SystemCallFailure("send") }
      rest = rest.dropFirst(count)
    }
  }

  /// Tells the other side that nothing more will be sent.
  public func endSending() throws {
    guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { throw SystemCallFailure("shutdown") }
  }

  /// Waits for bytes until the condition holds for all that came in or the other side closes; throws
  /// `StateNotReached` with what did come in once the time is over.
  public func receive(
    within limit: Duration = .seconds(60), until isComplete: (@Sendable (String) -> Bool)? = nil
  ) async throws -> Received {
    let descriptor = descriptor
    return try await withCheckedThrowingContinuation { continuation in
      // poll blocks, and on Linux the global queues share their few threads with all tasks.
      Thread.detachNewThread {
        continuation.resume(with: Result { try Self.receive(descriptor, within: limit, until: isComplete) })
      }
    }
  }

  private func connect(host: String, port: Int) throws {
    guard connectToLoopback(descriptor, host: host, port: port) else {
      throw SystemCallFailure("connect to \(host) port \(port)")
    }
  }

  private static func receive(
    _ descriptor: Int32, within limit: Duration, until isComplete: ((String) -> Bool)?
  ) throws -> Received {
    let deadline = ContinuousClock.now + limit
    var received = Received()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !received.ended, isComplete?(received.text) != true {
      let left = (deadline - .now) / Duration.milliseconds(1)
      var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&event, 1, Int32(left.rounded(.up))) != 0 else {
        throw StateNotReached(description: "receive: not complete after \(limit), got \"\(received.text)\"")
      }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 {
        received.bytes += buffer[..<count]
      } else if count == 0 || errno == ECONNRESET {
        received.ended = true
      } else if errno != EINTR {
        throw SystemCallFailure("recv")
      }
    }
    return received
  }
}
