// The frame of the checks on what a Redis shows beyond INFO: for which systems the question arises, and what is said
// where nobody asked.

import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each Redis that shows a detail, and why it is not known for each that doesn't.
  func eachRedis<Detail>(
    _ facts: Facts, with detail: KeyPath<RedisFacts, Observation<Detail>?>, _ what: String,
    _ judge: (RedisFacts, Detail) -> Verdict
  ) -> [Verdict] {
    eachRedis(facts) { redis in
      onAnswer(redis[keyPath: detail], to: what, by: redis) { judge(redis, $0) }
    }
  }

  /// The verdicts for a system that the question arises for, or the one that says why it doesn't.
  func inSystems(
    _ systems: Set<System>, _ facts: Facts, otherwise why: String, _ judge: (Deployment) -> [Verdict]
  ) -> [Verdict] {
    switch facts.deployment {
    case .unseen(let reason): [unseen(.deployment, reason)]
    case .seen(let deployment) where systems.contains(deployment.system): judge(deployment)
    case .seen: [notApplicable(.deployment, why)]
    }
  }
}

extension RedisFacts {
  /// Why a detail is not known; `what` is what nobody asked for.
  func whyUnknown<Detail>(_ detail: Observation<Detail>?, _ what: String) -> String {
    detail?.unseen.map(whyUnseen) ?? whyNotAsked(what)
  }

  /// Whether each node counts its own subscribers alone.
  var isClusterNode: Bool { server.value?.mode == "cluster" || cluster?.value != nil }
}

/// What the tool itself leaves in logs and lists bears this name.
let ownName = "flowpanel-doctor"

/// The items without repetitions, in their order.
func distinct<Item: Hashable>(_ items: [Item]) -> [Item] {
  var seen: Set<Item> = []
  return items.filter { seen.insert($0).inserted }
}

/// `9000` as `9,000`.
func thousands(_ number: Int) -> String {
  let digits = Array("\(number.magnitude)")
  let groups = digits.enumerated().map { offset, digit in
    offset > 0 && (digits.count - offset) % 3 == 0 ? ",\(digit)" : "\(digit)"
  }
  return (number < 0 ? "-" : "") + groups.joined()
}
