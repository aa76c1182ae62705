import Diagnosis
import Facts

/// A node of a cluster sends plain clients away with MOVED, and a Sentinel serves no data at all.
struct RedisIsASingleServer: Check {
  static let card = CheckCard(
    id: "redis.cluster-mode",
    title: "Redis is the single server that a plain client expects",
    severity: .error,
    needs: [.deployment, .redis],
    why: """
      In a cluster each node holds a part of the keys and answers MOVED for the rest, which a plain client takes for \
      an error: some channels and rooms work and others never do. Transactions over several keys fail with CROSSSLOT. \
      PUBLISH still reaches the subscribers on every node, but an expired key is announced on its own node alone. A \
      Sentinel only tells where the primary is.
      """,
    remedy: Remedy("Use a Redis that is not a cluster, or a client for clusters where the application allows one."),
    references: [
      "Redis: cluster specification, https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/",
      "Redis: pub/sub in a cluster, https://redis.io/docs/latest/develop/pubsub/",
      "ioredis: cluster, https://github.com/redis/ioredis#cluster",
      "BullMQ: Redis cluster, https://docs.bullmq.io/bull/patterns/redis-cluster",
    ],
    scenarios: [
      .passes("a single server", Samples.answering(.flock)),
      .finds("flock uses transactions", clustered(.flock), on: "redis://cache:6379/0"),
      .finds("testplanit has a plain client", clustered(.testplanit)),
      .finds("streams, whose client is the application's own", clustered(.redisStreams), severity: .warning),
      .finds("live-redis, whose client is the application's own", clustered(.fluxstack), severity: .warning),
      .finds("flowpanel only publishes and subscribes", clustered(.flowpanel), severity: .warning),
      .finds("flowpanel, and the cluster is broken", clustered(.flowpanel, .seen(cluster("fail", slots: 10_923)))),
      .finds(
        "the cluster's state is hidden",
        clustered(.flock, .unseen(Unseen(.refused, "CLUSTER INFO was refused: NOPERM")))),
      .finds(
        "a cluster that calls itself standalone",
        Samples.answering(.flock) { $0.cluster = .seen(cluster("ok", slots: 16_384)) }),
      .finds("which system it is is not known", clustered(.flowpanel).under(nil), severity: .warning),
      .finds("a Sentinel", mode("sentinel")),
      .undetermined("INFO hides the mode", mode("")),
      .undetermined("a mode of another kind", mode("proxy")),
      .undetermined("INFO is refused", Samples.noInfo),
      .undetermined("the port is closed", Samples.closedPort),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    let system = facts.deployment.value?.system
    return card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if redis.cluster?.value != nil { return clusterFinding(redis, system) }
      switch redis.server {
      case .unseen(let reason): return card.undetermined(subject, redis.whyUnseen(reason), at: redis.location)
      case .seen(let server):
        switch server.mode {
        case "standalone": return card.pass(subject, "its mode is standalone\(redis.users)")
        case "cluster": return clusterFinding(redis, system)
        case "sentinel": return sentinelFinding(redis)
        case "": return card.undetermined(subject, "INFO shows no redis_mode", at: redis.location)
        case let mode: return card.undetermined(subject, "its mode, \(mode), is not known", at: redis.location)
        }
      }
    }
  }

  private func clusterFinding(_ redis: RedisFacts, _ system: System?) -> Verdict {
    let cluster = redis.cluster?.value
    let isBroken = cluster.map { $0.state != "ok" } ?? false
    let state = isBroken ? " whose state is \(cluster?.state ?? "")" : ""
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) is a node of a cluster\(state)\(redis.users): \(effect(on: system, isBroken: isBroken))",
      severity: isBroken || [.flock, .testplanit].contains(system) ? .error : .warning,
      evidence: [
        Evidence("redis_mode", redis.server.value?.mode ?? "hidden", expected: "standalone", source: "INFO server"),
        Evidence("cluster_state", cluster?.state ?? "hidden", expected: "ok", source: "CLUSTER INFO"),
        Evidence(
          "cluster_slots_assigned", cluster.map { "\($0.assignedSlots)" } ?? "hidden", expected: "16384",
          source: "CLUSTER INFO"),
      ]
        + (cluster?.nodes ?? []).filter { !$0.isReplica }.sorted { $0.isFailing && !$1.isFailing }.prefix(8).map {
          node in
          Evidence(
            node.address.isEmpty ? node.id : node.address,
            "\(counted(node.slots, "slot"))\(node.isFailing ? ", can't be reached from this node" : "")",
            source: "CLUSTER NODES")
        },
      at: redis.location, remedy: remedy(redis, system))
  }

  private func effect(on system: System?, isBroken: Bool) -> String {
    switch system {
    case .flowpanel where isBroken: "what is published on one side does not reach the subscribers on the other"
    case .flowpanel:
      "events reach the subscribers on every node, but each instance hangs on the one node that its URL names, and "
        + "keys, as of a rate limit, are refused with MOVED"
    case .redisStreams:
      "a plain client is refused the streams of other nodes with MOVED; a client for clusters is not"
    case .testplanit: "its plain client is refused the queues of other nodes with MOVED"
    case .fluxstack: "a plain client is refused the claims of other nodes with MOVED; a client for clusters is not"
    case .flock: "its transactions fail with CROSSSLOT, so that presence is not written, and expiry is told on one node"
    case nil: "a plain client is refused the keys of other nodes with MOVED"
    }
  }

  private func remedy(_ redis: RedisFacts, _ system: System?) -> Remedy {
    let single = "Use a Redis that is not a cluster: a primary with replicas, and cluster mode off at the provider."
    let client = "new Redis.Cluster([{ host: \"\(redis.endpoint.host)\", port: \(redis.endpoint.port) }])"
    let commands = [redis.cli("CLUSTER INFO"), redis.cli("CLUSTER NODES")]
    return switch system {
    case .redisStreams:
      Remedy(
        "\(single) Or use a client for clusters, and hash tags that keep a channel's keys together: sse:{news} and "
          + "sse:channel:{news}.", commands: commands, snippet: client)
    case .fluxstack:
      Remedy("\(single) Or hand the adapters a client for clusters.", commands: commands, snippet: client)
    default: Remedy(single, commands: commands)
    }
  }

  private func sentinelFinding(_ redis: RedisFacts) -> Verdict {
    card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint) is a Sentinel\(redis.users): it tells where the primary is, and refuses keys and events",
      evidence: [Evidence("redis_mode", "sentinel", expected: "standalone", source: "INFO server")],
      at: redis.location,
      remedy: Remedy(
        "Put the address of the primary into the URL, or name the Sentinels where the application has a setting for "
          + "them (VALKEY_SENTINELS of testplanit).", commands: [redis.cli("SENTINEL masters")]))
  }

  private static func mode(_ mode: String) -> Facts { Samples.answering(.flock) { $0.info { $0.mode = mode } } }

  private static func cluster(_ state: String, slots: Int) -> RedisFacts.Cluster {
    RedisFacts.Cluster(
      state: state, assignedSlots: slots, nodes: Samples.clusterNodes(["07c37df", "67ed2db", "e7d1eec"]))
  }

  private static func clustered(
    _ system: System, _ state: Observation<RedisFacts.Cluster> = .seen(cluster("ok", slots: 16_384))
  ) -> Facts {
    Samples.answering(system) { redis in
      redis.info { $0.mode = "cluster" }
      redis.cluster = state
    }
  }
}
