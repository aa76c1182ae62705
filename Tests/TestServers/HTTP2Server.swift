/// A server that speaks HTTP/2 over TLS as it is told to, to every connection: for endings and faults that no real server
/// can be brought to.
public struct HTTP2Server: Sendable {
  /// The port on 127.0.0.1.
  public let port: Int
  /// Scheme, host and port: the beginning of every URL on this server.
  public let origin: String

  /// Runs the body with a server, and ends the server and all its connections afterwards.
  ///
  /// - Parameters:
  ///   - pieces: what answers the first request, whose stream has the number 1. The frames of a piece go out in one TLS
  ///     record, as far as they fit (16 KiB): a client reads them at once, and apart from those of the next piece.
  ///   - ending: what happens then. Unless it stays silent, it waits until the client has read all: until it acknowledges
  ///     a PING.
  public static func withServer<R>(
    tls: TestCertificates, sends pieces: [[HTTP2Frame]], then ending: RawTCPServer.Script.Ending,
    _ body: (HTTP2Server) async throws -> R
  ) async throws -> R {
    var script = RawTCPServer.Script(sends: HTTP2Frame.settings().bytes, then: ending)
    script.turns = [.init(once: hasRequest, sends: HTTP2Frame.settings(acknowledges: true).bytes)]
    script.turns += pieces.map { piece in .init(once: { _ in true }, sends: piece.flatMap(\.bytes)) }
    if ending != .staysSilent {
      script.turns.append(.init(once: { _ in true }, sends: HTTP2Frame.ping(1).bytes))
      script.turns.append(.init(once: { frames($0).contains(.ping(1, acknowledges: true)) }, sends: []))
    }
    return try await RawTCPServer.withServer(script, tls: tls, alpn: "h2") { server in
      try await body(HTTP2Server(port: server.port, origin: "https://127.0.0.1:\(server.port)"))
    }
  }

  /// Whether a request's head is whole: END_HEADERS on HEADERS or on the CONTINUATION after it.
  private static func hasRequest(_ received: [UInt8]) -> Bool {
    frames(received).contains { [1, 9].contains($0.type) && $0.flags & 0x4 != 0 }
  }

  /// RFC 9113 section 3.4: a client begins with 24 octets that are no frame.
  private static func frames(_ received: [UInt8]) -> [HTTP2Frame] { HTTP2Frame.frames(in: received.dropFirst(24)) }
}
