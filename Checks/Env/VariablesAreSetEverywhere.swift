import Diagnosis
import Facts

/// A variable that one instance has and another lacks makes one deployment behave as two.
struct VariablesAreSetEverywhere: Check {
  static let card = CheckCard(
    id: "env.missing-on-instance",
    title: "Variables that matter are set on every instance",
    severity: .error,
    needs: [.config, .deployment, .environment],
    why: """
      A secret or URL that reached only some of the instances is the classic half-finished rollout. The instance that \
      lacks it starts all the same, on a default: another Redis, another driver, a random key. Users then see faults \
      that come and go with the load balancer's choice.
      """,
    remedy: Remedy("Set the variable on every instance before the rollout, and run this check as a gate."),
    references: [
      "The Twelve-Factor App, III. Config, https://12factor.net/config",
      "flowpanel documentation: Realtime (several instances)",
    ],
    scenarios: [
      .passes(
        "both set everything that matters",
        Samples.environments(["REDIS_URL": "a", "DATABASE_URL": "b"], ["REDIS_URL": "a", "DATABASE_URL": "b"])),
      .passes(
        "only names bound to a machine are on one alone",
        Samples.environments(["REDIS_URL": "a", "PORT": "1", "POD_NAME": "x"], ["REDIS_URL": "a"])),
      .passes(
        "what is missing was declared as free to differ",
        Samples.environments(
          ["REDIS_URL": "a", "SENTRY_DSN": "x"], ["REDIS_URL": "a"], Samples.deployment(mayDiffer: ["SENTRY_DSN"]))),
      .passes(
        "a variable that none of them sets is not missing on any",
        Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"])),
      .finds("web-2 lacks REDIS_URL", Samples.environments(["REDIS_URL": "a"], ["DATABASE_URL": "b"]), on: "web-2"),
      .finds("web-2 has it empty", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": ""]), on: "web-2"),
      .finds(
        "a name that only the operator knows of",
        Samples.environments(
          ["QUEUE_KEY": "a", "REDIS_URL": "a"], ["REDIS_URL": "a"], Samples.deployment(mustMatch: ["QUEUE_KEY"])),
        on: "web-2"),
      .finds(
        "a name that the config reads",
        Samples.environments(
          ["CACHE_URL": "a", "REDIS_URL": "a"], ["REDIS_URL": "a"],
          config: [.redis("web-1", .endpoint(Samples.cache), variables: [VariableUse("CACHE_URL", .set)])]),
        on: "web-2"),
      .finds(
        "a name without which the config does not start",
        Samples.environments(
          ["SMTP_URL": "a", "REDIS_URL": "a"], ["REDIS_URL": "a"],
          variables: [ConfigVariable(name: "SMTP_URL", need: .failsWithout)]),
        on: "web-2"),
      .finds(
        "a name that nothing is known about",
        Samples.environments(["REDIS_URL": "a", "SENTRY_DSN": "x"], ["REDIS_URL": "a"]), on: "web-2",
        severity: .notice),
      .undetermined(
        "web-2's environment can't be read",
        Samples.environments(["REDIS_URL": "a"], nil), on: "web-2"),
      .undetermined(
        "so there is nothing to compare web-1 with", Samples.environments(["REDIS_URL": "a"], nil), on: "web-1"),
      .passes(
        "what is set to something unknown is set",
        Samples.environments(["REDIS_URL": "a"], [:]).on("web-2") {
          $0.unresolved = ["REDIS_URL": Samples.secretMissing]
        }),
      .finds(
        "web-1 sets it to something unknown, and web-2 not at all",
        Samples.environments([:], ["DATABASE_URL": "a"]).on("web-1") {
          $0.unresolved = ["REDIS_URL": Samples.secretMissing]
        },
        on: "web-2"),
      .undetermined(
        "web-2 may set more than is known",
        Samples.environments(["REDIS_URL": "a"], [:]).on("web-2") { $0.mayHoldMore = Samples.secretMissing },
        on: "web-2"),
      .undetermined(
        "web-1 may set more than is known, which web-2 would lack",
        Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"]).on("web-1") {
          $0.mayHoldMore = Samples.secretMissing
        },
        on: "web-2"),
      .notApplicable("nothing that matters is set anywhere", Samples.environments(["PORT": "1"], ["PORT": "2"])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
      .notApplicable("one environment", Samples.environments(["REDIS_URL": "a"])),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.comparingEnvironments(facts) { parity in
      let rest = parity.otherNames
      return parity.environments.flatMap { environment -> [Verdict] in
        let subject = Subject.instance(environment.instance)
        if let reason = environment.variables.unseen {
          return [card.undetermined(subject, "its environment is not known: \(reason.detail)", at: reason.location)]
        }
        let others = parity.readable.filter { $0.instance != environment.instance }
        guard !others.isEmpty else {
          return [card.undetermined(subject, "no other instance's environment could be read, so nothing was compared")]
        }
        let absent = parity.needed.filter { !environment.sets($0) && !parity.holders(of: $0).isEmpty }
        let missing = absent.filter { environment.whyUnknown($0) == nil }
        let extra = rest.filter { !environment.sets($0) && environment.whyUnknown($0) == nil }
        var verdicts: [Verdict] = []
        if let open = unknown(environment, absent, in: parity) { verdicts.append(open) }
        if !missing.isEmpty { verdicts.append(finding(missing, on: environment, in: parity)) }
        if !extra.isEmpty { verdicts.append(notice(extra, on: environment, in: parity)) }
        return verdicts.isEmpty ? [agreement(subject, with: others, in: parity)] : verdicts
      }
    }
  }

  /// The verdict where it, or an instance that it is held against, may set more than is known; nil where neither may.
  private func unknown(_ environment: EnvironmentFacts, _ absent: [String], in parity: Parity) -> Verdict? {
    let subject = Subject.instance(environment.instance)
    if let name = absent.first, let reason = environment.mayHoldMore {
      return card.undetermined(subject, "whether it sets \(name) is not known: \(reason.detail)", at: reason.location)
    }
    guard let other = parity.readable.first(where: { $0.instance != environment.instance && $0.mayHoldMore != nil }),
      let reason = other.mayHoldMore,
      let name = parity.needed.first(where: { !environment.sets($0) && !other.sets($0) })
    else { return nil }
    return card.undetermined(
      subject, "whether \(other.instance) sets \(name), which it would have to set too, is not known: \(reason.detail)",
      at: reason.location)
  }

  private func agreement(_ subject: Subject, with others: [EnvironmentFacts], in parity: Parity) -> Verdict {
    let count = parity.needed.count { !parity.holders(of: $0).isEmpty }
    if count == 0 {
      return card.notApplicable(subject, "no instance sets any of the \(parity.needed.count) names that must be set")
    }
    return card.pass(
      subject,
      "it sets every name that must be set (\(counted(count, "name")), compared with \(listed(others.map(\.instance))))"
    )
  }

  private func finding(_ names: [String], on environment: EnvironmentFacts, in parity: Parity) -> Verdict {
    let instance = environment.instance
    let holders = names.count == 1 ? parity.holders(of: names[0]).map(\.instance) : []
    let rest =
      names.count > 1 ? "other instances set them" : "\(listed(holders)) \(holders.count == 1 ? "sets" : "set") it"
    let empty = names.count { environment.variables.value?[$0] != nil }
    let state = empty == 0 ? "not set" : empty == names.count ? "empty" : "not set or empty"
    return card.finding(
      .instance(instance), "\(listed(names)) \(names.count == 1 ? "is" : "are") \(state) on \(instance); \(rest)",
      evidence: names.map { missing($0, on: environment, in: parity) },
      at: names.lazy.compactMap { environment.variables.value?[$0]?.location }.first ?? environment.onlyFile,
      remedy: Remedy(
        "Set \(listed(names)) for \(instance) as on the other instances (\(environment.source)), and restart it. "
          + "A name that is meant to differ belongs under env: mayDiffer: in the manifest.",
        snippet: names.map { "\($0)=…" }.joined(separator: "\n")))
  }

  private func notice(_ names: [String], on environment: EnvironmentFacts, in parity: Parity) -> Verdict {
    let isAre = names.count == 1 ? "variable that is" : "variables that are"
    return card.finding(
      .instance(environment.instance),
      "\(environment.instance) lacks \(names.count) \(isAre) set on other instances: \(listed(names))",
      severity: .notice, evidence: names.map { missing($0, on: environment, in: parity) }, at: environment.onlyFile,
      remedy: Remedy(
        "Set \(names.count == 1 ? "it" : "them") on \(environment.instance) as well, or name "
          + "\(names.count == 1 ? "it" : "them") under env: mayDiffer: in the manifest."))
  }

  private func missing(_ name: String, on environment: EnvironmentFacts, in parity: Parity) -> Evidence {
    let isEmpty = environment.variables.value?[name] != nil
    let holders = parity.holders(of: name)
    let place = holders.first.map { " (\($0.place(of: name)))" } ?? ""
    return Evidence(
      name, isEmpty ? "empty" : "not set", expected: "set, as on \(listed(holders.map(\.instance)))\(place)",
      source: isEmpty ? environment.place(of: name) : environment.source)
  }
}
