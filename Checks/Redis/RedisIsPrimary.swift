import Diagnosis
import Facts

/// A replica refuses writes, and what is published there reaches only those who subscribed there.
struct RedisIsPrimary: Check {
  static let card = CheckCard(
    id: "redis.role-replica",
    title: "The Redis URL leads to the primary",
    severity: .error,
    needs: [.redis],
    why: """
      A replica answers writes with READONLY. Worse, it accepts PUBLISH and delivers to its own subscribers alone, so \
      an event from an instance that uses it never reaches those on the primary. After a failover, a URL that names a \
      host instead of a role ends up here.
      """,
    remedy: Remedy("Use the address of the primary, one that moves with a failover."),
    references: [
      "Redis: replication, https://redis.io/docs/latest/operate/oss_and_stack/management/replication/",
      "Redis: ROLE, https://redis.io/docs/latest/commands/role/",
    ],
    scenarios: [
      .passes("a primary", Samples.redis()),
      .finds("a replica with its link up", Samples.redis(role: "slave", linkIsUp: true), on: "redis://cache:6379/0"),
      .finds("a replica with its link down", Samples.redis(role: "slave", linkIsUp: false)),
      .undetermined("INFO is refused", Samples.redis(.info, .commandRefused, "NOPERM no permission to run 'info'")),
      .undetermined("INFO hides the role", Samples.redis(role: "")),
      .undetermined("the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused")),
      .notApplicable("no Redis was named", Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if redis.sentinel != nil {
        return card.notApplicable(subject, "sentinels say where the master is, which redis.sentinel-master judges")
      }
      switch redis.server {
      case .unseen(let reason): return card.undetermined(subject, redis.whyUnseen(reason), at: redis.location)
      case .seen(let server) where server.role == "master":
        return card.pass(subject, "its role is master\(redis.users)")
      case .seen(let server) where server.role == "slave": return finding(redis, server)
      case .seen(let server):
        let role = server.role.isEmpty ? "shows no role" : "shows the role \(server.role)"
        return card.undetermined(subject, "INFO \(role) (mode \(server.mode))", at: redis.location)
      }
    }
  }

  private func finding(_ redis: RedisFacts, _ server: RedisFacts.Server) -> Verdict {
    let master = server.masterAddress ?? "a primary that it does not name"
    let link = server.masterLinkIsUp.map { $0 ? "up" : "down" } ?? "hidden"
    return card.finding(
      .redis(redis.endpoint), "\(redis.endpoint) is a replica of \(master), link \(link)\(redis.users)",
      evidence: [
        Evidence("role", "slave", expected: "master", source: "INFO replication"),
        Evidence("master", master, source: "INFO replication"),
        Evidence("master_link_status", link, expected: "up", source: "INFO replication"),
      ],
      at: redis.location,
      remedy: Remedy(
        "Put the primary's address into the URL on every instance, best the provider's primary endpoint or a Sentinel "
          + "name, which follow a failover.", commands: [redis.cli("ROLE")],
        snippet: server.masterAddress.map {
          "\(redis.endpoint.usesTLS ? "rediss" : "redis")://\($0)/\(redis.endpoint.database)"
        }))
  }
}
