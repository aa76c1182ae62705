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
          ["REDIS_URL": "a"], ["REDIS_URL": "a"], Samples.deployment { $0.required = ["SMTP_URL"] }), on: "deployment"),
      .finds(
        "the example lists a name that nobody sets",
        Samples.environments(
          ["REDIS_URL": "a"], ["REDIS_URL": "a"],
          Samples.deployment { $0.documented = ["SMTP_URL": Location(file: ".env.example", line: 3)] }),
        on: "deployment"),
      .finds(
        "the system needs a name that nobody sets", Samples.environments([:], [:], Samples.deployment(.testplanit)),
        on: "deployment", severity: .warning),
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
    card.comparingEnvironments(facts, orOneAlone: { !$0.needs.isEmpty }) { parity in
      let needed = NeededNames(parity)
      let readable = parity.readable.map(\.instance)
      let open = parity.readable.filter { $0.mayHoldMore != nil }
      var lacking: [Lack: [EnvironmentFacts]] = [:]
      var order: [Lack] = []
      var verdicts: [Verdict] = []
      var absentNeeded = parity.absent(among: needed.names)
      var absentOthers = parity.absent(among: needed.others)
      for (index, environment) in parity.environments.enumerated() {
        let subject = Subject.instance(environment.instance)
        if let reason = environment.variables.unseen {
          verdicts.append(card.undetermined(subject, reason.detail, at: reason.location))
          continue
        }
        guard readable.count > 1 || parity.environments.count == 1 else {
          verdicts.append(
            card.undetermined(subject, "no other instance's environment could be read, so nothing was compared"))
          continue
        }
        func belongs(_ name: String) -> Bool { parity.rules.belongs(name, on: environment.instance) }
        let absent = absentNeeded.next(on: index).filter { belongs($0) && !environment.matchesAny($0) }
        let missing =
          absent.filter { environment.whyUnknown($0) == nil } + needed.empty.filter { environment.holdsEmpty($0) }
        let extra = absentOthers.next(on: index).filter { belongs($0) && environment.whyUnknown($0) == nil }
        let unknown = unknown(environment, absent, open, needed, in: parity)
        if let unknown { verdicts.append(unknown) }
        let own = lacks(missing, extra, in: parity)
        for lack in own {
          if lacking[lack] == nil { order.append(lack) }
          lacking[lack, default: []].append(environment)
        }
        if unknown == nil, own.isEmpty { verdicts.append(agreement(subject, with: readable, needed)) }
      }
      let unlisted = needed.unlisted.isEmpty ? [] : [notice(of: needed.unlisted, in: parity)]
      return order.map { finding($0, on: lacking[$0] ?? [], in: parity) } + unlisted + verdicts
    }
  }

  private func notice(of names: [String], in parity: Parity) -> Verdict {
    card.finding(
      .deployment, "\(names.count) names that nothing is said of are set on some instances alone: \(listed(names))",
      severity: .notice,
      evidence: names.prefix(20).map { Evidence($0, "set on \(parity.holderNames(of: $0))", expected: "set on all") },
      remedy: Remedy(
        "Name under env: in the manifest what must match, and under mayDiffer: what may differ, by patterns."),
      variables: names)
  }

  /// Names that an instance lacks, and how bad that is.
  private struct Lack: Hashable {
    var severity: Severity
    var names: [String]
  }

  /// What no instance sets may come from a source that was not named, unless the manifest or the example asks for it.
  private func lacks(_ missing: [String], _ extra: [String], in parity: Parity) -> [Lack] {
    func isError(_ name: String) -> Bool {
      parity.holderCount(of: name) > 0 || [.manifest, .example].contains(parity.rules.need(of: name))
        || parity.rules.instances(for: name) != nil || isPattern(name)
    }
    return [
      Lack(severity: .error, names: missing.filter(isError)),
      Lack(severity: .warning, names: missing.filter { !isError($0) }), Lack(severity: .notice, names: extra),
    ].filter { !$0.names.isEmpty }
  }

  /// The verdict where it, or an instance that it is held against, may set more than is known; nil where neither may.
  private func unknown(
    _ environment: EnvironmentFacts, _ absent: [String], _ open: [EnvironmentFacts], _ needed: NeededNames,
    in parity: Parity
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

  private func agreement(_ subject: Subject, with instances: [String], _ needed: NeededNames) -> Verdict {
    let count = needed.names.count
    if count == 0 {
      return card.notApplicable(
        subject, "no instance sets any of the \(counted(needed.unset.count, "name")) that must be set")
    }
    return card.pass(
      subject,
      "it sets every name that must be set (\(counted(count, "name"))"
        + (instances.count > 1 ? ", compared with \(counted(instances.count - 1, "other instance")))" : ")"))
  }

  private func finding(_ lack: Lack, on environments: [EnvironmentFacts], in parity: Parity) -> Verdict {
    let names = lack.names
    let instances = instanceNames(environments.lazy.map(\.instance))
    let values = environments.flatMap { environment in names.map { environment.variables.value?[$0] } }
    let empty = values.count { $0 != nil }
    let state = empty == 0 ? "not set" : empty == values.count ? "empty" : "not set or empty"
    let place = environments.count == 1 ? " (\(environments[0].source))" : ""
    let it = names.count == 1 ? "it" : "them"
    let mend =
      switch lack.severity {
      case .error where names.allSatisfy({ parity.holderCount(of: $0) > 0 }):
        "Set \(listed(names)) for \(instances) as on the other instances\(place), and restart what changes."
      case .error: "Set \(listed(names)) for \(instances)\(place), and restart what changes."
      case .warning: "Set \(listed(names)) for \(instances), unless another source does\(place)."
      case .notice: "Set \(it) on \(instances) as well\(place)."
      }
    let example = names.compactMap { parity.rules.stated.documented[$0] }.first
    return card.finding(
      environments.count == 1 ? .instance(environments[0].instance) : .deployment,
      "\(listed(names)) \(names.count == 1 ? "is" : "are") \(state) on \(instances); \(reason(lack, in: parity))",
      severity: lack.severity,
      evidence: names.prefix(20).map { missing($0, on: environments, in: parity) },
      at: values.lazy.compactMap { $0?.location }.first ?? environments.first?.onlyFile ?? example,
      remedy: Remedy(
        "\(mend) What is meant to differ belongs under env: mayDiffer: in the manifest.",
        snippet: lack.severity == .notice ? nil : names.map { "\($0)=…" }.joined(separator: "\n")),
      variables: names)
  }

  /// Why they would have to be set.
  private func reason(_ lack: Lack, in parity: Parity) -> String {
    guard lack.names.count == 1, let name = lack.names.first else {
      if lack.severity == .warning { return "no instance sets them" }
      return lack.names.allSatisfy { parity.holderCount(of: $0) > 0 }
        ? "other instances set them" : "other instances set them, or the manifest asks for them"
    }
    let count = parity.holderCount(of: name)
    if count > 0 { return "\(parity.holderNames(of: name)) \(count == 1 ? "sets" : "set") it" }
    if lack.severity == .warning, parity.rules.need(of: name) == nil { return "no instance gives it a value" }
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

  /// Whether nobody asks for the name, and some give it an empty value.
  private func lackIsEmpty(_ name: String, _ parity: Parity) -> Bool {
    parity.rules.need(of: name) == nil && parity.rules.instances(for: name) == nil && !isPattern(name)
  }

  private func missing(_ name: String, on environments: [EnvironmentFacts], in parity: Parity) -> Evidence {
    let empty = environments.filter { $0.variables.value?[name] != nil }
    let place = parity.firstPlace(of: name).map { " (\($0))" } ?? ""
    let expected =
      parity.holderCount(of: name) > 0
      ? "set, as on \(parity.holderNames(of: name))\(place)"
      : lackIsEmpty(name, parity) ? "a value" : "set: \(who(needs: name, in: parity))"
    let source = empty.isEmpty ? places(environments, \.source) : places(empty) { $0.place(of: name) }
    return Evidence(
      name, empty.isEmpty ? "not set" : empty.count == environments.count ? "empty" : "not set or empty",
      expected: expected, source: source)
  }

  /// One environment, and what the manifest requires of it.
  private static func required(_ names: [String], of values: [String: String]) -> Facts {
    var facts = Samples.environments(values)
    facts.deployment = Samples.deployment { $0.required = names }
    return facts
  }
}
