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
      .undetermined("web-2's environment can't be read", Samples.environments(["REDIS_URL": "a"], nil), on: "web-2"),
      .notApplicable(
        "missing or empty on one is another check's finding",
        Samples.environments(["REDIS_URL": "a", "DATABASE_URL": "b"], ["REDIS_URL": ""])),
      .notApplicable("one environment", Samples.environments(["REDIS_URL": "a"])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.comparingEnvironments(facts) { parity in
      let unread = parity.environments.compactMap { environment in
        environment.variables.unseen.map {
          card.undetermined(
            .instance(environment.instance), "its environment is not known: \($0.detail)", at: $0.location)
        }
      }
      let open = parity.names.flatMap { name in
        parity.readable.compactMap { environment -> Verdict? in
          guard let reason = environment.whyUnknown(name),
            parity.holders(of: name).contains(where: { $0.instance != environment.instance })
          else { return nil }
          return card.undetermined(
            .instance(environment.instance), "whether its \(name) agrees is not known: \(reason.detail)",
            at: reason.location)
        }
      }
      let shared = parity.names.filter { name in parity.holders(of: name).count { $0.whyUnknown(name) == nil } > 1 }
      let findings = shared.compactMap { name in
        let groups = groups(of: name, in: parity) { $0.meaning ?? $0.fingerprint }
        if groups.count > 1 { return finding(name, groups) }
        let spellings = self.groups(of: name, in: parity, by: \.fingerprint)
        return spellings.count > 1 ? notice(name, spellings) : nil
      }
      if !unread.isEmpty || !open.isEmpty || !findings.isEmpty { return findings + open + unread }
      if shared.isEmpty {
        return [card.notApplicable(.deployment, "no name that must agree is set on two instances")]
      }
      return [
        card.pass(
          .deployment,
          "\(counted(shared.count, "name")) compared, one value each on \(listed(parity.readable.map(\.instance)))",
          evidence: [Evidence("names compared", listed(shared))])
      ]
    }
  }

  /// The instances that set the name, in groups of one value each: largest first, then in the order of the manifest.
  private func groups(
    of name: String, in parity: Parity, by value: (VariableFacts) -> String
  ) -> [[EnvironmentFacts]] {
    var groups: [[EnvironmentFacts]] = []
    var places: [String: Int] = [:]
    for holder in parity.holders(of: name) {
      guard holder.whyUnknown(name) == nil, let variable = holder.variables.value?[name] else { continue }
      let place = places[value(variable)] ?? groups.count
      places[value(variable)] = place
      if place == groups.count { groups.append([]) }
      groups[place].append(holder)
    }
    return groups.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
  }

  private func notice(_ name: String, _ spellings: [[EnvironmentFacts]]) -> Verdict {
    card.finding(
      .deployment,
      "\(name) is one URL in \(spellings.count) spellings: \(sides(spellings))", severity: .notice,
      evidence: evidence(name, spellings), at: spellings.last?.first?.variables.value?[name]?.location,
      remedy: Remedy("Nothing has to change; one spelling everywhere makes the next difference easier to see."))
  }

  private func sides(_ groups: [[EnvironmentFacts]]) -> String {
    groups.enumerated().map { "\(label($0.offset)) on \(listed($0.element.map(\.instance)))" }.joined(separator: "; ")
  }

  private func evidence(_ name: String, _ groups: [[EnvironmentFacts]]) -> [Evidence] {
    groups.enumerated().map { offset, members in
      Evidence(
        "value \(label(offset))", listed(members.map(\.instance)), expected: "one value on all",
        source: listed(members.map { $0.place(of: name) }))
    }
  }

  private func finding(_ name: String, _ groups: [[EnvironmentFacts]]) -> Verdict {
    card.finding(
      .deployment, "\(name) has \(groups.count) values: \(sides(groups))", evidence: evidence(name, groups),
      at: groups.last?.first?.variables.value?[name]?.location,
      remedy: Remedy(
        "Find out which value of \(name) is right, give it to every instance from one source, and restart those "
          + "that change. If it is meant to differ, name it under env: mayDiffer: in the manifest."))
  }

  /// `a`, `b` … `z`, `a1`: a name for a value that can't be shown.
  private func label(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
    return index < 26 ? letter : "\(letter)\(index / 26)"
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
