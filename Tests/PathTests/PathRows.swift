import ReferenceOrigin

extension PathRow {
  /// Every way that is tried, by program.
  static let all = nginx + haproxy + caddy + apache + lighttpd + varnish

  private static let nginx = [
    PathRow(name: "nginx-default", hops: [.nginx()], origin: plain),
    PathRow(name: "nginx-default-tls", hops: [.nginx()], usesTLS: true, origin: plain),
    PathRow(name: "nginx-default-busy", hops: [.nginx()]) {
      plain(&$0)
      $0.eventInterval = .milliseconds(25)
    },
    PathRow(name: "nginx-default-heartbeats", hops: [.nginx()]) {
      plain(&$0)
      heartbeats(&$0)
    },
    PathRow(name: "nginx-accel", hops: [.nginx()]),
    PathRow(name: "nginx-accel-tls", hops: [.nginx()], usesTLS: true),
    PathRow(name: "nginx-accel-ignored", hops: [.nginx("proxy_ignore_headers X-Accel-Buffering;")]),
    PathRow(name: "nginx-http11", hops: [.nginx("proxy_http_version 1.1;")], origin: plain),
    PathRow(name: "nginx-http11-tls", hops: [.nginx("proxy_http_version 1.1;")], usesTLS: true, origin: plain),
    PathRow(name: "nginx-http11-late", hops: [.nginx("proxy_http_version 1.1;")]) {
      plain(&$0)
      late(&$0)
    },
    PathRow(name: "nginx-unbuffered-tls", hops: [unbufferedNginx()], usesTLS: true, origin: plain),
    PathRow(name: "nginx-unbuffered-late", hops: [unbufferedNginx()]) {
      plain(&$0)
      late(&$0)
    },
    PathRow(
      name: "nginx-gzip-buffered",
      hops: [.nginx("proxy_http_version 1.1;", "gzip on;", "gzip_types text/event-stream;")], origin: plain),
    PathRow(
      name: "nginx-gzip-buffered-tls",
      hops: [.nginx("proxy_http_version 1.1;", "gzip on;", "gzip_types text/event-stream;")], usesTLS: true,
      origin: plain),
    PathRow(
      name: "nginx-gzip-unbuffered", hops: [unbufferedNginx("gzip on;", "gzip_types text/event-stream;")], origin: plain
    ),
    PathRow(name: "nginx-timeout-silent", hops: [unbufferedNginx("proxy_read_timeout 1s;")]) {
      plain(&$0)
      silent(&$0)
    },
    PathRow(name: "nginx-timeout-silent-tls", hops: [unbufferedNginx("proxy_read_timeout 1s;")], usesTLS: true) {
      plain(&$0)
      silent(&$0)
    },
    PathRow(name: "nginx-timeout-busy", hops: [unbufferedNginx("proxy_read_timeout 1s;")], origin: plain),
    PathRow(name: "nginx-default-timeout-silent", hops: [.nginx("proxy_read_timeout 1s;")]) {
      plain(&$0)
      silent(&$0)
    },
    PathRow(name: "nginx-twice", hops: [.nginx(), .nginx()]),
    PathRow(
      name: "nginx-cached",
      hops: [
        .nginx(
          "proxy_cache streams;", "proxy_cache_valid 200 1m;", http: "proxy_cache_path cache keys_zone=streams:1m;")
      ], visitor: .gone, origin: plain),
    PathRow(
      name: "nginx-login",
      hops: [
        .nginx(
          "default_type text/html;", "if ($uri = /login) { return 200 '<!doctype html><title>Log in</title>'; }",
          "return 302 /login;")
      ]),
    PathRow(
      name: "nginx-forbidden",
      hops: [.nginx("default_type text/html;", "return 403 '<!doctype html><title>Just a moment...</title>';")]),
  ]

  private static let haproxy = [
    PathRow(
      name: "haproxy-timeout-soon-silent", hops: [.haproxy("option http-no-delay", "timeout server 1s")],
      origin: soonSilent),
    PathRow(name: "haproxy-default", hops: [.haproxy()]),
    PathRow(name: "haproxy-default-plain", hops: [.haproxy()], origin: plain),
    PathRow(name: "haproxy-default-tls", hops: [.haproxy()], usesTLS: true),
    PathRow(name: "haproxy-no-delay", hops: [.haproxy("option http-no-delay")]),
    PathRow(name: "haproxy-no-delay-tls", hops: [.haproxy("option http-no-delay")], usesTLS: true),
    PathRow(
      name: "haproxy-timeout-silent", hops: [.haproxy("option http-no-delay", "timeout server 1s")], origin: silent),
    PathRow(
      name: "haproxy-timeout-silent-tls", hops: [.haproxy("option http-no-delay", "timeout server 1s")], usesTLS: true,
      origin: silent),
    PathRow(name: "haproxy-timeout-busy", hops: [.haproxy("option http-no-delay", "timeout server 1s")]),
    PathRow(
      name: "haproxy-gzip",
      hops: [.haproxy("option http-no-delay", "compression algo gzip", "compression type text/event-stream")],
      origin: transformable),
    PathRow(
      name: "haproxy-content-type",
      hops: [.haproxy("option http-no-delay", "http-response set-header Content-Type text/plain")]),
    PathRow(
      name: "haproxy-gzip-default", hops: [.haproxy("compression algo gzip", "compression type text/event-stream")],
      origin: transformable),
  ]

  private static let caddy = [
    PathRow(
      name: "caddy-encode-all", hops: [.caddy("encode {", "gzip", "minimum_length 1", "}")], origin: transformable),
    PathRow(
      name: "caddy-total-silent-tls", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], usesTLS: true,
      origin: soonSilent),
    PathRow(name: "caddy-default", hops: [.caddy()]),
    PathRow(name: "caddy-default-plain", hops: [.caddy()], origin: plain),
    PathRow(name: "caddy-default-tls", hops: [.caddy()], usesTLS: true),
    PathRow(name: "caddy-default-heartbeats", hops: [.caddy()], origin: heartbeats),
    PathRow(name: "caddy-encode", hops: [.caddy("encode zstd gzip")], origin: transformable),
    PathRow(name: "caddy-encode-large", hops: [.caddy("encode zstd gzip")]) {
      transformable(&$0)
      $0.sendsHandshake = false
      $0.dataSize = 600
    },
    PathRow(name: "caddy-encode-tls", hops: [.caddy("encode zstd gzip")], usesTLS: true, origin: transformable),
    PathRow(name: "caddy-encode-late", hops: [.caddy("encode zstd gzip")]) {
      transformable(&$0)
      late(&$0)
    },
    PathRow(
      name: "caddy-timeout-silent", hops: [.caddy(proxy: "transport http {\nread_timeout 1s\n}")], origin: silent),
    PathRow(name: "caddy-timeout-busy", hops: [.caddy(proxy: "transport http {\nread_timeout 1s\n}")]),
    PathRow(name: "caddy-total", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")]),
    PathRow(name: "caddy-total-silent", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], origin: silent),
    PathRow(name: "caddy-total-tls", hops: [.caddy(servers: "timeouts {\nwrite 2s\n}")], usesTLS: true),
  ]

  private static let apache = [
    PathRow(name: "apache-default", hops: [.apache()]),
    PathRow(name: "apache-default-plain", hops: [.apache()], origin: plain),
    PathRow(name: "apache-default-tls", hops: [.apache()], usesTLS: true),
    PathRow(name: "apache-deflate", hops: [.apache("SetOutputFilter DEFLATE")]),
    PathRow(name: "apache-timeout-silent", hops: [.apache("ProxyTimeout 1")], origin: silent),
    PathRow(name: "apache-timeout-silent-tls", hops: [.apache("ProxyTimeout 1")], usesTLS: true, origin: silent),
    PathRow(name: "apache-timeout-busy", hops: [.apache("ProxyTimeout 1")]),
    PathRow(name: "apache-late", hops: [.apache()], origin: late),
  ]

  private static let lighttpd = [
    PathRow(name: "lighttpd-default", hops: [.lighttpd()]),
    PathRow(name: "lighttpd-default-ending", hops: [.lighttpd()], origin: ending),
    PathRow(name: "lighttpd-stream", hops: [.lighttpd("server.stream-response-body = 2")]),
  ]

  private static let varnish = [
    PathRow(name: "varnish-default", hops: [.varnish()]),
    PathRow(name: "varnish-cacheable", hops: [.varnish()], visitor: .present) { $0.cacheControl = "max-age=60" },
    PathRow(name: "varnish-cacheable-recorded", hops: [.varnish()], visitor: .gone) {
      $0.cacheControl = "max-age=60"
    },
    PathRow(name: "varnish-no-cache-control", hops: [.varnish()], visitor: .present, origin: plain),
    PathRow(
      name: "varnish-gzip", hops: [.varnish("sub vcl_backend_response { set beresp.do_gzip = true; }")],
      origin: transformable),
    PathRow(
      name: "varnish-unstreamed", hops: [.varnish("sub vcl_backend_response { set beresp.do_stream = false; }")]),
    PathRow(
      name: "varnish-unstreamed-ending",
      hops: [.varnish("sub vcl_backend_response { set beresp.do_stream = false; }")], origin: ending),
    PathRow(name: "varnish-pipe", hops: [.varnish("sub vcl_recv { return (pipe); }")]),
    PathRow(name: "varnish-timeout-silent", hops: [.varnish(parameters: "between_bytes_timeout=1")], origin: silent),
    PathRow(name: "varnish-timeout-busy", hops: [.varnish(parameters: "between_bytes_timeout=1")]),
  ]

  private static func unbufferedNginx(_ directives: String...) -> Hop {
    .nginx((["proxy_http_version 1.1;", "proxy_buffering off;"] + directives).joined(separator: "\n"))
  }
}

/// Without what asks proxies to pass the stream on.
@Sendable private func plain(_ settings: inout OriginSettings) {
  settings.accelBuffering = nil
  settings.cacheControl = nil
}

/// Without what asks proxies not to compress.
@Sendable private func transformable(_ settings: inout OriginSettings) { settings.cacheControl = "no-cache" }

/// With nothing at first.
@Sendable private func late(_ settings: inout OriginSettings) {
  settings.sendsHandshake = false
  settings.silences = [.init(afterEvent: 0, duration: .milliseconds(1500))]
}

/// With nothing after 1.5 seconds.
@Sendable private func silent(_ settings: inout OriginSettings) {
  settings.silences = [.init(afterEvent: 5, duration: .seconds(300))]
}

/// With nothing after the second event.
@Sendable private func soonSilent(_ settings: inout OriginSettings) {
  settings.silences = [.init(afterEvent: 2, duration: .seconds(300))]
}

/// With an end after two seconds.
@Sendable private func ending(_ settings: inout OriginSettings) { settings.eventCount = 7 }

/// With heartbeats alone.
@Sendable private func heartbeats(_ settings: inout OriginSettings) {
  settings.eventInterval = nil
  settings.heartbeatInterval = .milliseconds(700)
}
