import Delivery
import Diagnosis
import Facts

/// A hop that waits for more to send makes each event late.
struct StreamIsPrompt: Check {
  static let card = CheckCard(
    id: "stream.delayed",
    title: "No hop delays each event to send it with more",
    severity: .warning,
    needs: [.stream],
    why: """
      HAProxy asks the kernel to wait for more data after each chunk that it forwards, which makes every event 200 ms \
      late; a compressor that is not flushed brings each event only with the next one, which on a quiet admin is minutes \
      later. Nothing is lost and nothing comes in bursts, so it looks like a slow application.
      """,
    remedy: Remedy(
      "Switch that waiting off; in HAProxy, in the backend of the stream.", snippet: "option http-no-delay"),
    references: [
      "HAProxy: option http-no-delay, https://docs.haproxy.org/2.6/configuration.html#4.2-option%20http-no-delay",
      "tcp(7): TCP_CORK and MSG_MORE, https://man7.org/linux/man-pages/man7/tcp.7.html",
    ],
    scenarios: [
      .passes("each event at once", Samples.path(Samples.marks(lags: [0, 1, 0, 3, 0, 2]))),
      .passes("now and then one late", Samples.path(Samples.marks(lags: [0, 210, 0, 3, 190, 2, 1, 0]))),
      .finds(
        "each event 206 ms late", Samples.path(Samples.marks(lags: Array(repeating: 206, count: 8))),
        on: Samples.publicURL),
      .finds(
        "each event with the next one",
        Samples.path(
          Samples.marks(lags: [500, 300, 700, 400, 600, 250, 500], intervals: [500, 300, 700, 400, 600, 250])),
        on: Samples.publicURL, severity: .error),
      .undetermined("a head and nothing else", Samples.stream([])),
      .notApplicable("when its events were sent is not known", Samples.stream(Samples.ready)),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachDelivery(facts) { stream, delivery, path in
      let subject = Subject.stream(stream.url)
      // A hop that compresses is mended there.
      if stream.isCompressed, delivery.manner.isLate {
        return card.notApplicable(subject, "a compressor delays it, which stream.content-encoding judges")
      }
      switch (delivery.manner, delivery.basis) {
      case (.delayed(let quantum), _):
        return card.fault(
          .coalescing, of: stream, delivery, on: path, "brings each event about \(millisecondsText(quantum)) late")
      case (.heldUntilNext, _):
        return card.fault(
          .coalescing, of: stream, delivery, on: path, "brings each event only when the next one is sent",
          severity: .error)
      case (.streams, .timedEvents), (.headersWithheld, .timedEvents):
        return card.pass(
          subject, "\(stream.hop): no event was later than the others", evidence: path.evidence(stream, delivery))
      case (.streams, _), (.headersWithheld, _):
        return card.notApplicable(
          subject,
          "when its events were sent is not known; --active publishes some, and flowpanel-doctor origin marks its own")
      case (.unknown(let why), _): return card.undetermined(subject, why, at: stream.location)
      default: return card.notApplicable(subject, "its events don't come through one by one, which other checks judge")
      }
    }
  }
}

extension Delivery.Manner {
  /// Whether events come one by one and late.
  var isLate: Bool {
    switch self {
    case .delayed, .heldUntilNext: true
    default: false
    }
  }
}
