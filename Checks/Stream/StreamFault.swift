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
  case idle(milliseconds: Double)
  /// What has lasted for a time is ended.
  case total
  /// A cache gives one viewer's stream to others.
  case replay
}

extension StreamFault {
  /// Whether events may not come at all for it.
  var holdsBack: Bool {
    switch self {
    case .buffering, .compression, .replay: true
    case .lateHead, .coalescing, .idle, .total: false
    }
  }
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
  func ways(at product: Product, _ place: StreamPlace) -> [Remedy]? {
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
let firstComment = Remedy(
  "Let the application send a comment as soon as the stream is opened: what withholds the head waits for the first byte "
    + "of the body.", snippet: ": open")

extension StreamFault {
  /// What is never silent for so long is not ended: the usual heartbeat, or a more frequent one for a shorter timer.
  var heartbeat: Remedy {
    let often =
      switch self {
      case .idle(let milliseconds) where milliseconds < 16_000:
        "every \(max(1, Int(milliseconds / 2000))) s at least, as this timer is short"
      default: "every 15 s: it starts every known idle timer anew in time"
      }
    return Remedy("Let the application send a comment \(often).", snippet: ": keep-alive")
  }
}

let uncacheable = Remedy(
  "Let the application forbid caches to keep the stream:", snippet: "Cache-Control: no-cache, no-transform")
