import Delivery
import Diagnosis
import Facts

/// A compressor collects until it is flushed, and few are flushed after each event.
struct StreamIsNotWithheldByCompression: Check {
  static let card = CheckCard(
    id: "stream.content-encoding",
    title: "Compression does not hold events back",
    severity: .error,
    needs: [.stream],
    why: """
      A compressor that is not flushed after each event swallows hundreds of kilobytes of small events before it gives \
      anything out. Browsers offer compression and curl -N does not, so the stream that an operator sees flows and the \
      user's stays empty. br is offered over https alone, so that even a test with a browser on localhost passes.
      """,
    remedy: Remedy("Leave text/event-stream uncompressed, in every proxy and in the application's middleware."),
    references: [
      "RFC 9110 section 8.4: Content-Encoding, https://www.rfc-editor.org/rfc/rfc9110#section-8.4",
      "nginx: gzip_types, https://nginx.org/en/docs/http/ngx_http_gzip_module.html#gzip_types",
    ],
    scenarios: [
      .passes("not compressed", Samples.stream(Samples.ready)),
      .passes("not compressed in any cell", Samples.cells(browser: Samples.ready, identity: Samples.ready)),
      .finds(
        "compressed, and each event comes at once", Samples.compressed(Samples.stream(Samples.ready)), severity: .notice
      ),
      .finds(
        "nothing to who offers compression", Samples.cells(browser: [], identity: Samples.ready), on: Samples.publicURL),
      .finds(
        "the application itself does it", Samples.compressedEverywhere, on: "http://web-1:3000/api/flowpanel/stream"),
      .undetermined("a compressed head, and nothing came", Samples.compressed(Samples.stream([]))),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachDelivery(facts) { stream, delivery, path in
      let subject = Subject.stream(stream.url)
      let coding = stream.response?.value(of: "Content-Encoding")
      switch delivery.manner {
      case .withheldByCompression:
        return card.fault(
          .compression, of: stream, delivery, on: path,
          "brings nothing in \(millisecondsText(stream.watchedMilliseconds)) to who offers compression as browsers do, and "
            + "events to who does not",
          evidence: [Evidence("Content-Encoding", coding ?? "no head came to tell", expected: "none")])
      case let manner where stream.isCompressed && manner.isLate:
        return card.fault(
          .compression, of: stream, delivery, on: path, "compresses events, and brings each late or with the next one",
          evidence: [Evidence("Content-Encoding", coding ?? "", expected: "none")])
      case .withheld(let held) where held.includesHead:
        return card.undetermined(
          subject, "no head came to tell whether it is compressed; stream.buffered says more", at: stream.location)
      case .unknown(let why) where stream.isCompressed || stream.response == nil:
        return card.undetermined(
          subject, stream.isCompressed ? "it is compressed (\(coding ?? "")), and \(why)" : why, at: stream.location)
      case .streams where stream.isCompressed, .headersWithheld where stream.isCompressed:
        var verdict = card.fault(
          .compression, of: stream, delivery, on: path,
          "compresses the stream (\(coding ?? "")), though events come through: it saves little, and one setting more "
            + "has to stay right", severity: .notice,
          evidence: [Evidence("Content-Encoding", coding ?? "", expected: "none")])
        // What else mends compression that withholds would change nothing here.
        verdict.remedy?.alternatives = []
        return verdict
      case _ where stream.isCompressed:
        return card.notApplicable(subject, "it is compressed, and does not come through for another reason")
      default: return card.pass(subject, "\(stream.hop) does not compress it")
      }
    }
  }
}
