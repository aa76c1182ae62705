import Diagnosis
import Facts

/// An instance of TestPlanIt that shuts down in peace says so on every stream; one that is killed can't.
struct StreamSaysThatItEnds: Check {
  static let card = CheckCard(
    id: "stream.shutdown-event",
    title: "A stream that ends says that its instance shuts down",
    severity: .warning,
    needs: [.deployment, .stream],
    why: """
      On SIGTERM TestPlanIt sends event: shutdown on every stream and closes them, so that pages reconnect to another \
      instance in an orderly way. A stream that ends without it was cut by a proxy, belonged to an instance that was \
      killed before it could speak, or was a user's oldest of more than four.
      """,
    remedy: Remedy(
      "Give instances 30 s or more to shut down, and let SIGTERM reach them.",
      snippet: "terminationGracePeriodSeconds: 60"),
    references: [
      "TestPlanIt documentation: Server-Sent Events (graceful shutdown)",
      "Kubernetes: termination of pods, https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
      "Compose: stop_grace_period, https://docs.docker.com/reference/compose-file/services/#stop_grace_period",
    ],
    scenarios: [
      .passes("the event, and the end", sample([shutdown], end: .complete(.lastChunk))),
      .passes("the event, and a cut", sample([shutdown], end: Samples.cut(.reset, "reset"))),
      .finds("the end without it", sample(end: .complete(.lastChunk)), on: Samples.publicURL),
      .finds("a cut without it", sample(end: Samples.cut(.endOfFile, "closed"))),
      .finds("something after it", sample([shutdown, Samples.comment("ping", at: 9)], end: .complete(.endStream))),
      .undetermined("no response", Samples.stream(.timedOut, reached: 3).system(.testplanit)),
      .undetermined(
        "the last of many was not kept",
        sample(end: .complete(.lastChunk)).streams { $0.totals.events = 20_000 }, on: Samples.publicURL),
      .notApplicable("it did not end", sample()),
      .notApplicable("this run gave it up", sample(end: Samples.cut(.undecodable, "bad gzip"))),
      .notApplicable("another system", Samples.stream(Samples.ready, end: .complete(.lastChunk))),
      .notApplicable("502: another check's finding", Samples.stream(status: 502).system(.testplanit)),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachEventStream(facts) { stream, _ in
      let subject = Subject.stream(stream.url)
      if system != .testplanit { return card.notApplicable(subject, "\(system.rawValue) sends no such event") }
      let watched = millisecondsText(stream.watchedMilliseconds)
      let how: String
      switch stream.end {
      case .closedByProbe: return card.notApplicable(subject, "it did not end in \(watched)")
      case .cut(let cut) where [.undecodable, .malformed, .tooLarge].contains(cut.kind):
        return card.notApplicable(subject, "this run could not read on: \(cut.detail)")
      case .complete: how = "in good order"
      case .cut(let cut): how = "in the middle of the body (\(cut.detail))"
      }
      if stream.totals.events + stream.totals.comments > stream.arrivals.count {
        return card.undetermined(
          subject, "it brought more than is kept, so what came last is not known", at: stream.location)
      }
      if case .event("shutdown", _) = stream.arrivals.last?.content {
        return card.pass(subject, "\(stream.hop) sent the event shutdown and ended after \(watched)")
      }
      return card.finding(
        subject, "\(stream.hop) ended the stream after \(watched), \(how), without the event shutdown",
        evidence: [
          Evidence("last", stream.arrivals.last?.content.words ?? "nothing came", expected: "the event shutdown"),
          Evidence("end", "\(how), after \(watched)"),
        ], at: stream.location,
        remedy: Remedy(
          "See who ended it: if instances were stopped at this time, give them 30 s or more and let SIGTERM reach the "
            + "process itself; if the user has more than four streams open, the oldest is closed, as it should; else a "
            + "proxy cut it.", snippet: "terminationGracePeriodSeconds: 60"))
    }
  }

  private static let shutdown = Samples.event("shutdown", "{}", at: 8)

  private static func sample(_ arrivals: [StreamFacts.Arrival] = [], end: StreamFacts.End = .closedByProbe) -> Facts {
    Samples.stream([Samples.event("message", #"{"event":"sync"}"#, at: 7)] + arrivals, system: .testplanit, end: end)
  }
}
