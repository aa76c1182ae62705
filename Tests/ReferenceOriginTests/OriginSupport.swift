import Facts
import ReferenceOrigin
import Synchronization
import TestServers

/// A request for the stream as a browser begins it.
func request(
  _ method: String = "GET", _ target: String = "/api/flowpanel/stream", version: String = "1.1", headers: String = ""
) -> String {
  "\(method) \(target) HTTP/\(version)\r\nHost: localhost\r\nAccept: text/event-stream\r\n\(headers)\r\n"
}

/// The first event as it stands on the wire, and in one chunk (RFC 9112 section 7.1: the length in hexadecimal).
let handshake = "event: ready\ndata: {}\n\n"
let handshakeChunk = "17\r\n\(handshake)\r\n"

/// The marks of whole events among bytes that are not chunked.
func marks(in text: some StringProtocol) -> [OriginMark] {
  eventData(in: text).compactMap { OriginMark(data: $0) }
}

/// The data of whole events.
func eventData(in text: some StringProtocol) -> [String] {
  let body = text.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
  return body.split(separator: "\n\n", omittingEmptySubsequences: false).dropLast().compactMap { event in
    event.split(separator: "\n").first { $0.hasPrefix("data: ") }.map { String($0.dropFirst("data: ".count)) }
  }
}

/// Runs the body with an open stream of some channels, after its handshake.
func listening<R>(
  to channels: String..., at origin: ReferenceOrigin, _ body: (TCPConnection) async throws -> R
) async throws -> R {
  try await TCPConnection.with(port: origin.port) { connection in
    let query = channels.map { "channel=\($0)" }.joined(separator: "&")
    try connection.send(request("GET", "/api/flowpanel/stream?\(query)", version: "1.0"))
    _ = try await connection.receive { $0.contains(handshake) }
    return try await body(connection)
  }
}

/// Publishes a body at an origin; its whole answer.
func publish(_ body: String, on channel: String, at origin: ReferenceOrigin) async throws -> String {
  let head = request(
    "POST", "/api/flowpanel/publish?channel=\(channel)",
    headers: "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n")
  return try await TCPConnection.exchange(port: origin.port, head + body).text
}

/// The lines that an origin logs.
final class LoggedLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func add(_ line: String) {
    lines.withLock { $0.append(line) }
  }
}
