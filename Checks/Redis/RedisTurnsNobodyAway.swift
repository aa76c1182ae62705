import Diagnosis
import Facts

/// Connections that Redis refused were somebody's streams, requests or workers.
struct RedisTurnsNobodyAway: Check {
  static let card = CheckCard(
    id: "redis.rejected-connections",
    title: "Redis has refused no connection",
    severity: .warning,
    needs: [.redis],
    why: """
      A connection past maxclients is closed with an error, and the client tries again and again. Meanwhile an \
      instance hears nothing, while its streams stay open and look well. The count is kept from the server's start, \
      so it also tells of a night that nobody saw.
      """,
    remedy: Remedy(
      "Raise maxclients, or open fewer connections.",
      commands: ["redis-cli INFO stats", "redis-cli CONFIG SET maxclients 20000"]),
    references: [
      "Redis: handling of clients, https://redis.io/docs/latest/develop/reference/clients/",
      "Redis: INFO, https://redis.io/docs/latest/commands/info/",
    ],
    scenarios: [
      .passes("none was refused", Samples.answering()),
      .finds("some were", Samples.answering(figures: ["rejected_connections": 17]), on: "redis://cache:6379/0"),
      .finds(
        "some were, and nothing else is shown",
        Samples.answering(figures: ["rejected_connections": 1, "maxclients": nil, "uptime_in_seconds": nil])),
      .finds(
        "some were, and some more are",
        Samples.answering(figures: ["rejected_connections": 17]).redis {
          $0.sample = .seen(RedisFacts.Sample(milliseconds: 1004, growth: ["rejected_connections": 3]))
        }, severity: .error),
      .finds(
        "some were, and none while it was watched",
        Samples.answering(figures: ["rejected_connections": 17]).redis {
          $0.sample = .seen(RedisFacts.Sample(milliseconds: 1004, growth: ["rejected_connections": 0]))
        }, severity: .warning),
      .undetermined("INFO hides the count", Samples.answering(figures: ["rejected_connections": nil])),
    ] + .withoutFigures())

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachServer(facts) { redis, _ in
      let subject = Subject.redis(redis.endpoint)
      guard let refused = redis.number("rejected_connections") else {
        return card.hidden("rejected_connections", by: redis)
      }
      if refused <= 0 { return card.pass(subject, "it has refused no connection\(redis.sinceItsStart)") }
      let limit = redis.clientLimit.map { "\($0)" }
      let growth = redis.growth(of: "rejected_connections")
      return card.finding(
        subject,
        "\(redis.endpoint) has refused \(counted(refused, "connection"))\(redis.sinceItsStart)\(redis.users), past "
          + "maxclients\(limit.map { " (\($0))" } ?? ""), by protected mode or in a TLS handshake\(growth.isGoingOn ? ", and goes on" : "")",
        severity: growth.isGoingOn ? .error : nil,
        evidence: [
          Evidence("rejected_connections", "\(refused)\(growth.inWords)", expected: "0", source: "INFO stats"),
          Evidence("maxclients", limit ?? "hidden", source: "INFO clients"),
          Evidence(
            "connected_clients", redis.number("connected_clients").map { "\($0)" } ?? "hidden", source: "INFO clients"),
        ],
        at: redis.location,
        remedy: Remedy(
          "Runs of this tool that did not accept a certificate count as well. See in the server's log whether it goes on, and who holds the connections; then raise maxclients or open "
            + "fewer. The count goes back to 0 with CONFIG RESETSTAT.",
          commands: [redis.cli("INFO stats"), redis.cli("CLIENT LIST"), redis.cli("CONFIG RESETSTAT")]))
    }
  }
}
