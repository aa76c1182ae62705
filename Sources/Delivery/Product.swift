/// What can stand between an application and a browser, as far as the tool knows it.
public enum Product: String, Sendable, CaseIterable {
  case nginx, ingressNginx = "ingress-nginx", haproxy = "HAProxy", apache = "Apache", caddy = "Caddy", lighttpd
  case varnish = "Varnish", squid = "Squid", h2o, envoy = "Envoy", istio = "Istio", traefik = "Traefik", kong = "Kong"
  case apisix = "APISIX", cloudflare = "Cloudflare", cloudFront = "CloudFront", elasticLoadBalancer =
    "AWS load balancer"
  case apiGateway = "API Gateway", googleLoadBalancer = "Google Cloud load balancer", cloudRun = "Cloud Run"
  case fastly = "Fastly", bunny = "bunny.net", heroku = "Heroku", railway = "Railway", fly = "Fly.io", vercel = "Vercel"
  case netlify = "Netlify", render = "Render", frontDoor = "Azure Front Door", appGateway = "Azure Application Gateway"
  case appService = "Azure App Service or load balancer", nginxProxyManager = "Nginx Proxy Manager", nodeMiddleware =
    "Node middleware"
  case pomerium = "Pomerium", ngrok, lambda = "AWS Lambda", networkLoadBalancer = "AWS network load balancer"
  case iis = "IIS", appRunner = "AWS App Runner"
}

/// Something that stands on the path, and how that is known.
public struct Hop: Sendable, Equatable {
  /// How sure it is.
  public enum Certainty: Int, Sendable, Comparable {
    /// The behaviour is one of several products'.
    case possible
    /// A header that the application could have sent too, or behaviour that is one product's alone.
    case likely
    /// A header of the product's own.
    case certain

    /// Orders `possible` before `certain`.
    public static func < (left: Certainty, right: Certainty) -> Bool { left.rawValue < right.rawValue }
  }

  /// The product.
  public var product: Product
  /// How sure it is.
  public var certainty: Certainty
  /// What says so: `Server: nginx/1.22.1`.
  public var sign: String

  /// A hop.
  public init(_ product: Product, _ certainty: Certainty, _ sign: String) {
    self.product = product
    self.certainty = certainty
    self.sign = sign
  }

  /// `nginx (Server: nginx/1.22.1)`, with how sure it is.
  public var words: String {
    switch certainty {
    case .certain: "\(product.rawValue) (\(sign))"
    case .likely: "probably \(product.rawValue) (\(sign))"
    case .possible: "perhaps \(product.rawValue) (\(sign))"
    }
  }
}
