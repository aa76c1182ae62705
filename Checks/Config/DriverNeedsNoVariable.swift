import Diagnosis
import Facts

/// A driver that follows a variable turns a missing variable into a silent change of driver.
struct DriverNeedsNoVariable: Check {
  static let card = CheckCard(
    id: "config.driver-env-ternary",
    title: "Which driver it is does not hang on a variable that may be missing",
    severity: .warning,
    needs: [.config],
    why: """
      An expression such as `process.env.REDIS_URL ? "redis" : "memory"` makes the memory driver what a missing variable \
      leads to. The instance starts, its streams say ready, and its events reach nobody else. Without the choice the \
      same mistake is an error at start, which a rollout notices.
      """,
    remedy: Remedy(
      "Write the driver as a literal, and let the config throw where its URL is missing.",
      snippet: """
        if (!process.env.REDIS_URL) throw new Error("REDIS_URL is not set");
        // …
        \(redisDriverSnippet)
        """),
    references: ["flowpanel documentation: Realtime (drivers)"],
    scenarios: [
      .passes("the driver is a literal", Samples.config(.web1, .web2)),
      .passes(
        "the config throws without the variable",
        Samples.config(
          variables: [ConfigVariable(name: "DRIVER", need: .failsWithout)],
          .driver("web-1", "redis", variables: [VariableUse("DRIVER", .set)]))),
      .finds(
        "web-2 lacks the variable",
        Samples.config(
          .driver("web-1", "redis", variables: [VariableUse("REDIS_URL", .set)]),
          .memory("web-2", variables: [VariableUse("REDIS_URL", .unset)])), on: "flowpanel.config.ts"),
      .finds(
        "every instance has it for now",
        Samples.config(
          .driver("web-1", "redis", variables: [VariableUse("REDIS_URL", .set)]),
          .driver("web-2", "redis", variables: [VariableUse("REDIS_URL", .set)])), on: "flowpanel.config.ts",
        severity: .notice),
      .finds(
        "the environment of web-2 can't be read",
        Samples.config(
          .driver("web-1", "redis", variables: [VariableUse("REDIS_URL", .set)]),
          .driver("web-2", "redis", variables: [VariableUse("REDIS_URL", .unknown)])), on: "flowpanel.config.ts"),
      .undetermined(
        "the driver can't be followed", Samples.config(.web1, .unknown("web-2", "pickDriver() is not followed")),
        on: "web-2"),
      .notApplicable("none starts", Samples.config(.failing("web-1"))),
      .notApplicable("the driver is stated, not read", Samples.config(.stated("web-1", by: "--driver"))),
      .notApplicable("no instances", Samples.config()),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.together(facts.config) { config, starting in
      let required = Set(config.variables.filter { $0.need == .failsWithout }.map(\.name))
      let deciding = starting.filter { $0.driver.variables.contains { !required.contains($0.name) } }
      let unknown = starting.compactMap { realtime in
        realtime.driver.outcome.unseen.map { realtime.driver.unknown("its driver", card, realtime.instance, $0) }
      }
      if let first = deciding.first { return [finding(config, first, among: deciding, required)] + unknown }
      if let stated = starting.compactMap(\.driverStatedBy).first, unknown.isEmpty {
        return [
          card.notApplicable(.config(config.path), "the driver is what \(stated) states, which hangs on no variable")
        ]
      }
      return unknown.isEmpty
        ? [card.pass(.config(config.path), "the driver hangs on no variable that may be missing")] : unknown
    }
  }

  private func finding(
    _ config: ConfigFacts, _ first: InstanceRealtime, among deciding: [InstanceRealtime], _ required: Set<String>
  ) -> Verdict {
    let names = Set(deciding.flatMap { $0.driver.variables.map(\.name) }).subtracting(required).sorted()
    let missing = deciding.flatMap { realtime in
      realtime.driver.variables.filter { $0.state != .set && names.contains($0.name) }.map {
        "\($0.words) on \(realtime.instance)"
      }
    }
    let state = missing.isEmpty ? "every instance has \(names.count == 1 ? "it" : "them") for now" : listed(missing)
    return card.finding(
      .config(config.path), "which driver it is depends on \(listed(names)); \(state)",
      severity: missing.isEmpty ? .notice : .warning,
      evidence: deciding.flatMap { realtime in
        [Evidence("driver of \(realtime.instance)", realtime.driver.value ?? "not known")]
          + realtime.driver.variableEvidence(on: realtime.instance)
      }, at: first.driver.location)
  }
}
