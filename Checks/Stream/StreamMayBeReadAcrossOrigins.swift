import Diagnosis
import Facts

/// A page of another origin gets the stream only if the response says that it may.
struct StreamMayBeReadAcrossOrigins: Check {
  static let card = CheckCard(
    id: "stream.cors",
    title: "The stream may be read from the page's origin",
    severity: .error,
    needs: [.stream],
    why: """
      A browser fails a stream from another origin than the page's for good, unless Access-Control-Allow-Origin names that \
      origin or is *. Where cookies go with the request (withCredentials), * does not do, and \
      Access-Control-Allow-Credentials: true has to stand beside it. curl and most tests don't look at either.
      """,
    remedy: Remedy(
      "Serve page and stream from one origin, or answer with both headers.",
      snippet: "Access-Control-Allow-Origin: https://admin.example.com\nAccess-Control-Allow-Credentials: true"),
    references: [
      "Fetch: CORS check, https://fetch.spec.whatwg.org/#concept-cors-check",
      "WHATWG HTML section 9.2.2, https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface",
    ],
    scenarios: [
      .passes("the origin itself", sample(page)),
      .passes("any origin", sample("*")),
      .passes("the origin itself, with cookies", sample(page, credentials: "true", sent: ["Cookie"])),
      .finds("no header", sample(), on: Samples.publicURL),
      .finds("another origin", sample("https://other.example.com")),
      .finds("the header twice", sample(page, page)),
      .finds("any origin, with cookies", sample("*", credentials: "true", sent: ["cookie"])),
      .finds("the origin itself, and cookies are not allowed", sample(page, sent: ["Cookie"])),
      .finds("True is not true", sample(page, credentials: "True", sent: ["Cookie"])),
      .undetermined(
        "a redirect, whose own headers are not kept",
        sample(page).streams { $0.redirects = [StreamFacts.Redirect(url: "https://events.example.com/")] },
        on: Samples.publicURL),
      .undetermined(
        "no response", Samples.stream(.connectionRefused, reached: 1).streams { $0.origin = page },
        on: Samples.publicURL),
      .notApplicable("no origin was given", Samples.stream(Samples.ready)),
      .notApplicable("the stream's own origin", sample().streams { $0.origin = "https://admin.example.com" }),
      .notApplicable("an instance's own URL", sample().streams { $0.instance = "web-1" }),
      .notApplicable("502: another check's finding", Samples.stream(status: 502).streams { $0.origin = page }),
      .notApplicable("no stream was named", Facts(streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachEventStream(facts) { stream, response in
      let subject = Subject.stream(stream.url)
      guard let page = stream.origin else {
        return card.notApplicable(subject, "no page's origin was given; --origin names one")
      }
      if stream.instance != nil || stream.via != nil { return card.notApplicable(subject, "browsers don't open it") }
      if page == origin(ofURL: stream.url) { return card.notApplicable(subject, "the page is of the stream's origin") }
      let allowed = response.line(of: "Access-Control-Allow-Origin")
      let credentials = response.line(of: "Access-Control-Allow-Credentials")
      if let fault = fault(allowed, credentials, page, stream) {
        return finding(stream, page, fault, allowed, credentials)
      }
      if !stream.redirects.isEmpty {
        return card.undetermined(
          subject, "a browser asks it of the redirect too, whose headers this run does not keep", at: stream.location)
      }
      return card.pass(
        subject, "\(stream.hop) allows it to pages of \(page): Access-Control-Allow-Origin: \(allowed ?? "")")
    }
  }

  private func fault(_ allowed: String?, _ credentials: String?, _ page: String, _ stream: StreamFacts) -> String? {
    guard let allowed else { return "does not allow it to any other origin" }
    if allowed == "*" { return stream.carriesCredentials ? "allows it to any origin, but without cookies" : nil }
    if allowed != page { return "allows it to \(allowed) and not to \(page)" }
    return stream.carriesCredentials && credentials != "true" ? "allows it to \(page), but without cookies" : nil
  }

  private func finding(
    _ stream: StreamFacts, _ page: String, _ fault: String, _ allowed: String?, _ credentials: String?
  ) -> Verdict {
    let needed = stream.carriesCredentials ? "\nAccess-Control-Allow-Credentials: true" : ""
    return card.finding(
      .stream(stream.url), "\(stream.hop) \(fault), so a browser keeps it from pages of \(page)",
      evidence: [
        Evidence("Access-Control-Allow-Origin", allowed ?? "absent", expected: page)
      ]
        + (stream.carriesCredentials
          ? [Evidence("Access-Control-Allow-Credentials", credentials ?? "absent", expected: "true")] : []),
      at: stream.location,
      remedy: Remedy(
        "Serve page and stream from one origin, by a path of the page's proxy; or let the route, or the proxy and not "
          + "both, answer with what stands below, and with Vary: Origin where there are several origins.",
        snippet: "Access-Control-Allow-Origin: \(page)\(needed)"))
  }

  private static let page = "https://app.example.com"

  private static func sample(_ allowed: String..., credentials: String? = nil, sent: [String] = []) -> Facts {
    Samples.stream(Samples.ready).streams { stream in
      stream.origin = page
      stream.sentHeaders = sent
      for value in allowed { stream.add("Access-Control-Allow-Origin", value) }
      if let credentials { stream.add("Access-Control-Allow-Credentials", credentials) }
    }
  }
}

extension StreamFacts {
  /// Whether the request carried what Fetch calls credentials: cookies, HTTP authentication or a client certificate.
  fileprivate var carriesCredentials: Bool {
    hasClientCertificate || sentHeaders.contains { ["cookie", "authorization"].contains($0.lowercased()) }
  }
}
