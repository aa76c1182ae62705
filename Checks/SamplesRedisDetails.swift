// What a Redis that answers shows beyond INFO, as scenarios tell it: permissions, channels, streams, sentinels, and
// several servers beside one another.

import Facts

extension Samples {
  /// A Redis that answers, under a system, with what `change` adds to it.
  static func details(
    _ system: System = .flowpanel, hasManifest: Bool = true, _ change: (inout RedisFacts) -> Void = { _ in }
  ) -> Facts {
    let deployment = deployment(system).map { deployment in
      var deployment = deployment
      if !hasManifest { deployment.manifest = nil }
      return deployment
    }
    return redis().under(deployment).redis(change)
  }

  /// A user who may do what the system needs but for some rules: `+publish`, `&resource.*`, `~sse:*`.
  static func permissions(_ system: System, user: String = "app", without rules: String...) -> Facts {
    details(system) { $0.permissions = .seen(permissions(of: user, in: system, without: Set(rules))) }
  }

  /// A user who may do nothing that the system needs.
  static func noPermissions(_ system: System, user: String = "app", database: Int = 0) -> Facts {
    let needs = system.redisNeeds()
    return details(system) { redis in
      redis.endpoint.database = database
      redis.permissions = .seen(
        permissions(of: user, in: system, without: Set(needs.commands.map { "+\($0.lowercased())" })))
    }
  }

  /// A Redis whose user can't be asked about.
  static func permissionsRefused(_ system: System = .flowpanel) -> Facts {
    details(system) { $0.permissions = .unseen(Unseen(.refused, "ACL DRYRUN was refused: NOPERM")) }
  }

  private static func permissions(
    of user: String, in system: System, without rules: Set<String>
  ) -> RedisFacts.Permissions {
    let needs = system.redisNeeds()
    let refused = Set(needs.commands.filter { rules.contains("+\($0.lowercased())") })
    let commands = needs.commands.map { command in
      RedisFacts.Permissions.Answer(
        .command, command, isAllowed: !refused.contains(command),
        words: refused.contains(command) ? "User \(user) has no permissions to run the '\(command)' command" : "")
    }
    // Redis looks at the command first, so one that is refused tells nothing of the name.
    func answers(
      _ need: RedisFacts.Permissions.Answer.Need, _ commands: [String], _ patterns: [String], _ sign: String
    ) -> [RedisFacts.Permissions.Answer] {
      patterns.flatMap { pattern in
        commands.filter { !refused.contains($0) }.map { command in
          let isAllowed = !rules.contains("\(sign)\(pattern)")
          return RedisFacts.Permissions.Answer(
            need, command, pattern: pattern, isAllowed: isAllowed,
            words: isAllowed ? "" : "User \(user) has no permissions to access the '\(pattern)' \(need.rawValue)")
        }
      }
    }
    let channels = answers(.channel, ["PUBLISH", "SUBSCRIBE"], needs.channels, "&")
    let keys = answers(.key, needs.commands.filter { ["XADD", "XLEN", "SET", "HSET"].contains($0) }, needs.keys, "~")
    return RedisFacts.Permissions(user: user, source: "ACL DRYRUN", answers: commands + channels + keys)
  }

  /// A log of denials, to a user named app.
  static func denials(_ system: System = .flowpanel, _ denials: RedisFacts.Denial...) -> Facts {
    permissions(system).redis { $0.denials = .seen(denials) }
  }

  /// One line of the log.
  static func denial(
    _ reason: String, _ object: String, by user: String = "app", count: Int = 1, ageSeconds: Double = 600
  ) -> RedisFacts.Denial {
    RedisFacts.Denial(reason: reason, object: object, user: user, count: count, ageSeconds: ageSeconds)
  }

  /// Channels with so many subscribers each.
  static func channels(
    _ system: System, hasManifest: Bool = true, mode: String = "standalone", isTruncated: Bool = false,
    _ channels: [String: Int]
  ) -> Facts {
    details(system, hasManifest: hasManifest) { redis in
      let list = channels.sorted { $0.key < $1.key }.map { RedisFacts.Channels.Channel($0.key, subscribers: $0.value) }
      redis.channels = .seen(
        RedisFacts.Channels(list, patterns: system.redisNeeds().channels, isTruncated: isTruncated))
      redis.info { $0.mode = mode }
    }
  }

  /// A Redis with this setting of keyspace events, and what became of a key that was left to expire.
  static func expiry(_ events: String?, event: Observation<Bool>? = nil) -> Facts {
    details(.flock) { redis in
      redis.settings = events.map { .seen(["notify-keyspace-events": $0]) } ?? .unseen(configRefused)
      if events == nil { redis.policy = redis.policy.map { RedisFacts.Policy($0.name, source: "INFO memory") } }
      redis.expiryEvent = event
    }
  }

  /// A TLS connection with a certificate of so many days, and the failure of the handshake if it failed.
  static func certificate(daysLeft: Int?, failure: String? = nil) -> Facts {
    let facts = failure.map { redis(.tls, .certificate, $0, tls: true) } ?? redis(tls: true)
    return facts.redis { redis in
      redis.tls = TLSFacts(
        version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384",
        certificate: TLSFacts.Certificate(
          subject: "CN=cache", issuer: "CN=Example CA", names: ["cache", "cache.internal"],
          notAfter: daysLeft == nil ? "" : "2026-12-01T00:00:00Z", daysLeft: daysLeft))
    }
  }

  /// A plain connection with a password to a host at an address.
  static func password(to host: String, at address: String?) -> Facts {
    details { redis in
      redis.endpoint = RedisEndpoint(host: host)
      redis.address = address
      redis.steps = steps(.nameLookup, .connect, .authenticate, .ping, .info)
    }
  }

  /// A URL with a scheme.
  static func scheme(_ scheme: String?, _ system: System = .flowpanel) -> Facts {
    details(system) { $0.scheme = scheme }
  }

  /// A master under sentinels, in a role.
  static func sentinels(role: String = "master", _ answers: RedisFacts.Sentinel.Answer...) -> Facts {
    details(.testplanit) { redis in
      redis.sentinel = RedisFacts.Sentinel(masterName: "mymaster", answers: answers)
      redis.info { $0.role = role }
    }
  }

  /// A sentinel that names this master.
  static func sentinel(_ number: Int, _ master: String? = "10.0.0.4:6379") -> RedisFacts.Sentinel.Answer {
    RedisFacts.Sentinel.Answer("sentinel-\(number):26379", master: master)
  }

  /// A sentinel that does not answer.
  static func silentSentinel(_ number: Int) -> RedisFacts.Sentinel.Answer {
    RedisFacts.Sentinel.Answer(
      "sentinel-\(number):26379", failure: RedisFacts.StepFailure(.connectionRefused, "connection refused"))
  }

  /// Several URLs under a system.
  static func servers(_ system: System = .flowpanel, _ servers: RedisFacts...) -> Facts {
    Facts(deployment: deployment(system), redis: .seen(servers))
  }

  /// A Redis URL of an instance, and the process behind it; nil for one that can't be reached.
  static func server(
    _ host: String, database: Int = 0, runID: String?, usedBy instance: String = "web-1",
    addresses: [RedisFacts.Address]? = nil, cluster: [String]? = nil
  ) -> RedisFacts {
    let refused = RedisFacts.StepFailure(.connectionRefused, "connection refused")
    var redis = RedisFacts(
      endpoint: RedisEndpoint(host: host, database: database), usedBy: [instance],
      location: Location(file: "\(instance).env", line: 2), address: "10.0.0.5:6379",
      steps: runID == nil
        ? steps(.nameLookup) + [RedisFacts.StepResult(.connect, milliseconds: 5, failure: refused)]
        : steps(.nameLookup, .connect, .ping, .info),
      otherSide: notTried,
      server: runID.map { .seen(RedisFacts.Server(version: "7.0.15", runID: $0, role: "master")) }
        ?? .unseen(Unseen(.notAttempted, "connection refused")),
      policy: .unseen(.notAsked))
    redis.addresses = addresses
    if let cluster {
      redis.info { $0.mode = "cluster" }
      redis.cluster =
        cluster.isEmpty
        ? .unseen(Unseen(.refused, "CLUSTER NODES was refused: NOPERM"))
        : .seen(RedisFacts.Cluster(state: "ok", assignedSlots: 16384, nodes: clusterNodes(cluster)))
    }
    return redis
  }

  /// The nodes of a cluster, each with a share of the slots.
  static func clusterNodes(_ ids: [String]) -> [RedisFacts.Cluster.Node] {
    ids.enumerated().map { index, id in
      RedisFacts.Cluster.Node(id, address: "10.0.0.\(index + 1):6379", slots: 16_384 / ids.count)
    }
  }

  /// Streams under `sse:`, with the node size that the server tells.
  static func entries(
    nodeEntries: Int? = 100, patterns: Int = 0, mode: String = "standalone", _ streams: RedisFacts.Stream...
  ) -> Facts {
    details(.redisStreams) { redis in
      redis.streams = .seen(streams)
      redis.settings = nodeEntries.map { .seen(["stream-node-max-entries": "\($0)"]) } ?? .unseen(configRefused)
      redis.channels = .seen(
        RedisFacts.Channels([], patterns: ["sse:channel:*"], patternSubscriptions: patterns))
      redis.info { $0.mode = mode }
    }
  }

  /// These streams, and more that were not looked at.
  static func moreEntries(_ streams: RedisFacts.Stream...) -> Facts {
    entries().redis { redis in
      redis.streams = .seen(streams)
      redis.unseenStreams = Unseen(.notAttempted, "SCAN went through some 50000 keys, and there are more")
    }
  }

  /// A stream whose entries were written within so many seconds.
  static func stream(
    _ key: String, length: Int, added: Int? = nil, withinSeconds seconds: Int = 86_400, inSample: Int? = nil,
    growth: Int? = nil, subscribers: Int? = nil
  ) -> RedisFacts.Stream {
    let last = 1_795_000_000_000
    return RedisFacts.Stream(
      key, length: length, entriesAdded: added ?? length, firstID: "\(last - seconds * 1000)-0", lastID: "\(last)-0",
      addedInSample: inSample, growthInSample: growth, subscribers: subscribers)
  }
}
