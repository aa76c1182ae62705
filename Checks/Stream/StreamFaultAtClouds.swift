// What mends a fault of a path at clouds, CDNs and hosts, as far as they let one.

import Delivery
import Diagnosis

extension StreamFault {
  func cloud(_ product: Product) -> [Remedy]? {
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
