import Diagnosis
import Facts

/// Different spellings may lead to one server, and one spelling to several: only the servers themselves can tell.
struct RedisURLsLeadToOneServer: Check {
  static let card = CheckCard(
    id: "redis.same-server",
    title: "Every Redis URL leads to the same server",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      Events cross from one instance to another only through one server. A name that resolves differently, a staging \
      URL on one machine or a name with several servers behind it splits the deployment in two halves that are each \
      well. Every server has an identity of its own, run_id, so two spellings of one server are no fault, and one \
      spelling of two servers is.
      """,
    remedy: Remedy(
      "Give every instance the URL of the same server, with the same database index.",
      commands: ["redis-cli INFO server"]),
    references: [
      "Redis: INFO (run_id), https://redis.io/docs/latest/commands/info/",
      "Redis: CLUSTER NODES, https://redis.io/docs/latest/commands/cluster-nodes/",
      "Redis: Pub/Sub, database and scoping, https://redis.io/docs/latest/develop/pubsub/",
    ],
    scenarios: [
      .passes(
        "two spellings of one server",
        Samples.servers(
          .flowpanel, Samples.server("cache", runID: "aaaa"), Samples.server("10.0.0.5", runID: "aaaa", usedBy: "web-2")
        )
      ),
      .passes(
        "one spelling, of which the identity is hidden",
        Samples.servers(
          .flowpanel, Samples.server("cache", runID: ""), Samples.server("CACHE", runID: "", usedBy: "web-2"))),
      .passes(
        "two nodes of one cluster",
        Samples.servers(
          .flowpanel, Samples.server("node-1", runID: "aaaa", cluster: ["n1", "n2"]),
          Samples.server("node-2", runID: "bbbb", usedBy: "web-2", cluster: ["n1", "n2"]))),
      .passes(
        "two databases, which pub/sub does not tell apart",
        Samples.servers(
          .flowpanel, Samples.server("cache", runID: "aaaa"),
          Samples.server("cache", database: 1, runID: "aaaa", usedBy: "web-2"))),
      .passes(
        "two addresses of one server",
        Samples.servers(
          .flowpanel,
          Samples.server(
            "cache", runID: "aaaa",
            addresses: [.init("10.0.0.5:6379", runID: "aaaa"), .init("[fd00::5]:6379", runID: "aaaa")]))),
      .finds(
        "two servers",
        Samples.servers(
          .flowpanel, Samples.server("cache", runID: "aaaa"), Samples.server("other", runID: "bbbb", usedBy: "web-2"),
          Samples.server("third", runID: "", usedBy: "web-3")),
        on: "deployment"),
      .finds(
        "one name with two servers behind it",
        Samples.servers(
          .flowpanel,
          Samples.server(
            "cache", runID: "aaaa",
            addresses: [.init("10.0.0.5:6379", runID: "aaaa"), .init("10.0.0.6:6379", runID: "bbbb")]))),
      .finds(
        "two databases, for a system that keeps keys",
        Samples.servers(
          .redisStreams, Samples.server("cache", runID: "aaaa"),
          Samples.server("cache", database: 1, runID: "aaaa", usedBy: "web-2"))),
      .finds(
        "two clusters",
        Samples.servers(
          .flowpanel, Samples.server("node-1", runID: "aaaa", cluster: ["n1"]),
          Samples.server("node-9", runID: "bbbb", usedBy: "web-2", cluster: ["n9"]))),
      .undetermined(
        "the identity is hidden",
        Samples.servers(
          .flowpanel, Samples.server("cache", runID: ""), Samples.server("other", runID: "bbbb", usedBy: "web-2"))),
      .undetermined(
        "one can't be reached",
        Samples.servers(
          .flowpanel, Samples.server("cache", runID: "aaaa"), Samples.server("other", runID: nil, usedBy: "web-2"))),
      .undetermined(
        "the nodes of a cluster are hidden",
        Samples.servers(
          .flowpanel, Samples.server("node-1", runID: "aaaa", cluster: []),
          Samples.server("node-2", runID: "bbbb", usedBy: "web-2", cluster: []))),
      .undetermined(
        "the servers behind a name hide their identity",
        Samples.servers(
          .flowpanel,
          Samples.server(
            "cache", runID: "", addresses: [.init("10.0.0.5:6379"), .init("10.0.0.6:6379")]))),
      .undetermined(
        "an instance's URL is not known",
        {
          var facts = Samples.servers(.flowpanel, Samples.server("cache", runID: "aaaa"))
          facts.unknownRedis = [UnknownRedis(instance: "web-2", reason: Unseen(.timedOut, "no answer from kubectl"))]
          return facts
        }()),
      .undetermined(
        "the run ended before every address was asked",
        Samples.servers(.flowpanel, Samples.server("cache", runID: "aaaa"), Samples.server("cache", runID: "aaaa"))
          .redis { $0.unaskedAddresses = Unseen(.interrupted, "the run was interrupted first") }),
      .notApplicable("one URL", Samples.servers(.flowpanel, Samples.server("cache", runID: "aaaa"))),
      .notApplicable("none is in use", Facts(redis: .seen([]))),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    guard case .seen(let all) = facts.redis else {
      return facts.redis.unseen.map { [card.unseen(.deployment, $0)] } ?? []
    }
    let groups = servers(among: all)
    let split = all.filter { $0.serversBehindTheName.count > 1 }
    if !split.isEmpty { return split.map(severalBehind) }
    if let different = firstDifferent(groups) { return [differentServers(groups, different)] }

    let reasons =
      unknown(facts, groups)
      + all.compactMap { redis in
        redis.unaskedAddresses.map { "not every address of \(redis.endpoint.host) was asked: \($0.detail)" }
      }
    let byDatabase = groups.first { Set($0.map(\.endpoint.database)).count > 1 }
    // A system that is not known is taken to keep keys.
    let keepsKeys = facts.deployment.value?.system.keepsKeysInRedis ?? true
    if let byDatabase, keepsKeys { return [differentDatabases(byDatabase)] }
    if !reasons.isEmpty {
      return [card.undetermined(.deployment, reasons.joined(separator: "; "), at: all.first?.location)]
    }
    guard let server = groups.first else { return [card.notApplicable(.deployment, "no Redis URL was named")] }
    if all.count == 1, (server[0].addresses?.count ?? 0) < 2 {
      return [card.notApplicable(.deployment, "there is one Redis URL, and nothing to compare it with")]
    }
    let note = byDatabase == nil ? "" : ", under different database indexes, which pub/sub does not tell apart"
    return [
      card.pass(
        .deployment,
        all.count == 1
          ? "all addresses of \(server[0].endpoint) that answer lead to one server"
          : "the \(all.count) Redis URLs lead to one server\(note)", evidence: all.map(evidence))
    ]
  }

  /// The connections grouped by the servers they are known to lead to.
  private func servers(among all: [RedisFacts]) -> [[RedisFacts]] {
    var groups: [[RedisFacts]] = []
    for redis in all {
      let isMine = { (group: [RedisFacts]) in group.contains { $0.isOneServer(with: redis) == true } }
      let mine = groups.filter(isMine).flatMap { $0 } + [redis]
      groups = groups.filter { !isMine($0) } + [mine]
    }
    return groups
  }

  /// Two connections that are known to lead to different servers.
  private func firstDifferent(_ groups: [[RedisFacts]]) -> (RedisFacts, RedisFacts)? {
    for (index, group) in groups.enumerated() {
      for redis in group {
        for other in groups.dropFirst(index + 1).joined() where redis.isOneServer(with: other) == false {
          return (redis, other)
        }
      }
    }
    return nil
  }

  /// What is in the way of knowing that all is one server.
  private func unknown(_ facts: Facts, _ groups: [[RedisFacts]]) -> [String] {
    let hidden = facts.redis.value?.filter(\.hidesServersBehindTheName) ?? []
    let apart = groups.count < 2 ? [] : groups.flatMap { $0 }.filter { $0.identity == nil }
    return facts.unknownRedis.map { redis in
      "the Redis of \(redis.instance ?? "the deployment") is not known: \(redis.reason.detail)"
    }
      + hidden.map { "the servers behind \($0.endpoint.host) do not all show who they are (run_id)" }
      + apart.map { redis in
        "who answers at \(redis.endpoint) is not known: "
          + (redis.server.unseen.map(redis.whyUnseen) ?? "INFO hides \(redis.isClusterNode ? "its cluster" : "run_id")")
      }
      + (groups.count > 1 && apart.isEmpty ? ["the nodes do not show whether they belong to one cluster"] : [])
  }

  private func evidence(_ redis: RedisFacts) -> Evidence {
    let identity =
      switch redis.identity {
      case .process(let runID)?: "run_id \(runID)"
      case .cluster(let nodes)?: "a cluster of \(counted(nodes.count, "node"))"
      case nil: "not known"
      }
    return Evidence(
      "\(redis.endpoint)", identity + redis.users, source: redis.isClusterNode ? "CLUSTER NODES" : "INFO server")
  }

  private func differentServers(_ groups: [[RedisFacts]], _ pair: (RedisFacts, RedisFacts)) -> Verdict {
    func named(_ redis: RedisFacts) -> String { "\(redis.endpoint)\(redis.users)" }
    // The smaller half is more likely the wrong one.
    let smallest = groups.min { $0.count < $1.count }?.first
    return card.finding(
      .deployment,
      "the Redis URLs lead to different servers: \(named(pair.0)) is not \(named(pair.1))"
        + (groups.count > 2 ? ", and there are \(groups.count - 2) more" : ""),
      evidence: groups.flatMap { $0 }.map(evidence), at: smallest?.location,
      remedy: Remedy(
        "Give every instance the URL of the same server.",
        commands: distinct(groups.prefix(8).flatMap { $0.prefix(1) }.map { $0.cli("INFO server") })))
  }

  private func severalBehind(_ redis: RedisFacts) -> Verdict {
    card.finding(
      .deployment,
      "\(redis.endpoint.host) leads to \(redis.serversBehindTheName.count) different servers\(redis.users): which one an "
        + "instance gets is left to chance",
      evidence: (redis.addresses ?? []).map { address in
        Evidence(
          address.address,
          address.failure.map(\.detail) ?? (address.runID.isEmpty ? "run_id hidden" : "run_id \(address.runID)"),
          expected: "one run_id", source: "INFO server")
      },
      at: redis.location,
      remedy: Remedy(
        "Use a name that leads to the primary alone; behind a Kubernetes service, select one pod by its role.",
        commands: ["getent ahosts \(shellWord(redis.endpoint.host))"]))
  }

  private func differentDatabases(_ group: [RedisFacts]) -> Verdict {
    let databases = Set(group.map(\.endpoint.database)).sorted().map(String.init)
    return card.finding(
      .deployment,
      "the Redis URLs name different databases of one server, \(listed(databases)): what one instance "
        + "writes the others don't find",
      evidence: group.map { redis in
        Evidence(
          "\(redis.endpoint)", "database \(redis.endpoint.database)\(redis.users)", expected: "one index for all")
      },
      at: group.last?.location,
      remedy: Remedy("Give every instance the same database index, the number at the end of the URL."))
  }
}

extension RedisFacts {
  /// What a server is known by.
  fileprivate enum Identity { case process(String), cluster([String]) }

  fileprivate var identity: Identity? {
    if let nodes = cluster?.value?.nodeIDs, !nodes.isEmpty { return .cluster(nodes) }
    guard let server = server.value, !server.runID.isEmpty, !isClusterNode else { return nil }
    return .process(server.runID)
  }

  /// Whether both lead to one server or one cluster; nil where that is not known.
  fileprivate func isOneServer(with other: RedisFacts) -> Bool? {
    // Two nodes of a cluster are two processes, and one process is one node.
    if let mine = server.value?.runID, !mine.isEmpty, mine == other.server.value?.runID { return true }
    switch (identity, other.identity) {
    case (.process?, .process?): return false
    case (.cluster(let mine)?, .cluster(let theirs)?): return !Set(mine).isDisjoint(with: theirs)
    case (.process?, .cluster?), (.cluster?, .process?): return false
    default: return endpoint.isSamePlace(as: other.endpoint) ? true : nil
    }
  }

  /// The identities of the processes that the host's name leads to. The nodes of a cluster may share a name.
  fileprivate var serversBehindTheName: Set<String> {
    isClusterNode ? [] : Set((addresses ?? []).map(\.runID).filter { !$0.isEmpty })
  }

  /// Whether the name leads to several addresses of which some answer and don't say who they are.
  fileprivate var hidesServersBehindTheName: Bool {
    let answering = (addresses ?? []).filter { $0.failure == nil }
    return !isClusterNode && answering.count > 1 && answering.contains { $0.runID.isEmpty }
  }
}

extension RedisEndpoint {
  /// Whether both name the same host and port, whatever the database.
  fileprivate func isSamePlace(as other: RedisEndpoint) -> Bool {
    !isMasterName && !other.isMasterName && isUnixSocket == other.isUnixSocket && port == other.port
      && (isUnixSocket ? host == other.host : host.lowercased() == other.host.lowercased())
  }
}
