import Diagnosis
import FanOut
import Facts

/// The checks that are about whom an event reaches; what others find is shown where it is explained by them.
private let fanOutChecks: Set<String> = Set(
  [
    "pubsub.balancer-reach", "pubsub.burst-loss", "pubsub.delivered-once", "pubsub.fanout",
    "pubsub.fanout-app-channel", "pubsub.no-subscribers",
    "pubsub.subscriber-count",
  ]
    + [
      "backend-stalled", "blocked", "buffered", "content-encoding", "content-type", "delayed", "ended", "handshake",
      "headers-withheld", "ready-without-redis", "replay", "replay-other-instance", "replayed", "rewritten",
      "rollout-gap", "rollout-herd", "rollout-loss", "status", "unreachable",
    ].map { "stream.\($0)" })

/// What can't be seen of a balancer from here, which is no fault and no pass.
func leftOpenByBalancers(_ verdicts: [Verdict]) -> [String] {
  verdicts.filter { $0.check == "pubsub.balancer-reach" && $0.kind == .notApplicable && $0.subject.kind == .stream }
    .map { "whether \($0.subject.name) leads to every instance: \($0.message)" }
}

extension [Verdict] {
  /// Those that bear on whom an event reaches; where nothing could be published, also what is wrong with the config, which
  /// tells through which Redis.
  func ofFanOut(_ facts: Facts) -> [Verdict] {
    let isUndriven = facts.drive?.unseen != nil
    return filter { verdict in
      fanOutChecks.contains(verdict.check) || verdict.explainedBy != nil
        || isUndriven && verdict.kind == .finding && verdict.severity == .error && verdict.check.hasPrefix("config.")
    }
  }
}

/// The checks that tell whether it does.
private let reachChecks: Set<String> = ["pubsub.fanout", "pubsub.fanout-app-channel"]

/// What it comes to: each cause in a sentence, what is not known; or that the event came out everywhere.
func fanOutConclusions(_ facts: Facts, _ verdicts: [Verdict], wasInterrupted: Bool) -> [String] {
  let reach = verdicts.filter { reachChecks.contains($0.check) }
  let standing = verdicts.filter { $0.kind == .finding && $0.explainedBy == nil && $0.severity > .notice }
    .sorted { left, right in left.severity > right.severity }
  // A cause is told here by what it keeps from happening, whichever check found it.
  let causes =
    standing.filter { reachChecks.contains($0.check) } + standing.filter { !reachChecks.contains($0.check) }
  let unknown = reach.filter { $0.kind == .undetermined && $0.explainedBy == nil }
  var sentences = causes.map(\.message) + unknown.map { "\($0.subject.name): \($0.message)" }
  if sentences.isEmpty, let matrix = FanOutMatrix(facts), !reach.isEmpty, reach.allSatisfy({ $0.kind != .finding }) {
    sentences = [whole(matrix)].compactMap { $0 }
  }
  if sentences.isEmpty, let rooms = facts.rooms?.value, reach.contains(where: { $0.kind == .pass }) {
    let places = rooms.places.map { $0.instance ?? $0.url }
    sentences = ["who joins a room at one of \(drawnTogether(places).joined(separator: ", ")) is seen at all of them"]
  }
  sentences += leftOpenByBalancers(verdicts)
  return sentences.map { wasInterrupted ? "as far as it was watched, \($0)" : $0 }
}

/// That an event came out everywhere, and how soon.
private func whole(_ matrix: FanOutMatrix) -> String? {
  let direct = matrix.rows.filter { ($0.direct?.arrival.came ?? 0) > 0 }
  let publicURLs = matrix.publicStreams.compactMap { $0.first?.facts.url }
  guard !direct.isEmpty || !publicURLs.isEmpty else { return nil }
  func latest(_ streams: [FanOutMatrix.Stream]) -> String {
    streams.compactMap(\.arrival.latest).max().map { " within \(millisecondsText($0))" } ?? ""
  }
  let instances =
    direct.isEmpty
    ? [] : ["\(drawnTogether(direct.map(\.instance)).joined(separator: ", "))\(latest(direct.compactMap(\.direct)))"]
  let urls = zip(publicURLs, matrix.publicStreams).map { "\($0)\(latest($1))" }
  return "an event that is published once comes out of \((instances + urls).joined(separator: ", and of "))"
}
