// What a path can do to a stream, and what mends it there: for each product its own directive, and where it goes.
//
// Left out on purpose, as they don't work: flushpackets for Apache's HTTP proxy, timeout tunnel of HAProxy (neither touches
// an event stream), X-Accel-Buffering for anything but nginx, no-transform against the gzip of nginx and Apache.

import Delivery
import Diagnosis

/// A fault of a path that a setting mends.
enum StreamFault {
  /// Events wait until a buffer is full, or until the end.
  case buffering
  /// They do so for those who offer compression.
  case compression
  /// The head waits for the first event.
  case lateHead
  /// Each event waits for more to send.
  case coalescing
  /// What is silent for a time is ended.
  case idle
  /// What has lasted for a time is ended.
  case total
  /// A cache gives one viewer's stream to others.
  case replay
}

/// What of a stream the remedies need to know.
struct StreamPlace {
  /// The path of its URL, `/api/flowpanel/stream`.
  var path: String
  /// Whether the application asks nginx not to buffer; nil where it was not asked directly.
  var asksNginx: Bool?
  /// Whether a hop is known to stand behind the one in question, which would use up what the application asks.
  var isBeforeHop: Bool

  /// The place of a URL.
  init(url: String, asksNginx: Bool?, isBeforeHop: Bool = false) {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let path = rest.drop { $0 != "/" }.prefix { $0 != "?" && $0 != "#" }
    self.path = path.isEmpty ? "/" : String(path)
    self.asksNginx = asksNginx
    self.isBeforeHop = isBeforeHop
  }
}

extension StreamFault {
  /// What mends the fault at the first of these hops that is known to have it, the surest first; otherwise at what most
  /// often has it.
  func remedy(hops: [Hop], at place: StreamPlace) -> Remedy {
    for hop in hops {
      guard var ways = ways(at: hop.product, place) else { continue }
      var first = ways.removeFirst()
      first.alternatives = ways
      return first
    }
    var usual = usual(place)
    var first = usual.removeFirst()
    first.alternatives = usual
    return first
  }

  /// The ways to mend it at a product, the one that changes least first; nil where the product is not known to have it.
  private func ways(at product: Product, _ place: StreamPlace) -> [Remedy]? {
    switch product {
    case .nginx, .nginxProxyManager, .apisix: nginx(product, place)
    case .ingressNginx: ingressNginx
    case .haproxy: haproxy
    case .apache: apache(place)
    case .caddy: caddy
    case .lighttpd: lighttpd(place)
    case .varnish: varnish
    case .squid, .h2o, .envoy, .istio, .traefik, .kong: proxy(product, place)
    default: cloud(product)
    }
  }

  /// Where nobody knows what stands on the path.
  private func usual(_ place: StreamPlace) -> [Remedy] {
    switch self {
    case .buffering:
      [
        Remedy(
          "Turn response buffering off in whatever stands on the path, for the path of the stream. Of the usual ones nginx "
            + "and lighttpd buffer by default; in nginx, in the location that passes \(place.path) on:",
          snippet: "proxy_buffering off;"),
        Remedy("In lighttpd, for that URL:", snippet: "server.stream-response-body = 2"),
        Remedy("In a CDN or cloud gateway, look for response buffering or a streaming mode of the route."),
      ]
    case .compression:
      [
        Remedy(
          "Leave the stream uncompressed: take text/event-stream out of what is compressed, in the proxy or in the "
            + "application's middleware. In nginx, in the location that passes \(place.path) on:", snippet: "gzip off;"),
        Remedy(
          "In Next.js, switch its own compression off and leave it to the proxy, in next.config:",
          snippet: "compress: false"),
      ]
    case .lateHead: [firstComment]
    case .coalescing:
      [
        Remedy(
          "Something waits for more to send with each event. In HAProxy, in the backend:",
          snippet: "option http-no-delay"),
        Remedy(
          "In an application or proxy of your own, set TCP_NODELAY on the connection, and flush after each event."),
      ]
    case .idle:
      [
        heartbeat,
        Remedy(
          "Raise the idle timeout of whatever stands on the path; in nginx, in the location that passes \(place.path) on:",
          snippet: "proxy_read_timeout 1h;"),
      ]
    case .total:
      [
        Remedy(
          "Raise or lift the limit on a whole response in whatever stands on the path: heartbeats do nothing against it. "
            + "It is a route timeout in Envoy, the backend timeout of a cloud load balancer, the longest duration of a "
            + "function.")
      ]
    case .replay: [uncacheable]
    }
  }
}

// MARK: What the application can do

/// A comment at once opens the head's way through every proxy that waits for the body.
private let firstComment = Remedy(
  "Let the application send a comment as soon as the stream is opened: what withholds the head waits for the first byte "
    + "of the body.", snippet: ": open")

private let heartbeat = Remedy(
  "Let the application send a comment every 15 s: it starts every known idle timer anew in time.",
  snippet: ": keep-alive")

private let uncacheable = Remedy(
  "Let the application forbid caches to keep the stream:", snippet: "Cache-Control: no-cache, no-transform")

// MARK: Proxies

extension StreamFault {
  private func nginx(_ product: Product, _ place: StreamPlace) -> [Remedy]? {
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

  private var ingressNginx: [Remedy]? {
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

  private var haproxy: [Remedy]? {
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

  private func apache(_ place: StreamPlace) -> [Remedy]? {
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

  private var caddy: [Remedy]? {
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

  private func lighttpd(_ place: StreamPlace) -> [Remedy]? {
    func setting(_ text: String) -> Remedy {
      Remedy("In lighttpd:", snippet: "$HTTP[\"url\"] =~ \"^\(place.path)\" { \(text) }")
    }
    return switch self {
    case .buffering, .lateHead: [setting("server.stream-response-body = 2")]
    case .idle: [heartbeat, setting("server.max-write-idle = 3600")]
    default: nil
    }
  }

  private var varnish: [Remedy]? {
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

  private func proxy(_ product: Product, _ place: StreamPlace) -> [Remedy]? {
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

  // MARK: Clouds and CDNs

  private func cloud(_ product: Product) -> [Remedy]? {
    let reconnect =
      "this limit can't be lifted there, so let clients reconnect and fetch what they missed, or move the stream elsewhere"
    switch (product, self) {
    case (.cloudflare, .idle), (.heroku, .idle), (.railway, .idle), (.appService, .idle), (.ngrok, .idle):
      return [heartbeat]
    case (.cloudflare, .buffering):
      return [
        Remedy("In a Cloudflare configuration rule for the stream's path:", snippet: "response_body_buffering: none")
      ]
    case (.cloudFront, .idle):
      return [heartbeat, Remedy("Raise the origin response timeout of the distribution's origin (OriginReadTimeout).")]
    case (.elasticLoadBalancer, .idle):
      return [
        heartbeat,
        Remedy(
          "Raise the load balancer's idle timeout:",
          commands: [
            "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN "
              + "--attributes Key=idle_timeout.timeout_seconds,Value=3600"
          ]),
      ]
    case (.networkLoadBalancer, .idle):
      return [heartbeat, Remedy("Raise tcp.idle_timeout.seconds of the load balancer's listener.")]
    case (.iis, .idle): return [heartbeat, Remedy("Raise the proxy timeout of Application Request Routing.")]
    case (.fastly, .idle):
      return [
        heartbeat,
        Remedy("In Fastly's VCL, in vcl_miss and vcl_pass:", snippet: "set bereq.between_bytes_timeout = 60s;"),
      ]
    case (.apiGateway, .buffering):
      return [Remedy("Set the integration's response transfer mode to STREAM (REST APIs with proxy integration).")]
    case (.apiGateway, .idle): return [heartbeat]
    case (.googleLoadBalancer, .total):
      return [
        Remedy(
          "Raise the backend service's timeout, which covers the whole response:",
          commands: ["gcloud compute backend-services update SERVICE --global --timeout=86400"])
      ]
    case (.cloudRun, .total):
      return [
        Remedy(
          "Raise the request timeout, 3600 s at most:", commands: ["gcloud run services update SERVICE --timeout=3600"])
      ]
    case (.fastly, .buffering):
      return [Remedy("In Fastly's VCL, in vcl_fetch:", snippet: "set beresp.do_stream = true;")]
    case (.fastly, .replay), (.bunny, .replay), (.cloudflare, .replay), (.cloudFront, .replay), (.vercel, .replay):
      return [uncacheable]
    case (.fly, .compression), (.fly, .buffering):
      return [
        Remedy(
          "Let the application say that it has dealt with compression, so that Fly.io does not:",
          snippet: "Content-Encoding: none")
      ]
    case (.fly, .idle): return [heartbeat, Remedy("In fly.toml, under http_options:", snippet: "idle_timeout = 3600")]
    case (.vercel, .total):
      return [
        Remedy("In the stream's route, as far as the plan allows:", snippet: "export const maxDuration = 800"),
        Remedy("Beyond that \(reconnect)."),
      ]
    case (.railway, .total), (.apiGateway, .total), (.lambda, .total), (.pomerium, .total), (.appRunner, .total):
      return [Remedy("\(reconnect.prefix(1).uppercased())\(reconnect.dropFirst()).")]
    case (.appGateway, .buffering):
      return [
        Remedy(
          "Switch response buffering off:",
          commands: [
            "az network application-gateway update --name GATEWAY --resource-group GROUP "
              + "--set globalConfiguration.enableResponseBuffering=false"
          ])
      ]
    case (.appGateway, .idle): return [heartbeat, Remedy("Raise the request time-out of the backend settings.")]
    case (.nodeMiddleware, .compression):
      return [Remedy("In next.config:", snippet: "compress: false")]
    default: return nil
    }
  }
}
