import Facts

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
func marks(in text: String) -> [OriginMark] {
  eventData(in: text).compactMap { OriginMark(data: $0) }
}

/// The data of whole events.
func eventData(in text: String) -> [Substring] {
  let body = text.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
  return body.split(separator: "\n\n", omittingEmptySubsequences: false).dropLast().compactMap { event in
    event.split(separator: "\n").first { $0.hasPrefix("data: ") }?.dropFirst("data: ".count)
  }
}
