import Diagnosis
import Facts

/// One response header keeps nginx from buffering, whoever configured it; and nginx takes it out again.
struct StreamAsksNotToBeBuffered: Check {
  static let card = CheckCard(
    id: "stream.accel-buffering",
    title: "The stream asks nginx not to buffer it",
    severity: .warning,
    needs: [.stream],
    why: """
      nginx buffers what it proxies unless it is configured otherwise, and before version 1.29.7 not even the headers of \
      a stream come through. X-Accel-Buffering: no from the application turns that off for one response, in any nginx \
      that was not told to ignore it; off, false and 0 do nothing. The first nginx removes the header, so its absence \
      behind a proxy says nothing.
      """,
    remedy: Remedy("Let the route send it.", snippet: header),
    references: [
      "nginx: proxy_buffering, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
      "nginx: X-Accel, https://www.nginx.com/resources/wiki/start/topics/examples/x-accel/",
    ],
    scenarios: [
      .passes("the instance sends it", sample(direct: "no", public: nil)),
      .passes("in capitals, and nothing took it out", sample(direct: "NO", public: "no")),
      .finds(
        "the instance does not send it", sample(direct: nil, public: nil), on: "http://web-1:3000/api/flowpanel/stream"),
      .finds("a value that does nothing", sample(direct: "off", public: nil)),
      .finds("a value that turns buffering on", sample(direct: "no", public: "yes"), on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1), on: Samples.publicURL),
      .notApplicable("absent at the public URL, and no instance's own is known", Samples.stream(Samples.ready)),
      .notApplicable(
        "an nginx stands before the instance's own URL",
        Samples.stream(Samples.ready).streams {
          $0.instance = "web-1"
          $0.add("Server", "nginx/1.22.1")
        }),
      .notApplicable("502: another check's finding", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let direct = (facts.streams.value ?? []).filter { $0.instance != nil && $0.isEventStream }
    return card.eachEventStream(facts) { stream, response in
      let subject = Subject.stream(stream.url)
      if let value = response.line(of: Self.name) {
        if value.lowercased() == "no" { return card.pass(subject, "\(stream.hop) sends X-Accel-Buffering: \(value)") }
        let effect =
          value.lowercased() == "yes" ? "tells nginx to buffer" : "nginx does not know: it buffers all the same"
        return finding(stream, observed: value, "\(stream.hop) sends X-Accel-Buffering: \(value), which \(effect)")
      }
      if stream.instance != nil {
        if let server = response.value(of: "Server"), isNginx(server) {
          return card.notApplicable(
            subject, "\(server) answers at \(stream.hop) and takes the header out, so it can't be seen here")
        }
        return finding(
          stream, observed: "absent", "\(stream.hop) sends no X-Accel-Buffering, so an nginx before it may buffer")
      }
      guard let own = stream.counterpart(in: direct) else {
        return card.notApplicable(
          subject, "it is absent, which says nothing here: nginx takes it out; name the instances' own URLs")
      }
      if own.response?.line(of: Self.name)?.lowercased() == "no" {
        return card.pass(
          subject,
          "\(own.hop) sends X-Accel-Buffering: no; on the way to \(stream.place) it was taken out, as nginx does",
          evidence: [Evidence("X-Accel-Buffering", "absent"), Evidence("at \(own.hop)", "no", source: own.url)])
      }
      return card.notApplicable(subject, "\(own.hop) does not send it either, which is judged there")
    }
  }

  private func finding(_ stream: StreamFacts, observed: String, _ message: String) -> Verdict {
    card.finding(
      .stream(stream.url), message, evidence: [Evidence(Self.name, observed, expected: "no")], at: stream.location,
      remedy: Remedy(
        "Let the route send it, with this value. Where the route can't be changed, turn proxy_buffering off for its "
          + "path in each nginx.", snippet: Self.header))
  }

  private func isNginx(_ server: String) -> Bool {
    ["nginx", "openresty", "tengine", "angie"].contains { server.lowercased().hasPrefix($0) }
  }

  private static let name = "X-Accel-Buffering"
  private static let header = "X-Accel-Buffering: no"

  private static func sample(direct: String?, public value: String?) -> Facts {
    Samples.streams(direct: Samples.ready, public: Samples.ready).streams { stream in
      if let value = stream.instance == nil ? value : direct { stream.add(name, value) }
    }
  }
}
