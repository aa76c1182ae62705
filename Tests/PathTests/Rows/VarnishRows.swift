private let streamed = Mend(
  "sub vcl_backend_response {\n  if (beresp.http.Content-Type ~ \"^text/event-stream\") {\n"
    + "    set beresp.do_stream = true;\n    set beresp.do_gzip = false;\n  }\n}", .route(hop: 0))
private let replayed = ExpectedFinding(
  "stream.replayed", hop: "Varnish (", mends: Mend("Cache-Control: no-cache, no-transform", .application),
  Mend(
    "sub vcl_recv {\n  if (req.http.Accept ~ \"text/event-stream\") { return (pass); }\n}", .route(hop: 0)))
private let unstreamed = "sub vcl_backend_response { set beresp.do_stream = false; }"

extension PathRow {
  /// Varnish 7.1.1.
  static let varnish = [
    PathRow(name: "varnish-default", hops: [.varnish()]),
    PathRow(name: "varnish-cacheable", hops: [.varnish()], visitor: .present, finds: [replayed]) {
      $0.cacheControl = "max-age=60"
    },
    PathRow(
      name: "varnish-cacheable-recorded", hops: [.varnish()], visitor: .gone,
      finds: [replayed]
    ) {
      $0.cacheControl = "max-age=60"
    },
    PathRow(
      name: "varnish-no-cache-control", hops: [.varnish()], visitor: .present, finds: [replayed], origin: plain),
    PathRow(
      name: "varnish-gzip", hops: [.varnish("sub vcl_backend_response { set beresp.do_gzip = true; }")],
      finds: [
        ExpectedFinding("stream.buffered", hop: "Varnish (", mends: streamed)
      ], origin: transformable),
    PathRow(
      name: "varnish-unstreamed", hops: [.varnish(unstreamed)],
      finds: [
        ExpectedFinding("stream.buffered", hop: "Varnish (", mends: streamed)
      ]),
    PathRow(
      name: "varnish-unstreamed-ending", hops: [.varnish(unstreamed)],
      finds: [
        ExpectedFinding("stream.buffered", hop: "Varnish (", mends: streamed), ExpectedFinding("stream.ended", .notice),
      ], findsAtInstance: ["stream.ended"], origin: ending),
    PathRow(name: "varnish-pipe", hops: [.varnish("sub vcl_recv { return (pipe); }")]),
    PathRow(
      name: "varnish-timeout-silent", hops: [.varnish(parameters: "between_bytes_timeout=1")],
      finds: [
        ExpectedFinding(
          "stream.idle-timeout", hop: "Varnish (", mends: Mend(": keep-alive", .application),
          Mend(
            "sub vcl_backend_fetch {\n  if (bereq.http.Accept ~ \"text/event-stream\") {\n"
              + "    set bereq.between_bytes_timeout = 1h;\n  }\n}", .route(hop: 0)))
      ], origin: silent),
    PathRow(name: "varnish-timeout-busy", hops: [.varnish(parameters: "between_bytes_timeout=1")]),
  ]

  /// Every way that is tried.
  static let all = nginx + haproxy + caddy + apache + lighttpd + varnish
}
