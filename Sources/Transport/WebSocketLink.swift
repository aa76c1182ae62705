import Crypto
public import Facts
import Foundation

/// A WebSocket to open.
public struct WebSocketRequest: Sendable {
  /// A URL that begins with ws, wss, or http or https in their place.
  public var url: String
  /// Request headers that carry credentials.
  public var secretHeaders: [(name: String, value: Secret)]
  /// The origin of the page that asks (RFC 6454 section 7); nil for none.
  public var origin: String?
  /// How the server is reached.
  public var route: Route

  /// A request; nothing but the URL is sent unless given.
  public init(
    url: String, secretHeaders: [(name: String, value: Secret)] = [], origin: String? = nil, route: Route = Route()
  ) {
    self.url = url
    self.secretHeaders = secretHeaders
    self.origin = origin
    self.route = route
  }
}

/// Why there is no WebSocket, or nothing more comes through one.
public enum WebSocketFailure: Error, Sendable, Equatable {
  /// There is no connection.
  case notConnected(TransportFailure)
  /// The server answered with another status than 101 (Switching Protocols).
  case notUpgraded(HTTPStatus)
  /// What came is not what RFC 6455 allows.
  case malformed(String)
  /// The server closed the WebSocket. Without a code it gave none.
  case closed(code: Int?, reason: String)
  /// The connection was closed without that, or broke.
  case broken(String)
  /// The deadline passed.
  case timedOut
  /// The task was cancelled.
  case cancelled

  /// A status in place of 101.
  public struct HTTPStatus: Sendable, Equatable {
    /// The status code.
    public var code: Int
    /// Who answered (Server); nil where it does not say.
    public var server: String?
  }
}

/// An open WebSocket (RFC 6455) that brings and takes messages of text. One task has it at a time.
///
/// Pings are answered; messages of bytes are passed over. It breaks off when the value is let go of.
public struct WebSocketLink: Sendable {
  private let link: ByteLink
  private var reader = WebSocketFrameReader()
  private var received = 0
  private var messages = 0
  /// What ended it.
  private var end: WebSocketFailure?

  /// What a server may say on one link, in bytes and messages.
  private static let maximumBytes = 16 * 1024 * 1024
  private static let maximumMessages = 20_000

  /// Connects and shakes hands.
  public init(
    _ request: WebSocketRequest, over transport: Transport, until deadline: ContinuousClock.Instant
  ) async throws(WebSocketFailure) {
    var generator = SystemRandomNumberGenerator()
    let key = Data((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    try await self.init(request, key: key.base64EncodedString(), over: transport, until: deadline)
  }

  /// - Parameter key: what the server has to show that it has read (section 4.1).
  init(
    _ request: WebSocketRequest, key: String, over transport: Transport, until deadline: ContinuousClock.Instant
  ) async throws(WebSocketFailure) {
    guard let url = URLParts(httpURL(request.url)), ["http", "https"].contains(url.scheme), !url.hasUserInfo else {
      throw .notConnected(TransportFailure(kind: .badURL, phase: .nameLookup, detail: "not a URL that can be opened"))
    }
    do throws(TransportFailure) {
      link = try await transport.openByteLink(
        to: url.origin, over: request.route, within: max(.milliseconds(1), ContinuousClock.now.duration(to: deadline)))
    } catch {
      throw .notConnected(error)
    }
    link.send(Array(request.head(to: url, key: key).utf8))
    var head: [UInt8] = []
    var end: Int?
    repeat {
      // What was looked through already ends with three bytes of the four at most.
      let seen = max(0, head.count - 3)
      head += try await bytes(until: deadline)
      end = head[seen...].firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
      guard end ?? head.count <= HTTPBounds.headerBytes else {
        throw .malformed("more than \(HTTPBounds.headerBytes / 1024) KiB of response headers")
      }
    } while end == nil
    try check(head[..<(end ?? 0)], key: key)
    reader.feed(head[(end ?? 0)...])
  }

  /// Sends a message. Whether the server got it shows in what it says.
  public func send(_ text: String) { send(0x1, Array(text.utf8)) }

  /// Waits for a message.
  public mutating func receive(until deadline: ContinuousClock.Instant) async throws(WebSocketFailure) -> String {
    if let end { throw end }
    do throws(WebSocketFailure) {
      return try await nextText(until: deadline)
    } catch {
      if error != .timedOut, error != .cancelled { end = error }
      throw error
    }
  }

  /// Whether nothing more comes through it.
  public var hasEnded: Bool { end != nil }

  /// Closes: says so, and waits for the server to say so too or to end the connection.
  public mutating func close(until deadline: ContinuousClock.Instant) async {
    guard end == nil else { return }
    send(0x8, [0x03, 0xE8])
    do throws(WebSocketFailure) {
      while true { _ = try await nextText(until: deadline) }
    } catch {
      end = error
    }
  }

  private mutating func nextText(until deadline: ContinuousClock.Instant) async throws(WebSocketFailure) -> String {
    while true {
      while let event = try nextEvent() {
        messages += 1
        if messages > Self.maximumMessages { throw .malformed("more than \(Self.maximumMessages) messages") }
        switch event {
        case .text(let text): return text
        case .ping(let payload): send(0xA, payload)
        case .binary, .pong: break
        case .close(let code, let reason):
          send(0x8, [])
          throw .closed(code: code, reason: reason)
        }
      }
      // Who never stops talking would never let a deadline pass.
      if .now >= deadline { throw .timedOut }
      let bytes = try await bytes(until: deadline)
      received += bytes.count
      guard received <= Self.maximumBytes else {
        throw .malformed("more than \(Self.maximumBytes / 1024 / 1024) MiB of messages")
      }
      reader.feed(bytes)
    }
  }

  private mutating func nextEvent() throws(WebSocketFailure) -> WebSocketEvent? {
    do throws(WebSocketViolation) {
      return try reader.next()
    } catch {
      // 1002: a protocol error (section 7.4.1).
      send(0x8, [0x03, 0xEA])
      throw .malformed(error.detail)
    }
  }

  private func bytes(until deadline: ContinuousClock.Instant) async throws(WebSocketFailure) -> [UInt8] {
    do throws(ByteLinkFailure) {
      return try await link.receive(until: deadline)
    } catch {
      switch error {
      case .timedOut: throw .timedOut
      case .cancelled: throw .cancelled
      case .closed(let reason): throw .broken(reason)
      }
    }
  }

  private func send(_ opcode: UInt8, _ payload: [UInt8]) {
    var generator = SystemRandomNumberGenerator()
    let mask = (0..<4).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    link.send(webSocketFrame(opcode, payload, mask: mask))
  }
}

/// Holds a response's head against what section 4.1 asks of it.
private func check(_ bytes: ArraySlice<UInt8>, key: String) throws(WebSocketFailure) {
  var reader = HTTPHeadReader()
  var head: HTTPHead?
  for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) where head == nil {
    if case .head(let whole) = line.withUnsafeBytes({ reader.take($0) }) { head = whole }
  }
  guard let head, head.version.hasPrefix("1.") else { throw .malformed("the answer is not HTTP/1.1") }
  guard head.status == 101 else {
    throw .notUpgraded(WebSocketFailure.HTTPStatus(code: head.status, server: head.value(of: "Server")))
  }
  guard head.value(of: "Upgrade")?.lowercased() == "websocket" else {
    throw .malformed("status 101 without Upgrade: websocket")
  }
  let connection = head.headers.filter { $0.name.lowercased() == "connection" }.flatMap {
    $0.value.split(separator: ",")
  }
  guard connection.contains(where: { $0.filter { $0 != " " && $0 != "\t" }.lowercased() == "upgrade" }) else {
    throw .malformed("status 101 without Connection: Upgrade")
  }
  let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
  guard head.value(of: "Sec-WebSocket-Accept") == Data(digest).base64EncodedString() else {
    throw .malformed("Sec-WebSocket-Accept is not what the key leads to: what answers does not know this request")
  }
  guard head.value(of: "Sec-WebSocket-Extensions") == nil, head.value(of: "Sec-WebSocket-Protocol") == nil else {
    throw .malformed("the server chose an extension or a protocol that nobody offered")
  }
}

extension WebSocketRequest {
  fileprivate func head(to url: URLParts, key: String) -> String {
    var lines = [
      "GET \(url.path)\(url.query.map { "?\($0)" } ?? "") HTTP/1.1", "Host: \(url.authority)", "Upgrade: websocket",
      "Connection: Upgrade", "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13", "User-Agent: flowpanel-doctor",
    ]
    if let origin { lines.append("Origin: \(origin)") }
    lines += secretHeaders.map { "\($0.name): \($0.value.reveal())" }
    return lines.map { $0 + "\r\n" }.joined() + "\r\n"
  }
}

/// The URL with http for ws and https for wss: their ports are the same (section 3).
private func httpURL(_ url: String) -> String {
  for (scheme, other) in [("wss:", "https:"), ("ws:", "http:")] where url.lowercased().hasPrefix(scheme) {
    return other + url.dropFirst(scheme.count)
  }
  return url
}
