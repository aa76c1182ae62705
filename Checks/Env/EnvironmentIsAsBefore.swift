import Diagnosis
import Facts

/// What a deploy changes in the environment is what to look at first when something breaks with it.
struct EnvironmentIsAsBefore: Check {
  static let card = CheckCard(
    id: "env.changed-since-baseline",
    title: "The environments are those of the baseline",
    severity: .notice,
    needs: [.deployment, .environment],
    why: """
      A snapshot of an earlier deploy says what each instance ran under when all was well. What has been added, taken \
      away or changed since is what this deploy does beside its code, and should be what somebody meant to do. Values \
      are compared by fingerprints under one key.
      """,
    remedy: Remedy("If the change was meant, take a new snapshot as the baseline of the next deploy."),
    references: ["flowpanel-doctor(1): SNAPSHOTS"],
    scenarios: [
      .passes("nothing has changed", since(["REDIS_URL": "a", "PORT": "1"])),
      .finds("a value has changed", since(["REDIS_URL": "b", "PORT": "1"]), on: "deployment"),
      .finds("a name was taken away", since(["REDIS_URL": "a", "PORT": "1", "DEBUG": "x"])),
      .finds("a name was added", since(["REDIS_URL": "a"])),
      .finds("web-2 is new", since(["REDIS_URL": "a", "PORT": "1"], alone: true), on: "web-2"),
      .undetermined(
        "the baseline was taken under another key",
        since(["REDIS_URL": "a", "PORT": "1"]).on("web-1") { $0.keyID = "k2" }, on: "web-1"),
      .undetermined(
        "web-1's value is not known",
        since(["REDIS_URL": "a", "PORT": "1"]).on("web-1") { $0.unresolved = ["REDIS_URL": Samples.secretMissing] },
        on: "web-1"),
      .undetermined(
        "web-1's environment can't be read",
        since(["REDIS_URL": "a", "PORT": "1"]).on("web-1") { $0.variables = .unseen(Samples.secretMissing) },
        on: "web-1"),
      .notApplicable("there is no baseline", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"])),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let baseline = facts.baseline, facts.deployment.value != nil, let environments = facts.environments.value
    else {
      return [card.notApplicable(.deployment, "no baseline was named to compare with")]
    }
    let rules = EnvironmentRules(facts.deployment.value ?? Deployment())
    // One instance then and one now are the same, whatever they are called.
    let isPair = environments.count == 1 && baseline.environments.count == 1
    var changed: [Change: [EnvironmentFacts]] = [:]
    var verdicts: [Verdict] = []
    for environment in environments {
      let earlier = baseline.environments.first { isPair || $0.instance == environment.instance }
      verdicts += judge(environment, since: earlier, baseline, rules, &changed)
    }
    if !isPair {
      for earlier in baseline.environments where !environments.contains(where: { $0.instance == earlier.instance }) {
        verdicts.append(comesOrGoes(earlier.instance, "is not there any more, and was", baseline))
      }
    }
    verdicts = findings(changed, baseline) + verdicts
    return verdicts.isEmpty
      ? [
        card.pass(
          .deployment,
          "\(counted(environments.count, "environment")) as on \(baseline.takenAt)"
            + (isPair && environments[0].instance != baseline.environments[0].instance
              ? ", when it was \(baseline.environments[0].instance)" : ""))
      ] : verdicts
  }

  private struct Change: Hashable {
    enum Kind: String {
      case changed, removed, added, respelt

      func phrase(of count: Int) -> String {
        switch self {
        case .changed: count == 1 ? "has another value" : "have other values"
        case .respelt: count == 1 ? "has another spelling of the same value" : "have other spellings of the same values"
        case .added: count == 1 ? "is new" : "are new"
        case .removed: count == 1 ? "is not set any more" : "are not set any more"
        }
      }
    }

    var name: String
    var kind: Kind
  }

  /// Adds what has changed on one instance, and says what can't be known.
  private func judge(
    _ environment: EnvironmentFacts, since earlier: EnvironmentFacts?, _ baseline: EnvironmentBaseline,
    _ rules: EnvironmentRules, _ changed: inout [Change: [EnvironmentFacts]]
  ) -> [Verdict] {
    let subject = Subject.instance(environment.instance)
    guard let earlier else { return [comesOrGoes(environment.instance, "was not there", baseline)] }
    if let reason = environment.variables.unseen { return [card.unseen(subject, reason)] }
    guard let now = environment.variables.value, let before = earlier.variables.value else {
      return [card.undetermined(subject, "its environment was not known when the baseline was taken")]
    }
    let isComparable = earlier.keyID == environment.keyID
    var unknown: [String] = []
    let unresolved = Set((environment.unresolved ?? [:]).keys).union((earlier.unresolved ?? [:]).keys)
    for name in Set(now.keys).union(before.keys).union(unresolved).filter({ !rules.isPerProcess($0) }).sorted() {
      if environment.whyUnknown(name) != nil || earlier.whyUnknown(name) != nil {
        unknown.append(name)
        continue
      }
      guard let kind = change(from: before[name], to: now[name], isComparable) else { continue }
      changed[Change(name: name, kind: kind), default: []].append(environment)
    }
    var verdicts: [Verdict] = []
    if let reason = environment.mayHoldMore ?? earlier.mayHoldMore {
      verdicts.append(
        card.undetermined(subject, "whether other names changed is not known: \(reason.detail)", at: reason.location))
    }
    if !unknown.isEmpty {
      verdicts.append(card.undetermined(subject, "whether \(listed(unknown)) changed is not known: not all values are"))
    }
    if !isComparable {
      verdicts.append(
        card.undetermined(
          subject,
          "whether its values have changed is not known: the baseline was taken under another key; give that one with "
            + "--hmac-key-file"))
    }
    return verdicts
  }

  private func change(from before: VariableFacts?, to now: VariableFacts?, _ isComparable: Bool) -> Change.Kind? {
    switch (before?.isEmpty ?? true, now?.isEmpty ?? true) {
    case (true, true): return nil
    case (true, false): return .added
    case (false, true): return .removed
    case (false, false): break
    }
    guard isComparable, let before, let now, before.fingerprint != now.fingerprint else { return nil }
    return before.meaning != nil && before.meaning == now.meaning ? .respelt : .changed
  }

  /// One finding for what has changed alike on the same instances.
  private func findings(_ changed: [Change: [EnvironmentFacts]], _ baseline: EnvironmentBaseline) -> [Verdict] {
    struct Group: Hashable {
      var kind: Change.Kind
      var instances: [String]
    }
    var groups: [Group: [String]] = [:]
    for (change, environments) in changed {
      groups[Group(kind: change.kind, instances: environments.map(\.instance)), default: []].append(change.name)
    }
    let sorted = groups.map { (group: $0.key, names: $0.value.sorted()) }
      .sorted { ($0.group.kind.rawValue, $0.names[0]) < ($1.group.kind.rawValue, $1.names[0]) }
    return sorted.map { group, names in
      let environments = changed[Change(name: names[0], kind: group.kind)] ?? []
      let what = group.kind.phrase(of: names.count)
      return card.finding(
        .deployment, "\(listed(names)) \(what) on \(instanceNames(group.instances))",
        evidence: names.prefix(20).map { name in
          Evidence(
            name, group.kind.phrase(of: 1), expected: "as on \(baseline.takenAt) (\(baseline.source))",
            source: places(environments) { $0.place(of: name) })
        },
        at: environments.first?.variables.value?[names[0]]?.location, variables: names)
    }
  }

  private func comesOrGoes(_ instance: String, _ what: String, _ baseline: EnvironmentBaseline) -> Verdict {
    card.finding(
      .instance(instance), "\(instance) \(what) on \(baseline.takenAt)",
      evidence: [
        Evidence(
          "instances of the baseline", instanceNames(baseline.environments.map(\.instance)), source: baseline.source)
      ])
  }

  /// Two instances that set two names, and what the baseline says of them.
  private static func since(_ before: [String: String], alone: Bool = false) -> Facts {
    let now = ["REDIS_URL": "a", "PORT": "1"]
    var facts = Samples.environments(now, now).on("web-1") { $0.keyID = "k1" }.on("web-2") { $0.keyID = "k1" }
    let then = Samples.environments(before, before).on("web-1") { $0.keyID = "k1" }.on("web-2") { $0.keyID = "k1" }
    facts.baseline = EnvironmentBaseline(
      source: "before.json", takenAt: "2026-01-02T03:04:05Z",
      environments: Array((then.environments.value ?? []).prefix(alone ? 1 : 2)))
    return facts
  }
}
