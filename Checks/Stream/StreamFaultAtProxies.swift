// What mends a fault of a path at each proxy that one runs oneself: its own directive, and where it goes.

import Delivery
import Diagnosis

extension StreamFault {
  func nginx(_ product: Product, _ place: StreamPlace) -> [Remedy]? {
    let where_ = "In nginx, in the location that passes \(place.path) on:"
    let ask = Remedy("Let the application ask nginx, with a response header:", snippet: "X-Accel-Buffering: no")
    switch self {
    case .buffering:
      let off = Remedy(where_, snippet: "proxy_buffering off;")
      switch place.asksNginx {
      case true?:
        return [
          off,
          Remedy(
            "The application asks nginx not to buffer, and one nginx obeys and takes that header away: where a second one "
              + "stands in front of it, let the inner one pass the header on:",
            snippet: "proxy_pass_header X-Accel-Buffering;"),
          Remedy("Take X-Accel-Buffering out of proxy_ignore_headers, where that names it."),
        ]
      case false?: return place.isBeforeHop ? [off, ask] : [ask, off]
      case nil: return [off, ask]
      }
    case .compression:
      return [
        Remedy(where_, snippet: "gzip off;"),
        Remedy("Or leave gzip on and buffering off, so that each event is flushed:", snippet: "proxy_buffering off;"),
      ]
    case .lateHead: return [firstComment, Remedy(where_, snippet: "proxy_buffering off;")]
    case .idle: return [heartbeat, Remedy(where_, snippet: "proxy_read_timeout 1h;")]
    case .replay: return [uncacheable, Remedy(where_, snippet: "proxy_cache off;")]
    case .coalescing, .total: return nil
    }
  }

  var ingressNginx: [Remedy]? {
    func annotation(_ name: String, _ value: String) -> Remedy {
      Remedy(
        "Annotate the Ingress:",
        snippet: "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/\(name): \"\(value)\"")
    }
    switch self {
    case .buffering, .lateHead: return [annotation("proxy-buffering", "off")]
    case .idle: return [heartbeat, annotation("proxy-read-timeout", "3600")]
    case .compression: return [Remedy("In the controller's ConfigMap:", snippet: "use-gzip: \"false\"")]
    case .coalescing, .total, .replay: return nil
    }
  }

  var haproxy: [Remedy]? {
    switch self {
    case .coalescing: [Remedy("In HAProxy, in the backend of the stream:", snippet: "option http-no-delay")]
    case .idle: [heartbeat, Remedy("In HAProxy, in the backend of the stream:", snippet: "timeout server 1h")]
    case .compression:
      [
        Remedy(
          "Let the application ask not to be compressed, which HAProxy heeds:",
          snippet: "Cache-Control: no-cache, no-transform"),
        Remedy("In HAProxy, take text/event-stream out of compression type."),
      ]
    default: nil
    }
  }

  func apache(_ place: StreamPlace) -> [Remedy]? {
    let where_ = "In Apache, in the virtual host:"
    return switch self {
    case .idle:
      [
        heartbeat,
        Remedy("In Apache, in the virtual host, or timeout=3600 on its ProxyPass:", snippet: "ProxyTimeout 3600"),
      ]
    case .compression: [Remedy(where_, snippet: "SetEnvIf Request_URI \"^\(place.path)\" no-gzip=1")]
    case .replay: [uncacheable, Remedy(where_, snippet: "CacheDisable \"\(place.path)\"")]
    default: nil
    }
  }

  var caddy: [Remedy]? {
    let beforeEncode = Remedy(
      "In Caddy, pass the stream on before encode sees it, in a route block of the site:",
      snippet:
        "@sse header Accept *text/event-stream*\nroute {\n\treverse_proxy @sse app:3000\n\tencode zstd gzip\n"
        + "\treverse_proxy app:3000\n}")
    return switch self {
    case .lateHead: [firstComment, beforeEncode]
    // Caddy 2.6 does not heed no-transform, and a small first write only where minimum_length has not been lowered.
    case .compression: [beforeEncode]
    case .idle:
      [
        heartbeat,
        Remedy("In Caddy, in the site's reverse_proxy:", snippet: "transport http {\n\tread_timeout 1h\n}"),
      ]
    case .total:
      [Remedy("In Caddy, in servers of the global options:", snippet: "timeouts {\n\twrite 0\n}")]
    default: nil
    }
  }

  func lighttpd(_ place: StreamPlace) -> [Remedy]? {
    func setting(_ text: String) -> Remedy {
      Remedy("In lighttpd:", snippet: "$HTTP[\"url\"] =~ \"^\(place.path)\" { \(text) }")
    }
    return switch self {
    case .buffering, .lateHead: [setting("server.stream-response-body = 2")]
    case .idle: [heartbeat, setting("server.max-write-idle = 3600")]
    default: nil
    }
  }

  var varnish: [Remedy]? {
    let stream = "if (beresp.http.Content-Type ~ \"^text/event-stream\")"
    let pass = Remedy(
      "In Varnish, let streams through without looking into the cache:",
      snippet: "sub vcl_recv {\n  if (req.http.Accept ~ \"text/event-stream\") { return (pass); }\n}")
    return switch self {
    case .buffering, .compression:
      [
        Remedy(
          "In Varnish, hand streams on as they come:",
          snippet: "sub vcl_backend_response {\n  \(stream) {\n    set beresp.do_stream = true;\n"
            + "    set beresp.do_gzip = false;\n  }\n}")
      ]
    case .idle:
      [
        heartbeat,
        Remedy(
          "In Varnish:",
          snippet: "sub vcl_backend_fetch {\n  if (bereq.http.Accept ~ \"text/event-stream\") {\n"
            + "    set bereq.between_bytes_timeout = 1h;\n  }\n}"),
      ]
    case .replay: [uncacheable, pass]
    default: nil
    }
  }

  func proxy(_ product: Product, _ place: StreamPlace) -> [Remedy]? {
    switch (product, self) {
    case (.squid, .idle): [heartbeat, Remedy("In Squid:", snippet: "read_timeout 1 hour")]
    case (.squid, .replay), (.h2o, .replay): [uncacheable]
    case (.h2o, .lateHead): [firstComment]
    case (.h2o, .idle): [heartbeat, Remedy("In h2o, in milliseconds:", snippet: "proxy.timeout.io: 3600000")]
    case (.envoy, .total):
      [
        Remedy("In Envoy, in the route of the stream:", snippet: "timeout: 0s"),
        Remedy("In a Contour HTTPProxy:", snippet: "timeoutPolicy: { response: infinity, idle: 1h }"),
        Remedy("In a rule of the Gateway API's HTTPRoute:", snippet: "timeouts: { request: \"0s\" }"),
      ]
    case (.envoy, .idle):
      [heartbeat, Remedy("In Envoy, in the route of the stream:", snippet: "idle_timeout: 3600s")]
    case (.istio, .total): [Remedy("In the VirtualService's http route:", snippet: "timeout: 0s")]
    case (.traefik, .total):
      [
        Remedy(
          "In Traefik's entry point:",
          snippet: "transport:\n  respondingTimeouts: { writeTimeout: 0s }")
      ]
    case (.traefik, .idle):
      [
        heartbeat,
        Remedy(
          "Where Traefik reads nginx's annotations, annotate the Ingress:",
          snippet: "nginx.ingress.kubernetes.io/proxy-read-timeout: \"3600\""),
      ]
    case (.traefik, .compression), (.traefik, .lateHead):
      [
        Remedy(
          "In Traefik's compress middleware:",
          snippet: "compress: { excludedContentTypes: [\"text/event-stream\"] }")
      ]
    case (.kong, .buffering):
      [
        Remedy(
          "In Kong, for the route:", commands: ["curl -X PATCH kong:8001/routes/ROUTE -d response_buffering=false"])
      ]
    case (.kong, .idle):
      [
        heartbeat,
        Remedy(
          "In Kong, for the service:", commands: ["curl -X PATCH kong:8001/services/SERVICE -d read_timeout=3600000"]),
      ]
    default: nil
    }
  }
}
