import Diagnosis
import Facts

/// Past maxclients Redis turns every new connection away: an instance that restarts does not come back.
struct RedisHasRoomForClients: Check {
  static let card = CheckCard(
    id: "redis.connected-clients",
    title: "Redis has room for more connections",
    severity: .warning,
    needs: [.redis],
    why: """
      At maxclients Redis answers every new connection with an error and closes it. Instances that are connected \
      notice nothing, until one restarts, or a roll-out doubles their number for a minute. The usual cause is a \
      connection for each stream or each request that nobody closes.
      """,
    remedy: Remedy(
      "Find who holds the connections, and raise maxclients if they are needed.",
      commands: ["redis-cli CLIENT LIST", "redis-cli CONFIG SET maxclients 20000"]),
    references: [
      "Redis: handling of clients, https://redis.io/docs/latest/develop/reference/clients/",
      "Redis: INFO, https://redis.io/docs/latest/commands/info/",
    ],
    scenarios: [
      .passes("12 of 10,000", Samples.answering()),
      .passes("80 % and no more", Samples.answering(figures: ["connected_clients": 8000])),
      .passes("the limit comes from CONFIG", Samples.answering(figures: ["maxclients": nil])),
      .finds("just over 80 %", Samples.answering(figures: ["connected_clients": 8001]), on: "redis://cache:6379/0"),
      .finds("95 %", Samples.answering(figures: ["connected_clients": 9500]), severity: .error),
      .finds(
        "replicas and the cluster's own count as well",
        Samples.answering(figures: [
          "connected_clients": 70, "connected_slaves": 5, "cluster_connections": 20, "maxclients": 100,
        ]), severity: .error),
      .finds(
        "more than there can be",
        Samples.answering(figures: ["connected_clients": .max, "connected_slaves": .max]), severity: .error),
      .finds("who is connected was not seen", crowd(.unseen(Samples.configRefused)), severity: .error),
      .finds("nobody asked who is connected", crowd(nil), severity: .error),
      .undetermined("INFO hides the count", Samples.answering(figures: ["connected_clients": nil])),
      .undetermined("the limit is hidden", limitHidden),
      .undetermined("a limit that can't be", Samples.answering(figures: ["maxclients": 0])),
    ] + .withoutFigures())

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachServer(facts) { redis, _ in
      guard let clients = redis.number("connected_clients") else { return card.hidden("connected_clients", by: redis) }
      guard let limit = redis.clientLimit else { return card.hidden("maxclients", by: redis) }
      // maxclients bounds the sum of all three.
      let others = [("connected_slaves", "INFO replication"), ("cluster_connections", "INFO clients")]
        .compactMap { name, section in redis.number(name).map { (name: name, section: section, count: $0) } }
        .filter { $0.count > 0 }
      let share = others.reduce(Double(clients)) { $0 + Double($1.count) } / Double(limit)
      let limitSource = redis.number("maxclients") == nil ? "CONFIG GET" : "INFO clients"
      let counts =
        [Evidence("connected_clients", "\(clients)", expected: "at most 80 % of maxclients", source: "INFO clients")]
        + others.map { Evidence($0.name, "\($0.count)", source: $0.section) }
        + [Evidence("maxclients", "\(limit)", source: limitSource)]
      let all = [counted(clients, "client")] + others.map { "\($0.count) \($0.name)" }
      let use = "\(listed(all)), \(percentText(share)) of maxclients (\(limit))"
      if share <= 0.8 { return card.pass(.redis(redis.endpoint), "it has \(use)", evidence: counts) }
      return card.finding(
        .redis(redis.endpoint), "\(redis.endpoint) has \(use); more than 80 % leaves little room\(largest(redis))",
        severity: share >= 0.95 ? .error : .warning, evidence: counts + holders(redis), at: redis.location,
        remedy: Remedy(
          "Close what is idle or held twice; if the rest is needed, raise maxclients and the limit of open files.",
          commands: [
            redis.cli("CLIENT LIST"), redis.cli("CONFIG SET maxclients \(limit < 1 << 30 ? limit * 2 : limit)"),
          ],
          snippet: "maxclients \(limit < 1 << 30 ? limit * 2 : limit)"))
    }
  }

  private func groups(_ redis: RedisFacts) -> [RedisFacts.ClientGroup] {
    (redis.clients?.value ?? []).sorted { ($1.count, $0.inWords) < ($0.count, $1.inWords) }
  }

  private func largest(_ redis: RedisFacts) -> String {
    groups(redis).first.map { "; the largest group is \($0.inWords)" } ?? ""
  }

  private func holders(_ redis: RedisFacts) -> [Evidence] {
    if let reason = redis.clients?.unseen {
      return [Evidence("connections", "not seen: \(redis.whyUnseen(reason))", source: "CLIENT LIST")]
    }
    return groups(redis).prefix(5).map { Evidence("connections", $0.inWords, source: "CLIENT LIST") }
  }

  private static func crowd(_ clients: Observation<[RedisFacts.ClientGroup]>?) -> Facts {
    Samples.answering { redis in
      redis.info { $0.numbers?["connected_clients"] = 9999 }
      redis.clients = clients
    }
  }

  private static var limitHidden: Facts {
    Samples.answering { redis in
      redis.info { $0.numbers?["maxclients"] = nil }
      redis.settings = .unseen(Samples.configRefused)
    }
  }
}
