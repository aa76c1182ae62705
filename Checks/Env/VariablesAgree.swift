import Diagnosis
import Facts

/// Two instances with different values of one URL or key are two deployments behind one address.
struct VariablesAgree: Check {
  static let card = CheckCard(
    id: "env.value-differs",
    title: "Variables that must agree have one value on all instances",
    severity: .error,
    needs: [.config, .deployment, .environment],
    why: """
      Instances with different Redis URLs talk past each other: each works alone, and half of the events are lost. \
      Different signing keys end sessions at random, and different caps make limits depend on the load balancer. \
      Values are compared by keyed fingerprints, so no secret leaves its machine.
      """,
    remedy: Remedy("Give every instance the same value, from one source."),
    references: [
      "The Twelve-Factor App, III. Config, https://12factor.net/config", "RFC 2104: HMAC, which the fingerprints are",
    ],
    scenarios: [
      .passes("one value each", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"])),
      .passes(
        "a name that is free to differ",
        Samples.environments(
          ["REDIS_URL": "a", "DATABASE_URL": "b"], ["REDIS_URL": "a", "DATABASE_URL": "c"],
          Samples.deployment(mayDiffer: ["DATABASE_URL"]))),
      .passes(
        "other names may differ as they like",
        Samples.environments(["REDIS_URL": "a", "PORT": "1"], ["REDIS_URL": "a", "PORT": "2"])),
      .finds(
        "a secret that no rule speaks of", Samples.environments(["API_TOKEN": "a"], ["API_TOKEN": "b"]),
        severity: .notice),
      .finds("two values", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "b"]), on: "deployment"),
      .finds("two spellings of one URL", spelledTwice(meaning: "m", "m"), severity: .notice),
      .finds("two URLs", spelledTwice(meaning: "m", "n"), severity: .error),
      .finds(
        "a name that only the operator knows of",
        Samples.environments(["QUEUE_KEY": "a"], ["QUEUE_KEY": "b"], Samples.deployment(mustMatch: ["QUEUE_KEY"]))),
      .finds(
        "a name that the config reads",
        Samples.environments(
          ["CACHE_URL": "a"], ["CACHE_URL": "b"],
          config: [.redis("web-1", .endpoint(Samples.cache), variables: [VariableUse("CACHE_URL", .set)])])),
      .undetermined(
        "web-2's value is not known",
        Samples.environments(["REDIS_URL": "a"], [:]).on("web-2") {
          $0.unresolved = ["REDIS_URL": Samples.secretMissing]
        },
        on: "web-2"),
      .undetermined(
        "nobody's value is known",
        Samples.environments([:], [:]).on("web-1") { $0.unresolved = ["REDIS_URL": Samples.secretMissing] }
          .on("web-2") { $0.unresolved = ["REDIS_URL": Samples.secretMissing] }, on: "web-1"),
      .undetermined(
        "what is left of web-2's value is no other value",
        Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "b"])
          .on("web-2") { $0.unresolved = ["REDIS_URL": Samples.secretMissing] }, on: "web-2"),
      .undetermined(
        "web-2's snapshot was taken under another key",
        Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "b"]).on("web-1") { $0.keyID = "k1" }
          .on("web-2") { $0.keyID = "k2" }, on: "web-2"),
      .undetermined(
        "a snapshot was taken without the rule",
        Samples.environments(
          ["REDIS_URL": "a"], ["REDIS_URL": "b"], Samples.deployment { $0.types = ["REDIS_URL": .list] }
        ).on("web-1") { $0.hold("REDIS_URL", to: .list) }, on: "deployment"),
      .undetermined("web-2's environment can't be read", Samples.environments(["REDIS_URL": "a"], nil), on: "web-2"),
      .notApplicable(
        "missing or empty on one is another check's finding",
        Samples.environments(["REDIS_URL": "a", "DATABASE_URL": "b"], ["REDIS_URL": ""])),
      .notApplicable("one environment", Samples.environments(["REDIS_URL": "a"])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.comparingEnvironments(facts) { parity in
      let names = parity.names(that: .mustMatch)
      let unread = parity.environments.compactMap { environment in
        environment.variables.unseen.map {
          card.undetermined(.instance(environment.instance), $0.detail, at: $0.location)
        }
      }
      let foreign = parity.foreign.map { card.undetermined(.instance($0.environment.instance), $0.why) }
      let open = parity.readable.filter(\.isOpen).flatMap { environment in
        names.compactMap { name -> Verdict? in
          guard let reason = environment.whyUnknown(name),
            parity.holderCount(of: name) > (environment.sets(name) ? 1 : 0)
          else { return nil }
          return card.undetermined(
            .instance(environment.instance), "whether its \(name) agrees is not known: \(reason.detail)",
            at: reason.location)
        }
      }
      var shared: [String] = []
      let differing = names.compactMap { name -> Verdict? in
        let spellings = parity.groups(of: name, by: \.fingerprint)
        guard spellings.reduce(0, { $0 + $1.count }) > 1 else { return nil }
        shared.append(name)
        return spellings.count > 1 ? verdict(name, spellings, in: parity) : nil
      }
      // Secrets that no rule speaks of are worth a word: most are the same everywhere.
      let secrets = parity.names.compactMap { name -> Verdict? in
        guard parity.rules.agreement(of: name) == nil, namesASecret(name) else { return nil }
        let groups = parity.groups(of: name, by: \.fingerprint)
        return groups.count > 1 ? finding(name, groups, severity: .notice) : nil
      }
      let verdicts = differing + open + foreign + unread + secrets
      if !verdicts.isEmpty { return verdicts }
      if shared.isEmpty {
        return [card.notApplicable(.deployment, "no name that must agree is set on two instances")]
      }
      return [
        card.pass(
          .deployment,
          "\(counted(shared.count, "name")) compared, one value each on "
            + instanceNames(parity.readable.lazy.map(\.instance)),
          evidence: [Evidence("names compared", listed(shared))])
      ]
    }
  }

  /// The verdict on a name with several values: they may mean the same.
  private func verdict(_ name: String, _ spellings: [[EnvironmentFacts]], in parity: Parity) -> Verdict {
    let type = parity.rules.type(of: name)
    if spellings.joined().contains(where: { $0.variables.value?[name]?.type != type }) {
      return card.undetermined(
        .deployment,
        "\(name) is written in \(spellings.count) ways, and whether they mean the same is not known: the snapshots were "
          + "taken without the rule for it; take them anew with the manifest")
    }
    let groups = parity.groups(of: name) { $0.meaning ?? $0.fingerprint }
    return groups.count > 1 ? finding(name, groups) : notice(name, spellings)
  }

  private func notice(_ name: String, _ spellings: [[EnvironmentFacts]]) -> Verdict {
    card.finding(
      .deployment,
      "\(name) means the same in \(spellings.count) spellings: \(sides(spellings))", severity: .notice,
      evidence: evidence(name, spellings), at: spellings.last?.first?.variables.value?[name]?.location,
      remedy: Remedy("Nothing has to change; one spelling everywhere makes the next difference easier to see."),
      variables: [name])
  }

  private func sides(_ groups: [[EnvironmentFacts]]) -> String {
    groups.enumerated().map { "\(valueLetter($0.offset)) on \(instanceNames($0.element.lazy.map(\.instance)))" }.joined(
      separator: "; ")
  }

  private func evidence(_ name: String, _ groups: [[EnvironmentFacts]]) -> [Evidence] {
    groups.enumerated().map { offset, members in
      Evidence(
        "value \(valueLetter(offset))",
        instanceNames(members.lazy.map(\.instance))
          + (members.first?.variables.value?[name]?.shape.map { " (\($0))" } ?? ""),
        expected: "one value on all", source: places(members) { $0.place(of: name) })
    }
  }

  private func finding(_ name: String, _ groups: [[EnvironmentFacts]], severity: Severity = .error) -> Verdict {
    card.finding(
      .deployment, "\(name) has \(groups.count) values: \(sides(groups))", severity: severity,
      evidence: evidence(name, groups),
      at: groups.last?.first?.variables.value?[name]?.location,
      remedy: Remedy(
        "Find out which value of \(name) is right, give it to every instance from one source, and restart those "
          + "that change. If it is meant to differ, name it under env: mayDiffer: in the manifest."),
      variables: [name])
  }

  /// Two values, and what they mean.
  private static func spelledTwice(meaning first: String, _ second: String) -> Facts {
    let values = Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "b"])
    return values.on("web-1") { $0.mean(first) }.on("web-2") { $0.mean(second) }
  }
}

extension EnvironmentFacts {
  /// Makes every value mean this.
  fileprivate mutating func mean(_ meaning: String) {
    variables = variables.map { variables in
      variables.mapValues { VariableFacts(fingerprint: $0.fingerprint, meaning: meaning, location: $0.location) }
    }
  }
}
