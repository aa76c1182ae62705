import Diagnosis
import Facts

/// A limit that is no number is no limit: programs read it as NaN and go on.
struct ValuesAreOfTheirType: Check {
  static let card = CheckCard(
    id: "env.invalid-value",
    title: "Values are of the type that their variable has",
    severity: .error,
    needs: [.deployment, .environment],
    why: """
      What is no number becomes NaN, and no count of connections is ever above NaN: the cap is gone. A zero room for \
      users refuses everybody, and a misspelt word falls back to a default that nobody chose. None of it is said at the \
      start.
      """,
    remedy: Remedy("Write a value of the type that is expected."),
    references: [
      "flowpanel-doctor.yaml(5): env, types",
      "ECMAScript: Number.parseInt, https://tc39.es/ecma262/#sec-parseint-string-radix",
    ],
    scenarios: [
      .passes("a number", held(isOfOtherType: nil)),
      .finds("no number", held(isOfOtherType: true), on: "web-1"),
      .undetermined(
        "web-1's snapshot was taken without the rule", Samples.environments(["SSE_PER_USER_CAP": "a"], [:], caps),
        on: "web-1"),
      .undetermined(
        "web-2's value is not known",
        Samples.environments([:], [:], caps).on("web-2") {
          $0.unresolved = ["SSE_PER_USER_CAP": Samples.secretMissing]
        },
        on: "web-2"),
      .undetermined(
        "web-2 may set more than is known",
        Samples.environments([:], [:], caps).on("web-2") { $0.mayHoldMore = Samples.secretMissing }, on: "web-2"),
      .undetermined("web-2's environment can't be read", Samples.environments([:], nil, caps), on: "web-2"),
      .notApplicable("no variable has a type", Samples.environments(["PORT": "a"], ["PORT": "a"])),
      .notApplicable("what has a type is not set", Samples.environments(["SSE_PER_USER_CAP": ""], [:], caps)),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let rules = EnvironmentRules(facts)
    let types = facts.$environments.names.compactMap { name in rules.type(of: name).map { (name, $0) } }
    return card.eachEnvironment(facts) { environment, _, rules in
      let subject = Subject.instance(environment.instance)
      let typed = types.filter { environment.sets($0.0) }
      if typed.isEmpty {
        let none = card.notApplicable(subject, "no variable that has a type is set")
        return environment.mayHoldMore == nil || !rules.hasTypes ? [none] : card.openVerdict(environment)
      }
      let verdicts = typed.compactMap { judge($0.0, $0.1, of: environment) } + card.openVerdict(environment)
      return verdicts.isEmpty
        ? [
          card.pass(
            subject, "\(listed(typed.map(\.0))) \(typed.count == 1 ? "is" : "are") what a value has to be there")
        ]
        : verdicts
    }
  }

  private func judge(_ name: String, _ type: ValueType, of environment: EnvironmentFacts) -> Verdict? {
    let subject = Subject.instance(environment.instance)
    guard let variable = environment.variables.value?[name], environment.unresolved?[name] == nil else {
      return environment.unresolved?[name].map {
        card.undetermined(subject, "whether \(name) is \(type.phrase) is not known: \($0.detail)", at: $0.location)
      }
    }
    guard variable.type == type else {
      return card.undetermined(
        subject,
        "whether \(name) is \(type.phrase) is not known: the snapshot was taken without this rule; take it anew "
          + "with the same manifest")
    }
    guard variable.isOfOtherType == true else { return nil }
    return card.finding(
      subject, "\(name) is not \(type.phrase)",
      evidence: [
        Evidence(
          name, variable.shape ?? "something else", expected: type.phrase, source: environment.place(of: name))
      ],
      at: variable.location,
      remedy: Remedy("Write \(type.phrase) as \(name), and restart what reads it."), variables: [name])
  }

  private static let caps = Samples.deployment(.testplanit)

  private static func held(isOfOtherType: Bool?) -> Facts {
    Samples.environments(["SSE_PER_USER_CAP": "a"], [:], caps).on("web-1") {
      $0.hold("SSE_PER_USER_CAP", to: .integer(least: 1, most: nil), isOfOtherType: isOfOtherType)
    }
  }
}

extension ValueType {
  /// After "is": `an integer from 1 to 65535`.
  fileprivate var phrase: String {
    switch self {
    case .url(let schemes):
      schemes.isEmpty ? "a URL" : "a URL with the scheme \(schemes.joined(separator: " or "))"
    case .integer(let least?, let most?): "an integer from \(least) to \(most)"
    case .integer(let least?, nil): "an integer of \(least) or more"
    case .integer(nil, let most?): "an integer of \(most) or less"
    case .integer(nil, nil): "an integer"
    case .boolean: "true or false"
    case .oneOf(let words): words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
    case .duration: "a duration such as 15s"
    case .list: "a list"
    }
  }
}
