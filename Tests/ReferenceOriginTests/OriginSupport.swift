/// A request for the stream as a browser begins it.
func request(
  _ method: String = "GET", _ target: String = "/api/flowpanel/stream", version: String = "1.1", headers: String = ""
) -> String {
  "\(method) \(target) HTTP/\(version)\r\nHost: localhost\r\nAccept: text/event-stream\r\n\(headers)\r\n"
}

/// The first event as it stands on the wire, and in one chunk (RFC 9112 section 7.1: the length in hexadecimal).
let handshake = "event: ready\ndata: {}\n\n"
let handshakeChunk = "17\r\n\(handshake)\r\n"
