import Diagnosis
import Facts

/// One secret for two purposes is lost for both when it is lost for one.
struct SecretsDiffer: Check {
  static let card = CheckCard(
    id: "env.value-reused",
    title: "Variables that must differ from each other do",
    severity: .warning,
    needs: [.deployment, .environment],
    why: """
      A key that encrypts and a secret that signs sessions are given to different people and changed at different times. \
      With one value for both, whoever may know the one knows the other, and neither can be changed alone. It is what \
      comes of filling a form with what is at hand.
      """,
    remedy: Remedy("Give each variable a value of its own, such as openssl rand -base64 32 prints."),
    references: ["NIST SP 800-57 Part 1 Rev. 5, section 5.2: a key is used for one purpose"],
    scenarios: [
      .passes("two values", Samples.environments(["A_KEY": "a", "B_KEY": "b"], [:], differing)),
      .finds("one value", Samples.environments(["A_KEY": "a", "B_KEY": "a"], [:], differing), on: "web-1"),
      .finds(
        "of names that the system keeps apart",
        Samples.environments(["ENCRYPTION_KEY": "a", "NEXTAUTH_SECRET": "a"], [:], Samples.deployment(.testplanit)),
        on: "web-1"),
      .passes(
        "one value on two instances", Samples.environments(["A_KEY": "a", "B_KEY": "b"], ["A_KEY": "b"], differing)),
      .undetermined(
        "one of the values is not known",
        Samples.environments(["A_KEY": "a"], [:], differing).on("web-1") {
          $0.unresolved = ["B_KEY": Samples.secretMissing]
        },
        on: "web-1"),
      .undetermined(
        "web-1 may set more than is known",
        Samples.environments(["A_KEY": "a"], [:], differing).on("web-1") { $0.mayHoldMore = Samples.secretMissing },
        on: "web-1"),
      .undetermined("web-2's environment can't be read", Samples.environments([:], nil, differing), on: "web-2"),
      .notApplicable("no two names must differ", Samples.environments(["A_KEY": "a", "B_KEY": "a"], [:])),
      .notApplicable("only one of them is set", Samples.environments(["A_KEY": "a"], [:], differing)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachEnvironment(
      facts,
      unless: { $0.mustDiffer.isEmpty ? "neither the manifest nor the system names variables that must differ" : nil }
    ) { environment, variables, rules in
      let subject = Subject.instance(environment.instance)
      var isCompared = false
      let names = Set(variables.keys).union((environment.unresolved ?? [:]).keys).filter { environment.sets($0) }
        .sorted()
      let verdicts = rules.mustDiffer.flatMap { group -> [Verdict] in
        let set = names.filter { name in group.contains { matches($0, name) } }
        if set.count > 1 { isCompared = true }
        let known = set.filter { environment.unresolved?[$0] == nil }
        let values = Dictionary(grouping: known) { variables[$0]?.fingerprint ?? "" }
        let same = values.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
        return same.map { finding($0, on: environment) } + (unknown(group, set, environment).map { [$0] } ?? [])
      }
      if !verdicts.isEmpty { return verdicts }
      return [
        isCompared
          ? card.pass(subject, "its variables that must differ from each other do")
          : card.notApplicable(subject, "no two variables that must differ from each other are set")
      ]
    }
  }

  private func unknown(_ group: [String], _ set: [String], _ environment: EnvironmentFacts) -> Verdict? {
    // Two of them have to be set for the question to arise.
    let open = set.filter { environment.unresolved?[$0] != nil } + group.filter { !isPattern($0) && !set.contains($0) }
    for name in open {
      guard let reason = environment.whyUnknown(name), set.contains(where: { $0 != name }) else { continue }
      return card.undetermined(
        .instance(environment.instance),
        "whether \(name) differs from \(listed(group.filter { $0 != name })) is not known: " + reason.detail,
        at: reason.location)
    }
    return nil
  }

  private func finding(_ names: [String], on environment: EnvironmentFacts) -> Verdict {
    card.finding(
      .instance(environment.instance), "\(listed(names)) have one value",
      evidence: names.map {
        Evidence($0, "the same value", expected: "a value of its own", source: environment.place(of: $0))
      },
      at: names.last.flatMap { environment.variables.value?[$0]?.location }, variables: names)
  }

  private static let differing = Samples.deployment { $0.mustDiffer = [["A_KEY", "B_KEY"]] }
}
