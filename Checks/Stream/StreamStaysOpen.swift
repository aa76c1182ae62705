import Delivery
import Diagnosis
import Facts

/// A stream that is silent for a while must not be taken for a dead one.
struct StreamStaysOpen: Check {
  static let card = CheckCard(
    id: "stream.idle-timeout",
    title: "No idle timer ends the stream",
    severity: .error,
    needs: [.stream],
    why: """
      A proxy that ends what has been silent for a time makes every browser reconnect, all day, and what is published in \
      the gaps is lost. Any byte starts its clock anew, so that a comment every 15 s is stronger than every known idle \
      timer; the time that passed points at the culprit: 50 s HAProxy as distributions ship it, 60 s nginx, Apache, \
      Varnish and most load balancers, 100 s Cloudflare.
      """,
    remedy: Remedy("Let the application send a comment every 15 s, or raise the timer of whatever ends the stream."),
    references: [
      "WHATWG HTML section 9.2.7, https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes",
      "nginx: proxy_read_timeout, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ],
    scenarios: [
      .passes("open after a minute", Samples.stream(end: .closedByProbe, watched: 61_000)),
      .finds(
        "cut after 50 s of silence",
        Samples.stream(Samples.ready, end: Samples.cut(.endOfFile, "transfer closed"), watched: 50_012)),
      .finds(
        "in good order, as HAProxy does over HTTP/2",
        Samples.stream(Samples.ready, end: .complete(.endStream), watched: 50_012)),
      .finds(
        "cut after a minute", Samples.stream(Samples.ready, end: Samples.cut(.reset, "reset"), watched: 60_010),
        severity: .warning),
      .finds(
        "ended after five minutes", Samples.stream(Samples.ready, end: .complete(.endStream), watched: 300_020),
        severity: .notice),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3)),
      .undetermined("interrupted", Facts(streams: .unseen(Unseen(.interrupted, "interrupted")))),
      .notApplicable("cut though bytes came all the time", Samples.busy(until: 15_003)),
      .notApplicable("ended by its origin", Samples.lastMark),
      .notApplicable("closed by the probe too early to tell", Samples.stream(end: .closedByProbe, watched: 40)),
      .notApplicable("no stream was opened", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachEnd(facts, enough: 59_500) { stream, cut, path in
      switch cut.limit {
      case .idle(let time):
        return card.ended(
          stream, cut, path, .idle(milliseconds: time), severity: Self.severity(time),
          "after \(millisecondsText(time)) without a byte: an idle timer")
      case .idleOrTotal(let idle, let total):
        return card.ended(
          stream, cut, path, .idle(milliseconds: idle), severity: Self.severity(idle),
          "after \(millisecondsText(total)), the last \(millisecondsText(idle)) of them without a byte: an idle timer, or a "
            + "limit on the whole response; --idle with --active tells them apart")
      case .total:
        return card.notApplicable(.stream(stream.url), "what ended it is no idle timer; stream.max-duration judges it")
      case .atOnce, .origin:
        return card.notApplicable(.stream(stream.url), "what ended it is no timer; stream.ended judges it")
      }
    }
  }

  /// How bad a timer is: one that a heartbeat every 15 s can't beat, or that is near it, is the worst.
  private static func severity(_ milliseconds: Double) -> Severity {
    milliseconds < 59_500 ? .error : milliseconds < 299_500 ? .warning : .notice
  }
}
