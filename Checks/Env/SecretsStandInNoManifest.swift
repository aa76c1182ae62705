import Diagnosis
import Facts

/// A secret that is written in a manifest is in every clone of the repository, for ever.
struct SecretsStandInNoManifest: Check {
  static let card = CheckCard(
    id: "env.secret-in-plain-manifest",
    title: "No secret is written in a manifest",
    severity: .warning,
    needs: [.deployment, .environment],
    why: """
      Compose files and Kubernetes manifests are committed, copied into tickets and printed by deploys. A password that \
      stands there as text is known to everybody who may read any of these, and changing it later does not take it out \
      of the history.
      """,
    remedy: Remedy("Put it into a Secret or a file outside version control, refer to it, and give it a new value."),
    references: [
      "Kubernetes: Secrets, https://kubernetes.io/docs/concepts/configuration/secret/",
      "Compose: secrets, https://docs.docker.com/compose/how-tos/use-secrets/",
    ],
    scenarios: [
      .passes("what is written there is no secret", written("LOG_LEVEL")),
      .finds("a secret by its name", written("AUTH_SECRET"), on: "web-1"),
      .finds("a URL with a password", written("REDIS_URL", holdsCredentials: true), on: "web-1"),
      .undetermined("web-2's environment can't be read", Samples.environments(["REDIS_URL": "a"], nil), on: "web-2"),
      .notApplicable("nothing comes from a manifest", Samples.environments(["AUTH_SECRET": "a"], ["AUTH_SECRET": "a"])),
      .notApplicable("no environments were given", Facts(environments: .unseen(Unseen(.notGiven, "none were given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let index = facts.$environments
    let writable = index.names.filter { index[$0].isWrittenInManifest }
    return card.eachEnvironment(facts) { environment, variables, _ in
      let subject = Subject.instance(environment.instance)
      let written = writable.compactMap { name in variables[name].map { (name, $0) } }
        .filter { $1.isWrittenInManifest == true && !$1.isEmpty }
      if written.isEmpty { return [card.notApplicable(subject, "no value stands written in a manifest")] }
      let secrets = written.filter { name, variable in
        let isTelling = !["boolean", "integer"].contains { variable.shape?.hasPrefix($0) == true }
        return variable.holdsCredentials == true || namesASecret(name) && isTelling && !isExposedToBrowsers(name)
      }
      if secrets.isEmpty {
        return [card.pass(subject, "\(counted(written.count, "value")) written in a manifest, none of them a secret")]
      }
      return secrets.map { name, variable in
        let what = variable.holdsCredentials == true ? "a URL with a password" : "a secret by its name"
        return card.finding(
          subject, "\(name), \(what), is written in a manifest",
          evidence: [
            Evidence(
              name, "written out", expected: "a reference to a Secret or file", source: environment.place(of: name))
          ], at: variable.location, variables: [name])
      }
    }
  }

  private static func written(_ name: String, holdsCredentials: Bool? = nil) -> Facts {
    Samples.environments([name: "a"], [:]).on("web-1") {
      $0.change(name) {
        $0.isWrittenInManifest = true
        $0.holdsCredentials = holdsCredentials
      }
    }
  }
}
