import Delivery
import Diagnosis
import Facts

/// Each viewer's stream is his own; a cache must not give it to another.
struct StreamIsNotReplayed: Check {
  static let card = CheckCard(
    id: "stream.replayed",
    title: "No cache gives one viewer's stream to another",
    severity: .error,
    needs: [.stream],
    why: """
      A cache that takes the stream for a document gives the next viewer a recording, or lets many viewers ride on one \
      request: they get another user's channels, history as news, and an end with the first one's. Varnish does so for two \
      minutes where no Cache-Control is sent, bunny.net for a month.
      """,
    remedy: Remedy(
      "Let the application forbid caches to keep the stream.",
      snippet: "Cache-Control: no-cache, no-transform"),
    references: [
      "RFC 9111 section 5.2.2: Cache-Control, https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2",
      "RFC 9211: Cache-Status, https://www.rfc-editor.org/rfc/rfc9211",
    ],
    scenarios: [
      .passes("nothing speaks of a cache", Samples.stream(Samples.ready)),
      .passes(
        "Age 0 and a miss", Samples.stream(Samples.ready, headers: [.init("Age", "0"), .init("X-Cache", "MISS")])),
      .finds("an Age", Samples.stream(Samples.ready, headers: [.init("Age", "12")]), on: Samples.publicURL),
      .finds("two transactions of Varnish", Samples.stream(Samples.ready, headers: [.init("X-Varnish", "5 3")])),
      .finds("a hit", Samples.stream(Samples.ready, headers: [.init("Cache-Status", "edge; hit; ttl=30")])),
      .finds("two requests, the same events", Samples.sharedPath, on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachDelivery(facts) { stream, delivery, path in
      guard case .replayed(let replay) = delivery.manner else {
        return stream.response == nil
          ? card.noStream(stream) : card.pass(.stream(stream.url), "\(stream.hop): nothing speaks of a cache")
      }
      let sign =
        switch replay {
        case .sharedEvents(let count):
          Evidence(
            "events that two requests got", "\(count), sent in the same microseconds", expected: "a stream for each")
        case .olderThanRequest(let time):
          Evidence("first event", "sent \(millisecondsText(time)) before it was asked for", expected: "after that")
        case .header(let name, let value): Evidence(name, value, expected: "no answer out of a cache")
        }
      return card.fault(
        .replay, of: stream, delivery, on: path, "brings what another viewer was sent, out of a cache", evidence: [sign]
      )
    }
  }
}
