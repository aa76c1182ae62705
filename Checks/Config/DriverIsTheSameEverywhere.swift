import Diagnosis
import Facts

/// Instances on different drivers are two systems behind one address: events made on one side stay there.
struct DriverIsTheSameEverywhere: Check {
  static let card = CheckCard(
    id: "config.driver-differs",
    title: "All instances start with the same realtime driver",
    severity: .error,
    needs: [.config],
    why: """
      Where the driver follows a variable, one forgotten line in one environment splits the deployment: some instances \
      fan out over Redis, others keep their events to themselves. What a browser sees then depends on which instance it \
      and the writer happened to reach, so the fault comes and goes.
      """,
    remedy: Remedy(
      "Give every instance the same driver, best as a literal in the config.", snippet: redisDriverSnippet),
    references: ["flowpanel documentation: Realtime (drivers, several instances)"],
    scenarios: [
      .passes("redis on both", Samples.config(.web1, .web2)),
      .passes("memory on both: another check's finding", Samples.config(.memory("web-1"), .memory("web-2"))),
      .finds(
        "web-2 lacks the variable that chooses redis",
        Samples.config(.web1, .memory("web-2", variables: [VariableUse("REDIS_URL", .unset)])), on: "deployment"),
      .finds("web-2 has no settings", Samples.config(.web1, .unset("web-2")), on: "deployment"),
      .undetermined(
        "one of two drivers can't be followed",
        Samples.config(.web1, .unknown("web-2", "pickDriver() is not followed")), on: "web-2"),
      .undetermined(
        "the config can't be read", Samples.config(file: .unseen(Unseen(.notUnderstood, "a brace is not closed")))),
      .notApplicable("one instance", Samples.config(.web1)),
      .notApplicable("one that starts, and one that does not", Samples.config(.web1, .failing("web-2"))),
      .notApplicable("none starts", Samples.config(.failing("web-1"), .failing("web-2"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.together(facts.config) { _, starting in
      guard starting.count > 1 else {
        return [card.notApplicable(.deployment, "only one instance starts, so there is none to compare it with")]
      }
      let unknown = starting.compactMap { realtime in
        realtime.driver.outcome.unseen.map { realtime.driver.unknown("its driver", card, realtime.instance, $0) }
      }
      let known = starting.filter { $0.driver.value != nil }
      let groups = grouped(known) { $0.driver.value ?? "" }
      if groups.count > 1 { return [finding(groups)] + unknown }
      if !unknown.isEmpty { return unknown }
      return [
        card.pass(.deployment, "\(counted(starting.count, "instance")) on the \(groups.first?.value ?? "same") driver")
      ]
    }
  }

  private func finding(_ groups: [(value: String, members: [InstanceRealtime])]) -> Verdict {
    let odd = groups.last?.members.first
    let lacking = groups.flatMap(\.members).filter { !$0.driver.lacking.isEmpty }
    return card.finding(
      .deployment, "the instances start with different drivers: \(sides(groups))",
      evidence: groups.flatMap { group in
        group.members.map { realtime in
          Evidence(
            "driver of \(realtime.instance)", group.value, expected: "one driver on all",
            source: realtime.driver.location?.description)
        }
      } + lacking.flatMap { $0.driver.variableEvidence(on: $0.instance) },
      at: odd?.driver.location,
      remedy: lacking.count == 1 ? lacking.first.map { $0.driver.remedyByEnvironment(of: $0.instance) } : nil)
  }
}
