import Diagnosis
import Facts

/// A variable that does not belong on an instance is read there all the same.
struct VariablesStayAway: Check {
  static let card = CheckCard(
    id: "env.forbidden-variable",
    title: "No instance sets what it must not set",
    severity: .error,
    needs: [.deployment, .environment],
    why: """
      The manifest names variables that no instance may set, such as a switch that turns certificate checks off, and \
      variables that belong on some instances alone, such as a worker's. Where one is set all the same, the program acts \
      on it: a second scheduler starts, or a debugging door stays open.
      """,
    remedy: Remedy("Take the variable out where it does not belong, and restart the instance."),
    references: ["flowpanel-doctor.yaml(5): env, forbidden and onlyOn"],
    scenarios: [
      .passes("nobody sets it", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"], forbidding)),
      .finds(
        "web-2 sets it", Samples.environments(["REDIS_URL": "a"], ["NODE_TLS_REJECT_UNAUTHORIZED": "b"], forbidding),
        on: "web-2"),
      .passes("empty is not set", Samples.environments(["REDIS_URL": "a"], ["DEBUG_PORT": ""], forbidding)),
      .finds("a pattern", Samples.environments(["DEBUG_PORT": "a"], [:], forbidding), on: "web-1"),
      .finds("it belongs on web-1 alone", Samples.environments(["CRON": "a"], ["CRON": "a"], forbidding), on: "web-2"),
      .undetermined(
        "web-2 may set more than is known",
        Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"], forbidding).on("web-2") {
          $0.mayHoldMore = Samples.secretMissing
        }, on: "web-2"),
      .undetermined(
        "web-2's environment can't be read", Samples.environments(["REDIS_URL": "a"], nil, forbidding), on: "web-2"),
      .notApplicable("no rule forbids anything", Samples.environments(["DEBUG_PORT": "a"], ["DEBUG_PORT": "a"])),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let rules = EnvironmentRules(facts)
    let restricted = facts.$environments.names.filter { rules.isForbidden($0) || rules.instances(for: $0) != nil }
    return card.eachEnvironment(
      facts,
      unless: {
        $0.stated.forbidden.isEmpty && $0.stated.onlyOn.isEmpty ? "no rule in the manifest forbids a variable" : nil
      }
    ) { environment, _, rules in
      let findings = restricted.filter(environment.sets).compactMap { name in
        if rules.isForbidden(name) { return finding(name, on: environment, "no instance may set it") }
        guard !rules.belongs(name, on: environment.instance) else { return nil }
        return finding(name, on: environment, "it belongs on \(listed(rules.instances(for: name) ?? [])) alone")
      }
      let verdicts = findings + card.openVerdict(environment)
      return verdicts.isEmpty
        ? [card.pass(.instance(environment.instance), "it sets nothing that it must not set")] : verdicts
    }
  }

  private func finding(_ name: String, on environment: EnvironmentFacts, _ rule: String) -> Verdict {
    card.finding(
      .instance(environment.instance), "\(name) is set, and \(rule)",
      evidence: [Evidence(name, "set", expected: "not set: \(rule)", source: environment.place(of: name))],
      at: environment.variables.value?[name]?.location, variables: [name])
  }

  private static let forbidding = Samples.deployment {
    $0.forbidden = ["NODE_TLS_REJECT_UNAUTHORIZED", "DEBUG_*"]
    $0.onlyOn = ["CRON": ["web-1"]]
  }
}
