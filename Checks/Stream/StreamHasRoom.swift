import Diagnosis
import Facts

/// TestPlanIt turns viewers away with one and the same answer when a tenant has too many and when Valkey is not set up.
struct StreamHasRoom: Check {
  static let card = CheckCard(
    id: "stream.over-cap",
    title: "The stream has room for one more viewer",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      An instance of TestPlanIt takes 1000 streams of a tenant and answers 503 with Retry-After: 30 and no body to all \
      further ones; without VALKEY_URL it gives the same answer to everyone. EventSource does not try again after a 503, \
      so whoever got it sees no update until the page is loaded anew. GET /api/health tells the two causes apart.
      """,
    remedy: Remedy(
      "Ask the health endpoint: checks.redis.status disabled means that VALKEY_URL is not set on that instance; else "
        + "raise SSE_PER_TENANT_CAP or SSE_ISSUES_PER_TENANT_CAP, or add instances."),
    references: [
      "TestPlanIt documentation: Server-Sent Events (connection caps)",
      "WHATWG HTML section 9.2.3, https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model",
    ],
    scenarios: [
      .passes("a stream", Samples.stream(Samples.ready, system: .testplanit)),
      .finds("503, Retry-After: 30 and no body", Samples.overCap, on: Samples.publicURL),
      .undetermined(
        "no response", Samples.stream(.timedOut, reached: 3).system(.testplanit), on: Samples.publicURL),
      .notApplicable(
        "503 from a proxy, with a page",
        Samples.stream(status: 503, headers: [.init("Retry-After", "30")], body: "<html>").system(.testplanit)),
      .notApplicable(
        "503 with another time",
        Samples.stream(status: 503, headers: [.init("Retry-After", "5")])
          .system(.testplanit)),
      .notApplicable("refused before streams are counted", Samples.stream(status: 401).system(.testplanit)),
      .notApplicable("another system", Samples.overCap.system(.flowpanel)),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      if system != .testplanit { return card.notApplicable(subject, "\(system.rawValue) has no such cap") }
      switch stream.outcome {
      case .failure(let failure):
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      case .response(let response) where response.status == 200:
        return card.pass(subject, "\(stream.hop) answered 200")
      case .response(let response) where !stream.isOverCap(of: system):
        return card.notApplicable(subject, "status \(response.status) does not come from the cap")
      case .response: return finding(stream)
      }
    }
  }

  private func finding(_ stream: StreamFacts) -> Verdict {
    let health = shellWord(origin(ofURL: stream.finalURL) + "/api/health")
    return card.finding(
      .stream(stream.url),
      "\(stream.hop) turned the stream away: the tenant has too many, or VALKEY_URL is not set on the instance",
      evidence: [
        Evidence("status", "503", expected: "200"), Evidence("Retry-After", "30"), Evidence("body", "empty"),
      ], at: stream.location,
      remedy: Remedy(
        "Ask the health endpoint: checks.redis.status disabled means that VALKEY_URL is not set there, so set it. With ok "
          + "it is the cap of a tenant: raise SSE_PER_TENANT_CAP or SSE_ISSUES_PER_TENANT_CAP and restart, or add "
          + "instances.", commands: ["curl -s \(health)"]))
  }
}

extension StreamFacts {
  /// Whether it is the answer by which TestPlanIt turns a stream away.
  func isOverCap(of system: System?) -> Bool {
    guard system == .testplanit, let response else { return false }
    return response.status == 503 && response.value(of: "Retry-After") == "30" && response.bodyStart.isEmpty
  }
}
