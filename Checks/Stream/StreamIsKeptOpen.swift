import Delivery
import Diagnosis
import Facts

/// Neither the application nor what stands next to it may end a stream of its own accord.
struct StreamIsKeptOpen: Check {
  static let card = CheckCard(
    id: "stream.ended",
    title: "The application keeps its streams open",
    severity: .error,
    needs: [.stream],
    why: """
      A stream that its own server ends is opened again by every browser a few seconds later, and what is published \
      meanwhile is lost. It is right in a rollout, once; at any other time it is an error in the route, a function that may \
      not run longer, or a process that dies. No setting of a proxy mends it.
      """,
    remedy: Remedy("Look into the application's log at the time of the end."),
    references: [
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model"
    ],
    scenarios: [
      .passes("open while it was watched", Samples.stream(Samples.ready)),
      .passes("a timer ended it", Samples.stream(Samples.ready, end: Samples.cut(.reset, "reset"), watched: 60_010)),
      .finds("ended after its first event", Samples.stream(Samples.ready, end: .complete(.lastChunk), watched: 30)),
      .finds("the reference origin's last event", Samples.lastMark, severity: .notice),
      .finds(
        "ended at the instance itself", Samples.endingPath(Samples.marks(lags: [0, 0, 0, 0])), on: Samples.directURL),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3)),
      .notApplicable("closed by the probe too early to tell", Samples.stream(Samples.ready, watched: 2)),
      .notApplicable("no stream was opened", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachEnd(facts, enough: 1000) { stream, cut, path in
      let age = millisecondsText(cut.age)
      switch cut.limit {
      case .origin(.lastMark):
        return card.ended(
          stream, cut, path, nil, severity: .notice, "after \(age), as the reference origin had said in its last event")
      case .origin(.farewell(let type)):
        return card.ended(
          stream, cut, path, nil, severity: .notice, "after \(age), with the event \(type): it is shutting down")
      case .origin(.inner(let url)):
        return card.ended(
          stream, cut, path, nil, severity: .notice,
          "after \(age), at the same moment as \(url): no proxy between did it")
      case .origin(.direct):
        return card.ended(
          stream, cut, path, nil, "after \(age): nothing but the application and its own server is there to do it")
      case .atOnce: return card.ended(stream, cut, path, nil, "after \(age), as soon as it had begun")
      case .idle, .total, .idleOrTotal:
        return card.pass(.stream(stream.url), "\(stream.hop) was ended by a timer, not by itself")
      }
    }
  }
}
