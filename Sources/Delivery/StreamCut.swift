public import Facts

/// The end of a stream that the probe did not bring about.
public struct StreamCut: Sendable, Equatable {
  /// What kind of limit ended it.
  public enum Limit: Sendable, Equatable {
    /// So many milliseconds without a byte.
    case idle(Double)
    /// So many milliseconds in all, whatever came.
    case total(Double)
    /// One of the two, so many milliseconds without a byte or in all: what was seen does not tell them apart.
    case idleOrTotal(idle: Double, total: Double)
    /// None: it ended as soon as it had begun.
    case atOnce
    /// None: the origin ended it.
    case origin(Origin)
  }

  /// How it is known that the origin ended a stream.
  public enum Origin: Sendable, Equatable {
    /// The reference origin marked its last event.
    case lastMark
    /// The application says goodbye: the event's type.
    case farewell(String)
    /// The stream ended further inside at the same moment.
    case inner(url: String)
    /// It was opened at the instance itself, so nothing else could.
    case direct
  }

  /// What ended it.
  public var limit: Limit
  /// When it ended, since its request began, in milliseconds.
  public var age: Double
  /// How long nothing had come then, in milliseconds.
  public var quiet: Double
}

extension StreamPath {
  /// How a stream came to its end; nil where the probe closed it or there was none.
  public func cut(of stream: StreamFacts) -> StreamCut? {
    guard stream.answer?.isEventStream == true, stream.end != .closedByProbe else { return nil }
    let age = stream.watchedMilliseconds
    let quiet = age - lastByte(of: stream)
    func cut(_ limit: StreamCut.Limit) -> StreamCut { StreamCut(limit: limit, age: age, quiet: quiet) }
    if let origin = originsEnd(stream) { return cut(.origin(origin)) }
    return cut(limit(stream, age: age, quiet: quiet))
  }

  /// When the last byte came that was not part of the end.
  private func lastByte(of stream: StreamFacts) -> Double {
    max(
      stream.totals.lastByteMilliseconds ?? stream.arrivals.last?.milliseconds ?? 0,
      stream.phases.headersMilliseconds ?? 0)
  }

  private func originsEnd(_ stream: StreamFacts) -> StreamCut.Origin? {
    if stream.arrivals.last(where: { $0.mark != nil })?.mark?.isLast == true { return .lastMark }
    if case .event("shutdown", _)? = stream.arrivals.last?.content { return .farewell("shutdown") }
    // A sidecar or another hop of the instance's own may be before it all the same, and show itself.
    if stream.instance != nil, stream.proxy == nil, hops(of: stream).isEmpty { return .direct }
    let end = stream.beganMilliseconds + stream.watchedMilliseconds
    let inside = inner(of: stream).first { other in
      other.end != .closedByProbe && other.answer?.isEventStream == true
        && abs(other.beganMilliseconds + other.watchedMilliseconds - end) <= 400
    }
    return inside.map { .inner(url: $0.url) }
  }

  /// Which timer ended it, from its own silences and from streams of the same URL that were held beside it.
  private func limit(_ stream: StreamFacts, age: Double, quiet: Double) -> StreamCut.Limit {
    func isNear(_ left: Double, _ right: Double) -> Bool { abs(left - right) <= max(250, 0.03 * max(left, right)) }
    let others = siblings(of: stream).filter { $0.answer?.isEventStream == true }
    for other in others where other.end != .closedByProbe {
      let theirAge = other.watchedMilliseconds
      let theirQuiet = theirAge - lastByte(of: other)
      // nginx leaves an idle timer that would move by less than 300 ms (NGX_TIMER_LAZY_DELAY), so the silences may differ.
      if isNear(theirAge, age), abs(theirQuiet - quiet) > max(600, 0.1 * max(theirQuiet, quiet)) { return .total(age) }
      if isNear(theirQuiet, quiet), !isNear(theirAge, age) { return .idle(quiet) }
    }
    // What lives longer as it is busier was not ended for its age; what is as silent and lives tells nothing.
    let livesBusier = others.contains {
      $0.watchedMilliseconds > age * 1.05 + 500
        && max($0.totals.longestSilenceMilliseconds, $0.watchedMilliseconds - lastByte(of: $0)) < quiet * 0.9
    }
    if livesBusier { return .idle(quiet) }
    // A silence shorter than one that it has outlived is no reason to be ended; nor is one of its usual ones.
    let outlived = stream.totals.longestSilenceMilliseconds
    if outlived > 250 {
      if quiet + max(250, 0.03 * quiet) < outlived { return .total(age) }
      if quiet < outlived * 1.2 + 250 {
        return quiet < age / 3 ? .total(age) : .idleOrTotal(idle: quiet, total: age)
      }
    }
    let head = stream.phases.headersMilliseconds ?? 0
    if age - head < 900, quiet < 900, stream.firstArrival != nil, !hasLivedOn(further: stream) { return .atOnce }
    let couldBeTotal = !StreamCut.suspects(idle: nil, total: age).isEmpty
    let couldBeIdle = !StreamCut.suspects(idle: quiet, total: nil).isEmpty
    let fellSilentAtOnce = age - quiet - head < max(1000, 0.05 * age)
    return couldBeTotal || fellSilentAtOnce && !couldBeIdle || isNear(age, quiet)
      ? .idleOrTotal(idle: quiet, total: age) : .idle(quiet)
  }

  /// Whether a stream further inside outlived this one.
  private func hasLivedOn(further stream: StreamFacts) -> Bool {
    let end = stream.beganMilliseconds + stream.watchedMilliseconds
    return inner(of: stream).contains {
      $0.answer?.isEventStream == true && $0.beganMilliseconds + $0.watchedMilliseconds > end + 400
    }
  }
}

/// A product that ends streams after a time of its own.
public struct CutSuspect: Sendable, Equatable {
  /// The product.
  public var product: Product
  /// The seconds after which it does.
  public var seconds: ClosedRange<Double>
  /// Whether bytes start its clock anew.
  public var isIdle: Bool
  /// The setting.
  public var setting: String
}

extension StreamCut {
  /// The products whose default is near what was seen, those that are on the path first.
  public func suspects(hops: [Hop]) -> [CutSuspect] {
    let near =
      switch limit {
      case .idle(let time): Self.suspects(idle: time, total: nil)
      case .total(let time): Self.suspects(idle: nil, total: time)
      case .idleOrTotal(let idle, let total): Self.suspects(idle: idle, total: total)
      case .origin, .atOnce: [CutSuspect]()
      }
    let known = hops.map(\.product)
    return near.filter { known.contains($0.product) } + near.filter { !known.contains($0.product) }
  }

  /// The products with such an idle timer, or such a limit in all, in milliseconds.
  static func suspects(idle: Double?, total: Double?) -> [CutSuspect] {
    cutSuspects.filter { suspect in
      guard let seconds = (suspect.isIdle ? idle : total).map({ $0 / 1000 }) else { return false }
      return seconds >= suspect.seconds.lowerBound - 0.7 && seconds <= suspect.seconds.upperBound * 1.02 + 0.7
    }
  }
}

/// What ends streams by default, and after how many seconds.
private let cutSuspects: [CutSuspect] = [
  suspect(.envoy, 15...15, isIdle: false, "route timeout"),
  suspect(.appGateway, 20...20, isIdle: true, "backend request time-out"),
  suspect(.apiGateway, 29...29, isIdle: false, "integration timeout"),
  suspect(.googleLoadBalancer, 30...30, isIdle: false, "backend service timeout"),
  suspect(.pomerium, 30...30, isIdle: false, "route timeout"),
  suspect(.nodeMiddleware, 30...30, isIdle: false, "proxyTimeout of Next.js rewrites"),
  suspect(.h2o, 30...30, isIdle: true, "proxy.timeout.io"),
  suspect(.apiGateway, 30...30, isIdle: true, "idle timeout of STREAM at the edge"),
  suspect(.cloudFront, 30...30, isIdle: true, "origin response timeout"),
  suspect(.haproxy, 50...50, isIdle: true, "timeout server"),
  suspect(.heroku, 55...55, isIdle: true, "router, fixed"),
  suspect(.nginx, 60...60, isIdle: true, "proxy_read_timeout"),
  suspect(.ingressNginx, 60...60, isIdle: true, "proxy-read-timeout"),
  suspect(.apache, 60...60, isIdle: true, "ProxyTimeout"),
  suspect(.varnish, 60...60, isIdle: true, "between_bytes_timeout"),
  suspect(.kong, 60...60, isIdle: true, "read_timeout"),
  suspect(.elasticLoadBalancer, 60...60, isIdle: true, "idle_timeout.timeout_seconds"),
  suspect(.fly, 60...60, isIdle: true, "http_options.idle_timeout"),
  suspect(.fastly, 60...60, isIdle: true, "between_bytes_timeout"),
  suspect(.traefik, 60...60, isIdle: true, "proxyReadTimeout of the nginx provider"),
  suspect(.nginxProxyManager, 90...90, isIdle: true, "proxy_read_timeout"),
  suspect(.cloudflare, 100...125, isIdle: true, "read timeout"),
  suspect(.iis, 120...120, isIdle: true, "proxy timeout of Application Request Routing"),
  suspect(.appRunner, 120...120, isIdle: false, "request timeout, fixed"),
  suspect(.appService, 230...240, isIdle: true, "load balancer, fixed"),
  suspect(.envoy, 300...300, isIdle: true, "stream_idle_timeout"),
  suspect(.railway, 300...300, isIdle: true, "proxy, fixed"),
  suspect(.ngrok, 300...300, isIdle: true, "proxy, fixed"),
  suspect(.apiGateway, 300...300, isIdle: true, "idle timeout of STREAM"),
  suspect(.vercel, 300...300, isIdle: false, "maxDuration"),
  suspect(.cloudRun, 300...300, isIdle: false, "--timeout"),
  suspect(.networkLoadBalancer, 350...350, isIdle: true, "tcp.idle_timeout.seconds"),
  suspect(.lighttpd, 360...360, isIdle: true, "server.max-write-idle"),
  suspect(.vercel, 800...800, isIdle: false, "maxDuration"),
  suspect(.railway, 900...900, isIdle: false, "proxy, fixed"),
  suspect(.lambda, 900...900, isIdle: false, "function timeout"),
  suspect(.apiGateway, 900...900, isIdle: false, "limit of STREAM"),
  suspect(.squid, 900...900, isIdle: true, "read_timeout"),
  suspect(.cloudRun, 3600...3600, isIdle: false, "--timeout"),
]

private func suspect(
  _ product: Product, _ seconds: ClosedRange<Double>, isIdle: Bool, _ setting: String
) -> CutSuspect {
  CutSuspect(product: product, seconds: seconds, isIdle: isIdle, setting: setting)
}
