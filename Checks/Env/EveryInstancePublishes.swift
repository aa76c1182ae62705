import Diagnosis
import Facts

/// A fleet is whole when each of its instances has said what it runs under.
struct EveryInstancePublishes: Check {
  static let card = CheckCard(
    id: "env.published",
    title: "Every instance has published its environment, and no other",
    severity: .error,
    needs: [.deployment, .environment],
    why: """
      With env publish each instance says at its start, through Redis, what it runs under, and env gate waits for all. \
      One that is missing did not start, can't reach Redis, or runs an older deploy; one too many is an instance that \
      nobody counted. What was not published is not compared.
      """,
    remedy: Remedy("Look at the instance's log for what env publish said, and run it again there."),
    references: ["flowpanel-doctor(1): RENDEZVOUS"],
    scenarios: [
      .passes("two were expected", published(expecting: 2)),
      .passes("these were expected", published(names: ["web-*"])),
      .finds("three were expected", published(expecting: 3)),
      .finds("one was expected", published(expecting: 1)),
      .finds("web-3 was expected", published(names: ["web-1", "web-2", "web-3"]), on: "web-3"),
      .finds("web-2 was not", published(names: ["web-1"]), on: "web-2"),
      .finds("web-3 has gone quiet", published(names: ["web-*"], stale: ["web-3"]), on: "web-3"),
      .finds("and is not missed", published(expecting: 2, stale: ["web-3"]), on: "web-3", severity: .notice),
      .finds(
        "so one is missing", published(expecting: 3, stale: ["web-3"]), on: "web-3"),
      .undetermined("web-2's can't be understood", published(expecting: 2, second: nil), on: "web-2"),
      .undetermined("Redis can't be read", unread),
      .notApplicable("nobody asked", Samples.environments(["REDIS_URL": "a"], ["REDIS_URL": "a"])),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard let published = facts.published, facts.deployment.value != nil else {
      return [card.notApplicable(.deployment, "only env gate looks at what instances published")]
    }
    guard case .seen(let environments) = facts.environments else {
      return facts.environments.unseen.map { [card.undetermined(.deployment, $0.detail)] } ?? []
    }
    let unread = environments.compactMap { environment in
      environment.variables.unseen.map {
        card.undetermined(.instance(environment.instance), $0.detail, at: $0.location)
      }
    }
    let instances = environments.map(\.instance)
    let verdicts = stale(published, instances) + misfits(instances, published) + unread
    if !verdicts.isEmpty { return verdicts }
    return [
      card.pass(
        .deployment,
        "\(counted(instances.count, "instance")) published for \(published.deploy): \(instanceNames(instances))")
    ]
  }

  /// Those that published once. Where the number is met without them they are gone for good.
  private func stale(_ published: PublishedFacts, _ instances: [String]) -> [Verdict] {
    published.stale.map { stale in
      card.finding(
        .instance(stale.instance), "\(stale.instance) has published before, and not within its time to live",
        severity: published.expectedCount == instances.count ? .notice : .error,
        evidence: [
          Evidence("last published", stale.publishedAt, expected: "not expired", source: "\(published.server)")
        ],
        remedy: Remedy(
          "If \(stale.instance) runs, let it publish again (--ttl says for how long that holds). If it is gone for good, "
            + "have it forgotten; by itself it is a day after its last time.",
          commands: published.indexKey.map { key in
            let place = published.server.redisCLIPlace + (published.server.usesTLS ? " --tls" : "")
            return [
              "redis-cli \(place) -n \(published.server.database) ZREM \(shellWord(key)) \(shellWord(stale.instance))"
            ]
          } ?? []))
    }
  }

  private func misfits(_ instances: [String], _ published: PublishedFacts) -> [Verdict] {
    let waited = "waited \(millisecondsText(published.waitedMilliseconds))"
    func misfit(_ subject: Subject, _ message: String, expected: String, isExtra: Bool = false) -> Verdict {
      card.finding(
        subject, message,
        evidence: [
          Evidence(
            "instances", instances.isEmpty ? "none" : instanceNames(instances), expected: expected, source: waited)
        ],
        remedy: isExtra
          ? Remedy("Find out which instance is not part of the deploy and end it, or expect it: --expect.") : nil)
    }
    if let count = published.expectedCount {
      guard instances.count != count else { return [] }
      let expected = counted(count, "instance")
      return [
        misfit(
          .deployment, "\(instances.count) of \(expected) published for \(published.deploy)", expected: expected,
          isExtra: instances.count > count)
      ]
    }
    let names = published.expectedNames ?? []
    let stale = Set(published.stale.map(\.instance))
    let absent = names.filter { name in !stale.contains(name) && !instances.contains { matches(name, $0) } }
    let extra = instances.filter { instance in !names.contains { matches($0, instance) } }
    return absent.map {
      misfit(.instance($0), "\($0) has not published for \(published.deploy)", expected: listed(names))
    }
      + extra.map {
        misfit(
          .instance($0), "\($0) published for \(published.deploy) and is not expected", expected: listed(names),
          isExtra: true)
      }
  }

  private static var unread: Facts {
    var facts = published(expecting: 2)
    facts.environments = .unseen(Unseen(.notReachable, "cache can't be reached"))
    return facts
  }

  private static func published(
    expecting count: Int? = nil, names: [String]? = nil, stale: [String] = [], second: [String: String]? = [:]
  ) -> Facts {
    var facts = Samples.environments([:], second)
    facts.published = PublishedFacts(
      deploy: "v42", expectedCount: count, expectedNames: names,
      stale: stale.map { PublishedFacts.Stale(instance: $0, publishedAt: "2026-01-02T03:04:05Z") },
      waitedMilliseconds: 250, server: Samples.cache)
    return facts
  }
}
