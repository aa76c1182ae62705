import Diagnosis
import Facts

/// EventSource takes 200 and nothing else: any other status ends it for good.
struct StreamAnswersOK: Check {
  static let card = CheckCard(
    id: "stream.status",
    title: "The stream answers 200",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      A browser's EventSource fails on any status but 200 and does not try again, so one bad answer during a rollout \
      silences a page until it is reloaded. 204 is the protocol's word for: stop reconnecting. Who gave the answer, \
      proxy or application, decides where to mend it.
      """,
    remedy: Remedy("Find out which hop gave the answer, and mend it there."),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
      "RFC 9110 section 15: status codes, https://www.rfc-editor.org/rfc/rfc9110#section-15",
    ],
    scenarios: [
      .passes("200", Samples.stream(Samples.ready)),
      .finds(
        "502 from nginx", Samples.stream(status: 502, headers: [.init("Server", "nginx/1.22.1")]), on: Samples.publicURL
      ),
      .finds("503 with Retry-After", Samples.stream(status: 503, headers: [.init("Retry-After", "30")])),
      .finds("401", Samples.stream(status: 401, body: #"{"error":"Unauthorized"}"#)),
      .finds(
        "the port speaks TLS",
        plain(body: "<html> <head><title>400 The plain HTTP request was sent to HTTPS port</title></head>"),
        on: "http://admin.example.com:443/stream"),
      .finds(
        "this side's proxy asks for credentials",
        Samples.stream(status: 407).streams { $0.proxy = "http://proxy:3128" }),
      .finds("404", Samples.stream(status: 404, body: "<html>404")),
      .finds("204 stops every browser", Samples.stream(status: 204)),
      .finds("a redirect without a place to go", Samples.stream(status: 302)),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1), on: Samples.publicURL),
      .notApplicable("TestPlanIt's cap: another check's finding", Samples.overCap),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachStream(facts) { stream in
      switch stream.outcome {
      case .failure(let failure):
        return card.undetermined(.stream(stream.url), "no response came: \(failure.detail)", at: stream.location)
      case .response(let response) where response.status == 200:
        return card.pass(.stream(stream.url), "\(stream.hop) answered 200")
      case .response where stream.isOverCap(of: system):
        return card.notApplicable(.stream(stream.url), "it was turned away, which is stream.over-cap's finding")
      case .response where stream.obstacle != nil:
        return card.notApplicable(
          .stream(stream.url), "an HTML page answers it, which is stream.blocked's finding")
      case .response(let response):
        return card.finding(
          .stream(stream.url), message(response, stream),
          evidence: [Evidence("status", "\(response.status)", expected: "200")] + stream.responseEvidence,
          at: stream.location, remedy: remedy(response, stream), explains: stream.fanOutSymptoms)
      }
    }
  }

  private func message(_ response: StreamFacts.Response, _ stream: StreamFacts) -> String {
    if asksTLSInPlainHTTP(response, stream) {
      return "\(stream.hop) answered 400\(stream.answeredBy): the port speaks TLS and was asked in plain HTTP"
    }
    // RFC 9110 section 15.5.8: 407 is never the server's own.
    if response.status == 407, let proxy = stream.proxy {
      return "the proxy \(proxy), which this run was told to go through, asks for credentials itself (407)"
    }
    return "\(stream.hop) answered \(response.status)\(stream.answeredBy), after which EventSource does not try again"
  }

  /// Whether the answer says, in the words of nginx, Apache or Go, that a TLS port was asked without TLS.
  private func asksTLSInPlainHTTP(_ response: StreamFacts.Response, _ stream: StreamFacts) -> Bool {
    let words = [
      "plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL-enabled",
      "sent an HTTP request to an HTTPS server",
    ]
    return response.status == 400 && stream.finalURL.hasPrefix("http:")
      && words.contains { response.bodyLine.contains($0) }
  }

  private func remedy(_ response: StreamFacts.Response, _ stream: StreamFacts) -> Remedy {
    if asksTLSInPlainHTTP(response, stream) {
      return Remedy("Write https:// in place of http:// before the host: \(stream.finalURL).")
    }
    return Remedy(advice(response), commands: [stream.openCommand])
  }

  private func advice(_ response: StreamFacts.Response) -> String {
    switch response.status {
    case 204: "Answer 200 with a stream: 204 tells browsers to stop reconnecting."
    case 300..<400:
      "Let the stream's path answer itself; often this is the way to a login page, for want of a session cookie."
    case 400: "Give the URL the parameters that the route demands, such as ?channel= or ?projectIds=."
    case 401, 403:
      "Give this run a session that may read the stream (a Cookie or Authorization header from a file or a variable); "
        + "if it has one, its role is not enough."
    case 404:
      "Make sure that the route exists in what is deployed, and that the proxy passes the path on unchanged; some "
        + "applications answer 404 to those who may not see anything."
    case 405, 406: "Let the route take GET with Accept: text/event-stream."
    case 407:
      "The proxy asks for credentials: give its URL with user name and password in a variable, with --proxy-variable, or "
        + "stream: proxy: variable: in the manifest."
    case 429: "Raise the rate limit for the stream's path: browsers reconnect in herds after a rollout."
    case 502:
      "The proxy reached no application that would answer: check its upstream address and port, and that the instance "
        + "is up."
    case 503 where response.value(of: "Retry-After") != nil:
      "A cap on streams was reached, or the application has no Redis, or maintenance is on: the application's health "
        + "endpoint and its log tell them apart."
    case 503:
      "No instance is in service behind the proxy, or the application is not ready: check the targets and their health "
        + "checks."
    case 504:
      "The proxy waited in vain for the application's headers: check that the instance answers directly, then the "
        + "proxy's read timeout."
    case 500...:
      "Look into the application's log at this time; the instance's own URL tells whether it is the application."
    default: "Answer 200 with Content-Type text/event-stream."
    }
  }

  private static func plain(body: String) -> Facts {
    Samples.stream(status: 400, body: body).streams { $0.url = "http://admin.example.com:443/stream" }
  }
}
