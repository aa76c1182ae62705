import Diagnosis
import Facts

/// A value that was damaged on its way is the hardest to see: it is there, it is the same everywhere, and it is wrong.
struct ValuesAreWhole: Check {
  static let card = CheckCard(
    id: "env.value-damaged",
    title: "No value is damaged by the way it came",
    severity: .warning,
    needs: [.config, .deployment, .environment],
    why: """
      Quotation marks that docker --env-file keeps, a carriage return of a file from Windows, a blank that was pasted \
      along, a reference that nobody expanded, the word undefined in place of a value: each makes a password wrong or a \
      URL lead elsewhere, and each looks right in every list of variables. Values are not shown here either; what is \
      wrong with them is.
      """,
    remedy: Remedy("Write the value anew where it is set, without what was found, and restart the instance."),
    references: [
      "Docker: environment variables, https://docs.docker.com/reference/cli/docker/container/run/#env",
      "dotenv: rules, https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow",
    ],
    scenarios: [
      .passes("whole values", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"])),
      .finds(
        "quotation marks are part of a value that must agree", flawed("REDIS_URL", .quotes), on: "web-2",
        severity: .warning),
      .finds(
        "of a name that the config reads",
        flawed(
          "CACHE_URL", .quotes,
          config: [.redis("web-1", .endpoint(Samples.cache), variables: [VariableUse("CACHE_URL", .set)])]),
        severity: .warning),
      .finds("a placeholder in a name that nothing is known of", flawed("SENTRY_DSN", .placeholder), severity: .notice),
      .finds(
        "the same on both, and so in no comparison", flawed("REDIS_URL", .carriageReturn, on: ["web-1", "web-2"]),
        on: "deployment"),
      .finds(
        "what follows a # is lost, and so a part of the password", flawed("REDIS_URL", .cutAtHash), on: "web-2",
        severity: .warning),
      .passes("of a name that belongs to a machine", flawed("PORT", .quotes)),
      .undetermined(
        "web-2's value is not known",
        Samples.environments(["REDIS_URL": "a"], [:]).on("web-2") {
          $0.unresolved = ["REDIS_URL": Samples.secretMissing]
        },
        on: "web-2"),
      .undetermined(
        "one value is damaged, and another not known",
        flawed("SENTRY_DSN", .placeholder).on("web-2") { $0.unresolved = ["REDIS_URL": Samples.secretMissing] },
        on: "web-2"),
      .undetermined(
        "web-2 may set more than is known",
        Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"]).on("web-2") {
          $0.mayHoldMore = Samples.secretMissing
        },
        on: "web-2"),
      .finds("the example's secret", flawed("JWT_SECRET", .sample), severity: .error),
      .undetermined(
        "a snapshot was not held against the example",
        Samples.environments(
          ["JWT_SECRET": "a"], ["JWT_SECRET": "a"], Samples.deployment { $0.samples = ["JWT_SECRET"] }
        ).on("web-1") { $0.samples = ["JWT_SECRET"] }, on: "web-2"),
      .undetermined("web-2's environment can't be read", Samples.environments(["REDIS_URL": "a"], nil), on: "web-2"),
      .notApplicable("one environment, and nothing is damaged", Samples.environments(["REDIS_URL": "a"])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let index = facts.$environments
    let suspect = index.names.filter { index[$0].hasFlaws }
    return card.eachEnvironment(facts) { environment, variables, rules in
      let subject = Subject.instance(environment.instance)
      let flawed = suspect.filter { variables[$0]?.flaws?.isEmpty == false && !isItsOwn($0, rules) }
      let open = unknown(environment, rules)
      if flawed.isEmpty, open.isEmpty {
        let what = "\(counted(variables.count, "value")) looked at, none of them damaged"
        return [card.pass(subject, what)]
      }
      return open
        + flawed.flatMap { name in
          (variables[name]?.flaws ?? []).map { flaw in
            let matters = rules.agreement(of: name) != nil || rules.need(of: name) != nil
            return card.finding(
              subject, "\(name) \(flaw.fault)",
              severity: flaw == .sample ? .error : matters ? .warning : .notice,
              evidence: [
                Evidence(name, flaw.fault, expected: "the value alone", source: environment.place(of: name))
              ],
              at: variables[name]?.location, remedy: Remedy("\(flaw.mend) Then restart what reads it."),
              variables: [name])
          }
        }
    }
  }

  /// Whether a name is the machine's, the shell's or the instance's own affair.
  private func isItsOwn(_ name: String, _ rules: EnvironmentRules) -> Bool {
    rules.agreement(of: name) == .mayDiffer || rules.isPerProcess(name)
  }

  /// What could not be looked at.
  private func unknown(_ environment: EnvironmentFacts, _ rules: EnvironmentRules) -> [Verdict] {
    let subject = Subject.instance(environment.instance)
    let names = (environment.unresolved ?? [:]).keys.filter { !isItsOwn($0, rules) }.sorted()
    let samples = rules.stated.samples.filter { environment.sets($0) && environment.samples?.contains($0) != true }
    var verdicts = names.isEmpty ? card.openVerdict(environment) : []
    if !names.isEmpty { verdicts.append(card.undetermined(subject, "the value of \(listed(names)) is not known")) }
    if !samples.isEmpty {
      verdicts.append(
        card.undetermined(
          subject,
          "whether \(listed(samples)) is the example's sample is not known: the snapshot was taken without the example; "
            + "take it anew with --example"))
    }
    return verdicts
  }

  private static func flawed(
    _ name: String, _ flaw: ValueFlaw, on instances: [String] = ["web-2"], config: [InstanceRealtime] = []
  ) -> Facts {
    let values = ["REDIS_URL": "a"].merging([name: "b"]) { $1 }
    return instances.reduce(Samples.environments(values, values, config: config)) { facts, instance in
      facts.on(instance) { environment in
        environment.variables = environment.variables.map { variables in
          var variables = variables
          variables[name]?.flaws = [flaw]
          return variables
        }
      }
    }
  }
}

extension ValueFlaw {
  /// What is wrong, after the variable's name.
  fileprivate var fault: String {
    switch self {
    case .surroundingSpace: "begins or ends with white space"
    case .carriageReturn: "holds a carriage return, as of a file with Windows' line ends"
    case .quotes: "has quotation marks around it that are part of its value"
    case .byteOrderMark: "holds a byte order mark"
    case .unusualSpace: "holds a space that no keyboard types (no-break or zero width)"
    case .smartQuotes: "begins or ends with a typographic quotation mark"
    case .textOfNothing: "is the text of something that was not there (undefined, null, NaN, None)"
    case .unexpandedReference: "holds a reference that was not expanded"
    case .placeholder: "is a placeholder that nobody filled in"
    case .sample: "is the secret that the example gives as a sample, which everybody can read"
    case .cutAtHash: "ends at a #: what follows it was taken as a comment"
    }
  }

  fileprivate var mend: String {
    switch self {
    case .surroundingSpace:
      "Write it without white space at its ends; a secret that is read from a file often ends its line."
    case .carriageReturn: "Save the file with Unix line ends (dos2unix)."
    case .quotes: "Leave the quotation marks out: docker --env-file and Kubernetes keep what dotenv would take away."
    case .byteOrderMark: "Save the file as UTF-8 without a byte order mark."
    case .unusualSpace: "Type it anew: such spaces come with what is pasted from a document."
    case .smartQuotes: "Write plain quotation marks, or none."
    case .textOfNothing: "Set it to a value or not at all: a template wrote out the name of nothing."
    case .unexpandedReference:
      "Let what sets it expand references, or write the value: not every program that reads such files does."
    case .placeholder: "Fill it in."
    case .sample: "Make a secret of its own, such as openssl rand -base64 32 prints."
    case .cutAtHash:
      "Put the value in quotes: for dotenv, Next.js and node --env-file any # outside of them begins a comment. If a "
        + "comment is meant, write a space before the #."
    }
  }
}
