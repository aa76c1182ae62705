import Diagnosis
import Facts

/// A stream that ends is a stream that browsers open again and again, with a gap each time.
struct StreamStaysOpen: Check {
  static let card = CheckCard(
    id: "stream.idle-timeout",
    title: "The stream stays open for as long as it is watched",
    severity: .error,
    needs: [.stream],
    why: """
      Something that ends the stream after a fixed time makes every browser reconnect, all day, and what is published in \
      the gaps is lost. The time points at the culprit: 10 s a function's limit, 15 s Envoy's route timeout, 30 s a cloud \
      load balancer, 60 s the idle timeout of nginx and most load balancers, 100 s Cloudflare. An idle timeout goes away \
      with heartbeats or a longer setting, a limit on the whole response only with the setting.
      """,
    remedy: Remedy(
      "Raise the timeout of whatever ends the stream; in nginx that is proxy_read_timeout for the stream's path.",
      snippet: "proxy_read_timeout 1h;"),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
      "nginx: proxy_read_timeout, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ],
    scenarios: [
      .passes("open after a minute", Samples.stream(end: .closedByProbe, watched: 61_000)),
      .finds(
        "cut in the middle of the body", Samples.stream(end: Samples.cut(.endOfFile, "transfer closed"), watched: 2004)),
      .finds("ended in good order after its first event", Samples.stream(end: .complete(.lastChunk), watched: 3)),
      .finds(
        "cut after a minute", Samples.stream(end: Samples.cut(.reset, "reset"), watched: 60_010), severity: .warning),
      .finds(
        "ended after five minutes", Samples.stream(end: .complete(.endStream), watched: 300_020), severity: .notice),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3)),
      .undetermined("interrupted", Facts(streams: .unseen(Unseen(.interrupted, "interrupted")))),
      .notApplicable("closed by the probe too early to tell", Samples.stream(end: .closedByProbe, watched: 40)),
      .notApplicable("no stream was opened", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      let watched = stream.watchedMilliseconds
      switch (stream.outcome, stream.end) {
      case (.failure(let failure), _):
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      case (.response, _) where !stream.isEventStream:
        return card.notApplicable(subject, "no event stream was opened")
      case (_, .closedByProbe) where watched < 60_000:
        return card.notApplicable(
          subject, "it was not watched long enough to tell; flowpanel-doctor stream --for 70s watches longer")
      case (_, .closedByProbe): return card.pass(subject, "\(stream.hop) kept it open for \(millisecondsText(watched))")
      case (_, .complete): return finding(stream, "in good order")
      case (_, .cut(let cut)): return finding(stream, "in the middle of the body (\(cut.detail))")
      }
    }
  }

  private func finding(_ stream: StreamFacts, _ how: String) -> Verdict {
    let watched = stream.watchedMilliseconds
    let severity: Severity = watched < 59_500 ? .error : watched < 299_500 ? .warning : .notice
    return card.finding(
      .stream(stream.url), "\(stream.hop) ended the stream after \(millisecondsText(watched)), \(how)",
      severity: severity,
      evidence: [Evidence("end", "\(how), after \(millisecondsText(watched))", expected: "open while it is watched")],
      at: stream.location)
  }
}
