import Diagnosis
import Facts

/// Who may open the stream reads what is published on it; this run came as a stranger.
struct StreamAsksForCredentials: Check {
  static let card = CheckCard(
    id: "stream.auth-open",
    title: "The stream is refused to a request without credentials",
    severity: .warning,
    needs: [.deployment, .stream],
    why: """
      flowpanel serves its stream to anyone unless auth.requireRole is set, and a stream brings every channel that is \
      named in ?channel=: a stranger reads which records change, and when. TestPlanIt always asks for a session. On a \
      public address that is an error; on a private one, where the network may be the fence, a notice.
      """,
    remedy: Remedy(
      "Let the stream ask for a session, or guard its path in the proxy as the rest of the admin is. Where it is meant "
        + "to be open, say so in the manifest: checks: stream.auth-open: suppress: true, with the reason."),
    references: [
      "flowpanel documentation: Realtime (scope, auth.requireRole)",
      "OWASP API Security: broken authentication, https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
    ],
    scenarios: [
      .passes("401 for a stranger", Samples.stream(status: 401)),
      .passes("403 for a stranger", Samples.stream(status: 403)),
      .finds(
        "the name looks public, and where it leads is not known", Samples.stream(Samples.ready), on: Samples.publicURL),
      .finds(
        "a public address", Samples.stream(Samples.ready).streams { $0.address = "203.0.113.7:443" }, severity: .error),
      .finds("a public name that leads to a private address from here", sample(at: "10.0.0.7:443")),
      .finds(
        "what was connected to is this side's proxy",
        Samples.stream(Samples.ready).streams {
          $0.address = "203.0.113.7:3128"
          $0.proxy = "http://proxy:3128"
        }),
      .finds("a private network's name", sample(url: "http://web-1:3000/api/flowpanel/stream"), severity: .notice),
      .finds("a private address", sample(url: "http://10.0.0.11:3000/api/flowpanel/stream"), severity: .notice),
      .finds("a public address in the URL", sample(url: "http://203.0.113.7/api/flowpanel/stream"), severity: .error),
      .finds("TestPlanIt", Samples.stream(Samples.ready, system: .testplanit)),
      .undetermined("no response", Samples.stream(.connectionRefused, reached: 1), on: Samples.publicURL),
      .notApplicable("a cookie was sent", Samples.stream(Samples.ready).streams { $0.sentHeaders = ["Cookie"] }),
      .notApplicable(
        "a certificate was shown", Samples.stream(Samples.ready).streams { $0.hasClientCertificate = true }),
      .notApplicable("the URL may hold a token", sample(url: "\(Samples.publicURL)?channel=a&token=…")),
      .notApplicable("this machine", sample(url: "http://localhost:3000/api/flowpanel/stream")),
      .notApplicable("502", Samples.stream(status: 502)),
      .notApplicable("a login page", Samples.stream(type: "text/html")),
      .notApplicable("an application of one's own", Samples.stream(Samples.ready, system: .redisStreams)),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      if ![.flowpanel, .testplanit].contains(system) {
        return card.notApplicable(subject, "whether a stream of \(system.rawValue) may be open is for its owner to say")
      }
      if let credentials = credentials(of: stream) {
        return card.notApplicable(subject, "this run came with \(credentials), so what a stranger gets was not seen")
      }
      if hostName(inURL: stream.finalURL).map(isLoopback) == true {
        return card.notApplicable(subject, "this machine alone can reach it")
      }
      switch stream.outcome {
      case .failure(let failure):
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      case .response(let response) where [401, 403].contains(response.status):
        return card.pass(subject, "\(stream.hop) answered \(response.status) to a request without credentials")
      case .response(let response) where !response.isEventStream:
        return card.notApplicable(
          subject, "no event stream was opened: status \(response.status), type \(response.mediaType ?? "none")")
      case .response: return finding(stream, system)
      }
    }
  }

  private func finding(_ stream: StreamFacts, _ system: System) -> Verdict {
    let reader =
      system == .flowpanel
      ? "whoever reaches it can read any channel, by its name in ?channel=" : "TestPlanIt asks for a session"
    let remedy =
      system == .flowpanel
      ? "Set auth.requireRole in flowpanel.config.ts: without it the stream is open by design. Versions that don't know "
        + "it need a guard in the proxy, for the stream's path as for the rest of the admin. Where it is meant to be "
        + "open, suppress this check in the manifest, with the reason."
      : "Make sure that the URL leads to TestPlanIt's own route, and that no proxy or test set-up adds a session."
    return card.finding(
      .stream(stream.url), "\(stream.hop) gave its stream to a request without credentials: \(reader)",
      severity: severity(stream),
      evidence: [
        Evidence("credentials sent", "none"), Evidence("answer", "200, an event stream", expected: "401 or 403"),
        Evidence("address", stream.address ?? "not known"),
      ], at: stream.location, remedy: Remedy(remedy))
  }

  /// What of the request may have let it in; nil for nothing.
  private func credentials(of stream: StreamFacts) -> String? {
    if !stream.sentHeaders.isEmpty { return "the operator's own \(listed(stream.sentHeaders))" }
    if stream.hasClientCertificate { return "a client certificate" }
    // A value that is redacted is one that nobody knows to be harmless.
    return stream.url.contains("=…") ? "a parameter in the URL that may be a token" : nil
  }

  /// Who can reach it, as far as the name and the address tell.
  private func severity(_ stream: StreamFacts) -> Severity {
    guard let host = hostName(inURL: stream.finalURL) else { return .warning }
    if isPrivateName(host) || isPrivateAddress(host) { return .notice }
    if isAddress(host) { return .error }
    // A public name may lead elsewhere from here than it does from outside.
    guard stream.proxy == nil, let address = stream.address else { return .warning }
    return isPrivateAddress(withoutPort(address)) ? .warning : .error
  }

  private static func sample(url: String = Samples.publicURL, at address: String? = nil) -> Facts {
    Samples.stream(Samples.ready).streams {
      $0.url = url
      $0.address = address
    }
  }
}
