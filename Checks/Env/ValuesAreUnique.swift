import Diagnosis
import Facts

/// A name that two instances share makes each of them act as the other.
struct ValuesAreUnique: Check {
  static let card = CheckCard(
    id: "env.must-be-unique",
    title: "Variables that must be unique differ on every instance",
    severity: .error,
    needs: [.deployment, .environment],
    why: """
      A machine's or pod's name, or an instance id, tells instances apart: in claims, in presence, in who ignores whose \
      messages. Two instances with one id take each other's work, or drop each other's events as their own. It comes of \
      an environment that was copied whole.
      """,
    remedy: Remedy("Derive the value from the pod or machine, and leave it out of files that instances share."),
    references: ["Kubernetes: Downward API, https://kubernetes.io/docs/concepts/workloads/pods/downward-api/"],
    scenarios: [
      .passes("two names", Samples.environments(["POD_NAME": "a"], ["POD_NAME": "b"])),
      .finds("one name", Samples.environments(["POD_NAME": "a"], ["POD_NAME": "a"]), on: "deployment"),
      .finds(
        "a name that only the operator knows of",
        Samples.environments(
          ["INSTANCE_ID": "a"], ["INSTANCE_ID": "a"],
          Samples.deployment { $0.agreements = ["INSTANCE_ID": .mustBeUnique] })),
      .undetermined(
        "web-2's value is not known",
        Samples.environments(
          ["INSTANCE_ID": "a"], [:], Samples.deployment { $0.agreements = ["INSTANCE_ID": .mustBeUnique] }
        ).on("web-2") { $0.unresolved = ["INSTANCE_ID": Samples.secretMissing] },
        on: "web-2"),
      .passes(
        "what Kubernetes calls the pod need not be known",
        Samples.environments(["POD_NAME": "a"], [:]).on("web-2") { $0.unresolved = ["POD_NAME": Samples.secretMissing] }
      ),
      .undetermined(
        "web-2's snapshot was taken under another key",
        Samples.environments(["POD_NAME": "a"], ["POD_NAME": "b"]).on("web-1") { $0.keyID = "k1" }
          .on("web-2") { $0.keyID = "k2" }, on: "web-2"),
      .undetermined("web-2's environment can't be read", Samples.environments(["POD_NAME": "a"], nil), on: "web-2"),
      .notApplicable("no such name is set", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"])),
      .notApplicable("one environment", Samples.environments(["POD_NAME": "a"])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.comparingEnvironments(facts) { parity in
      let names = parity.names(that: .mustBeUnique).filter { parity.holderCount(of: $0) > 0 }
      let unread = parity.environments.compactMap { environment in
        environment.variables.unseen.map {
          card.undetermined(.instance(environment.instance), $0.detail, at: $0.location)
        }
      }
      if names.isEmpty {
        return unread.isEmpty
          ? [card.notApplicable(.deployment, "no instance sets a name that must be unique")] : unread
      }
      let open = parity.readable.filter(\.isOpen).flatMap { environment in
        // A pod's own name is what the pod is called, and it need not be known.
        names.filter(parity.rules.statesAgreement).compactMap { name in
          environment.whyUnknown(name).map {
            card.undetermined(
              .instance(environment.instance), "whether its \(name) is its own is not known: \($0.detail)",
              at: $0.location)
          }
        }
      }
      let foreign = parity.foreign.map { card.undetermined(.instance($0.environment.instance), $0.why) }
      let findings = names.flatMap { name in
        parity.groups(of: name, by: \.fingerprint).filter { $0.count > 1 }.map { finding(name, $0) }
      }
      let verdicts = findings + open + foreign + unread
      return verdicts.isEmpty
        ? [card.pass(.deployment, "\(listed(names)) \(names.count == 1 ? "differs" : "differ") on every instance")]
        : verdicts
    }
  }

  private func finding(_ name: String, _ group: [EnvironmentFacts]) -> Verdict {
    let instances = instanceNames(group.lazy.map(\.instance))
    return card.finding(
      .deployment, "\(name) has one value on \(instances), and must be another on each",
      evidence: [
        Evidence(
          name, "one value on \(instances)", expected: "another value on each",
          source: places(group) { $0.place(of: name) })
      ],
      at: group.last?.variables.value?[name]?.location, variables: [name])
  }
}
