import Diagnosis
import Facts

/// What a public prefix names is in the script that every visitor loads.
struct SecretsStayOnTheServer: Check {
  static let card = CheckCard(
    id: "env.secret-exposed-to-browser",
    title: "No secret has a name that exposes it to browsers",
    severity: .error,
    needs: [.deployment, .environment],
    why: """
      Next.js writes the value of every variable whose name begins with NEXT_PUBLIC_ into the JavaScript that browsers \
      load, and Vite does so with VITE_. A password there is public from the next build on, and stays so in caches and \
      archives.
      """,
    remedy: Remedy(
      "Read it on the server under a name without the prefix, give it a new value, and build again: the old one is known."
    ),
    references: [
      "Next.js: Environment variables, https://nextjs.org/docs/app/guides/environment-variables",
      "Vite: Env variables and modes, https://vite.dev/guide/env-and-mode",
    ],
    scenarios: [
      .passes("a public value", Samples.environments(["NEXT_PUBLIC_SITE": "a", "AUTH_SECRET": "b"], [:])),
      .finds(
        "the value of a secret", Samples.environments(["NEXT_PUBLIC_KEY": "a", "FLOCK_API_KEYS": "a"], [:]), on: "web-1"
      ),
      .finds(
        "a URL with a password",
        Samples.environments(["NEXT_PUBLIC_REDIS": "a"], [:]).on("web-1") {
          $0.change("NEXT_PUBLIC_REDIS") { $0.holdsCredentials = true }
        }, on: "web-1"),
      .finds(
        "a secret by its name", Samples.environments(["VITE_ADMIN_PASSWORD": "a"], [:]), on: "web-1", severity: .warning
      ),
      .passes(
        "a token that is made for browsers", Samples.environments(["NEXT_PUBLIC_MAPBOX_TOKEN": "a"], [:])),
      .undetermined(
        "one is not known",
        Samples.environments([:], [:]).on("web-2") { $0.unresolved = ["NEXT_PUBLIC_SITE": Samples.secretMissing] },
        on: "web-2"),
      .undetermined(
        "a secret is not known",
        Samples.environments([:], ["NEXT_PUBLIC_SITE": "a"]).on("web-2") {
          $0.unresolved = ["AUTH_SECRET": Samples.secretMissing]
        }, on: "web-2"),
      .undetermined("web-2's environment can't be read", Samples.environments([:], nil), on: "web-2"),
      .notApplicable("nothing has such a name", Samples.environments(["AUTH_SECRET": "a"], [:])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let names = facts.$environments.names
    let (exposable, secret) = (
      names.filter(isExposedToBrowsers), names.filter { namesASecret($0) && !isExposedToBrowsers($0) }
    )
    return card.eachEnvironment(facts) { environment, variables, _ in
      let subject = Subject.instance(environment.instance)
      let unresolved = environment.unresolved ?? [:]
      let exposed = exposable.filter { environment.sets($0) }
      if exposed.isEmpty { return [card.notApplicable(subject, "no name that is exposed to browsers is set")] }
      let secrets = secret.filter { variables[$0]?.isEmpty == false }
      let findings = exposed.compactMap { name in
        fault(of: name, variables, secrets).map { finding(name, $0, environment) }
      }
      let unknown = exposed.filter { unresolved[$0] != nil } + unresolved.keys.filter(namesASecret).sorted()
      if let name = unknown.first, let reason = unresolved[name] {
        return findings + [
          card.undetermined(subject, "the value of \(name) is not known: \(reason.detail)", at: reason.location)
        ]
      }
      return findings.isEmpty ? [card.pass(subject, "\(listed(exposed)): no secret among them")] : findings
    }
  }

  private func fault(
    of name: String, _ variables: [String: VariableFacts], _ secrets: [String]
  ) -> (severity: Severity, what: String)? {
    guard let variable = variables[name] else { return nil }
    if variable.holdsCredentials == true { return (.error, "is a URL with a password") }
    func isPrivate(_ name: String) -> Bool {
      ["SECRET", "PASSWORD", "PASSPHRASE", "PRIVATE_KEY"].contains(where: name.hasSuffix)
    }
    // Keys that are made for browsers often stand under both names; what is short or a number is equal by chance.
    let isTelling =
      !["boolean", "integer"].contains { variable.shape?.hasPrefix($0) == true }
      && variable.shape?.hasSuffix("under 8 bytes") != true
    let same = secrets.filter { variables[$0]?.fingerprint == variable.fingerprint }
    if isTelling, let secret = same.first(where: { !name.hasSuffix("_\($0)") || isPrivate($0) }) {
      return (.error, "has the value of \(secret)")
    }
    return isPrivate(name) ? (.warning, "is a secret by its name") : nil
  }

  private func finding(
    _ name: String, _ fault: (severity: Severity, what: String), _ environment: EnvironmentFacts
  ) -> Verdict {
    card.finding(
      .instance(environment.instance), "\(name) \(fault.what), and every visitor's browser gets it",
      severity: fault.severity,
      evidence: [Evidence(name, fault.what, expected: "nothing secret", source: environment.place(of: name))],
      at: environment.variables.value?[name]?.location, variables: [name])
  }
}

/// Whether a build puts the value into what browsers load: by Next.js, or by Vite.
func isExposedToBrowsers(_ name: String) -> Bool { ["NEXT_PUBLIC_", "VITE_"].contains(where: name.hasPrefix) }
