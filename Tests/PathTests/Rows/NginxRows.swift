private let ask = Mend("X-Accel-Buffering: no", .application)
private let unbuffered = Mend("proxy_buffering off;", .route(hop: 0))
/// For the inner one of two.
private let passed = Mend("proxy_pass_header X-Accel-Buffering;", .route(hop: 1))
private let heartbeat = Mend(": keep-alive", .application)
private let longer = Mend("proxy_read_timeout 1h;", .route(hop: 0))

extension PathRow {
  /// nginx 1.22.1, which asks in HTTP/1.0 unless told otherwise.
  static let nginx = [
    PathRow(
      name: "nginx-default", hops: [.nginx()],
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: ask, unbuffered)], origin: plain),
    PathRow(
      name: "nginx-default-tls", hops: [.nginx()], usesTLS: true,
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: ask, unbuffered)], origin: plain),
    PathRow(
      name: "nginx-default-heartbeats", hops: [.nginx()],
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: ask, unbuffered)]
    ) {
      plain(&$0)
      heartbeats(&$0)
    },
    PathRow(
      name: "nginx-default-busy", hops: [.nginx()],
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: ask, unbuffered)]
    ) {
      plain(&$0)
      $0.eventInterval = .milliseconds(25)
    },
    PathRow(name: "nginx-accel", hops: [.nginx()]),
    PathRow(name: "nginx-accel-tls", hops: [.nginx()], usesTLS: true),
    PathRow(
      name: "nginx-accel-ignored", hops: [.nginx("proxy_ignore_headers X-Accel-Buffering;")],
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: unbuffered, Mend(passed.snippet, .elsewhere))]),
    PathRow(
      name: "nginx-twice", hops: [.nginx(), .nginx()],
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: unbuffered, passed)]),
    PathRow(name: "nginx-http11", hops: [.nginx("proxy_http_version 1.1;")], origin: plain),
    PathRow(
      name: "nginx-http11-tls", hops: [.nginx("proxy_http_version 1.1;")], usesTLS: true,
      finds: [ExpectedFinding("stream.buffered", hop: "nginx (", mends: ask, unbuffered)], origin: plain),
    PathRow(
      name: "nginx-http11-late", hops: [.nginx("proxy_http_version 1.1;")],
      finds: [
        ExpectedFinding(
          "stream.headers-withheld", .warning, hop: "nginx (", mends: Mend(": open", .application), unbuffered)
      ], findsAtInstance: ["stream.handshake"]
    ) {
      plain(&$0)
      late(&$0)
    },
    PathRow(name: "nginx-unbuffered-tls", hops: [.unbufferedNginx()], usesTLS: true, origin: plain),
    PathRow(
      name: "nginx-unbuffered-late", hops: [.unbufferedNginx()], finds: [.handshake],
      findsAtInstance: ["stream.handshake"]
    ) {
      plain(&$0)
      late(&$0)
    },
    PathRow(
      name: "nginx-gzip-buffered",
      hops: [.nginx("proxy_http_version 1.1;", "gzip on;", "gzip_types text/event-stream;")],
      finds: [
        ExpectedFinding(
          "stream.content-encoding", hop: "nginx (", mends: Mend("gzip off;", .route(hop: 0)), unbuffered)
      ], origin: plain),
    PathRow(
      name: "nginx-gzip-unbuffered", hops: [.unbufferedNginx("gzip on;", "gzip_types text/event-stream;")],
      finds: [
        ExpectedFinding("stream.content-encoding", .notice, hop: "nginx (", mends: Mend("gzip off;", .route(hop: 0)))
      ], origin: plain),
    PathRow(
      name: "nginx-timeout-silent", hops: [.unbufferedNginx("proxy_read_timeout 1s;")],
      finds: [ExpectedFinding("stream.idle-timeout", hop: "nginx (", mends: heartbeat, longer)]
    ) {
      plain(&$0)
      silent(&$0)
    },
    PathRow(
      name: "nginx-timeout-silent-tls", hops: [.unbufferedNginx("proxy_read_timeout 1s;")], usesTLS: true,
      finds: [ExpectedFinding("stream.idle-timeout", hop: "nginx (", mends: heartbeat, longer)]
    ) {
      plain(&$0)
      silent(&$0)
    },
    PathRow(name: "nginx-timeout-busy", hops: [.unbufferedNginx("proxy_read_timeout 1s;")], origin: plain),
    PathRow(
      name: "nginx-cached",
      hops: [
        .nginx(
          "proxy_http_version 1.1;", "proxy_cache streams;", "proxy_cache_valid 200 1m;",
          http: "proxy_cache_path cache keys_zone=streams:1m;")
      ], visitor: .gone,
      finds: [
        ExpectedFinding(
          "stream.replayed", hop: "nginx (",
          mends: Mend("Cache-Control: no-cache, no-transform", .application),
          Mend("proxy_cache off;", .route(hop: 0)))
      ], origin: plain),
    PathRow(
      name: "nginx-login",
      hops: [
        .nginx(
          "default_type text/html;", "if ($uri = /login) { return 200 '<!doctype html><title>Log in</title>'; }",
          "return 302 /login;")
      ], finds: [ExpectedFinding("stream.blocked", hop: "nginx (")]),
    PathRow(
      name: "nginx-forbidden",
      hops: [.nginx("default_type text/html;", "return 403 '<!doctype html><title>Just a moment...</title>';")],
      finds: [
        ExpectedFinding(
          "stream.blocked", hop: "nginx (",
          mends: Mend(#"starts_with(http.request.uri.path, "/api/flowpanel/stream")"#, .elsewhere))
      ]),
  ]
}
