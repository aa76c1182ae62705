import Diagnosis
import Facts

/// A config that throws keeps the whole admin from starting, on just the instances whose environment makes it throw.
struct ConfigStarts: Check {
  static let card = CheckCard(
    id: "config.fails-at-start",
    title: "The config gives its settings under every instance's environment",
    severity: .error,
    needs: [.config],
    why: """
      A config may check its own environment and throw where something is missing. That is the better way to fail, and \
      it still takes the instance down: the admin answers every request with an error, or the process does not come up \
      at all. A rollout that forgot a variable on one instance shows up here before it is started.
      """,
    remedy: Remedy("Set what the config asks for in the environment of the instance, and restart it."),
    references: ["flowpanel documentation: Configuration (flowpanel.config.ts)", "ECMA-262: throw statement"],
    scenarios: [
      .passes("both start", Samples.config(.web1, .web2)),
      .passes("the memory driver starts too", Samples.config(.memory("web-1"))),
      .finds("web-2 lacks the variable", Samples.config(.web1, .failing("web-2")), on: "web-2"),
      .finds(
        "the config throws whatever the environment", Samples.config(.failing("web-1", variables: [])), on: "web-1"),
      .undetermined(
        "the settings of web-2 can't be followed",
        Samples.config(.web1, .unknown("web-2", "realtimeSettings() is not followed")), on: "web-2"),
      .undetermined(
        "a part of the config is not understood",
        Samples.config(.web1, .doubtful("web-2", "the config depends on syntax that is not understood")), on: "web-2"),
      .undetermined(
        "the config can't be read", Samples.config(file: .unseen(Unseen(.notUnderstood, "a brace is not closed")))),
      .notApplicable("no instances", Samples.config()),
      .notApplicable("no config was given", Facts(config: .unseen(Unseen(.notGiven, "no config was given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachInstanceStartingOrNot(facts.config) { realtime in
      if let failure = realtime.failure { return finding(realtime.instance, failure) }
      if let reason = realtime.isSet.outcome.unseen {
        return realtime.isSet.unknown("whether realtime is set", card, realtime.instance, reason)
      }
      if let doubt = realtime.doubt {
        return card.undetermined(
          .instance(realtime.instance), "whether it starts is not known: \(doubt.detail)", at: doubt.location)
      }
      return card.pass(.instance(realtime.instance), "the config gives its settings")
    }
  }

  /// What no variable decided is no matter of the environment.
  private func remedy(_ failure: StartFailure, _ byEnvironment: Remedy?) -> Remedy? {
    failure.variables.isEmpty ? Remedy("Mend what throws there: no environment variable decides it.") : byEnvironment
  }

  private func finding(_ instance: String, _ failure: StartFailure) -> Verdict {
    let thrown = Evaluated<Bool>(.seen(true), at: failure.location, variables: failure.variables)
    let lacking = thrown.lacking
    let cause = lacking.isEmpty ? "" : ", because \(listed(lacking.map(\.words))) in its environment"
    return card.finding(
      .instance(instance), "\(instance) does not start\(cause): the config throws \(failure.message)",
      evidence: [
        Evidence("thrown", failure.message, expected: "settings", source: failure.location?.description)
      ] + thrown.variableEvidence(on: instance),
      at: failure.location, remedy: remedy(failure, lacking.isEmpty ? nil : thrown.remedyByEnvironment(of: instance)))
  }
}
