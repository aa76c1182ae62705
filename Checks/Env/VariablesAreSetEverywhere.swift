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
      .finds(
        "the manifest asks for a name that nobody sets",
        Samples.environments(
          ["REDIS_URL": "a"], ["REDIS_URL": "a"], Samples.deployment { $0.required = ["SMTP_URL"] }), on: "web-1"),
      .finds(
        "the example lists a name that nobody sets",
        Samples.environments(
          ["REDIS_URL": "a"], ["REDIS_URL": "a"],
          Samples.deployment { $0.documented = ["SMTP_URL": Location(file: ".env.example", line: 3)] }), on: "web-2",
        severity: .warning),
      .finds(
        "the system needs a name that nobody sets", Samples.environments([:], [:], Samples.deployment(.testplanit)),
        on: "web-1", severity: .warning),
      .finds(
        "web-2 lacks what belongs on it alone",
        Samples.environments(
          ["REDIS_URL": "a"], ["REDIS_URL": "a"], Samples.deployment { $0.onlyOn = ["CRON_SECRET": ["web-2"]] }),
        on: "web-2"),
      .passes(
        "web-1 lacks what belongs on web-2 alone",
        Samples.environments(
          ["REDIS_URL": "a"], ["REDIS_URL": "a", "CRON_SECRET": "x"],
          Samples.deployment { $0.onlyOn = ["CRON_SECRET": ["web-2"]] })),
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
      let needed = Needed(parity)
      let readable = parity.readable.map(\.instance)
      let open = parity.readable.filter { $0.mayHoldMore != nil }
      return parity.environments.flatMap { environment -> [Verdict] in
        let subject = Subject.instance(environment.instance)
        if let reason = environment.variables.unseen {
          return [card.undetermined(subject, "its environment is not known: \(reason.detail)", at: reason.location)]
        }
        guard readable.count > 1 else {
          return [card.undetermined(subject, "no other instance's environment could be read, so nothing was compared")]
        }
        func lacks(_ name: String) -> Bool {
          !environment.sets(name) && parity.rules.belongs(name, on: environment.instance)
        }
        let absent = needed.names.filter(lacks)
        let missing = absent.filter { environment.whyUnknown($0) == nil }
        let extra = needed.others.filter { lacks($0) && environment.whyUnknown($0) == nil }
        var verdicts: [Verdict] = []
        if let verdict = unknown(environment, absent, open, needed, in: parity) { verdicts.append(verdict) }
        for (severity, names) in grouped(missing, in: parity) {
          verdicts.append(finding(names, severity, on: environment, in: parity))
        }
        if !extra.isEmpty { verdicts.append(notice(extra, on: environment, in: parity)) }
        return verdicts.isEmpty ? [agreement(subject, with: readable, needed)] : verdicts
      }
    }
  }

  /// The names that are judged.
  private struct Needed {
    /// Those that must be set everywhere where they belong: somebody sets them, or a rule asks for them.
    var names: [String] = []
    /// Those that somebody sets and nobody says anything about.
    var others: [String] = []
    /// Those that nobody sets, and that would have to be set everywhere if somebody did.
    var unset: [String] = []

    init(_ parity: Parity) {
      for name in parity.names {
        let agreement = parity.rules.agreement(of: name)
        let need = parity.rules.need(of: name)
        let isSet = parity.holderCount(of: name) > 0
        if need == .manifest || need == .example || need == .system || parity.rules.instances(for: name) != nil {
          names.append(name)
        } else if need == .config || agreement == .mustMatch || agreement == .mustBeUnique && isSet {
          // Whether the config starts where nobody sets what it needs is another check's question.
          if isSet { names.append(name) } else { unset.append(name) }
        } else if agreement == nil, isSet, !parity.rules.isForbidden(name), parity.rules.deprecation(of: name) == nil {
          others.append(name)
        }
      }
    }
  }

  /// The names by how bad it is that they are missing. What no instance sets may come from a source that was not named,
  /// unless the manifest asks for it.
  private func grouped(_ names: [String], in parity: Parity) -> [(Severity, [String])] {
    func isError(_ name: String) -> Bool {
      parity.holderCount(of: name) > 0 || parity.rules.need(of: name) == .manifest
        || parity.rules.instances(for: name) != nil
    }
    let groups: [(Severity, [String])] = [
      (.error, names.filter(isError)), (.warning, names.filter { !isError($0) }),
    ]
    return groups.filter { !$0.1.isEmpty }
  }

  /// The verdict where it, or an instance that it is held against, may set more than is known; nil where neither may.
  private func unknown(
    _ environment: EnvironmentFacts, _ absent: [String], _ open: [EnvironmentFacts], _ needed: Needed, in parity: Parity
  ) -> Verdict? {
    let subject = Subject.instance(environment.instance)
    let lacking = needed.unset.filter { !environment.sets($0) }
    if let name = absent.first, let reason = environment.mayHoldMore {
      return card.undetermined(subject, "whether it sets \(name) is not known: \(reason.detail)", at: reason.location)
    }
    guard let other = open.first(where: { $0.instance != environment.instance }), let reason = other.mayHoldMore,
      let name = lacking.first(where: { !other.sets($0) })
    else { return nil }
    return card.undetermined(
      subject, "whether \(other.instance) sets \(name), which it would have to set too, is not known: \(reason.detail)",
      at: reason.location)
  }

  private func agreement(_ subject: Subject, with instances: [String], _ needed: Needed) -> Verdict {
    let count = needed.names.count
    if count == 0 {
      return card.notApplicable(
        subject, "no instance sets any of the \(counted(needed.unset.count, "name")) that must be set")
    }
    return card.pass(
      subject,
      "it sets every name that must be set (\(counted(count, "name")), compared with "
        + "\(counted(instances.count - 1, "other instance")))")
  }

  private func finding(
    _ names: [String], _ severity: Severity, on environment: EnvironmentFacts, in parity: Parity
  ) -> Verdict {
    let instance = environment.instance
    let empty = names.count { environment.variables.value?[$0] != nil }
    let state = empty == 0 ? "not set" : empty == names.count ? "empty" : "not set or empty"
    let example = names.compactMap { parity.rules.stated.documented[$0] }.first
    return card.finding(
      .instance(instance),
      "\(listed(names)) \(names.count == 1 ? "is" : "are") \(state) on \(instance); \(reason(names, severity, in: parity))",
      severity: severity, evidence: names.map { missing($0, on: environment, in: parity) },
      at: names.lazy.compactMap { environment.variables.value?[$0]?.location }.first ?? environment.onlyFile ?? example,
      remedy: Remedy(
        "Set \(listed(names)) for \(instance)\(severity == .error ? "" : ", unless another source does")"
          + " (\(environment.source)), and restart it. "
          + "A name that is meant to differ belongs under env: mayDiffer: in the manifest.",
        snippet: names.map { "\($0)=…" }.joined(separator: "\n")))
  }

  /// Why they would have to be set.
  private func reason(_ names: [String], _ severity: Severity, in parity: Parity) -> String {
    guard names.count == 1, let name = names.first else {
      return severity == .error ? "other instances set them, or the manifest asks for them" : "nobody sets them"
    }
    let count = parity.holderCount(of: name)
    if count > 0 { return "\(parity.holderNames(of: name)) \(count == 1 ? "sets" : "set") it" }
    return "no instance sets it, and \(who(needs: name, in: parity))"
  }

  private func who(needs name: String, in parity: Parity) -> String {
    switch parity.rules.need(of: name) {
    case .example: "the example lists it (\(parity.rules.stated.documented[name]?.description ?? ".env.example"))"
    case .system: "the system needs it"
    case .config: "the config does not start without it"
    case .manifest, nil: "the manifest asks for it"
    }
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
    let place = parity.firstPlace(of: name).map { " (\($0))" } ?? ""
    let expected =
      parity.holderCount(of: name) > 0
      ? "set, as on \(parity.holderNames(of: name))\(place)" : "set: \(who(needs: name, in: parity))"
    return Evidence(
      name, isEmpty ? "empty" : "not set", expected: expected,
      source: isEmpty ? environment.place(of: name) : environment.source)
  }
}
