import Delivery
import Diagnosis
import Facts

/// What tells a browser and the next proxy that this is a stream must arrive as it was sent.
struct StreamIsNotRewritten: Check {
  static let card = CheckCard(
    id: "stream.rewritten",
    title: "No hop changes what makes the response a stream",
    severity: .error,
    needs: [.stream],
    why: """
      A Content-Length on a stream says that somebody collected all of it first. A changed Content-Type makes browsers \
      refuse it, a changed Cache-Control lets the next cache keep it, and a body that only the connection's end delimits \
      makes nginx buffer it again and turns every cut into a clean end. Each is seen only beside what the instance sends.
      """,
    remedy: Remedy("Let the hop pass Content-Type, Cache-Control and chunked framing on for the stream's path."),
    references: [
      "RFC 9112 section 6.3: message body length, https://www.rfc-editor.org/rfc/rfc9112#section-6.3",
      "RFC 9110 section 8.6: Content-Length, https://www.rfc-editor.org/rfc/rfc9110#section-8.6",
    ],
    scenarios: [
      .passes("as the instance sends it", Samples.heads(direct: chunked, public: chunked)),
      .passes("HTTP/2 frames bodies itself", Samples.heads(direct: chunked, public: [], version: "2")),
      .finds(
        "a Content-Length", Samples.heads(direct: chunked, public: [.init("Content-Length", "901")]),
        on: Samples.publicURL),
      .finds(
        "another Cache-Control",
        Samples.heads(
          direct: chunked + [.init("Cache-Control", "no-cache")],
          public: chunked + [.init("Cache-Control", "public, max-age=60")]), severity: .warning),
      .finds("chunks lost", Samples.heads(direct: chunked, public: []), severity: .notice),
      .finds(
        "a Content-Length, and no other stream", Samples.stream(Samples.ready, headers: [.init("Content-Length", "9")])),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1)),
      .notApplicable("no URL upstream", Samples.stream(Samples.ready)),
      .notApplicable("no event stream", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  private static var chunked: [StreamFacts.Header] { [StreamFacts.Header("Transfer-Encoding", "chunked")] }

  func judge(_ facts: Facts) -> [Verdict] {
    let path = StreamPath(facts)
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      guard let response = stream.response else { return card.noStream(stream) }
      let inside = path.inner(of: stream).lazy.compactMap(\.response).first { $0.isEventStream }
      if response.isEventStream, let length = response.value(of: "Content-Length"),
        inside?.value(of: "Content-Length") == nil
      {
        switch path.delivery(of: stream).manner {
        case .bufferedUntilEnd:
          return card.notApplicable(subject, "it was collected first, which stream.buffered judges")
        case .replayed: return card.notApplicable(subject, "it comes out of a cache, which stream.replayed judges")
        default: break
        }
        return finding(
          stream, path, "gives the stream a Content-Length, so all of it was collected first", .error,
          Evidence("Content-Length", length, expected: "none"))
      }
      guard let inside else {
        return card.notApplicable(subject, "no URL upstream was opened that shows how it is sent")
      }
      if stream.obstacle != nil || !stream.redirects.isEmpty {
        return card.notApplicable(subject, "another page answers in its place, which other checks judge")
      }
      if response.status == 200, response.mediaType != inside.mediaType {
        return finding(
          stream, path, "changes the Content-Type", .error,
          Evidence(
            "Content-Type", response.value(of: "Content-Type") ?? "none",
            expected: inside.value(of: "Content-Type") ?? "none"))
      }
      guard response.isEventStream else { return card.noStream(stream) }
      let cache = response.value(of: "Cache-Control")
      if cache?.lowercased() != inside.value(of: "Cache-Control")?.lowercased() {
        return finding(
          stream, path, "changes Cache-Control", .warning,
          Evidence("Cache-Control", cache ?? "none", expected: inside.value(of: "Cache-Control") ?? "none"))
      }
      // Over HTTP/1.1 without chunks a cut looks like an end, and the next nginx buffers.
      if response.httpVersion == "1.1", response.value(of: "Transfer-Encoding") == nil,
        inside.value(of: "Transfer-Encoding") != nil
      {
        return finding(
          stream, path, "takes the chunks off, so that only the end of the connection ends the body", .notice,
          Evidence("Transfer-Encoding", "none", expected: "chunked"))
      }
      return card.pass(subject, "\(stream.hop) passes on what the instance sends of type, caching and framing")
    }
  }

  private func finding(
    _ stream: StreamFacts, _ path: StreamPath, _ what: String, _ severity: Severity, _ evidence: Evidence
  ) -> Verdict {
    card.finding(
      .stream(stream.url), "\(stream.hop) \(what)\(path.blame(stream))", severity: severity,
      evidence: [evidence] + card.hopEvidence(path.hops(of: stream)), at: stream.location)
  }
}
