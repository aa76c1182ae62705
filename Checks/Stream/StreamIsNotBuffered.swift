import Delivery
import Diagnosis
import Facts

/// An event has to leave each hop when it comes, and not when a buffer is full.
struct StreamIsNotBuffered: Check {
  static let card = CheckCard(
    id: "stream.buffered",
    title: "No hop holds events back until a buffer is full",
    severity: .error,
    needs: [.stream],
    why: """
      A proxy that buffers responses withholds small events, often the response's head too, until some kilobytes have \
      come or the response ends; at a read timeout it throws them away. The application logs a stream that is well, and \
      the page shows nothing, or everything at once and much later. It depends on how the origin frames the body and on \
      the size of real events, so only a measurement of the deployed path tells.
      """,
    remedy: Remedy("Turn response buffering off for the stream's path in whatever stands between."),
    references: [
      "nginx: proxy_buffering, https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering",
      "lighttpd: server.stream-response-body, https://redmine.lighttpd.net/projects/lighttpd/wiki/Server_stream-response-bodyDetails",
    ],
    scenarios: [
      .passes("each event comes alone", Samples.path(Samples.marks(lags: [0, 1, 0, 3, 0, 2]))),
      .passes("the handshake comes at once", Samples.path(Samples.ready)),
      .passes(
        "a machine that stood still for a moment",
        Samples.path(Samples.marks(lags: [0, 0, 600, 300, 0, 1, 0, 0, 2, 0]))),
      .finds("bursts", Samples.path(Samples.marks(lags: [900, 600, 300, 0, 900, 600, 300, 0])), on: Samples.publicURL),
      .finds(
        "all of it at the end", Samples.endingPath(Samples.marks(lags: [900, 600, 300, 0])), on: Samples.publicURL),
      .finds("not even a head, while the instance sends", Samples.silentPath, on: Samples.publicURL),
      .undetermined(
        "a head and nothing else, and no other stream", Samples.stream([]), on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachDelivery(facts) { stream, delivery, path in
      let fault = { (message: String, evidence: [Evidence]) in
        card.fault(.buffering, of: stream, delivery, on: path, message, evidence: evidence)
      }
      switch delivery.manner {
      case .buffered(let bytes, let latest):
        let size = bytes.map { "of about \($0) bytes" } ?? "of several events"
        return fault(
          "brings several events at a time, the first of them \(millisecondsText(latest)) late",
          [Evidence("bursts", size, expected: "each event when it is sent")])
      case .bufferedUntilEnd(let hasLength):
        return fault(
          "brings everything at the stream's end"
            + (hasLength ? ", with a Content-Length: all of it was collected first" : ""), [])
      case .withheld(let held):
        let what = held.includesHead ? "nothing, not even a response's head," : "nothing more"
        let events = counted(held.events, "event or comment", "events or comments")
        let size = held.bytes > 0 ? ", \(counted(held.bytes, "byte"))" : ""
        return fault(
          "brings \(what) in \(millisecondsText(held.milliseconds))",
          [Evidence("held back", "at least \(events)\(size)", source: held.elsewhere)])
      case .streams, .delayed, .heldUntilNext, .headersWithheld, .replayed, .withheldByCompression:
        return card.passing(stream, delivery, path)
      case .unknown(let why): return card.undetermined(.stream(stream.url), why, at: stream.location)
      case .noStream: return card.noStream(stream)
      }
    }
  }
}

extension CheckCard {
  /// The pass of a stream that nothing holds back, and how far that was seen; not applicable for what another check finds.
  fileprivate func passing(_ stream: StreamFacts, _ delivery: Delivery, _ path: StreamPath) -> Verdict {
    let subject = Subject.stream(stream.url)
    switch delivery.manner {
    case .withheldByCompression:
      return notApplicable(subject, "compression holds it back, which stream.content-encoding judges")
    case .replayed: return notApplicable(subject, "it comes out of a cache, which stream.replayed judges")
    default: break
    }
    let seen =
      switch (delivery.manner, delivery.basis) {
      case (.headersWithheld, _): "once the head was there, events came one by one"
      case (_, .timedEvents(let count)): "\(count) events came one by one"
      case (_, .heartbeat): "its beginning came at once, and more when it was due"
      case (_, .firstBytes), (_, .comparison), (_, nil):
        "its beginning came at once; nothing came after it that could tell more"
      }
    return pass(subject, "\(stream.hop): \(seen)", evidence: path.evidence(stream, delivery))
  }
}
