private let beforeEncode = Mend(
  "@sse header Accept *text/event-stream*\nroute {\n\treverse_proxy @sse app:3000\n\tencode zstd gzip\n"
    + "\treverse_proxy app:3000\n}", .wholeRoute(hop: 0))
private let compressed = ExpectedFinding("stream.content-encoding", hop: "Caddy (", mends: beforeEncode)
private let idle = ExpectedFinding(
  "stream.idle-timeout", hop: "Caddy (", mends: Mend(": keep-alive", .application),
  Mend("transport http {\n\tread_timeout 1h\n}", .inside(hop: 0)))
private let total = ExpectedFinding(
  "stream.max-duration", .warning, hop: "Caddy (", mends: Mend("timeouts {\n\twrite 0\n}", .around(hop: 0)))

extension PathRow {
  /// Caddy 2.6.2. Its `encode` compresses where the first write has 512 bytes, and then flushes nothing.
  static let caddy = [
    PathRow(name: "caddy-default", hops: [.caddy()]),
    PathRow(name: "caddy-default-plain", hops: [.caddy()], origin: plain),
    PathRow(name: "caddy-default-tls", hops: [.caddy()], usesTLS: true),
    PathRow(name: "caddy-default-heartbeats", hops: [.caddy()], origin: heartbeats),
    PathRow(name: "caddy-encode", hops: [.caddy("encode zstd gzip")], origin: transformable),
    PathRow(name: "caddy-encode-tls", hops: [.caddy("encode zstd gzip")], usesTLS: true, origin: transformable),
    PathRow(
      name: "caddy-encode-all", hops: [.caddy("encode {", "gzip", "minimum_length 1", "}")],
      finds: [compressed],
      origin: transformable),
    // Later versions heed `no-transform`.
    PathRow(
      name: "caddy-encode-all-untransformed", hops: [.caddy("encode {", "gzip", "minimum_length 1", "}")],
      finds: [compressed]),
    PathRow(
      name: "caddy-encode-large", hops: [.caddy("encode zstd gzip")],
      finds: [compressed, .handshake], findsAtInstance: ["stream.handshake"]
    ) {
      transformable(&$0)
      $0.sendsHandshake = false
      $0.dataSize = 600
    },
    PathRow(
      name: "caddy-encode-late", hops: [.caddy("encode zstd gzip")],
      finds: [
        ExpectedFinding(
          "stream.headers-withheld", .warning, hop: "Caddy (", mends: Mend(": open", .application), beforeEncode),
        .handshake,
      ], findsAtInstance: ["stream.handshake"]
    ) {
      transformable(&$0)
      late(&$0)
    },
    PathRow(
      name: "caddy-timeout-silent", hops: [.caddy(proxy: "transport http {\nread_timeout 1s\n}")],
      finds: [idle], origin: silent),
    PathRow(name: "caddy-timeout-busy", hops: [.caddy(proxy: "transport http {\nread_timeout 1s\n}")]),
    PathRow(name: "caddy-total", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], finds: [total]),
    PathRow(name: "caddy-total-tls", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], usesTLS: true, finds: [total]),
    // Without a byte to write Caddy does not notice over HTTP/1.1 that the time is over.
    PathRow(name: "caddy-total-silent", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], origin: silent),
    PathRow(
      name: "caddy-total-silent-tls", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], usesTLS: true,
      finds: [
        ExpectedFinding(
          "stream.idle-timeout", hop: "Caddy (", says: ", or a limit on the whole response",
          mends: Mend(": keep-alive", .elsewhere), Mend("transport http {\n\tread_timeout 1h\n}", .elsewhere))
      ], origin: soonSilent),
  ]
}
