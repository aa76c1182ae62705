import Diagnosis
import Facts

/// Over HTTP/1.1 each open stream takes one of the six connections that a browser has for a host.
struct StreamsShareAConnection: Check {
  static let card = CheckCard(
    id: "stream.http1-limit",
    title: "Browsers can share one connection among many streams",
    severity: .warning,
    needs: [.deployment, .stream],
    why: """
      Browsers open at most six connections to one host over HTTP/1.1, for all tabs together, and each open stream keeps \
      one. flowpanel opens a stream for every channel of a page, so a few widgets or tabs leave none: every further \
      request, clicks included, waits without an error. HTTP/2 carries a hundred streams over one connection, and browsers \
      speak it over TLS alone.
      """,
    remedy: Remedy("Offer HTTP/2 over TLS at the public URL.", snippet: "listen 443 ssl http2;"),
    references: [
      "MDN: EventSource, warning on HTTP/1, https://developer.mozilla.org/en-US/docs/Web/API/EventSource",
      "RFC 9113 section 3.2: starting HTTP/2 for https URIs, https://www.rfc-editor.org/rfc/rfc9113#section-3.2",
    ],
    scenarios: [
      .passes("HTTP/2 answered", Samples.overHTTP("2", asked: .http2)),
      .passes("HTTP/2 was chosen", Samples.overHTTP("2", asked: .negotiated)),
      .finds("HTTP/2 is not offered", Samples.withoutHTTP2(Samples.stream(Samples.ready)), on: Samples.publicURL),
      .finds("HTTP/1.1 was chosen", Samples.overHTTP("1.1", asked: .negotiated)),
      .finds(
        "without TLS",
        Samples.stream(Samples.ready).streams { $0.url = "http://admin.example.com/api/flowpanel/stream" }),
      .finds(
        "a system that needs fewer",
        Samples.withoutHTTP2(Samples.stream(Samples.ready, system: .testplanit)), severity: .notice),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1), on: Samples.publicURL),
      .undetermined("HTTP/2 was not tried", Samples.stream(Samples.ready), on: Samples.publicURL),
      .notApplicable(
        "this machine",
        Samples.stream(Samples.ready).streams { $0.url = "http://localhost:3000/api/flowpanel/stream" }),
      .notApplicable(
        "an instance's own URL", Samples.withoutHTTP2(Samples.stream(Samples.ready)).streams { $0.instance = "web-1" }),
      .notApplicable(
        "without TLS, and led to https, where HTTP/2 was not tried",
        Samples.stream(Samples.ready, redirects: [Samples.publicURL]).streams {
          $0.url = "http://admin.example.com/api/flowpanel/stream"
        }),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    let streams = facts.streams.value ?? []
    let withHTTP2 = Set(streams.filter { $0.response?.httpVersion == "2" }.map(\.target))
    let withoutHTTP2 = Set(
      streams.filter { stream in
        stream.cell.version == .http2
          ? stream.failure?.kind == .notOffered : stream.cell.version == .negotiated && stream.response != nil
      }.map(\.target))
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      if stream.instance != nil || stream.via != nil {
        return card.notApplicable(subject, "browsers don't open it")
      }
      if withHTTP2.contains(stream.target) { return card.pass(subject, "\(stream.hop) speaks HTTP/2") }
      let isEncrypted = stream.finalURL.hasPrefix("https:")
      if !isEncrypted, hostName(inURL: stream.finalURL).map(isLoopback) == true {
        return card.notApplicable(subject, "it is on this machine, where one developer looks on")
      }
      if case .failure(let failure) = stream.outcome, !withoutHTTP2.contains(stream.target) {
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      }
      if !isEncrypted {
        return finding(
          stream, system, "is opened without TLS, where browsers speak HTTP/1.1 alone", Evidence("TLS", "none"))
      }
      if withoutHTTP2.contains(stream.target) {
        return finding(stream, system, "offers no HTTP/2", Evidence("HTTP/2", "not offered", expected: "offered"))
      }
      if stream.url.hasPrefix("http:") {
        return card.notApplicable(
          subject, "it leads to \(stream.finalURL), where HTTP/2 was not tried; name that URL to see")
      }
      return card.undetermined(subject, "whether HTTP/2 is offered was not seen", at: stream.location)
    }
  }

  private func finding(_ stream: StreamFacts, _ system: System, _ fault: String, _ evidence: Evidence) -> Verdict {
    let need = system == .flowpanel ? "flowpanel opens one for each channel" : "each tab keeps one or more"
    return card.finding(
      .stream(stream.url), "\(stream.hop) \(fault): browsers get six streams at most, and \(need)",
      severity: system == .flowpanel ? .warning : .notice,
      evidence: [evidence],
      at: stream.location,
      remedy: Remedy(
        "Turn HTTP/2 on in whatever ends TLS for the browsers (most load balancers, Caddy and Traefik have it on). For "
          + "nginx, in the server block that listens on 443; from version 1.25.1 on as http2 on;",
        snippet: "listen 443 ssl http2;"))
  }
}
