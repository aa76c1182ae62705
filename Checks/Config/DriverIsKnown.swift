import Diagnosis
import Facts

/// flowpanel has two drivers; any other name is a slip of the pen that it may take for something else.
struct DriverIsKnown: Check {
  static let card = CheckCard(
    id: "config.driver-unknown",
    title: "The driver is one that flowpanel has",
    severity: .error,
    needs: [.config],
    why: """
      flowpanel has the drivers memory and redis. Older versions take every name but memory for redis, so a slip of the \
      pen connects to a Redis that nobody meant, without a URL to 127.0.0.1:6379. The compiler catches a literal, and \
      not a text that comes from a variable or through a cast.
      """,
    remedy: Remedy("Name the driver memory or redis.", snippet: redisDriverSnippet),
    references: ["flowpanel documentation: Realtime (drivers)"],
    scenarios: [
      .passes("redis, and memory", Samples.config(.web1, .memory("web-2"))),
      .passes("no settings are the memory driver", Samples.config(.unset("web-1"))),
      .finds("a literal of another name", Samples.config(.web1, .driver("web-2", "postgres")), on: "web-2"),
      .finds(
        "a variable with another text",
        Samples.config(.driver("web-1", Secret.redacted, variables: [VariableUse("DRIVER", .set)])), on: "web-1"),
      .undetermined(
        "the driver can't be followed", Samples.config(.web1, .unknown("web-2", "pickDriver() is not followed")),
        on: "web-2"),
      .notApplicable("it fails at start", Samples.config(.failing("web-1"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachInstance(facts.config) { realtime in
      let driver = realtime.driver
      switch driver.outcome {
      case .unseen(let reason): return driver.unknown("its driver", card, realtime.instance, reason)
      case .seen("memory"), .seen("redis"):
        return card.pass(.instance(realtime.instance), "flowpanel has the driver \(driver.value ?? "")")
      case .seen(let name): return finding(realtime, name)
      }
    }
  }

  private func finding(_ realtime: InstanceRealtime, _ name: String) -> Verdict {
    let driver = realtime.driver
    let names = driver.variables.map(\.name)
    let shown = name == Secret.redacted ? "another text, from \(listed(names))" : name.isEmpty ? "empty" : name
    return card.finding(
      .instance(realtime.instance),
      "the driver of \(realtime.instance) is \(shown), and flowpanel has memory and redis",
      evidence: [Evidence("driver", shown, expected: "memory or redis", source: driver.location?.description)]
        + driver.variableEvidence(on: realtime.instance),
      at: driver.location,
      remedy: names.isEmpty
        ? nil
        : Remedy(
          "Set \(listed(names)) in the environment of \(realtime.instance) so that the driver comes out as memory or "
            + "redis."))
  }
}
