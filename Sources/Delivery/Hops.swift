// What stands on the path, from headers that products add and from what they do to a stream.

public import Facts

extension StreamPath {
  /// The products before a stream, surest first; what an inner stream's response says of itself is no hop of the path
  /// before that.
  public func hops(of stream: StreamFacts) -> [Hop] {
    // The same path answers all cells, and some show more than others: HTTP/2 has lower-case names alone.
    let answers = ([stream] + siblings(of: stream)).compactMap(\.answer)
    let inside = inner(of: stream).last?.answer
    let theirs = inside.map(headerHops) ?? []
    let named = answers.isEmpty ? stream.neighbour.map { [$0] } ?? [] : answers
    // A hop of --via that says the same may be all there is, or have one of its kind before it.
    let isVia = inner(of: stream).last?.via != nil
    let own = named.flatMap(headerHops).compactMap { hop -> Hop? in
      guard theirs.contains(hop) else { return hop }
      return isVia ? Hop(hop.product, .possible, hop.sign) : nil
    }
    let hops = own + behaviour(stream, answers, inside)
    var best: [Hop] = []
    for hop in hops.sorted(by: { $0.certainty > $1.certainty })
    where !best.contains(where: { $0.product == hop.product }) {
      best.append(hop)
    }
    return best
  }

  /// What products do to a stream, where headers are silent.
  private func behaviour(
    _ stream: StreamFacts, _ answers: [StreamFacts.Response], _ inside: StreamFacts.Response?
  ) -> [Hop] {
    var hops: [Hop] = []
    if let inside, inside.value(of: "X-Accel-Buffering") != nil, let response = answers.first,
      response.value(of: "X-Accel-Buffering") == nil
    {
      hops.append(Hop(.nginx, .likely, "X-Accel-Buffering, which the application sends, is gone"))
    }
    if let inside, !inside.hasLowerCaseNames,
      answers.contains(where: { $0.httpVersion == "1.1" && $0.hasLowerCaseNames })
    {
      // Envoy and Google's load balancer write them so as well, and say that they are there.
      let others: Set<Product> = [.envoy, .istio, .googleLoadBalancer, .cloudRun]
      let isOther = answers.flatMap(headerHops).contains { others.contains($0.product) }
      hops.append(Hop(.haproxy, isOther ? .possible : .likely, "header names turned to lower case"))
    }
    switch delivery(of: stream).manner {
    case .delayed(let quantum) where abs(quantum - Self.usualQuantum) <= 50:
      hops.append(Hop(.haproxy, .likely, "each event about 200 ms late"))
    case .bufferedUntilEnd(hasContentLength: true):
      hops.append(Hop(.lighttpd, .possible, "the whole body at its end, with a Content-Length"))
      hops.append(Hop(.varnish, .possible, "the whole body at its end, with a Content-Length"))
    case .buffered(let bytes?, _) where bytes == 4096 || bytes == 8192:
      hops.append(Hop(.nginx, .likely, "bursts of about \(bytes) bytes"))
    case .headersWithheld:
      hops.append(Hop(.nginx, .possible, "the head waits for the first event, and events don't wait"))
    case .withheld(let held) where held.includesHead:
      hops.append(Hop(.nginx, .possible, "not even a head while events are sent"))
    default: break
    }
    return hops
  }
}

extension StreamFacts.Response {
  /// Whether all header names with letters are in lower case, as HTTP/2 has them and HAProxy writes them in HTTP/1.1 too.
  fileprivate var hasLowerCaseNames: Bool {
    !headers.isEmpty && headers.allSatisfy { $0.name == $0.name.lowercased() }
  }
}

/// The products that say in headers that they are there.
private func headerHops(_ response: StreamFacts.Response) -> [Hop] {
  var hops: [Hop] = []
  func has(_ name: String) -> Bool { response.value(of: name) != nil }
  func add(_ product: Product, _ name: String) { if has(name) { hops.append(Hop(product, .certain, name)) } }
  if let server = response.value(of: "Server") {
    let lower = server.lowercased()
    let sign = "Server: \(server)"
    for (start, product, certainty) in servers where lower.hasPrefix(start) {
      hops.append(Hop(product, certainty, sign))
      break
    }
  }
  for via in (response.headers.filter { $0.name.lowercased() == "via" }).flatMap({ $0.value.split(separator: ",") }) {
    let hop = via.drop { $0 == " " }
    let lower = hop.lowercased()
    if let (_, product) = vias.first(where: { lower.contains($0.0) }) {
      hops.append(Hop(product, .certain, "Via: \(hop)"))
    }
  }
  add(.cloudflare, "CF-RAY")
  add(.cloudFront, "X-Amz-Cf-Id")
  if let served = response.value(of: "X-Served-By"), served.hasPrefix("cache-") {
    hops.append(Hop(.fastly, .certain, "X-Served-By: \(served)"))
  } else if has("X-Varnish") {
    hops.append(Hop(.varnish, .certain, "X-Varnish"))
  }
  add(.envoy, "x-envoy-upstream-service-time")
  add(.kong, "X-Kong-Request-Id")
  add(.kong, "X-Kong-Proxy-Latency")
  add(.fly, "Fly-Request-Id")
  add(.railway, "X-Railway-Edge")
  add(.vercel, "X-Vercel-Id")
  add(.netlify, "X-NF-Request-ID")
  add(.render, "x-render-origin-server")
  add(.frontDoor, "X-Azure-Ref")
  add(.apiGateway, "x-amz-apigw-id")
  add(.apiGateway, "apigw-requestid")
  return hops
}

/// What Server begins with. An application behind the product may send the same, so that alone it is likely at most where
/// applications do.
private let servers: [(String, Product, Hop.Certainty)] = [
  ("nginx", .nginx, .certain), ("openresty", .nginx, .certain), ("apache", .apache, .certain),
  ("lighttpd", .lighttpd, .certain), ("caddy", .caddy, .certain), ("h2o", .h2o, .certain), ("envoy", .envoy, .certain),
  ("istio-envoy", .istio, .certain), ("cloudflare", .cloudflare, .certain), ("awselb", .elasticLoadBalancer, .certain),
  ("apisix", .apisix, .certain), ("google frontend", .cloudRun, .likely), ("vercel", .vercel, .certain),
  ("netlify", .netlify, .certain), ("fly/", .fly, .certain), ("bunnycdn", .bunny, .certain),
  ("microsoft-azure-application-gateway", .appGateway, .certain), ("squid", .squid, .certain),
]

/// What an entry of Via contains (RFC 9110 section 7.6.3).
private let vias: [(String, Product)] = [
  ("cloudfront", .cloudFront), ("(varnish", .varnish), ("squid", .squid), ("caddy", .caddy), ("kong", .kong),
  ("vegur", .heroku), ("heroku-router", .heroku), ("fly.io", .fly), ("1.1 google", .googleLoadBalancer),
  ("haproxy", .haproxy), ("envoy", .envoy), ("1.1 varnish", .varnish), ("apache", .apache), ("lighttpd", .lighttpd),
]
