import ReferenceOrigin

/// Runs the body with an origin and stops the origin afterwards, also when the body throws.
func withOrigin<R>(
  _ configure: (inout OriginSettings) -> Void = { _ in }, _ body: (ReferenceOrigin) async throws -> R
) async throws -> R {
  var settings = OriginSettings()
  configure(&settings)
  let origin = try await ReferenceOrigin.start(settings)
  do {
    let result = try await body(origin)
    await origin.stop()
    return result
  } catch {
    await origin.stop()
    throw error
  }
}

/// A request for the stream as a browser begins it.
func request(
  _ method: String = "GET", _ target: String = "/api/flowpanel/stream", version: String = "1.1", headers: String = ""
) -> String {
  "\(method) \(target) HTTP/\(version)\r\nHost: localhost\r\nAccept: text/event-stream\r\n\(headers)\r\n"
}

/// The first event as it stands on the wire, and in one chunk (RFC 9112 section 7.1: the length in hexadecimal).
let handshake = "event: ready\ndata: {}\n\n"
let handshakeChunk = "17\r\n\(handshake)\r\n"
