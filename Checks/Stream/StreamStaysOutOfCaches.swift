import Diagnosis
import Facts

/// A cache takes a stream for a document, and middleware compresses it, unless its headers forbid both.
struct StreamStaysOutOfCaches: Check {
  static let card = CheckCard(
    id: "stream.cache-control",
    title: "The stream may be neither cached nor transformed",
    severity: .warning,
    needs: [.stream],
    why: """
      A cache that may keep a stream gives the next viewer the recording of another one's: Varnish keeps what has no \
      Cache-Control for two minutes, bunny.net for a month. Without no-transform, compressing middleware such as \
      Express' may take the stream, and holds megabytes of small events back before it gives the first. A stream that is \
      merely open to that and comes uncompressed today is a notice.
      """,
    remedy: Remedy("Let the route forbid both.", snippet: good.line),
    references: [
      "RFC 9111 section 5.2.2: response directives, https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2",
      "Express: compression, https://expressjs.com/en/resources/middleware/compression.html",
    ],
    scenarios: [
      .passes("no-cache, no-transform", sample("no-cache, no-transform")),
      .passes("in two headers, and in capitals", sample("No-Transform", "NO-STORE")),
      .passes("private", sample("private, no-transform")),
      .passes("no lifetime at all", sample("max-age=60, s-maxage=0, no-transform")),
      .passes("a lifetime that is over", sample("max-age=-1, no-transform")),
      .finds("no Cache-Control", Samples.stream(Samples.ready), on: Samples.publicURL),
      .finds("a lifetime", sample("max-age=60, no-transform")),
      .finds("public", sample("public, no-transform")),
      .finds("no-cache for one header alone", sample("no-cache=\"Set-Cookie, Date\", no-transform")),
      .finds("no-transform alone", sample("no-transform")),
      .finds("it may be transformed, and is not", sample("no-cache, no-store"), severity: .notice),
      .finds(
        "it comes compressed", sample("no-cache", with: [StreamFacts.Header("Content-Encoding", "br")]),
        severity: .warning),
      .finds(
        "a lifetime that is not kept, and no more",
        Samples.stream(Samples.ready).streams { $0.add("Expires", "[redacted]") },
        severity: .notice),
      .undetermined(
        "a lifetime that is not kept, and no-transform",
        sample("no-transform", with: [StreamFacts.Header("Expires", "[redacted]")]), on: Samples.publicURL),
      .finds(
        "a proxy replaces what the instance sends",
        Samples.streams(direct: Samples.ready, public: Samples.ready).streams {
          $0.add("Cache-Control", $0.instance == nil ? "max-age=3600" : good.value)
        }, on: Samples.publicURL),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1), on: Samples.publicURL),
      .notApplicable("502: another check's finding", Samples.stream(status: 502)),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let streams = facts.streams.value ?? []
    let direct = streams.filter { $0.instance != nil && $0.isEventStream && fault(in: $0) == nil }
    let compressed = Set(streams.filter { $0.isEventStream && $0.isCompressed }.map(\.target))
    return card.eachEventStream(facts) { stream, response in
      let line = response.line(of: "Cache-Control")
      guard let fault = fault(in: stream) else {
        if CacheControl(line ?? "").isSilent, response.value(of: "Expires") != nil {
          return card.undetermined(
            .stream(stream.url), "\(stream.hop) sends Expires, whose value this run does not keep", at: stream.location)
        }
        return card.pass(.stream(stream.url), "\(stream.hop) sends Cache-Control: \(line ?? "")")
      }
      let isCompressed = compressed.contains(stream.target)
      let effect =
        fault == .mayBeKept
        ? "a cache may keep it and replay it to others"
        : isCompressed ? "middleware may compress it, and it comes compressed" : "middleware may compress it"
      let own = stream.instance == nil ? stream.counterpart(in: direct) : nil
      return card.finding(
        .stream(stream.url),
        "\(stream.hop) sends \(line.map { "Cache-Control: \($0)" } ?? "no Cache-Control"), so \(effect)",
        severity: fault == .mayBeKept || isCompressed ? .warning : .notice,
        evidence: [Evidence("Cache-Control", line ?? "absent", expected: Self.good.value)]
          + [stream.response?.coding.map { Evidence("Content-Encoding", $0) }].compactMap { $0 }
          + [own.map { Evidence("at \($0.hop)", $0.response?.line(of: "Cache-Control") ?? "", source: $0.url) }]
          .compactMap { $0 },
        at: stream.location, remedy: remedy(fault, own))
    }
  }

  private enum Fault {
    case mayBeKept, mayBeTransformed
  }

  private func fault(in stream: StreamFacts) -> Fault? {
    guard let response = stream.response else { return nil }
    let control = CacheControl(response.line(of: "Cache-Control") ?? "")
    // The value of Expires is not kept, so it may have said that the response was stale from the start.
    if control.allowsReuse || control.isSilent && response.value(of: "Expires") == nil { return .mayBeKept }
    return control.forbidsTransforming ? nil : .mayBeTransformed
  }

  private func remedy(_ fault: Fault, _ own: StreamFacts?) -> Remedy {
    let text =
      if let own {
        "\(own.hop) sends what is right, so a proxy before it changes the header: let it pass the instance's on."
      } else {
        switch fault {
        case .mayBeKept: "Let the route forbid it; a rule of the cache for the stream's path would do as well."
        case .mayBeTransformed:
          "Let the route forbid it: Express, Next.js, Caddy, HAProxy, Envoy and Cloudflare heed no-transform. nginx, "
            + "Apache and Traefik don't: there, turn compression off for the stream's path."
        }
      }
    return Remedy(text, snippet: Self.good.line)
  }

  private static let good = (value: "no-cache, no-transform", line: "Cache-Control: no-cache, no-transform")

  private static func sample(_ values: String..., with headers: [StreamFacts.Header] = []) -> Facts {
    Samples.stream(Samples.ready).streams { stream in
      for value in values { stream.add("Cache-Control", value) }
      for header in headers { stream.add(header.name, header.value) }
    }
  }
}
