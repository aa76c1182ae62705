import Diagnosis
import Facts

/// Without a word from the server each browser comes back after a time of its own, and Redis needs longer.
struct StreamSaysWhenToReconnect: Check {
  static let card = CheckCard(
    id: "stream.retry-field",
    title: "The stream says when to come back after it ends",
    severity: .notice,
    needs: [.deployment, .stream],
    why: """
      A stream's retry: field sets how long a browser waits before it opens the stream again; without it that is a few \
      seconds, at each browser's choice. The guide to streams on Redis sends 5000, so that an outage of Redis does not \
      bring all browsers back at once, over and over.
      """,
    remedy: Remedy("Send the field once, before the first event.", snippet: "retry: 5000"),
    references: [
      "WHATWG HTML section 9.2.6, https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation",
      "Guide: SSE with Redis Streams and Pub/Sub, server-sent-events.com",
    ],
    scenarios: [
      .passes("5000 ms", sample(retries: [5000])),
      .finds("none in 5 s", sample(), on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3).system(.redisStreams)),
      .notApplicable("watched no longer than until the handshake", sample(watched: 12)),
      .notApplicable("nothing came at all", Samples.stream(system: .redisStreams)),
      .notApplicable("another system", Samples.stream(Samples.ready)),
      .notApplicable("502: another check's finding", Samples.stream(status: 502).system(.redisStreams)),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachEventStream(facts) { stream, _ in
      let subject = Subject.stream(stream.url)
      if system != .redisStreams {
        return card.notApplicable(subject, "the client of \(system.rawValue) is not made to wait by the stream")
      }
      if let time = stream.retries.last { return card.pass(subject, "\(stream.hop) sent retry: \(time)") }
      if stream.arrivals.isEmpty { return card.notApplicable(subject, "nothing came over the stream") }
      let watched = millisecondsText(stream.watchedMilliseconds)
      guard stream.wasWatchedEnough else {
        return card.notApplicable(
          subject, "none came in \(watched), which is too short a time; flowpanel-doctor stream --for 6s watches longer"
        )
      }
      return card.finding(
        subject, "\(stream.hop) sent no retry: field, so each browser comes back when it likes",
        evidence: [Evidence("retry", "none in \(watched)", expected: "5000")], at: stream.location)
    }
  }

  private static func sample(retries: [Int] = [], watched: Double = 5000) -> Facts {
    Samples.stream([Samples.comment("connected", at: 9)], system: .redisStreams, watched: watched)
      .streams { $0.retries = retries }
  }
}
