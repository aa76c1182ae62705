import Delivery
import Diagnosis
import Facts

/// Until the head is there, a browser does not count a stream as open.
struct StreamHeadComesAtOnce: Check {
  static let card = CheckCard(
    id: "stream.headers-withheld",
    title: "The response's head comes before the first event",
    severity: .warning,
    needs: [.stream],
    why: """
      Some proxies pass events on at once but keep the head until the first byte of the body: EventSource's open event, and \
      the page's sign that it is live, then wait for the first event, and a client that gives up earlier never connects. \
      nginx with buffering, h2o and Caddy's encode do so. A comment that the application sends at once opens them all.
      """,
    remedy: Remedy("Let the application send a comment as soon as the stream is opened.", snippet: ": open"),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
      "nginx: postpone_output, https://nginx.org/en/docs/http/ngx_http_core_module.html#postpone_output",
    ],
    scenarios: [
      .passes("the head comes as early as from the instance", Samples.lateHeads(direct: 8, public: 12)),
      .finds("the head waits for the first event", Samples.lateHeads(direct: 8, public: 1500), on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("the first event came at once, too", Samples.stream(Samples.ready)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachDelivery(facts) { stream, delivery, path in
      let subject = Subject.stream(stream.url)
      if case .headersWithheld(let late) = delivery.manner {
        return card.fault(
          .lateHead, of: stream, delivery, on: path,
          "sends the response's head only with the first event, \(millisecondsText(late)) later than upstream")
      }
      guard let head = stream.phases.headersMilliseconds, let first = stream.arrivals.first?.milliseconds else {
        return stream.phases.headersMilliseconds == nil
          ? card.undetermined(subject, "no head came; stream.buffered says more", at: stream.location)
          : card.pass(subject, "\(stream.hop) sent the head, and no event yet")
      }
      return first - head > 50
        ? card.pass(subject, "\(stream.hop) sent the head \(millisecondsText(first - head)) before the first event")
        : card.notApplicable(subject, "the first event came with the head, so that nothing had to wait")
    }
  }
}
