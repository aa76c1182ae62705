import Diagnosis
import Facts

/// Without `realtime` flowpanel takes the memory driver and says nothing about it.
struct RealtimeIsSet: Check {
  static let card = CheckCard(
    id: "config.realtime-unset",
    title: "The config chooses a realtime driver",
    severity: .error,
    needs: [.config],
    why: """
      Where the config has no realtime settings, flowpanel takes the memory driver without a word in its log. With one \
      instance that is right; from the second on, a change made on one instance never reaches the browsers of the \
      others, while every stream still opens and sends its heartbeats.
      """,
    remedy: Remedy("Choose the driver in the config.", snippet: redisDriverSnippet),
    references: ["flowpanel documentation: Realtime (drivers)"],
    scenarios: [
      .passes("both instances get their settings from the config", Samples.config(.web1, .web2)),
      .finds("two instances and no settings", Samples.config(.unset("web-1"), .unset("web-2")), on: "web-2"),
      .finds("one instance and no settings", Samples.config(.unset("web-1")), on: "web-1", severity: .notice),
      .finds(
        "the settings depend on a variable that web-2 lacks",
        Samples.config(.web1, .unset("web-2", variables: [VariableUse("REDIS_URL", .unset)])), on: "web-2"),
      .undetermined(
        "the settings come from a function that can't be followed",
        Samples.config(.web1, .unknown("web-2", "realtimeSettings() is not followed")), on: "web-2"),
      .undetermined(
        "the config can't be read", Samples.config(file: .unseen(Unseen(.notUnderstood, "a brace is not closed")))),
      .notApplicable("no instances", Samples.config()),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let names = facts.config.value?.instances.map(\.instance) ?? []
    return card.eachInstance(facts.config) { realtime in
      let isSet = realtime.isSet
      switch isSet.outcome {
      case .seen(true): return card.pass(.instance(realtime.instance), "the config chooses its realtime driver")
      case .unseen(let reason): return isSet.unknown("whether realtime is set", card, realtime.instance, reason)
      case .seen(false):
        let isAlone = names.count < 2
        let cause = isSet.lacking.isEmpty ? "" : " (\(listed(isSet.lacking.map(\.words))))"
        let effect =
          isAlone
          ? "right for one instance, and wrong from the second on"
          : "events made on it reach none of the browsers on \(listed(names, except: realtime.instance))"
        return card.finding(
          .instance(realtime.instance),
          "the config gives \(realtime.instance) no realtime settings\(cause), so it is on the memory driver: "
            + effect,
          severity: isAlone ? .notice : .error,
          evidence: [
            Evidence("realtime", "unset", expected: "a driver", source: isSet.location?.description),
            Evidence("instances", "\(names.count): \(listed(names))"),
          ] + isSet.variableEvidence(on: realtime.instance),
          at: isSet.location,
          remedy: remedy(isSet, realtime.instance, isAlone: isAlone))
      }
    }
  }

  private func remedy(_ isSet: Evaluated<Bool>, _ instance: String, isAlone: Bool) -> Remedy {
    if isAlone {
      return Remedy(
        "Write the driver down, so that a second instance is a decision.", snippet: #"realtime: { driver: "memory" },"#)
    }
    if isSet.lacking.isEmpty {
      return Remedy("Choose the redis driver, with a URL that every instance has.", snippet: redisDriverSnippet)
    }
    return isSet.remedyByEnvironment(of: instance)
  }
}
