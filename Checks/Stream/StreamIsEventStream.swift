import Delivery
import Diagnosis
import Facts

/// EventSource refuses every media type but its own.
struct StreamIsEventStream: Check {
  static let card = CheckCard(
    id: "stream.content-type",
    title: "The stream says that it is an event stream",
    severity: .error,
    needs: [.stream],
    why: """
      A browser that gets another Content-Type than text/event-stream fails the connection and does not try again. \
      An HTML page with status 200 is the common case: a login form, a single-page fallback, a maintenance page. \
      Proxies also decide by this type whether to buffer and to compress.
      """,
    remedy: Remedy("Answer with Content-Type: text/event-stream.", snippet: "Content-Type: text/event-stream"),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
      "RFC 9110 section 8.3: Content-Type, https://www.rfc-editor.org/rfc/rfc9110#section-8.3",
    ],
    scenarios: [
      .passes("text/event-stream", Samples.stream(Samples.ready)),
      .passes("with a parameter", Samples.stream(Samples.ready, type: "text/event-stream; charset=utf-8")),
      .passes("in capitals", Samples.stream(Samples.ready, type: "Text/Event-Stream;charset=UTF-8")),
      .finds("none at all", Samples.stream(type: nil), on: Samples.publicURL),
      .finds("a type that only begins alike", Samples.stream(type: "text/event-stream-v2")),
      .finds(
        "JSON behind a redirect",
        Samples.stream(type: "application/json", body: "{}", redirects: ["https://admin.example.com/error"])),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1), on: Samples.publicURL),
      .notApplicable(
        "an HTML page: another check's finding", Samples.stream(type: "text/html", body: "<!doctype html>")),
      .notApplicable("502: another check's finding", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let path = StreamPath(facts)
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      switch stream.outcome {
      case .failure(let failure):
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      case .response(let response) where response.status != 200:
        return card.notApplicable(subject, "no stream was opened: status \(response.status)")
      case .response where stream.obstacle != nil:
        return card.notApplicable(subject, "an HTML page answers it, which is stream.blocked's finding")
      case .response where stream.isEventStream:
        return card.pass(subject, "\(stream.hop) answered with an event stream")
      case .response where stream.redirects.isEmpty && path.inner(of: stream).contains(where: \.isEventStream):
        return card.notApplicable(subject, "upstream it is one, so that stream.rewritten judges what changes it")
      case .response(let response):
        let type = response.value(of: "Content-Type")
        let way = stream.redirects.last.map { ", after a redirect to \($0.url)" } ?? ""
        return card.finding(
          subject, "\(stream.hop) answered 200 with \(type.map { "the type \($0)" } ?? "no Content-Type")\(way)",
          evidence: [Evidence("Content-Type", type ?? "absent", expected: "text/event-stream")]
            + stream.responseEvidence.filter { $0.name != "Content-Type" },
          at: stream.location, remedy: remedy(stream), explains: stream.fanOutSymptoms)
      }
    }
  }

  private func remedy(_ stream: StreamFacts) -> Remedy {
    if !stream.redirects.isEmpty {
      return Remedy(
        "Give this run a session that may read the stream, and let the stream's path answer 401 and not redirect: "
          + "EventSource follows redirects and fails on the page behind them.")
    }
    return Remedy(
      "Let the route set the type, and let no proxy change it.", snippet: "Content-Type: text/event-stream")
  }
}
