import Diagnosis
import Facts

/// Older versions take a key prefix and never use it: two admins on one Redis then hear each other.
struct KeyPrefixIsApplied: Check {
  static let card = CheckCard(
    id: "config.key-prefix-ignored",
    title: "The installed flowpanel applies the key prefix that the config sets",
    severity: .warning,
    needs: [.config],
    why: """
      The package flowpanel accepts keyPrefix and publishes to the bare channel all the same, so staging and production \
      on one Redis refresh each other's browsers. @flowpanel/kit 0.3.0 puts the prefix in front of every channel. For \
      versions in between, the channels that Redis lists while a stream is open tell.
      """,
    remedy: Remedy(
      "Move to @flowpanel/kit 0.3.0 or later, or give each admin a Redis of its own.",
      commands: ["redis-cli PUBSUB CHANNELS"]),
    references: ["flowpanel documentation: Realtime (keyPrefix)", "flowpanel changelog: 0.3.0"],
    scenarios: [
      .passes("a version that applies it", Samples.project(.prefixed("web-1", "fp"))),
      .passes(
        "a range of versions that apply it",
        Samples.project(flowpanel: Samples.declared("@flowpanel/kit", "^1.0.0"), .prefixed("web-1", "fp"))),
      .finds(
        "the package that ignores it",
        Samples.project(flowpanel: Samples.installed("flowpanel", "0.2.0"), .prefixed("web-1", "fp")),
        on: "flowpanel.config.ts"),
      .undetermined(
        "a version in between",
        Samples.project(flowpanel: Samples.installed("@flowpanel/kit", "0.1.0"), .prefixed("web-1", "fp"))),
      .undetermined(
        "package.json is damaged", Samples.project(packagesUnknown: "a comma is missing", .prefixed("web-1", "fp"))),
      .notApplicable("flowpanel is not among the packages", Samples.project(flowpanel: nil, .prefixed("web-1", "fp"))),
      .notApplicable("no prefix is set", Samples.project(flowpanel: Samples.installed("flowpanel", "0.2.0"), .web1)),
      .notApplicable("the project was not looked at", Samples.config(.prefixed("web-1", "fp"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.project(facts.config) { config, project in
      let subject = Subject.config(config.path)
      let prefixed = config.instances.filter { realtime in
        realtime.failure == nil && realtime.driver.value == "redis" && realtime.keyPrefix.value.flatMap { $0 } != nil
      }
      guard let first = prefixed.first else {
        return [card.notApplicable(subject, "no instance on the redis driver is known to have a key prefix")]
      }
      switch project.packages {
      case .unseen(let reason): return [card.unseen(subject, reason)]
      case .seen(let packages):
        guard let flowpanel = packages.flowpanel else {
          return [card.notApplicable(subject, "\(project.packageFile) and the lock files don't name flowpanel")]
        }
        return [verdict(flowpanel, first, subject)]
      }
    }
  }

  private func verdict(_ flowpanel: PackagePresence, _ realtime: InstanceRealtime, _ subject: Subject) -> Verdict {
    let version = flowpanel.locked?.version ?? flowpanel.declaration?.range ?? ""
    let installed = version.isEmpty ? flowpanel.name : "\(flowpanel.name) \(version)"
    if flowpanel.name == "flowpanel" {
      return card.finding(
        subject, "\(installed) takes the key prefix and publishes without it",
        evidence: [
          Evidence(
            "keyPrefix", realtime.keyPrefix.value.flatMap { $0 } ?? "none", expected: "applied",
            source: realtime.keyPrefix.location?.description),
          Evidence(
            flowpanel.name, version, expected: "@flowpanel/kit 0.3.0 or later",
            source: (flowpanel.locked?.location ?? flowpanel.declaration?.location)?.description),
        ], at: realtime.keyPrefix.location)
    }
    // A lock file says what is installed, a range from which version on.
    if let numbers = releaseNumbers(flowpanel.locked?.version ?? lowestVersion(flowpanel.declaration?.range ?? "")),
      !numbers.lexicographicallyPrecedes([0, 3])
    {
      return card.pass(subject, "\(installed) applies the key prefix")
    }
    return card.undetermined(
      subject,
      "whether \(installed) applies the key prefix can't be told from files; PUBSUB CHANNELS shows it while a stream "
        + "is open", at: flowpanel.locked?.location ?? flowpanel.declaration?.location)
  }

  /// The version that a range of package.json begins with: `^1.0.0`, `~1.0`, `>=1.0`; of any other form it is no version.
  private func lowestVersion(_ range: String) -> String {
    String(range.drop { "^~>=v ".contains($0) })
  }

  /// `0.3.0-beta.1` as 0, 3, 0; nil for what is not a version.
  private func releaseNumbers(_ version: String) -> [Int]? {
    let numbers = version.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").map { Int($0) }
    return numbers.count >= 2 && !numbers.contains(nil) ? numbers.compactMap { $0 } : nil
  }
}
