import Diagnosis
import Facts

/// TestPlanIt answers at once and then waits for Valkey, without an end and without a word.
struct StreamReachesItsBackend: Check {
  static let card = CheckCard(
    id: "stream.backend-stalled",
    title: "The instance's stream does not wait for Valkey",
    severity: .error,
    needs: [.deployment, .stream],
    why: """
      TestPlanIt sends the headers of a stream first and its first byte once Valkey has taken the subscription. Where \
      Valkey can't be reached it tries for ever: the stream is open, stays silent, and sends not even heartbeats. Behind \
      a proxy that looks like buffering, so it is judged at the instance's own URL.
      """,
    remedy: Remedy("Make Valkey reachable from the instance: the redis checks say what is in the way."),
    references: [
      "TestPlanIt documentation: Server-Sent Events (first event)",
      "ioredis: maxRetriesPerRequest, https://github.com/redis/ioredis#auto-reconnect",
    ],
    scenarios: [
      .passes("the sync message", sample([Samples.event("message", #"{"event":"sync"}"#, at: 30)])),
      .passes("anything at all", sample([Samples.comment("ping", at: 900)])),
      .finds("headers, and nothing in 5 s", sample(), on: Samples.publicURL),
      .undetermined("watched too briefly", sample(watched: 900), on: Samples.publicURL),
      .undetermined(
        "it comes compressed, which may hold it back", sample().streams { $0.add("Content-Encoding", "gzip") }),
      .undetermined(
        "no response", Samples.stream(.timedOut, reached: 3).system(.testplanit).streams { $0.instance = "web-1" }),
      .notApplicable("a public URL, behind which a proxy may hold it back", Samples.stream(system: .testplanit)),
      .notApplicable("it ends", sample(end: .complete(.lastChunk), watched: 20)),
      .notApplicable("another system", Samples.stream().streams { $0.instance = "web-1" }),
      .notApplicable("502: another check's finding", Samples.stream(status: 502).system(.testplanit)),
      .notApplicable(
        "no stream was named",
        Facts(deployment: Samples.deployment(), streams: .unseen(Unseen(.notGiven, "no stream URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let system = facts.deployment.value?.system else { return card.unknownDeployment(facts) }
    return card.eachStream(facts) { stream in
      let subject = Subject.stream(stream.url)
      if system != .testplanit {
        return card.notApplicable(subject, "\(system.rawValue) sends its first byte without its backend")
      }
      if stream.instance == nil {
        return card.notApplicable(subject, "a proxy may hold it back; this is judged at the instance's own URL")
      }
      switch stream.outcome {
      case .failure(let failure):
        return card.undetermined(subject, "no response came: \(failure.detail)", at: stream.location)
      case .response where !stream.isEventStream: return card.notApplicable(subject, "no event stream was opened")
      case .response where !stream.isSilent:
        return card.pass(subject, "\(stream.hop) sent its first byte, so Valkey took the subscription")
      case .response where stream.end != .closedByProbe:
        return card.notApplicable(subject, "it ended after \(millisecondsText(stream.watchedMilliseconds))")
      case .response where !stream.wasWatchedEnough:
        return card.undetermined(
          subject,
          "nothing came, but the stream was watched for \(millisecondsText(stream.watchedMilliseconds)) and not "
            + "for 5 s", at: stream.location)
      case .response where stream.isCompressed:
        return card.undetermined(
          subject, "nothing came, but compression may hold it back (\(stream.response?.coding ?? ""))",
          at: stream.location)
      case .response: return finding(stream)
      }
    }
  }

  private func finding(_ stream: StreamFacts) -> Verdict {
    card.finding(
      .stream(stream.url),
      "\(stream.hop) sent headers and not a byte in \(millisecondsText(stream.watchedMilliseconds)): it waits for Valkey, "
        + "which it can't reach",
      evidence: [
        Evidence(
          "body", "no byte in \(millisecondsText(stream.watchedMilliseconds))",
          expected: #"data: {"event":"sync"} at once"#)
      ] + stream.phaseEvidence, at: stream.location,
      remedy: Remedy(
        "Make the Valkey of VALKEY_URL (or VALKEY_SENTINELS) reachable from this instance, and restart it: the redis "
          + "checks say what is in the way, the instance's log says Valkey connection error.",
        commands: [stream.openCommand]))
  }

  private static func sample(
    _ arrivals: [StreamFacts.Arrival] = [], end: StreamFacts.End = .closedByProbe, watched: Double = 5000
  ) -> Facts {
    Samples.stream(arrivals, system: .testplanit, end: end, watched: watched).streams { $0.instance = "web-1" }
  }
}

extension StreamFacts {
  /// Whether an event stream brought nothing.
  fileprivate var isSilent: Bool { arrivals.isEmpty && totals.bodyBytes == 0 }

  /// Whether the instance waits for its backend: what the stream's beginning lacks is said there.
  func isStalled(of system: System) -> Bool {
    system == .testplanit && instance != nil && isEventStream && isSilent && end == .closedByProbe && wasWatchedEnough
      && !isCompressed
  }
}
