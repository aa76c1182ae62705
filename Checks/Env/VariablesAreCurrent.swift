import Diagnosis
import Facts

/// A variable that nothing reads any more looks as if it did something.
struct VariablesAreCurrent: Check {
  static let card = CheckCard(
    id: "env.deprecated-variable",
    title: "No variable is set that has lost its meaning",
    severity: .warning,
    needs: [.deployment, .environment],
    why: """
      A deprecated variable is honoured by some versions and ignored by others, and one that no code reads never did \
      anything, whatever the documentation says. Whoever changes it to mend something waits for an effect that never \
      comes.
      """,
    remedy: Remedy("Take the variable out, and set what has taken its place."),
    references: ["flowpanel-doctor.yaml(5): env, deprecated"],
    scenarios: [
      .passes("nobody sets one", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"], deprecating)),
      .finds("web-2 sets one", Samples.environments(["REDIS_URL": "a"], ["CACHE_HOST": "b"], deprecating), on: "web-2"),
      .finds(
        "one that no version of the system reads",
        Samples.environments(["FLOCK_HEARTBEAT_INTERVAL_MS": "a"], [:], Samples.deployment(.flock)), on: "web-1"),
      .undetermined(
        "web-2 may set more than is known",
        Samples.environments([:], [:], deprecating).on("web-2") { $0.mayHoldMore = Samples.secretMissing }, on: "web-2"),
      .undetermined("web-2's environment can't be read", Samples.environments([:], nil, deprecating), on: "web-2"),
      .notApplicable("nothing is deprecated", Samples.environments(["CACHE_HOST": "a"], ["CACHE_HOST": "a"])),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let rules = EnvironmentRules(facts)
    let deprecated = facts.$environments.names.compactMap { name in rules.deprecation(of: name).map { (name, $0) } }
    return card.eachEnvironment(
      facts, unless: { $0.deprecatesAnything ? nil : "neither the manifest nor the system deprecates a variable" }
    ) { environment, variables, _ in
      let findings = deprecated.filter { environment.sets($0.0) }.map { name, instead in
        card.finding(
          .instance(environment.instance), "\(name) is set, which is deprecated",
          evidence: [Evidence(name, "set", expected: "not set", source: environment.place(of: name))],
          at: variables[name]?.location, remedy: Remedy(instead.hasSuffix(".") ? instead : "\(instead)."),
          variables: [name])
      }
      let verdicts = findings + card.openVerdict(environment)
      return verdicts.isEmpty ? [card.pass(.instance(environment.instance), "it sets nothing deprecated")] : verdicts
    }
  }

  private static let deprecating = Samples.deployment { $0.deprecated = ["CACHE_HOST": "Set REDIS_URL instead."] }
}
