// The frames that the judgements on environments sit in: side by side, or one after the other.

import Diagnosis
import Facts

extension CheckCard {
  /// Judges the environments side by side; with fewer than two there is nothing to compare, unless one alone can be held
  /// against the rules.
  func comparingEnvironments(
    _ facts: Facts, orOneAlone isJudged: (EnvironmentRules) -> Bool = { _ in false }, _ judge: (Parity) -> [Verdict]
  ) -> [Verdict] {
    withEnvironments(facts) { environments in
      let given = environments.filter { ![.notGiven, .notAsked].contains($0.variables.unseen?.kind) }
      guard given.count >= 2 || given.count == 1 && isJudged(EnvironmentRules(facts)) else {
        return [
          notApplicable(
            .deployment,
            "\(given.isEmpty ? "no environment" : "only one environment") was given; it takes two to compare")
        ]
      }
      return judge(Parity(facts, environments))
    }
  }

  /// Judges each instance's environment by itself: the question does not arise where `none` says so, and one that is not
  /// known is undetermined.
  func eachEnvironment(
    _ facts: Facts, unless none: (EnvironmentRules) -> String? = { _ in nil },
    _ judge: (EnvironmentFacts, [String: VariableFacts], EnvironmentRules) -> [Verdict]
  ) -> [Verdict] {
    withEnvironments(facts) { environments in
      let rules = EnvironmentRules(facts)
      if let reason = none(rules) { return [notApplicable(.deployment, reason)] }
      if environments.isEmpty { return [notApplicable(.deployment, "no environment was given")] }
      // A gate on parity with one instance has looked at nothing that it is for, unless it was given rules.
      let isAlone = environments.count < 2 && facts.deployment.value?.variables == VariableRules()
      return gathered(
        environments.flatMap { environment -> [Verdict] in
          switch environment.variables {
          case .unseen(let reason):
            return [undetermined(.instance(environment.instance), reason.detail, at: reason.location)]
          case .seen(let variables):
            return judge(environment, variables, rules).map { verdict in
              isAlone && verdict.kind == .pass
                ? notApplicable(verdict.subject, "\(verdict.message); one environment alone has no parity") : verdict
            }
          }
        })
    }
  }

  private func withEnvironments(_ facts: Facts, _ judge: ([EnvironmentFacts]) -> [Verdict]) -> [Verdict] {
    switch (facts.environments, facts.deployment) {
    case (.unseen(let reason), _), (_, .unseen(let reason)): [unseen(.deployment, reason)]
    case (.seen(let environments), .seen): judge(environments)
    }
  }

  /// The verdict where an instance may set more than is known; nil where it may not.
  func openVerdict(_ environment: EnvironmentFacts) -> [Verdict] {
    environment.mayHoldMore.map { [undetermined(.instance(environment.instance), $0.detail, at: $0.location)] } ?? []
  }
}

/// The verdicts with what is found, or not known, alike on several instances in one: a fault that two hundred have is
/// one fault, and a question that arises for none of them is one question.
private func gathered(_ verdicts: [Verdict]) -> [Verdict] {
  if var first = verdicts.first,
    verdicts.allSatisfy({ $0.kind == .notApplicable && $0.message == first.message })
  {
    first.subject = .deployment
    return [first]
  }
  struct Finding: Hashable {
    var kind: Verdict.Kind
    var message: String
    var severity: Severity
  }
  var places: [Finding: Int] = [:]
  var instances: [Int: [String]] = [:]
  var result: [Verdict] = []
  for verdict in verdicts {
    let isAsked = [.finding, .undetermined].contains(verdict.kind)
    let finding = Finding(kind: verdict.kind, message: verdict.message, severity: verdict.severity)
    guard isAsked, let place = places[finding] else {
      if isAsked {
        places[finding] = result.count
        instances[result.count] = [verdict.subject.name]
      }
      result.append(verdict)
      continue
    }
    instances[place, default: []].append(verdict.subject.name)
    if result[place].evidence.count < 8 { result[place].evidence += verdict.evidence }
  }
  for (place, names) in instances where names.count > 1 {
    result[place].subject = .deployment
    result[place].message += ", on \(instanceNames(names))"
  }
  return result
}
