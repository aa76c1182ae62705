import Diagnosis
import Facts

/// The memory driver ends at the process: with several instances only a shared Redis carries events across.
struct DriverReachesEveryInstance: Check {
  static let card = CheckCard(
    id: "config.driver-memory-multi-instance",
    title: "With several instances, each of them uses a driver that reaches the others",
    severity: .error,
    needs: [.config],
    why: """
      The memory driver hands events to the streams of its own process and to no other. With two instances about half \
      of all changes never show up in a given browser, and which half depends on where the load balancer put it. \
      Nothing fails and nothing is logged: the streams open, say ready and send heartbeats.
      """,
    remedy: Remedy("Choose the redis driver for every instance.", snippet: redisDriverSnippet),
    references: ["flowpanel documentation: Realtime (drivers, several instances)"],
    scenarios: [
      .passes("redis on both", Samples.config(.web1, .web2)),
      .finds(
        "memory on both, as a literal", Samples.config(.memory("web-1"), .memory("web-2")), on: "web-1"),
      .finds(
        "web-2 lacks the variable that chooses redis",
        Samples.config(.web1, .memory("web-2", variables: [VariableUse("REDIS_URL", .unset)])), on: "web-2"),
      .finds(
        "web-2 has the variable, and it is empty",
        Samples.config(.web1, .memory("web-2", variables: [VariableUse("REDIS_URL", .empty)])), on: "web-2"),
      .undetermined(
        "the driver is computed in a way that can't be followed",
        Samples.config(.web1, .unknown("web-2", "pickDriver() is not followed")), on: "web-2"),
      .undetermined(
        "a driver that flowpanel does not have",
        Samples.config(.web1, .driver("web-2", "postgres")), on: "web-2"),
      .notApplicable("one instance on memory", Samples.config(.memory("web-1"))),
      .notApplicable("unset on both: another check's finding", Samples.config(.unset("web-1"), .unset("web-2"))),
      .notApplicable("no config was given", Facts(config: .unseen(Unseen(.notGiven, "no config was given")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let names = facts.config.value?.instances.map(\.instance) ?? []
    return card.eachInstance(facts.config) { realtime in
      let subject = Subject.instance(realtime.instance)
      let driver = realtime.driver
      if realtime.isSet.value == false {
        return card.notApplicable(subject, "its realtime settings are unset, which config.realtime-unset judges")
      }
      switch driver.outcome {
      case .unseen(let reason): return driver.unknown("its driver", card, realtime.instance, reason)
      case .seen("redis"): return card.pass(subject, "it uses the redis driver")
      case .seen("memory") where names.count < 2:
        return card.notApplicable(
          subject,
          "only one instance was named, and one needs no other driver than memory; with more, name them all under "
            + "instances: in flowpanel-doctor.yaml")
      case .seen("memory"): return finding(realtime, beside: listed(names, except: realtime.instance))
      case .seen(let name):
        return card.undetermined(
          subject, "the driver is \(name), and only memory and redis are known",
          evidence: [Evidence("driver", name, expected: "memory or redis")], at: driver.location)
      }
    }
  }

  private func finding(_ realtime: InstanceRealtime, beside others: String) -> Verdict {
    let driver = realtime.driver
    let lacking = driver.lacking
    let cause = lacking.isEmpty ? "" : ", because \(listed(lacking.map(\.words))) in its environment"
    return card.finding(
      .instance(realtime.instance),
      "\(realtime.instance) uses the memory driver\(cause): its events don't reach the browsers on \(others)",
      evidence: [Evidence("driver", "memory", expected: "redis", source: driver.location?.description)]
        + driver.variableEvidence(on: realtime.instance),
      at: driver.location,
      remedy: lacking.isEmpty ? nil : driver.remedyByEnvironment(of: realtime.instance))
  }
}
