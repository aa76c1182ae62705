import Delivery
import Diagnosis
import Facts

/// An HTML page in a stream's place is no answer that an application gave.
struct StreamIsNotBlocked: Check {
  static let card = CheckCard(
    id: "stream.blocked",
    title: "No firewall, challenge or login stands in the stream's way",
    severity: .error,
    needs: [.stream],
    why: """
      A web application firewall, a bot challenge or a single sign-on proxy answers a stream's request with a page of its \
      own, which EventSource can neither show nor pass: the stream fails and is not tried again. Other requests of the same \
      page may get through, as the visitor has passed the challenge by hand.
      """,
    remedy: Remedy(
      "Let the stream's path through without a challenge, and let it answer 401 where a login is missing."),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
      "Cloudflare: challenge detection, https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/",
    ],
    scenarios: [
      .passes("a stream", Samples.stream(Samples.ready)),
      .passes(
        "an error of the application's own", Samples.stream(status: 403, body: #"{"ok":false,"error":"Forbidden"}"#)),
      .finds(
        "Cloudflare's challenge",
        Samples.stream(status: 403, headers: [.init("Server", "cloudflare"), .init("cf-mitigated", "challenge")]),
        on: Samples.publicURL),
      .finds(
        "a firewall's page",
        Samples.stream(
          status: 403, headers: [.init("Content-Type", "text/html")], body: "<html>Request blocked. CloudFront")),
      .finds(
        "a login page behind a redirect",
        Samples.stream(type: "text/html", body: "<form", redirects: ["https://sso.example.com/login?next=x"])),
      .finds("a page in the stream's place", Samples.stream(type: "text/html", body: "<!doctype html>")),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let path = StreamPath(facts)
    return card.eachStream(facts) { stream in
      guard let response = stream.response else { return card.noStream(stream) }
      guard let obstacle = stream.obstacle else {
        return card.pass(.stream(stream.url), "\(stream.hop): no HTML page came in the stream's place")
      }
      return card.finding(
        .stream(stream.url), "\(stream.hop) answered \(response.status) with \(obstacle.words)",
        evidence: [Evidence("status", "\(response.status)")] + stream.responseEvidence
          + card.hopEvidence(path.hops(of: stream)), at: stream.location,
        remedy: obstacle.remedy(at: StreamPlace(url: stream.url, asksNginx: nil)))
    }
  }
}

/// What can stand in a stream's place.
enum Obstacle {
  case challenge, firewall, login, page

  var words: String {
    switch self {
    case .challenge: "a challenge for people: whoever sends streams can't solve it"
    case .firewall: "a firewall's page"
    case .login: "a login page"
    case .page: "an HTML page"
    }
  }

  fileprivate func remedy(at place: StreamPlace) -> Remedy {
    switch self {
    case .challenge:
      Remedy(
        "Exempt the stream's path from challenges and bot protection; in Cloudflare by a custom rule with the action Skip.",
        snippet: "starts_with(http.request.uri.path, \"\(place.path)\")")
    case .firewall:
      Remedy("Look for this request in the firewall's log, and exempt the stream's path from the rule that it names.")
    case .login:
      Remedy(
        "Give this run a session that may read the stream (--header-file or --header-variable); and let the stream's path "
          + "answer 401 instead of a redirect, as EventSource follows it and fails on the page.")
    case .page:
      Remedy(
        "Make sure that the path reaches the stream's route, and not a fallback page of the proxy or the application.")
    }
  }
}

extension StreamFacts {
  /// The HTML page that came in the stream's place; nil where none did.
  var obstacle: Obstacle? {
    guard let response, !response.isEventStream else { return nil }
    let body = response.bodyLine.lowercased()
    let isPage = response.mediaType == "text/html"
    let refuses = [403, 405, 406, 429, 503].contains(response.status)
    if response.value(of: "cf-mitigated")?.lowercased() == "challenge"
      || isPage && refuses && ["just a moment...", "captcha"].contains(where: body.contains)
    {
      return .challenge
    }
    let firewalls = [
      "request blocked", "access denied", "incapsula incident", "sucuri website firewall",
      "attention required! | cloudflare", "the requested url was rejected", "mod_security", "web application firewall",
    ]
    if refuses, firewalls.contains(where: body.contains) { return .firewall }
    // Whole labels of the host and whole parts of the path: lessons.example.com is no single sign-on.
    let last = redirects.last?.url.lowercased() ?? response.value(of: "Location")?.lowercased() ?? ""
    let words = last.split { !$0.isLetter && $0 != "-" }
    let logins: Set<Substring> = ["login", "signin", "sign-in", "auth", "oauth", "oauth2", "sso", "saml", "authorize"]
    let isWay = (300..<400).contains(response.status) || isPage && [200, 401, 403].contains(response.status)
    if isWay, words.contains(where: logins.contains) { return .login }
    return isPage && response.status == 200 ? .page : nil
  }
}
