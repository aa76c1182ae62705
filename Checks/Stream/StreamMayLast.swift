import Delivery
import Diagnosis
import Facts

/// An event stream is one response that never ends, so a limit on a whole response is a limit on the stream.
struct StreamMayLast: Check {
  static let card = CheckCard(
    id: "stream.max-duration",
    title: "No limit on the whole response ends the stream",
    severity: .error,
    needs: [.stream],
    why: """
      Some hops limit a whole response, however busy it is: Envoy and what is built on it 15 s, Google's load balancer \
      30 s, functions by their longest duration. Heartbeats do nothing against that. Browsers reconnect after each end, with \
      a gap in which events are lost, and all of them at once after a rollout.
      """,
    remedy: Remedy("Lift the limit for the stream's path, or make sure that clients fetch what they missed."),
    references: [
      "Envoy: route timeout, https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts#route-timeouts",
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
    ],
    scenarios: [
      .passes("open after five minutes", Samples.busy(until: 301_000, end: .closedByProbe)),
      .finds("cut at 15 s though bytes came all the time", Samples.busy(until: 15_003), on: Samples.publicURL),
      .finds("cut in between, when something may have been restarted", Samples.busy(until: 7300), severity: .warning),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3)),
      .notApplicable(
        "silent, so that it may be an idle timer",
        Samples.stream(Samples.ready, end: Samples.cut(.reset, "reset"), watched: 60_010)),
      .notApplicable("ended by its origin", Samples.lastMark),
      .notApplicable("closed by the probe too early to tell", Samples.stream(end: .closedByProbe, watched: 40)),
      .notApplicable("no stream was opened", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachEnd(facts, enough: 299_500) { stream, cut, path in
      switch cut.limit {
      case .total(let time):
        // Nobody is known to end streams after just that time: a restart or a reload at that moment looks the same.
        let isKnown = !cut.suspects(hops: []).isEmpty
        return card.ended(
          stream, cut, path, .total, severity: !isKnown || time >= 299_500 ? .warning : .error,
          "after \(millisecondsText(time)), though bytes had come \(millisecondsText(cut.quiet)) before: a limit on the "
            + "whole response, which no heartbeat prolongs"
            + (isKnown ? "" : ", or a restart at that moment; a limit would end it after the same time again"))
      case .idle, .idleOrTotal:
        return card.notApplicable(
          .stream(stream.url), "it had been silent when it ended; stream.idle-timeout judges it")
      case .atOnce, .origin:
        return card.notApplicable(.stream(stream.url), "what ended it is no timer; stream.ended judges it")
      }
    }
  }
}
